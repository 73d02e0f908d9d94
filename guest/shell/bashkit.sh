#!/usr/bin/env bash
# Makes .bashkit/: the crate `bashkit` as published (cargo checks its digest), with patches/*.patch applied.
# Does nothing when it is up to date. The workspace needs it before any cargo command in guest/.
set -euo pipefail
cd "$(dirname "$0")"

# Two guests that are built at the same time both ask for it: one makes it, the other waits.
exec 9<.
flock 9

stamp=$(cat upstream/Cargo.lock patches/*.patch | sha256sum | cut -d' ' -f1)
if [ "$(cat .bashkit/.stamp 2>/dev/null)" = "$stamp" ]; then
  exit 0
fi

manifest=$(cargo metadata --locked --format-version 1 --filter-platform wasm32-wasip2 --manifest-path upstream/Cargo.toml |
  grep -o '"manifest_path":"[^"]*/bashkit-[0-9.]*/Cargo.toml"' | head -n 1 | cut -d'"' -f4)
rm -rf .bashkit
mkdir .bashkit
cp -r "$(dirname "$manifest")"/{src,docs,Cargo.toml,README.md} .bashkit/
for patch in patches/*.patch; do
  patch --quiet --directory .bashkit --strip 1 < "$patch"
done
echo "$stamp" > .bashkit/.stamp
echo "guest/shell: patched $(basename "$(dirname "$manifest")")"
