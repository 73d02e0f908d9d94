for i in $(seq 1 2000); do echo "line $i with some padding text to make it longer"; done | tail -n 1
seq 1 100000 | wc -l
yes x | head -n 50000 | sort | uniq -c | awk '{print $1}'
