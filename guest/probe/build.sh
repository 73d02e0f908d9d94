#!/usr/bin/env bash
# build.sh OUT_DIR: builds OUT_DIR/probe.wasm (a component), OUT_DIR/probe-p1.wasm (a core module) and OUT_DIR/modules/*.wat.
# Installs at most rustup's two WASI targets. Cargo decides what is out of date, so a second run does nothing.
set -euo pipefail
out=$(mkdir -p "${1:?usage: build.sh OUT_DIR}/modules" && cd "$1" && pwd)
cd "$(dirname "$0")"

if command -v rustup >/dev/null; then
  for target in wasm32-wasip1 wasm32-wasip2; do
    if ! rustup target list --installed | grep -qx "$target"; then
      echo "guest/probe: installing the Rust target $target"
      rustup target add "$target"
    fi
  done
fi

target_dir=${CARGO_TARGET_DIR:-../target/probe}
build() { # PACKAGE TARGET
  cargo build --quiet --locked --release --target "$2" --package "$1" --target-dir "$target_dir"
  cmp --silent "$target_dir/$2/release/$1.wasm" "$out/$1.wasm" || cp "$target_dir/$2/release/$1.wasm" "$out/$1.wasm"
}
build probe wasm32-wasip2
build probe-p1 wasm32-wasip1

cp modules/*.wat "$out/modules/"
[[ $out/modules/nested-blocks.wat -nt modules/generate.sh ]] || bash modules/generate.sh "$out/modules"
echo "guest/probe: $out/probe.wasm, $out/probe-p1.wasm and $(find "$out/modules" -name '*.wat' | wc -l) modules"
