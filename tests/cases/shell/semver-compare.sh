version_ge() { [ "$(printf '%s\n%s\n' "$1" "$2" | sort -V | head -n1)" = "$2" ]; }
for pair in "1.10.0 1.9.9" "2.0.0 2.0.0" "1.2.3 1.3.0"; do
  set -- $pair
  if version_ge "$1" "$2"; then echo "$1 >= $2"; else echo "$1 < $2"; fi
done
