timeout 0.2 sleep 5; echo "rc $?"
timeout 5 echo quick; echo "rc $?"
timeout 1 bash -c 'exit 3'; echo "rc $?"
