# Here-documents, reading line by line, command substitution.
total=0
for i in $(seq 1 150); do
  while IFS='=' read -r key value; do
    case $key in
      port) total=$((total + value)) ;;
      host) total=$((total + ${#value})) ;;
    esac
  done <<END
host=server-$i.example.com
port=$((8000 + i))
mode=$(echo "mode $i" | tr a-z A-Z)
END
done
echo "$total"
