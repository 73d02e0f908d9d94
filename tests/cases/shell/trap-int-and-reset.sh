trap 'echo got INT' INT
kill -INT $$
trap - INT
trap 'echo bye' EXIT
echo working
