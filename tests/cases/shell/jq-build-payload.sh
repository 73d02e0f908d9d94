payload=$(jq -n --arg name "my app" --argjson n 3 '{name: $name, count: $n, list: [range($n)]}')
echo "$payload" | jq -c .
jq -c 'to_entries | map("\(.key)") | join(",")' <<< "$payload"
echo '[{"a":1},{"a":2}]' | jq -c 'map(select(.a > 1))'
printf '1\n2\n3\n' | jq -s 'add'
printf 'x\ny\n' | jq -R . | jq -sc .
