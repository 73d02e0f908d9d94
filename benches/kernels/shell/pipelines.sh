# awk, sed, grep and sort over text, as scripts use them: a pipeline at a time.
total=0
for i in $(seq 1 60); do
  n=$(seq 1 400 | sed 's/^/host-/' | grep -v '7$' | awk -F- -v k="$i" '{ sum += $2 * k } END { print sum }')
  total=$((total + n))
done
echo "$total"
seq 1 20000 | sort -r | awk '{ print $1 % 97 }' | sort -n | uniq -c | tail -1 | awk '{ print $1, $2 }'
