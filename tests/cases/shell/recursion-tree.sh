walk() {
  local entry depth=$2
  for entry in "$1"/*; do
    [ -e "$entry" ] || continue
    printf '%*s%s\n' "$depth" '' "${entry##*/}"
    if [ -d "$entry" ]; then walk "$entry" $((depth + 2)); fi
  done
}
mkdir -p t/a/b t/c; touch t/a/b/f t/c/g
walk t 0
