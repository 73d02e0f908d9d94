csv="alpha,beta,gamma"
IFS=',' read -ra parts <<< "$csv"
echo "${#parts[@]} ${parts[1]}"
joined=$(IFS=';'; echo "${parts[*]}"); echo "$joined"
printf '%s\n' "${parts[@]}" | paste -sd'|'
tr ',' '\n' <<< "$csv" | sort -r | head -n 1
