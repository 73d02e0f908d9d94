seq 5 | tac | paste -sd,
seq 10 | head -n 3 | tail -n 1
printf 'a b c\n' | cut -d' ' -f2-
printf 'hello\n' | rev
printf 'x\ny\n' | nl -ba | tr -s ' '
echo "one two" | fold -w 4
printf 'a\tb\n' | expand -t 4
printf 'k v\nlonger w\n' | column -t
