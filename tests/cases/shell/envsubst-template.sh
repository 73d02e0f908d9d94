export DB_HOST=db.internal DB_PORT=5432
cat > t.yaml <<'EOF'
host: ${DB_HOST}
port: $DB_PORT
keep: ${OTHER}
EOF
envsubst < t.yaml
envsubst '${DB_HOST}' < t.yaml
