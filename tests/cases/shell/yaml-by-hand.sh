cat > d.yaml <<'EOF'
image:
  name: web
  tag: "1.0"
replicas: 2
EOF
sed -i -E 's/^(  tag: ).*/\1"2.0"/' d.yaml
awk '/^image:/{f=1;next} /^[^ ]/{f=0} f && $1=="tag:"{print $2}' d.yaml
grep -E '^replicas:' d.yaml | cut -d: -f2 | tr -d ' '
cat d.yaml
