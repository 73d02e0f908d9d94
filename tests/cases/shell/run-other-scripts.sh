cat > child.sh <<'EOF'
#!/usr/bin/env bash
echo "child $# $1"
exit 7
EOF
chmod +x child.sh
./child.sh one two; echo "rc $?"
bash child.sh x; echo "rc $?"
( source ./child.sh sourced; echo unreachable ); echo "rc $?"
bash -c 'echo "inline $1"' _ arg
