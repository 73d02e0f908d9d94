# Parameter expansion, arrays and patterns.
count=0
declare -a names
for ((i = 0; i < 30000; i++)); do
  name="package-$i.1.$((i % 17)).zip"
  base=${name%.zip}
  version=${base#*.}
  upper=${base^^}
  case $upper in
    *7.1.*) count=$((count + ${#version})) ;;
    *) names[i % 100]=${base/package/bundle} ;;
  esac
done
echo "$count ${#names[@]} ${names[42]}"
