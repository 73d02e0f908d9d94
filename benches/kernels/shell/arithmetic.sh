# Integer arithmetic: a linear congruential generator and greatest common divisors.
seed=42 sum=0
for ((i = 0; i < 14000; i++)); do
  seed=$(((seed * 1103515245 + 12345) % 2147483648))
  a=$seed b=$((i + 1))
  while ((b != 0)); do
    t=$((a % b)) a=$b b=$t
  done
  sum=$((sum + a))
done
echo "$sum"
