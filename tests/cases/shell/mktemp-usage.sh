f=$(mktemp); echo x > "$f"; cat "$f"; rm "$f"; [ -e "$f" ] || echo removed
d=$(mktemp -d); touch "$d/a"; ls "$d"; rm -r "$d"
t=$(mktemp -t deploy.XXXXXX); [[ $t == */deploy.?????? ]] && echo pattern; rm "$t"
