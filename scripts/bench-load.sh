#!/usr/bin/env bash
# Twenty people at one server (bench/load.py), on the data that `make bench` leaves behind; writes docs/LOAD.md.
set -euo pipefail
cd "$(dirname "$0")/.."

export LOUDOU_CACHE=${LOUDOU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/loudou}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$LOUDOU_CACHE/target}
LOUDOU_WEB_DIST=$(scripts/web.sh)
export LOUDOU_WEB_DIST
cargo build --profile demo --locked -p cli --bin loudou
LOUDOU_BIN=$CARGO_TARGET_DIR/demo/loudou LOUDOU_PROFILE=demo python3 bench/load.py --report docs/LOAD.md "$@"
