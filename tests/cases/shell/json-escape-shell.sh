text=$'line "one"\nline\ttwo'
jq -n --arg t "$text" '{text: $t}' -c
jq -rn --arg t 'a b&c=d' '$t|@uri'
