set -E
trap 'echo "error on line $LINENO, status $?"' ERR
ok() { true; }
ok
false
grep -q nothing /dev/null
echo done
