# What people do with a checkout. "make" alone lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup demo report reference deb package-drill test chaos rescue-drill quarter-drill doctor-drill lint audit bench bench-astro bench-narrator bench-queue bench-quarter bench-llm up down ephemeris calibration fuzz clean

# Folder of the built programs, and the profile of the demo: release or dev.
TARGET  := $(abspath $(or $(CARGO_TARGET_DIR),target))
PROFILE ?= dev
BUILT   := $(TARGET)/$(if $(filter dev,$(PROFILE)),debug,$(PROFILE))
# Further arguments of the tests, for example: make test ARGS="-E 'test(zombie)'"
ARGS    ?=
# Length and seed of the storm of "make chaos", kills of "make rescue-drill", entities of "make quarter-drill"
SECONDS ?= 600
SEED    ?= $(shell echo $$RANDOM)
KILLS   ?= 50
PEOPLE  ?= 20000

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: ## install what is missing: compiler, test runner, PostgreSQL, MongoDB, LLMock
	@scripts/toolchain test
	@scripts/servers install
	@scripts/llmock
	@scripts/clients

demo: ## build, start private servers, and show a platform at work
	@scripts/toolchain
	cargo build --locked --profile $(PROFILE) --bin orrery
	@ORRERY_BIN=$(BUILT)/orrery scripts/servers --name demo run -- $(BUILT)/orrery demo

report: ## show a report of the demo: make report ID=... [HTML=FILE] (without ID: list them)
	@scripts/toolchain
	@cargo build --quiet --locked --profile $(PROFILE) --bin orrery
	@ORRERY_BIN=$(BUILT)/orrery scripts/servers --name demo run -- scripts/demo-report $(BUILT)/orrery $(ID) $(HTML)

test: ## build, start private servers, and run all tests
	@scripts/toolchain test
	@scripts/llmock
	@scripts/clients
	cargo nextest run --locked --no-run
	@ORRERY_BIN=$(TARGET)/debug/orrery scripts/servers --name test run -- cargo nextest run --locked $(ARGS)

chaos: ## kill, freeze and cut off everything under load: make chaos SECONDS=600 SEED=7
	@scripts/toolchain test
	@scripts/servers install
	@scripts/faketime
	@CHAOS_SECONDS=$(SECONDS) CHAOS_SEED=$(SEED) cargo nextest run --locked --test it --no-capture -E 'test(/^chaos::a_storm/)'

rescue-drill: ## kill workers and measure how soon their rows run again: make rescue-drill KILLS=50
	@scripts/toolchain test
	cargo build --locked --bin orrery
	@ORRERY_BIN=$(TARGET)/debug/orrery DRILL_KILLS=$(KILLS) scripts/servers --name drill run -- \
	  cargo nextest run --locked --test it --no-capture -E 'test(/^drill::/)'

quarter-drill: ## kill and stop everything under a quarter, and compare with a calm one: make quarter-drill PEOPLE=20000
	@scripts/toolchain test
	cargo build --release --locked --bin orrery
	@ORRERY_BIN=$(TARGET)/release/orrery QUARTER_PEOPLE=$(PEOPLE) scripts/servers --name drill run -- \
	  cargo nextest run --locked --test it --no-capture -E 'test(/^quarters::whatever_dies::/)'

doctor-drill: ## plant faults, and see that orrery doctor finds and mends each
	@scripts/toolchain test
	cargo build --locked --bin orrery
	@ORRERY_BIN=$(TARGET)/debug/orrery scripts/servers --name drill run -- \
	  cargo nextest run --locked --test it --no-capture -E 'test(/^doctor::every_planted/)'

