#!/usr/bin/env bash
# Builds OUT_DIR/javascript.wasm from what lies beside this script. Installs only into node_modules and build here (and
# one rustup target); does nothing when no input has changed since the last build into the same directory.
set -euo pipefail

out=$(mkdir -p "${1:?usage: build.sh OUT_DIR}" && cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"
here=$PWD

inputs=$(find build.sh requirements.txt package.json package-lock.json Cargo.toml Cargo.lock engine compiler component tools js \
    -type f | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)
if [ -f "$out/javascript.wasm" ] && [ "$(cat "$out/.javascript.stamp" 2>/dev/null)" = "$inputs" ]; then
    exit 0
fi

mkdir -p build
wanted=$(cat package.json package-lock.json | sha256sum)
if [ "$(cat build/npm.installed 2>/dev/null)" != "$wanted" ]; then
    echo "guest/javascript: installing into guest/javascript/node_modules:"
    sed -n '/"devDependencies"/,/}/s/^    "\(.*\)": "\(.*\)".*/  \1 \2/p' package.json
    npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
    echo "$wanted" > build/npm.installed
fi
wanted=$(sha256sum < requirements.txt)
if [ "$(cat build/venv.installed 2>/dev/null)" != "$wanted" ]; then
    echo "guest/javascript: installing into guest/javascript/build/venv:"
    grep -v '^#' requirements.txt | sed 's/^/  /'
    rm -rf build/venv
    "${PYTHON:-python3}" -m venv build/venv
    build/venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt
    echo "$wanted" > build/venv.installed
fi
target=wasm32-unknown-unknown
if [ ! -d "$(rustc --print sysroot)/lib/rustlib/$target" ]; then
    echo "guest/javascript: rustup target add $target"
    rustup target add "$target"
fi

echo "guest/javascript: building javascript.wasm"
for bundle in main extras; do
    node_modules/.bin/esbuild "js/$bundle.js" --bundle --format=esm --platform=neutral --main-fields=module,main \
        --target=es2023 --charset=utf8 --keep-names --log-level=warning --outfile="build/$bundle.js"
done

export CARGO_TARGET_DIR="$here/build/target"
export CC_wasm32_unknown_unknown="$here/tools/zig-cc" AR_wasm32_unknown_unknown="$here/tools/zig-ar"
cargo build --quiet --locked --release --target "$target" -p javascript-compiler
for bundle in main extras; do
    node tools/compile.mjs "build/target/$target/release/javascript_compiler.wasm" "build/$bundle.js" "build/$bundle.bytecode"
done

# STACK_BYTES in engine/src/lib.rs, and room for what runs between two of QuickJS's checks.
JAVASCRIPT_BUNDLE="$here/build/main.bytecode" JAVASCRIPT_EXTRAS="$here/build/extras.bytecode" \
    CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUSTFLAGS="-Clink-arg=-zstack-size=1310720" \
    cargo build --quiet --locked --release --target "$target" -p javascript-engine
node_modules/.bin/wizer --wasm-bulk-memory=true -o build/core.wasm "build/target/$target/release/javascript_engine.wasm"
cargo run --quiet --locked -p javascript-component -- build/core.wasm build/javascript.wasm
mv build/javascript.wasm "$out/javascript.wasm"
echo "$inputs" > "$out/.javascript.stamp"
echo "guest/javascript: $(wc -c < "$out/javascript.wasm") bytes"
