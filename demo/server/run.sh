#!/usr/bin/env bash
# A server from nothing: environments, a package, a project in three languages with a question to a person, and a
# release that goes through three environments. The server is left running; the next run takes its place.
set -euo pipefail
seawall=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
place=$(dirname "$seawall")/../demo
mkdir -p "$place"
place=$(realpath "$place")
if [[ -s $place/pid ]] && kill "$(cat "$place/pid")" 2>/dev/null; then
    tail --pid="$(cat "$place/pid")" -f /dev/null
fi
rm -rf "$place/data" "$place/log" "$place/pid"

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
show() { printf '\033[2m$ seawall %s\033[0m\n' "$*"; "$seawall" "$@"; }

title "1. A server on an empty directory"
printf '\033[2m$ seawall serve --data %s --policies demo/server/policies\033[0m\n' "$place/data"
setsid "$seawall" serve --data "$place/data" --policies "$here/policies" --listen 127.0.0.1:0 \
    >"$place/log" 2>&1 </dev/null &
echo $! >"$place/pid"
until grep -q '^Listening' "$place/log"; do
    kill -0 "$(cat "$place/pid")" || { cat "$place/log"; exit 1; }
    read -rt 0.05 <> <(:) || true
done
SEAWALL_URL=$(sed -n 's/^Listening on //p' "$place/log")
SEAWALL_API_KEY=$(sed -n 's/.*SEAWALL_API_KEY=//p' "$place/log")
export SEAWALL_URL SEAWALL_API_KEY

title "2. Environments, a package, a project with its process"
show environment create Dev Test Production
(cd "$here/package" && python3 -m zipfile -c "$place/acme.web.1.4.2.zip" .)
show package push "$place/acme.web.1.4.2.zip"
show project create Web --process "$here/process.toml"

title "3. A release: process, variables and package as they are now"
show release create Web --version 1.4.2

title "4. The plan for Production: every step, where, how confined, what it may touch; runs nothing"
show deploy Web 1.4.2 --to Dev --plan
printf '\nToo early for Production:\n'
show deploy Web 1.4.2 --to Production || printf 'exit code %s\n' "$?"

title "5. Dev and Test"
show deploy Web 1.4.2 --to Dev --watch
show deploy Web 1.4.2 --to Test --watch

title "6. Production asks a person first"
show deploy Web 1.4.2 --to Production
until question=$("$seawall" interruption list) && [[ -n $question ]]; do
    read -rt 0.05 <> <(:) || true
done
printf '%s\n' "$question"
show interruption answer "${question%% *}" proceed --notes "the demo says so"
task=$("$seawall" task list | awk 'NR == 1 { print $1 }')
show task watch "$task"

title "7. What the steps touched, as the smallest policy that allows it"
show policy suggest --task "$task"

title "The server is left running"
cat <<END
export SEAWALL_URL=$SEAWALL_URL
export SEAWALL_API_KEY=$SEAWALL_API_KEY

  seawall task list                      what ran
  seawall task log $task         one of the logs
  curl -H "X-Octopus-ApiKey: \$SEAWALL_API_KEY" \$SEAWALL_URL/api/tasks
  $SEAWALL_URL/api/openapi.json    the whole API
  kill $(cat "$place/pid")                            ends it; its data is in $place/data
END
