cat > hits.log <<'EOF'
200 120 /a
500 30 /b
200 80 /a
404 10 /c
EOF
awk '{n[$1]++; t[$1]+=$2} END {for (s in n) printf "%s %d %.1f\n", s, n[s], t[s]/n[s]}' hits.log | sort
awk '$1 >= 400 {print NR": "$3}' hits.log
awk -v min=50 'BEGIN {OFS=","} $2 > min {print $3, $2}' hits.log
