cmd_start() { echo "starting $1"; }
cmd_stop() { echo "stopping $1"; }
for action in start stop restart; do
  if declare -F "cmd_$action" > /dev/null; then "cmd_$action" web; else echo "unknown $action"; fi
done
