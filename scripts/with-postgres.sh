#!/usr/bin/env bash
# Runs a command beside a throw-away PostgreSQL: a fresh cluster in a temporary folder, reached by its unix socket
# only, stopped and deleted when the command ends. No other server of the machine is touched.
#
# usage: scripts/with-postgres.sh COMMAND [ARG…]     the command finds the URL in LOUDOU_TEST_POSTGRES
#        scripts/with-postgres.sh --bindir           prints where the server's programs are, nothing if nowhere
set -euo pipefail

# The newest server installed: Debian keeps the programs out of PATH, one folder a version.
bindir() {
  local found
  found=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb /usr/pgsql-*/bin/initdb "$(command -v initdb || true)" |
    sort -V | while read -r initdb; do if [ -x "$initdb" ]; then dirname "$initdb"; fi; done | tail -n 1)
  printf '%s' "$found"
}

if [ "${1-}" = --bindir ]; then
  bindir
  exit 0
fi
[ $# -gt 0 ] || { echo "usage: $0 COMMAND [ARG…]" >&2; exit 2; }

bin=$(bindir)
[ -n "$bin" ] || { echo "error: PostgreSQL's server is not installed (Debian: postgresql)" >&2; exit 1; }

# The server refuses to run as root: then it runs as the user that its package made.
as=()
if [ "$(id -u)" -eq 0 ]; then
  as=(runuser -u postgres --)
fi

# Short, because a socket's path may have about 100 bytes; and where the server's user can go.
top=${TMPDIR:-/tmp}
if [ ${#top} -gt 60 ] || ! "${as[@]}" test -x "$top"; then
  top=/tmp
fi
dir=$(mktemp -d "$top/loudou-pg.XXXXXX")

stop() {
  status=$?
  trap '' INT TERM HUP
  if [ -f "$dir/data/postmaster.pid" ]; then
    (cd / && "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null) || true
  fi
  rm -rf "$dir"
  exit "$status"
}
trap stop EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

if [ "$(id -u)" -eq 0 ]; then
  chown postgres: "$dir"
fi

echo "==> starting a throw-away PostgreSQL ($("$bin/postgres" --version))" >&2
# Nothing here has to survive: no syncing to disk. Trust is safe, the folder lets nobody else in.
options="-h '' -k $dir -p 5432 -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
options="$options -c max_connections=300 -c max_parallel_workers_per_gather=0"
if ! (
  cd /
  "${as[@]}" "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync &&
    "${as[@]}" "$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -o "$options" -w -t 60 start
) >"$dir.out" 2>&1; then
  cat "$dir.out" "$dir/log" >&2 2>/dev/null || true
  rm -f "$dir.out"
  echo "error: PostgreSQL did not start; its messages are above" >&2
  exit 1
fi
rm -f "$dir.out"

# `host` with a slash is the socket's folder; the port is part of the socket's name.
export LOUDOU_TEST_POSTGRES="postgres://postgres@localhost:5432/postgres?host=$dir"
export LOUDOU_TEST_POSTGRES_REQUIRED=1
"$@"
