declare -A count
for word in apple pear apple fig pear apple; do
  (( count[$word]++ )) || true
done
for key in "${!count[@]}"; do echo "$key=${count[$key]}"; done | sort
