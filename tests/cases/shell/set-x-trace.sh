exec 2> trace.txt
set -x
echo hello
v=1
[ $v = 1 ]
set +x
cat trace.txt
