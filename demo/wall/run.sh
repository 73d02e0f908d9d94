#!/usr/bin/env bash
# What Seawall does, in two minutes: a step in each language at work under a policy, a denial with its
# report, and a policy learned from a run. Everything happens in a temporary directory, on loopback.
set -euo pipefail
seawall=$(realpath "$1")
here=$(realpath "$(dirname "$0")")
place=$(mktemp -d)
server=
trap '[[ -z $server ]] || kill "$server"; rm -rf "$place"' EXIT
cd "$place"
cp -r "$here/steps/." .

title() { printf '\n\033[1m== %s\033[0m\n' "$*"; }
show() { printf '\033[2m$ seawall %s\033[0m\n' "$*"; "$seawall" "$@"; }

title "1. Shell: unpack a package, rewrite its settings, report (package.toml)"
show run configure.sh --policy package.toml --mount /pkg="$place/package" \
    --set Web.Port=8080 --artifacts "$place/kept"

title "2. Python: call an API on this machine with a credential it never sees (api.toml)"
python3 api.py >api.log 2>&1 & server=$!
for _ in $(seq 100); do [[ -s port ]] && break; read -rt 0.05 <> <(:) || true; done
sed -i "s/PORT/$(cat port)/" api.toml
show run release.py --policy api.toml --secret Api.Token=token-that-stays-outside --env PORT="$(cat port)"

title "3. JavaScript: modules from a mount, top-level await (modules.toml)"
show run bundle.mjs --mount /lib="$place/lib" --env STAGE=demo

title "4. A compiled module: any WASI program is a step"
show run "$here/../../guest/dist/probe-p1.wasm" -- list | head -5

title "5. A denial: what was tried, which rule decided, which lines would allow it"
show run greedy.py || printf 'exit code %s\n' "$?"

title "6. A learned policy: run with what a ceiling allows, keep what was needed"
sed -i "s/PORT/$(cat port)/" ceiling.toml
show run learn.py --learn learned.toml --ceiling ceiling.toml --env PORT="$(cat port)" --set Web.Port=8080
cat learned.toml
printf '\nand once more, under exactly that policy:\n'
show run learn.py --policy learned.toml --env PORT="$(cat port)" --set Web.Port=8080
