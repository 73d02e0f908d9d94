DB_prod=db1 DB_dev=db2
for e in prod dev; do v="DB_$e"; echo "$e ${!v}"; done
declare -n ref=DB_prod; ref=db9; echo "$DB_prod"
printf '%s\n' "${!DB_@}"
