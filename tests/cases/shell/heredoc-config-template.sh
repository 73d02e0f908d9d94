APP=web PORT=8080
cat > app.conf <<EOF
name = $APP
port = ${PORT}
next = $((PORT + 1))
literal = \$HOME
EOF
cat app.conf
cat <<'EOF'
no $expansion `here`
EOF
