printf 'b\na\nb\nc\na\nb\n' | sort | uniq -c | sort -rn | awk '{print $2 ":" $1}'
printf '10\n9\n2\n' | sort -n | paste -sd' '
printf 'v1.10\nv1.9\nv1.2\n' | sort -V
printf 'x 2\ny 1\n' | sort -k2,2n
printf 'a\nA\nb\n' | sort -fu
