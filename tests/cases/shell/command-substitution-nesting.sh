echo "$(echo "a $(echo "b $(echo c)")")"
x=$(printf 'l1\nl2\n\n\n'); echo "[$x]"
files=$(ls /nonexistent 2>/dev/null) || echo "failed $?"
echo "`echo back` $(cat <<< tick)"
