retry() {
  local -i max=$1; shift
  local -i n
  for ((n = 1; n <= max; n++)); do
    "$@" && return 0
    echo "try $n: exit $?"
  done
  return 1
}
retry 3 bash -c 'exit 9' || echo "gave up with $?"
