#!/usr/bin/env bash
# build.sh OUT_DIR: builds OUT_DIR/powershell.wasm from source. Installs at most rustup's wasm32-wasip2 target.
# Cargo decides what is out of date, so a second run does nothing.
set -euo pipefail
out=$(mkdir -p "${1:?usage: build.sh OUT_DIR}" && cd "$1" && pwd)
cd "$(dirname "$0")"

target=wasm32-wasip2
if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx "$target"; then
  echo "guest/powershell: installing the Rust target $target"
  rustup target add "$target"
fi

# The workspace has the shell in it, whose patched crate must be there for any cargo command.
../shell/bashkit.sh
# A target directory of its own: guests are built at the same time, and cargo locks a whole directory.
target_dir=../target/powershell
cargo build --quiet --locked --release --target "$target" --manifest-path ../Cargo.toml --package powershell --target-dir "$target_dir"
built=$target_dir/$target/release/powershell.wasm
cmp --silent "$built" "$out/powershell.wasm" || cp "$built" "$out/powershell.wasm"
echo "guest/powershell: $out/powershell.wasm, $(wc -c < "$out/powershell.wasm") bytes"
