trap 'echo "trap saw $?"' EXIT
echo start
fail_step "the database is down"
echo never
