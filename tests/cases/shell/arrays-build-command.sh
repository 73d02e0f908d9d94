args=(--region eu-west-1)
[[ -n "${DEBUG:-}" ]] && args+=(--debug)
args+=("--message" "hello world")
printf '[%s]' "${args[@]}"; echo
echo "${#args[@]} ${args[-1]} ${args[@]:1:2}"
prefixed=("${args[@]/#/+}")
printf '%s\n' "${prefixed[@]}"
