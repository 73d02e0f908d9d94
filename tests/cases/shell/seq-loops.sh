for i in $(seq -w 8 10); do printf '%s ' "node-$i"; done; echo
for i in {1..3}; do for j in a b; do [ "$i$j" = 2a ] && continue 2; printf '%s ' "$i$j"; done; done; echo
n=3; while ((n--)); do printf '%d ' $n; done; echo
seq -s + 5 | tr -d '\n' | xargs -I{} bash -c 'echo $(({}))'
