printf 'line\n%.0s' {1..1000} > big.txt
gzip -k big.txt
[ "$(stat -c %s big.txt.gz)" -lt 200 ] && echo small
zcat big.txt.gz | wc -l
gunzip -c big.txt.gz | cmp - big.txt && echo same
gzip -t big.txt.gz && echo intact
