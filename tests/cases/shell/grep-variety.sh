printf 'INFO start\nERROR one\nWARN x\nERROR two\n' > log
grep -c ERROR log
grep -n 'ERROR' log
grep -v -e INFO -e WARN log
grep -oE '(one|two)' log
grep -q MISSING log || echo "none: $?"
grep -A1 WARN log
grep -i error log | wc -l
