printf '12345' > f
stat -c '%s %n' f
wc -c < f
[ "$(du -sb f | cut -f1)" = 5 ] && echo five
truncate -s 100 f; stat -c %s f
