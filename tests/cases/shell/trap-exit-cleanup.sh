set -euo pipefail
tmp=$(mktemp -d)
cleanup() { local rc=$?; rm -rf "$tmp"; echo "cleaned rc=$rc"; }
trap cleanup EXIT
echo data > "$tmp/file"
[ -f "$tmp/file" ] && echo "have file"
exit 4
