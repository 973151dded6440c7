#!/usr/bin/env bash
# Builds `loudou`, fills a data directory with the demo company and a real data set, and prints what a sales
# manager asks first, for both. DEMO_DATA is made anew each time; CARGO_TARGET_DIR takes the build.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${LOUDOU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/loudou}
data=${DEMO_DATA:-$cache/demo}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
# Nothing set for other uses of the tool may change what is shown here.
unset LOUDOU_DATA LOUDOU_DATABASE_URL

# The real data set: the end of the quarter before, and the day of its export.
REAL_FROM=2021-09-30
REAL_TO=2021-11-10

SECONDS=0
step() { printf '\n==> [%d:%02d] %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }

# show TITLE ARG…: an analysis, with the command that gives it.
show() {
  step "$1"
  shift
  printf '    loudou %s\n' "$*"
  "$loudou" "$@" --data "$data"
}

step "building loudou (the first time some minutes; later ones seconds)"
cargo build --profile demo --locked -p cli --bin loudou
loudou=$CARGO_TARGET_DIR/demo/loudou

# Only a folder that this script made is ever deleted.
mark=.made-by-make-demo
if [ -e "$data" ] && [ ! -e "$data/$mark" ] && [ -n "$(ls -A "$data")" ]; then
  echo "error: $data holds something that is not a demo: empty it, or give another folder as DEMO_DATA" >&2
  exit 1
fi
rm -rf "$data"
mkdir -p "$data"
trap ': >"$data/$mark"' EXIT # also after a failure: the next run may delete what this one left

step "making the demo company: two years of a firm with seven-stage sales, in $data"
"$loudou" demo --data "$data"

step "importing datasets/regional-sales: 20,000 opportunities of a real export"
"$loudou" import run regional-sales datasets/regional-sales --data "$data"

company=b2b-seven
show "demo company · how much stands in which stage" funnel --process $company
show "demo company · is there enough for the target: dials of the intent and commit stages" gauges --process $company --by region
show "demo company · what moved, week by week" migration --process $company --weeks 4
show "demo company · how much of what was decided was won" winrate --process $company --by team

real=regional-sales
show "regional sales · how much stands in which stage" funnel --process $real --as-of $REAL_TO
show "regional sales · dials of the intent and commit stages" gauges --process $real --as-of $REAL_TO
show "regional sales · what the quarter has made of its pipeline so far" bridge --process $real --from $REAL_FROM --to $REAL_TO --as-of $REAL_TO
show "regional sales · how much of what was decided was won" winrate --process $real --from 2019-01-01 --to $REAL_TO --as-of $REAL_TO --by region

step "done. The data stays in $data; go on with, for instance:"
echo "    $loudou --data $data funnel --process $company --by team"
