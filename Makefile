# `make` lists the targets. Everything a target needs, it installs and names.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help

DIST := guest/dist
SEAWALL := target/release/seawall
# The longest first.
GUESTS := shell powershell python javascript probe

.PHONY: help demo demo-workers test guests build lint doc check clients bench doctor guards clean setup

help: ## List the targets
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-13s %s\n", $$1, $$2 }'

setup: ## Install what a fresh machine lacks (rustup targets, Debian packages); quick the second time
	@bash .ci/setup

# At the same time: a guest's last step, which optimizes the whole of it, keeps one core busy for minutes.
guests: setup ## Build the guests from source into guest/dist
	@$(MAKE) --no-print-directory --jobs="$$(nproc)" $(GUESTS:%=guest-%)

guest-%:
	@bash guest/$*/build.sh $(DIST)

build: guests ## Build the seawall binary, guests included
	cargo build --release

demo: build ## Main job on an embedded default: the wall at work, then a server that deploys through three environments
	@bash demo/run.sh $(SEAWALL)

demo-workers: build ## Delegation: three workers under three accounts, in two pools; one is killed in the middle (needs root)
	@bash demo/workers/run.sh $(SEAWALL)

lint: guests ## Formatting and clippy
	cargo fmt --check
	cargo fmt --check --manifest-path guest/Cargo.toml -p octopus -p outgoing -p shell -p powershell -p symlink
	cargo fmt --check --manifest-path guest/probe/Cargo.toml
	cargo fmt --check --manifest-path guest/python/fold/Cargo.toml
	cargo clippy --release --manifest-path guest/python/fold/Cargo.toml --target-dir guest/target/fold --all-targets -- -D warnings
	cargo clippy --release --all-targets -- -D warnings

doc: guests ## API documentation; a broken link is an error
	RUSTDOCFLAGS="-D warnings" cargo doc --release --no-deps --document-private-items

check: build ## The tests alone
	cargo test --quiet --locked --manifest-path guest/Cargo.toml -p octopus -p powershell -p symlink
	cargo test --quiet --locked --release --manifest-path guest/python/fold/Cargo.toml --target-dir guest/target/fold
	cargo nextest run --release --no-fail-fast

clients: build ## The published TypeScript client with its own tests, schemathesis and a real SMTP server, against a real server
	tests/clients/typescript/run $(SEAWALL)
	tests/clients/openapi/run $(SEAWALL)
	tests/clients/smtp/run $(SEAWALL)

test: lint doc check clients ## The whole gate

bench: build ## Measure against bash, python3, node and bubblewrap
	cargo bench --bench side_by_side
	cargo bench --bench server

doctor: build ## Attack the wall with every probe
	$(SEAWALL) doctor

guards: guests ## Remove each guard of the wall and see a probe get through; a build per guard, over an hour in all
	tests/guards/run.py

clean: ## Remove everything that was built
	cargo clean
	rm -rf $(DIST) guest/target guest/python/.venv guest/javascript/node_modules guest/javascript/build guest/shell/.bashkit
