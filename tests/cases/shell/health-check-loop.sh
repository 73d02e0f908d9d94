status() { case $1 in 1|2) echo starting ;; *) echo healthy ;; esac; }
for try in 1 2 3 4; do
  state=$(status $try)
  echo "try $try: $state"
  [[ $state == healthy ]] && break
done
