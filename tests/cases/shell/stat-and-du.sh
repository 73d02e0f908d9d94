printf '12345' > f
stat -c '%s %n' f
wc -c < f
[ "$(du -sb f | cut -f1)" = 5 ] && echo five
truncate -s 100 f; stat -c %s f
touch -d '2024-05-06 07:08:09' f; TZ=UTC stat -c '%y %Y %n' f
