#!/usr/bin/env bash
# build.sh OUT_DIR: builds OUT_DIR/shell.wasm from source. Installs at most rustup's wasm32-wasip2 target.
# Cargo decides what is out of date, so a second run does nothing.
set -euo pipefail
out=$(mkdir -p "${1:?usage: build.sh OUT_DIR}" && cd "$1" && pwd)
cd "$(dirname "$0")"

target=wasm32-wasip2
if command -v rustup >/dev/null && ! rustup target list --installed | grep -qx "$target"; then
  echo "guest/shell: installing the Rust target $target"
  rustup target add "$target"
fi

./bashkit.sh
# A target directory of its own: guests are built at the same time, and cargo locks a whole directory.
target_dir=../target/shell
cargo build --quiet --locked --release --target "$target" --manifest-path ../Cargo.toml --package shell --target-dir "$target_dir"
built=$target_dir/$target/release/shell.wasm
cmp --silent "$built" "$out/shell.wasm" || cp "$built" "$out/shell.wasm"
echo "guest/shell: $out/shell.wasm, $(wc -c < "$out/shell.wasm") bytes"
