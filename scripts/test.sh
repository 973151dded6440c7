#!/usr/bin/env bash
# Every test: of the Rust workspace, on SQLite and on a throw-away PostgreSQL and MariaDB; of the web application; and of the whole
# in a real browser. Arguments go to cargo test, which then runs alone.
#
# Closes with one line over all runners, so that nobody has to add up.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${LOUDOU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/loudou}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
out=$(mktemp)
trap 'rm -f "$out"' EXIT
status=0

# run TITLE COMMAND…: goes on after a failure, so that one look shows all of them.
run() {
  echo "==> $1"
  shift
  "$@" 2>&1 | tee -a "$out" || status=$?
}

LOUDOU_WEB_DIST=$(scripts/web.sh)
export LOUDOU_WEB_DIST
run "Rust: cargo test" scripts/with-postgres.sh scripts/with-mysql.sh cargo test --workspace --locked --no-fail-fast "$@"
if [ $# -eq 0 ]; then
  scripts/web.sh --packages
  run "web: formatting, lints, types" npm --prefix web run --silent lint
  run "web: unit tests" env NO_COLOR=1 npm --prefix web run --silent test
  run "web: bytes up to the first analyser" npm --prefix web run --silent size
  export LOUDOU_BIN=$CARGO_TARGET_DIR/debug/loudou
  run "web: in the browser" env NO_COLOR=1 npm --prefix web run --silent e2e
fi
awk '
  /^test result: / { passed += $4; failed += $6; skipped += $8 }
  /^ *Tests  / {
    for (at = 2; at <= NF; at++) {
      if ($at ~ /^passed/) passed += $(at - 1)
      if ($at ~ /^failed/) failed += $(at - 1)
      if ($at ~ /^(skipped|todo)/) skipped += $(at - 1)
    }
  }
  END { printf "tests: %d passed, %d failed, %d skipped\n", passed, failed, skipped }
' "$out"
exit "$status"
