printf 'AB\n' | xxd -p
printf 'AB\n' | od -An -c
printf '4142' | xxd -r -p; echo
printf 'hello' | od -An -tx1 | tr -d ' \n'; echo
