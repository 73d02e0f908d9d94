id=$(tr -dc 'a-f0-9' < /dev/urandom | head -c 12); echo "${#id}"
[[ $id =~ ^[a-f0-9]{12}$ ]] && echo ok
n=$((RANDOM % 10)); ((n >= 0 && n < 10)) && echo range
