# Loops, conditions and functions.
is_small() {
  [ "$1" -lt 500 ]
}
small=0
for ((i = 0; i < 60000; i++)); do
  if is_small $((i % 1000)); then
    small=$((small + 1))
  fi
done
echo "$small"
