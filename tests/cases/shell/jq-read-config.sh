cat > c.json <<'EOF'
{"name":"web","replicas":3,"env":[{"name":"A","value":"1"},{"name":"B","value":"x y"}],"tags":null}
EOF
jq -r .name c.json
jq '.replicas + 1' c.json
jq -r '.env[] | "\(.name)=\(.value)"' c.json
jq -r '.tags // "no tags"' c.json
jq -e '.missing' c.json > /dev/null; echo "rc $?"
jq -c '.env | map({(.name): .value}) | add' c.json
