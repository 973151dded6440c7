#!/usr/bin/env bash
# Makes sure that a tool is there, installing it where that is possible, and says what it does and why.
#
# usage: scripts/need.sh TOOL…      TOOL: rust, cc, lint, postgres, mysql, venv, node, chromium
set -euo pipefail

say() { printf '==> %s\n' "$*"; }
fail() { printf 'error: %s\n' "$*" >&2; exit 1; }

# apt_install REASON PACKAGE…: Debian packages, as root or through sudo.
apt_install() {
  local reason=$1
  shift
  command -v apt-get >/dev/null || fail "$reason: install $* (or what your system calls it) and run this again"
  local as=()
  if [ "$(id -u)" -ne 0 ]; then
    command -v sudo >/dev/null || fail "$reason: run 'apt-get install $*' as root, then this again"
    as=(sudo)
  fi
  say "installing $* with apt-get: $reason"
  "${as[@]}" apt-get update -qq </dev/null
  "${as[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" </dev/null >/dev/null
}

need_rust() {
  command -v cargo >/dev/null || fail "cargo is not there. Install Rust with rustup (https://rustup.rs), a stable toolchain from the rust-version in Cargo.toml on; Debian 12's own package is too old"
}

# Linking, and compiling the bundled SQLite and zstd.
need_cc() {
  command -v cc >/dev/null || apt_install "a C compiler, to link and to build the bundled SQLite" build-essential
}

need_lint() {
  need_rust
  cargo clippy --version >/dev/null 2>&1 && cargo fmt --version >/dev/null 2>&1 && return
  command -v rustup >/dev/null || fail "clippy and rustfmt are not there: install those of your Rust toolchain"
  say "adding clippy and rustfmt to the Rust toolchain: the code is checked with them"
  rustup component add clippy rustfmt
}

need_postgres() {
  [ -n "$("$(dirname "$0")/with-postgres.sh" --bindir)" ] && return
  apt_install "the tests run on PostgreSQL too (on a throw-away server of their own)" postgresql
}

need_mysql() {
  PATH=$PATH:/usr/sbin command -v mariadbd >/dev/null && return
  apt_install "sources are tested on MySQL's protocol too (on a throw-away server of their own)" mariadb-server
}

need_venv() {
  command -v python3 >/dev/null || apt_install "the benchmark is driven by Python" python3 python3-venv
  python3 -c 'import ensurepip, venv' 2>/dev/null || apt_install "the benchmark's Python packages live in an environment of their own" python3-venv
}

# Vite needs Node 20.19 or a later even version; Debian 13 has one, Debian 12 does not.
need_node() {
  command -v node >/dev/null && command -v npm >/dev/null || apt_install "the web pages are built with Node" nodejs npm
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
    fail "Node $(node --version) is too old to build the web pages: install Node 20.19 or newer and run this again"
}

# The tests drive a real browser; pages in Chinese need a font that has it.
need_chromium() {
  local missing=()
  command -v chromium >/dev/null || missing+=(chromium)
  fc-list 2>/dev/null | grep -qi 'noto.*cjk' || missing+=(fonts-noto-cjk fontconfig)
  [ ${#missing[@]} -eq 0 ] || apt_install "the pages are tested in a real browser, in Chinese too" "${missing[@]}"
}

[ $# -gt 0 ] || fail "usage: scripts/need.sh TOOL…"
for tool in "$@"; do
  case $tool in
    rust | cc | lint | postgres | mysql | venv | node | chromium) "need_$tool" ;;
    *) fail "no such tool: $tool" ;;
  esac
done
