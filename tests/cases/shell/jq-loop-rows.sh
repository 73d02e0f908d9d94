echo '[{"n":"a","p":1},{"n":"b c","p":2}]' > s.json
while IFS=$'\t' read -r name port; do
  echo "service '$name' on $port"
done < <(jq -r '.[] | [.n, .p] | @tsv' s.json)
for row in $(jq -r '.[] | @base64' s.json); do echo "$row" | base64 -d | jq -r .n; done
