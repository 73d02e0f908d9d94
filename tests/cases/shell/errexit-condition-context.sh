set -e
check() { false; echo "inside continues"; }
if check; then echo "check ok"; fi
check && echo "and ok"
check || echo "or"
! check
echo end
