# The four things one does here. Each installs what it lacks and says so; run `make` for the list.
#
# Needed beforehand: Rust (rustup). Compiled output stays outside of the checkout.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

LOUDOU_CACHE ?= $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/loudou
export CARGO_TARGET_DIR ?= $(LOUDOU_CACHE)/target
DEMO_DATA ?= $(LOUDOU_CACHE)/demo
export LOUDOU_CACHE DEMO_DATA

.PHONY: help demo demo-stop build test lint bench fuzz fuzz-parsers bench-load

help: ## what there is
	@echo "make TARGET, one of:"
	@sed -n 's/^\([a-z-]*\):.*## /  \1\t/p' $(MAKEFILE_LIST)
	@echo "Compiled output goes to $(CARGO_TARGET_DIR) (CARGO_TARGET_DIR),"
	@echo "the demo's data to $(DEMO_DATA) (DEMO_DATA)."

demo: ## build, load a real data set and a demo company, print the analyses, serve them in the browser
	@scripts/need.sh rust cc node
	@scripts/demo.sh

demo-stop: ## stop the demo's server
	@scripts/demo.sh --stop

build: ## the binary with its web pages, optimised, in $(CARGO_TARGET_DIR)/release
	@scripts/need.sh rust cc node
	@dist=$$(scripts/web.sh) && LOUDOU_WEB_DIST=$$dist cargo build --release --locked -p cli --bin loudou

test: lint ## formatting, lints, and every test on SQLite and PostgreSQL, and in a browser
	@scripts/need.sh postgres mysql node chromium
	@scripts/test.sh

lint: ## formatting and clippy, warnings as errors; cargo-deny where it is installed
	@scripts/need.sh rust cc lint
	@echo "==> formatting"
	@cargo fmt --all --check
	@echo "==> clippy, warnings are errors"
	@cargo clippy --workspace --all-targets --locked -- -D warnings
	@if command -v cargo-deny >/dev/null; then echo "==> licences, bans, sources"; cargo deny --locked check licenses bans sources; fi

fuzz: ## the API by its own document, as users of several roles (FUZZ_SECONDS each, 120)
	@scripts/need.sh rust cc venv
	@scripts/fuzz.sh

fuzz-parsers: ## files, values, profiles, processes and steps, by what they break (FUZZ_SECONDS each, 60)
	@scripts/need.sh rust cc
	@scripts/fuzz-parsers.sh

bench: ## criterion kernels, and the comparison with DuckDB
	@scripts/need.sh rust cc venv
	@scripts/bench.sh

bench-load: ## twenty people at one server, on the data that bench leaves behind
	@scripts/need.sh rust cc node
	@scripts/bench-load.sh
