#!/usr/bin/env bash
# Builds OUT_DIR/python.wasm from what lies beside this script. Installs only into .venv here; does nothing when no
# input has changed since the last build into the same directory.
set -euo pipefail

out=$(mkdir -p "${1:?usage: build.sh OUT_DIR}" && cd "$1" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")"
python=${PYTHON:-python3}

inputs=$(find build.sh fold/Cargo.toml fold/Cargo.lock fold/src holes.py lasting.py memory.py requirements.txt wit src -type f -not -path '*/__pycache__/*' | LC_ALL=C sort | xargs sha256sum | sha256sum | cut -d' ' -f1)
if [ -f "$out/python.wasm" ] && [ "$(cat "$out/.python.stamp" 2>/dev/null)" = "$inputs" ]; then
    exit 0
fi

wanted=$(sha256sum < requirements.txt)
if [ "$(cat .venv/installed 2>/dev/null)" != "$wanted" ]; then
    echo "guest/python: installing into guest/python/.venv:"
    grep -v '^#' requirements.txt | sed 's/^/  /'
    rm -rf .venv
    "$python" -m venv .venv
    .venv/bin/python -m pip install --quiet --disable-pip-version-check --no-deps -r requirements.txt
    echo "$wanted" > .venv/installed
fi

# Only the packages that the image bundles, and only their Python files: the wheels' native parts are for this machine.
packages=.venv/packages
rm -rf "$packages"
mkdir -p "$packages"
site=$(.venv/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
for package in requests urllib3 idna charset_normalizer yaml jinja2 markupsafe tzdata; do
    cp -r "$site/$package" "$packages/"
done
find "$packages" -name __pycache__ -prune -exec rm -rf {} +
find "$packages" -type f \( -name '*.so' -o -name '*.c' -o -name '*.pyi' \) -delete

echo "guest/python: building python.wasm with $(.venv/bin/componentize-py --version)"
.venv/bin/componentize-py --quiet --wit-path wit --world guest componentize \
    --python-path src --python-path "$packages" --output "$out/python.wasm.new" _seawall_app
cargo run --quiet --release --locked --manifest-path fold/Cargo.toml --target-dir ../target/fold -- \
    "$out/python.wasm.new" "$out/python.wasm.folded"
mv "$out/python.wasm.folded" "$out/python.wasm.new"
"$python" lasting.py "$out/python.wasm.new"
"$python" holes.py "$out/python.wasm.new"
mv "$out/python.wasm.new" "$out/python.wasm"
echo "$inputs" > "$out/.python.stamp"
echo "guest/python: $(wc -c < "$out/python.wasm") bytes"
