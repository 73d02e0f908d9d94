printf '[a]\nhost=old\n[b]\nhost=old\n' > c.ini
sed -i '/^\[b\]/,/^\[/ s/^host=.*/host=new/' c.ini
cat c.ini
sed -n '/\[a\]/,/\[b\]/p' c.ini | head -n 2
