echo old > config
tmp=$(mktemp config.XXXXXX)
sed 's/old/new/' config > "$tmp" && mv -f "$tmp" config
cat config
ls | wc -l
