printf '\000\001\377\376abc\n' > b
cat b | cat | od -An -tx1
cat b | gzip | gunzip | cmp - b && echo same
head -c 3 b | wc -c
tr -d '\000' < b | od -c | head -n 1
