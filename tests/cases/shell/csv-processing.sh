printf 'id,name,qty\n1,foo,3\n2,"bar",4\n3,baz,5\n' > d.csv
tail -n +2 d.csv | cut -d, -f2 | tr -d '"'
awk -F, 'NR>1 {s+=$3} END {print s}' d.csv
sort -t, -k3,3nr <(tail -n +2 d.csv) | head -n 1
column -t -s, d.csv
