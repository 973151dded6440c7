#!/usr/bin/env bash
# Fuzzes the parsers: files of every format, numbers and dates, profiles, processes, steps. Each target runs in turn for
# FUZZ_SECONDS (60); an input that breaks one is kept, and told with a command that repeats it.
#
# usage: scripts/fuzz-parsers.sh [TARGET…]     tables values profiles processes steps
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${LOUDOU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/loudou}
seconds=${FUZZ_SECONDS:-60}
targets=("$@")
[ ${#targets[@]} -gt 0 ] || targets=(tables values profiles processes steps)
corpus=$cache/fuzz-corpus
found=$cache/fuzz-found
mkdir -p "$found"

host=$(rustc -vV | sed -n 's/^host: //p')
# What the fuzzer steers by: which edges of the code an input went over. Only our target is built so, not what runs
# while it is built.
marks="-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters"
marks="$marks -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing"
printf '==> building the targets\n'
build() { CARGO_TARGET_DIR=$cache/fuzz-target cargo build --manifest-path fuzz/Cargo.toml --release --locked --target "$host" "$@"; }
bins=()
for target in "${targets[@]}"; do bins+=(--bin "$target"); done
RUSTFLAGS="$marks" build "${bins[@]}"
CARGO_TARGET_DIR=$cache/fuzz-seeds cargo run --quiet --manifest-path fuzz/Cargo.toml --locked --bin seeds -- "$corpus"

failed=0
for target in "${targets[@]}"; do
  printf '\n==> %s, %s seconds\n' "$target" "$seconds"
  binary=$cache/fuzz-target/$host/release/$target
  if ! "$binary" "$corpus/$target" -max_total_time="$seconds" -timeout=20 -rss_limit_mb=2048 -max_len=65536 \
    -artifact_prefix="$found/$target-" -print_final_stats=1 2>"$found/$target.log"; then
    failed=1
    tail -n 40 "$found/$target.log"
    printf 'again: %s FILE (the newest %s/%s-*)\n' "$binary" "$found" "$target"
  else
    grep -E 'number_of_executed_units|average_exec_per_sec|new_units_added|peak_rss' "$found/$target.log"
  fi
done
exit $failed
