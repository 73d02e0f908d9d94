echo $((7 / 2)) $((7 % 3)) $((2 ** 8)) $((1 << 3)) $((0xff)) $((8#17)) $((5 > 3 ? 10 : 20))
i=5; ((i += 3)); ((i++)); echo $i
((i > 8)) && echo big
for ((k = 0, m = 10; k < m; k += 4, m--)); do echo "$k $m"; done
let "z = i * 2"; echo $z
(( 0 )); echo $?
