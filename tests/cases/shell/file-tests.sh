touch f; mkdir d; ln -s f l; echo x > s; chmod +x s
for t in -e -f -d -L -s -x -r; do
  for n in f d l s missing; do [ $t $n ] && printf '%s %s; ' "$t" "$n"; done
  echo
done
[ s -nt missing ] && echo newer
