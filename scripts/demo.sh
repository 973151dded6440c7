#!/usr/bin/env bash
# Builds `loudou` with its web pages, fills a data directory with the demo company and a real data set, prints what a
# sales manager asks first, for both, and leaves a server running, whose address and sign-in are the last lines.
# DEMO_DATA is made anew each time; CARGO_TARGET_DIR takes the build; DEMO_LISTEN is the server's address.
#
# usage: scripts/demo.sh          as above
#        scripts/demo.sh --stop   stops the server that the last one left
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${LOUDOU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/loudou}
data=${DEMO_DATA:-$cache/demo}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
listen=${DEMO_LISTEN:-127.0.0.1:8420}
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

# stop: ends the server that an earlier demo left, and no other process.
stop() {
  local pid
  pid=$(cat "$data/server.pid" 2>/dev/null) || return 0
  if [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$CARGO_TARGET_DIR/demo/loudou" ] ||
    [ "$(readlink "/proc/$pid/exe" 2>/dev/null)" = "$CARGO_TARGET_DIR/demo/loudou (deleted)" ]; then
    kill "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  fi
  rm -f "$data/server.pid"
}

if [ "${1-}" = --stop ]; then
  stop
  exit 0
fi

step "building the web pages"
LOUDOU_WEB_DIST=$(scripts/web.sh)
export LOUDOU_WEB_DIST

step "building loudou (the first time some minutes; later ones seconds)"
cargo build --profile demo --locked -p cli --bin loudou
loudou=$CARGO_TARGET_DIR/demo/loudou

# Only a folder that this script made is ever deleted.
mark=.made-by-make-demo
if [ -e "$data" ] && [ ! -e "$data/$mark" ] && [ -n "$(ls -A "$data")" ]; then
  echo "error: $data holds something that is not a demo: empty it, or give another folder as DEMO_DATA" >&2
  exit 1
fi
stop
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

step "a sign-in for everybody who comes to this demo"
name=demo password=$(od -An -N6 -tx1 /dev/urandom | tr -d ' \n')
echo "$password" | "$loudou" user add "$name" --role operations --role executive --demo --data "$data"

# serve ADDRESS: starts the server beside this script and waits for the line that says it is ready.
serve() {
  : >"$data/server.out"
  setsid nohup "$loudou" serve --listen "$1" --data "$data" >"$data/server.out" 2>"$data/server.log" </dev/null &
  local pid=$!
  for _ in $(seq 300); do
    address=$(grep -m1 '^http' "$data/server.out" || true)
    if [ -n "$address" ]; then
      echo "$pid" >"$data/server.pid"
      return 0
    fi
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.1
  done
  return 1
}

step "starting the server"
serve "$listen" || { echo "    $listen is taken: another port"; serve "${listen%:*}:0"; } || { cat "$data/server.log" >&2; exit 1; }

step "done. The data stays in $data; stop the server with: make demo-stop"
cat <<END
    On the command line:  $loudou --data $data funnel --process $company --by team
    In the browser:       $address
    Sign in as:           $name   password: $password   (the page fills them in)
END
