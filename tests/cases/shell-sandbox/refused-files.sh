cat /etc/shadow 2>/dev/null; echo "rc $?"
echo x > /seawall/y 2>/dev/null; echo "rc $?"
ls /nowhere 2>/dev/null; echo "rc $?"
[ -e /etc/passwd ] || echo "nothing there"
