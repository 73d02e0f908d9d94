#!/usr/bin/env bash
# What Seawall does: the wall around one script, then a server that deploys a project through it.
set -euo pipefail
here=$(realpath "$(dirname "$0")")
bash "$here/wall/run.sh" "$1"
bash "$here/server/run.sh" "$1"
