secret='p@ss word'
encoded=$(printf '%s' "$secret" | base64)
echo "$encoded"
[ "$(printf '%s' "$encoded" | base64 -d)" = "$secret" ] && echo roundtrip
head -c 60 /dev/zero | base64 -w 0; echo
printf '\x00\xff\x10' | base64 | base64 --decode | od -An -tx1
