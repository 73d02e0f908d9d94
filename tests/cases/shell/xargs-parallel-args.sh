seq 6 | xargs -n 2 echo pair
printf 'a\nb\n' | xargs -I{} echo "<{}>"
echo "x y z" | xargs -n1 | sort -r
printf '' | xargs -r echo never
printf 'q w\n' | xargs printf '%s-%s\n'
