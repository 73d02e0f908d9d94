exec 3> log.txt
echo "to log" >&3
echo "more" >&3
exec 3>&-
cat log.txt
{ echo out; echo err >&2; } > both.txt 2>&1
cat both.txt
{ echo out; echo err >&2; } 2> err.txt | cat
cat err.txt
echo gone > /dev/null
