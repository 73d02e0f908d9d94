set -o pipefail
printf 'a\nb\n' | grep c | sort
echo "status $?"
true | false | true
echo "${PIPESTATUS[*]}"
