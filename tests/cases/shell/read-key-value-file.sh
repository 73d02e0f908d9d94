cat > app.env <<'EOF'
# comment
A=1
B=two words

C="quoted"
EOF
while IFS='=' read -r key value; do
  [[ -z $key || $key == \#* ]] && continue
  value="${value%\"}"; value="${value#\"}"
  printf '%s -> %s\n' "$key" "$value"
done < app.env
