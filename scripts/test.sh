#!/usr/bin/env bash
# Every Rust test of the workspace, on SQLite and on a throw-away PostgreSQL. Further arguments go to cargo test.
#
# Closes with one line over all test binaries, so that nobody has to add up.
set -euo pipefail
cd "$(dirname "$0")/.."

out=$(mktemp)
trap 'rm -f "$out"' EXIT
status=0
scripts/with-postgres.sh cargo test --workspace --locked "$@" 2>&1 | tee "$out" || status=$?
awk '
  /^test result: / { passed += $4; failed += $6; skipped += $8 }
  END { printf "tests: %d passed, %d failed, %d skipped\n", passed, failed, skipped }
' "$out"
exit "$status"
