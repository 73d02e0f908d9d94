read -r -n 3 first <<< "abcdef"; echo "$first"
read -r -d ';' stmt <<< "one;two"; echo "$stmt"
IFS= read -r spaced <<< "  keep  "; echo "[$spaced]"
read -r a b <<< "x"; echo "[$a][$b]"
