#!/usr/bin/env bash
# Builds the web application, once for each state of its sources, and prints the folder it lies in: what the binary is
# built with (LOUDOU_WEB_DIST).
#
# usage: scripts/web.sh            builds where that is needed
#        scripts/web.sh --packages only installs the packages that the lock file names
set -euo pipefail
cd "$(dirname "$0")/../web"

cache=${LOUDOU_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/loudou}

# Packages install with the npm that the lock file was written by; an older one is brought up for this call.
npm=(npm)
if [ "$(npm --version | cut -d. -f1)" -lt 11 ]; then
  npm=(npx --yes npm@11)
fi

packages() {
  local lock stamp=node_modules/.installed
  lock=$(sha256sum package-lock.json | cut -d' ' -f1)
  [ "$(cat "$stamp" 2>/dev/null)" != "$lock" ] || return 0
  echo "==> installing the web application's packages" >&2
  "${npm[@]}" ci --no-audit --no-fund --loglevel=error >&2
  echo "$lock" >"$stamp"
}

if [ "${1-}" = --packages ]; then
  packages
  exit 0
fi

state=$(find . \( -name node_modules -o -name dist -o -name e2e -o -name schema.d.ts \) -prune -o -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum | sha256sum | cut -c1-16)
dist=$cache/web/$state
if [ ! -f "$dist/index.html" ]; then
  packages
  echo "==> building the web application" >&2
  # Into a folder of its own first: a build that is broken off leaves nothing that looks whole.
  rm -rf "$dist.partly"
  LOUDOU_WEB_DIST=$dist.partly "${npm[@]}" run --silent build >&2
  mkdir -p "$cache/web"
  rm -rf "$dist"
  mv "$dist.partly" "$dist"
fi
echo "$dist"
