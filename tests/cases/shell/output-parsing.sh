out='container1   Up 3 hours   80/tcp
container2   Exited (1)   -'
while read -r name state _; do echo "$name=$state"; done <<< "$out"
echo "$out" | awk '/Exited/ {print $1}'
echo "$out" | wc -l
