printf '%-10s|%5d|%05.2f|%x\n' name 42 3.14159 255
printf '%s=%s\n' a 1 b 2
printf -v padded '%03d' 7; echo "$padded"
printf '%q\n' "it's here"
printf '%b\n' 'a\tb'
printf '%(%Y)T\n' 0
