#!/usr/bin/env bash
# Runs a command beside a throw-away MariaDB: fresh data in a temporary folder, reached by its unix socket only, stopped
# and deleted when the command ends. No other server of the machine is touched.
#
# usage: scripts/with-mysql.sh COMMAND [ARG…]     the command finds the socket in LOUDOU_TEST_MYSQL
set -euo pipefail

[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARG…]" >&2; exit 2; }
PATH=$PATH:/usr/sbin
server=$(command -v mariadbd || true)
[ -n "$server" ] || { echo "error: MariaDB's server is not installed (Debian: mariadb-server)" >&2; exit 1; }

# The server refuses to run as root: then it runs as the user that its package made.
user=()
top=${TMPDIR:-/tmp}
# Short, because a socket's path may have about 100 bytes.
[ ${#top} -le 60 ] || top=/tmp
dir=$(mktemp -d "$top/loudou-my.XXXXXX")
if [ "$(id -u)" -eq 0 ]; then
  user=(--user=mysql)
  chown mysql: "$dir"
  chmod 755 "$dir"
fi
pid=

stop() {
  status=$?
  trap '' INT TERM HUP
  if [ -n "$pid" ]; then
    kill "$pid" 2>/dev/null || true
    wait "$pid" 2>/dev/null || true
  fi
  rm -rf "$dir"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

echo "==> starting a throw-away MariaDB ($("$server" --version))" >&2
mariadb-install-db --no-defaults "${user[@]}" --datadir="$dir/data" --auth-root-authentication-method=normal \
  --skip-test-db >"$dir/log" 2>&1 || { cat "$dir/log" >&2; exit 1; }
"$server" --no-defaults "${user[@]}" --datadir="$dir/data" --socket="$dir/s" --skip-networking --pid-file="$dir/pid" \
  >>"$dir/log" 2>&1 &
pid=$!
for _ in $(seq 100); do
  if mariadb-admin --no-defaults --socket="$dir/s" --user=root ping >/dev/null 2>&1; then
    LOUDOU_TEST_MYSQL=$dir/s "$@"
    exit
  fi
  kill -0 "$pid" 2>/dev/null || break
  sleep 0.2
done
cat "$dir/log" >&2
echo "error: MariaDB did not start; its messages are above" >&2
exit 1
