#!/usr/bin/env bash
# The kernels by criterion, then the comparison with DuckDB end to end (bench/run.py), which checks that both give
# the same answers. The Python packages live in an environment of their own.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${LOUDOU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/loudou}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}

SECONDS=0
step() { printf '\n==> [%d:%02d] %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

step "kernels: criterion"
cargo bench --workspace --locked --bench '*'

step "building loudou with the profile of the demo, and what asks the resident warehouse"
cargo build --profile demo --locked -p cli -p warehouse --bin loudou --example dashboard

step "Python environment for the comparison: DuckDB, from bench/requirements.txt"
venv=$cache/bench-venv
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --disable-pip-version-check -r bench/requirements.txt

step "the eight questions, Loudou beside DuckDB"
export LOUDOU_CACHE=$cache LOUDOU_BIN=$CARGO_TARGET_DIR/demo/loudou
export LOUDOU_DASHBOARD=$CARGO_TARGET_DIR/demo/examples/dashboard LOUDOU_PROFILE=demo
"$venv/bin/python" bench/run.py "$@"
