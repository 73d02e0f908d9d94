sum() { if (($1 == 0)); then total=0; else sum $(($1 - 1)); total=$((total + $1)); fi; }
sum 200; echo "$total"
