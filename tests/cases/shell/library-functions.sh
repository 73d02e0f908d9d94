cat > lib.sh <<'EOF'
log() { printf '[%s] %s\n' "$1" "${*:2}"; }
VERSION=9
EOF
. ./lib.sh
log INFO started up
log WARN "two  spaces"
echo "$VERSION"
