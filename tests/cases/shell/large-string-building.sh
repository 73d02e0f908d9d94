s=
for i in {1..500}; do s+="$i,"; done
echo "${#s}"
echo "${s%,}" | tr ',' '\n' | awk '{t+=$1} END {print t}'
