{ echo one; echo two; } | tee log.txt | wc -l
echo three | tee -a log.txt > /dev/null
cat log.txt
echo finished
