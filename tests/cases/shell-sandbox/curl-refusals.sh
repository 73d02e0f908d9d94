curl -k https://example.com/ 2>&1; echo "rc $?"
curl --proxy http://p:1 https://example.com/ 2>&1; echo "rc $?"
curl --nonsense 2>&1 | head -n 1
curl ftp://example.com/x 2>&1; echo "rc $?"
curl 2>&1; echo "rc $?"
