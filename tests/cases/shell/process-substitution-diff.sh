diff <(printf 'a\nb\n') <(printf 'a\nc\n') > d.txt; echo "rc $?"
cat d.txt
comm -13 <(sort <<< $'x\ny') <(sort <<< $'y\nz')
paste <(seq 3) <(seq 4 6)