lint: ## check formatting, lints and, where cargo-deny is installed, dependencies
	@scripts/toolchain
	cargo fmt --check
	cargo clippy --locked --all-targets -- -D warnings
	cargo clippy --locked --no-default-features --bins -- -D warnings
	@if cargo deny --version >/dev/null 2>&1; then cargo deny --locked check bans licenses sources; else echo "cargo-deny is not installed: dependencies not checked"; fi
	@if command -v shellcheck >/dev/null; then shellcheck -x --severity=warning $$(grep -rlE '^#!.*sh$$' .ci scripts) scripts/lib/*.bash; else echo "shellcheck is not installed: scripts not checked"; fi

audit: ## look for advisories against the dependencies (needs cargo-deny and the network)
	cargo deny --locked check advisories

up: ## start the servers of the demo and leave them running
	@scripts/toolchain
	@scripts/servers --name demo up

down: ## stop the servers of the demo; their data stays
	@scripts/servers --name demo down

reference: ## write docs/reference anew from the program
	@scripts/toolchain
	cargo run --quiet --locked --bin orrery -- generate reference docs/reference

deb: ## build the Debian package in target/debian (installs cargo-deb where it is missing)
	@scripts/toolchain
	@scripts/package tool
	cargo build --locked --release --bin orrery
	@scripts/package stage $(TARGET)/release/orrery var/package
	cargo deb --locked --no-build --dbgsym

package-drill: deb ## install the package on a bare Debian in a container, and walk the operator's guide there (needs root)
	@scripts/package-drill "$$(ls -t $(TARGET)/debian/orrery_*.deb | head -n 1)"

ephemeris: ## make the ephemeris table again (114 MB download)
	@scripts/toolchain
	@scripts/ephemeris

calibration: ## make the reference tables of the scores again
	@scripts/toolchain
	cargo run --locked --release --example calibrate -- --out data/calibration

# Seconds for each target of "make fuzz".
FUZZ    ?= 60

fuzz: ## look for input that the parsers cannot bear: 60 s per target, or FUZZ=600
	@scripts/toolchain
	@scripts/fuzz $(FUZZ)

bench: bench-astro bench-narrator bench-queue bench-quarter bench-llm ## run all benchmarks

bench-astro: ## charts, codes and comparisons per second, beside Swiss Ephemeris (13 MB download)
	@scripts/toolchain
	@scripts/bench-astro

# LOG=FILE, the log of a worker at level debug, adds what storing a report took there.
bench-narrator: ## reports per second that the narrator writes on one core
	@scripts/toolchain
	cargo run --locked --release --example bench_narrator $(if $(LOG),-- --log $(LOG))

# PEERS="pgqueuer", ROWS=20000, MINUTES=2, PARTS=drain,waiting narrow it; scripts/bench-queue says what they mean.
bench-queue: ## the queue beside plain SQL and other queues (half an hour, downloads peers)
	@scripts/toolchain
	@scripts/bench-queue

# SIZES="10000 100000", SAMPLE=5000, PROGRESS=1; scripts/bench-quarter says what they mean.
bench-quarter: ## a quarter of 10,000, 100,000 and 300,000 entities beside bare writes (an hour)
	@scripts/toolchain
	@scripts/bench-quarter

# LLM="--flight 200 --delay-ms 10000" changes what is asked of it.
# LLM="--flight 200 --delay-ms 10000 --rows 400", for example, measures that instead.
bench-llm: ## a thousand reports in flight against a model that takes two seconds, and one that takes a minute
	@scripts/toolchain
	cargo build --locked --release --bin orrery --example bench_llm
	@mkdir -p var/bench-llm
	@for run in $(if $(LLM),"$(LLM)","--delay-ms 2000 --rows 2000" "--delay-ms 60000 --rows 3000"); do \
	  ORRERY_BIN=$(TARGET)/release/orrery scripts/servers --name bench run -- \
	    $(TARGET)/release/examples/bench_llm --orrery $(TARGET)/release/orrery --folder var/bench-llm $$run || exit; \
	done

clean: ## stop private servers; delete their data, downloads and builds
	@scripts/servers --name demo remove
	@scripts/servers --name test remove
	@scripts/servers --name drill remove
	rm -rf var
	cargo clean
