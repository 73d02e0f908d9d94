attempt=0
flaky() { attempt=$((attempt + 1)); [ "$attempt" -ge 3 ]; }
max=5 n=1
until flaky; do
  if (( n >= max )); then echo "failed"; exit 1; fi
  echo "attempt $n failed, retrying"
  sleep 0.01
  n=$((n + 1))
done
echo "succeeded after $attempt attempts"
