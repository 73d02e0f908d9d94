printf 'a=1\nb=2\n' > p
upsert() { if grep -q "^$1=" p; then sed -i "s|^$1=.*|$1=$2|" p; else echo "$1=$2" >> p; fi; }
upsert b /new/path; upsert c 3
cat p
