#!/usr/bin/env bash
# Fuzzes the API by its own document: a server over a throw-away data directory with the demo company, and schemathesis
# as users of several roles. No answer may be a 5xx or differ from what the document says.
#
# usage: scripts/fuzz.sh [SCHEMATHESIS OPTION…]   e.g. --include-path /api/v1/targets --phases fuzzing
#
# FUZZ_SECONDS is the time of each role (120); LOUDOU_BIN a binary that is built already. What was found is printed,
# with a command that repeats it; the server's log is shown after a failure.
set -euo pipefail
cd "$(dirname "$0")/.."

cache=${LOUDOU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/loudou}
export CARGO_TARGET_DIR=${CARGO_TARGET_DIR:-$cache/target}
seconds=${FUZZ_SECONDS:-120}
fuzz=$PWD/scripts/fuzz
# Nothing set for other uses of the tool may change what is tested here.
unset LOUDOU_DATA LOUDOU_DATABASE_URL LOUDOU_LISTEN LOUDOU_BEHIND_PROXY

step() { printf '\n==> [%d:%02d] %s\n' $((SECONDS / 60)) $((SECONDS % 60)) "$*"; }
SECONDS=0

step "Python environment: schemathesis, from scripts/fuzz/requirements.txt"
venv=$cache/fuzz-venv
if [ ! -x "$venv/bin/python" ]; then
  python3 -m venv "$venv"
fi
"$venv/bin/pip" install --quiet --disable-pip-version-check -r scripts/fuzz/requirements.txt

loudou=${LOUDOU_BIN:-}
if [ -z "$loudou" ]; then
  step "building loudou"
  cargo build --locked --workspace --bin loudou
  loudou=$CARGO_TARGET_DIR/debug/loudou
fi

work=$(mktemp -d)
server=
stop() {
  if [ -n "$server" ]; then
    kill "$server" 2>/dev/null || true
    wait "$server" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap stop EXIT

step "the demo company, and its users"
data=$work/data
"$loudou" demo --seed 42 --data "$data" >/dev/null
# Somebody stays who can let the others in again.
echo "correct horse battery" | "$loudou" user add keeper --role administrator --data "$data"
team=$("$loudou" sql "select team from opportunities where team is not null order by team limit 1" --json --data "$data" |
  python3 -c 'import json, sys; print(json.load(sys.stdin)["rows"][0]["team"])')
user() { echo "correct horse battery" | "$loudou" user add "$@" --data "$data"; }
user everything --role administrator --role operations --role executive
user manager --role manager --team "$team"
user rep --role rep --team "$team"
user finance --role finance

"$loudou" serve --listen 127.0.0.1:0 --data "$data" >"$work/address" 2>"$work/log" &
server=$!
until grep -q '^http' "$work/address"; do
  kill -0 "$server" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
address=$(grep -m1 '^http' "$work/address")

# ids: of the user and of the token that FUZZ_TOKEN is.
ids() {
  python3 - "$address" "$FUZZ_TOKEN" <<'END'
import json, sys, urllib.request

def get(path):
    request = urllib.request.Request(sys.argv[1] + path, headers={"Authorization": "Bearer " + sys.argv[2]})
    return json.load(urllib.request.urlopen(request))

print(get("/api/v1/session")["user"]["id"], max(token["id"] for token in get("/api/v1/tokens")))
END
}

# as USER [OPTION…]: all phases by a token of this user's.
status=0
as() {
  local name=$1
  shift
  step "as $name, $seconds seconds, at $address"
  FUZZ_TOKEN=$("$loudou" token new --user "$name" --data "$data")
  read -r FUZZ_USER_ID FUZZ_TOKEN_ID < <(ids)
  export FUZZ_TOKEN FUZZ_USER_ID FUZZ_TOKEN_ID
  # In a folder that is thrown away: it keeps notes where it runs.
  (cd "$work" && PYTHONPATH=$fuzz PYTHONDONTWRITEBYTECODE=1 "$venv/bin/schemathesis" --config-file "$fuzz/schemathesis.toml" \
    run "$address/api/v1/openapi.json" --max-time "$seconds" "$@") || status=$?
  # A fuzzer that lost its key would find nothing.
  ids >/dev/null || { echo "error: the token of $name has ended: what came after was only refused" >&2; status=1; }
  kill -0 "$server" 2>/dev/null || { echo "error: the server has ended" >&2; status=1; }
}

for name in everything manager rep finance; do
  as "$name" "$@"
done

if [ "$status" -ne 0 ]; then
  step "the server's errors"
  grep -E '"level":"(ERROR|WARN)"| (ERROR|WARN) ' "$work/log" | tail -50 || true
fi
exit "$status"
