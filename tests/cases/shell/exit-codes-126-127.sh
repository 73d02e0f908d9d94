no_such_command_here; echo "rc $?"
touch plain; ./plain; echo "rc $?"
mkdir folder; ./folder; echo "rc $?"
bash -c 'exit 255'; echo "rc $?"
exit 130
