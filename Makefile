# Two commands on a fresh machine with Rust and Python: `make run` builds gort and runs the prime sieve,
# `make test` runs all tests. Both fetch the sources of Go's standard library if no Go 1.27 is found.

CARGO ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
GORT := $(TARGET)/release/gort

.PHONY: run test build goroot unit loom programs tidy

run: build
	$(GORT) run examples/sieve.go

build: goroot
	$(CARGO) build --release -p gort -q

goroot:
	@python3 tests/goroot.py

test: tidy unit loom programs

tidy:
	$(CARGO) run -q --release -p xtask -- tidy

unit: build
	$(CARGO) test --release --workspace -q

programs: build
	python3 tests/programs.py --gort $(GORT)

# Models of the lock-free parts under every interleaving.
loom:
	RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=$(TARGET)/loom $(CARGO) test --release -p gort-rt -q loom
