set -euo pipefail
# Scratch files, and a list in pieces of so many lines.
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
list=$(mktemp "$folder/list.XXXXXX")
seq 1 7 > "$list"
split -l3 "$list" "$folder/part-"
for part in "$folder"/part-*; do
  echo "$(basename "$part"): $(paste -sd, < "$part")"
done
split --lines=5 -d "$list" "$folder/n-"
wc -l < "$folder/n-01"
file=$(mktemp)
[ -f "$file" ] && [ ! -s "$file" ] && echo empty
rm "$file"
