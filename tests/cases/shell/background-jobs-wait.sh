run() { sleep "0.0$1"; echo "job $1" > "job.$1"; return "$2"; }
run 1 0 & a=$!
run 2 3 & b=$!
wait $a; echo "a $?"
wait $b; echo "b $?"
cat job.1 job.2
wait; echo all
