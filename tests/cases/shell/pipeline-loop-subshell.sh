count=0
printf 'a\nb\nc\n' | while read -r line; do count=$((count + 1)); done
echo "$count"
while read -r line; do count=$((count + 1)); done < <(printf 'a\nb\nc\n')
echo "$count"
