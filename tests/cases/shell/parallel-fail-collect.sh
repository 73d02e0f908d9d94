pids=(); fail=0
for i in 1 2 3; do ( exit $((i == 2)) ) & pids+=($!); done
for p in "${pids[@]}"; do wait "$p" || fail=$((fail + 1)); done
echo "failures: $fail"
