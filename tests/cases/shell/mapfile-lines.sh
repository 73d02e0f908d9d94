printf 'one\ntwo words\nthree\n' > list
mapfile -t items < list
echo "${#items[@]}"
for i in "${!items[@]}"; do echo "$i: ${items[i]}"; done
readarray -t upper < <(tr a-z A-Z < list)
echo "${upper[1]}"
