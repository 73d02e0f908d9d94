declare -A ports=([web]=8080 [api]=9090)
ports[db]=5432
for service in $(printf '%s\n' "${!ports[@]}" | sort); do
  printf '%-4s %5d\n' "$service" "${ports[$service]}"
done
[[ -v ports[cache] ]] || echo "no cache"
unset 'ports[db]'
echo "${#ports[@]}"
