# Two commands on a fresh machine with Rust and Python: `make run` builds gort and runs the prime sieve,
# `make test` runs all tests. Both fetch the sources of Go's standard library if no Go 1.27 is found.

CARGO ?= cargo
TARGET := $(or $(CARGO_TARGET_DIR),target)
GORT := $(TARGET)/release/gort

.PHONY: run test build goroot unit loom programs modules upstream install flags download scripts scripts-sample cache fairness fairness-long soak debian-modules debian-programs fuzz generated checked compiler models tidy

run: build
	$(GORT) run examples/sieve.go

build: goroot
	$(CARGO) build --release -p gort -q

goroot:
	@python3 tests/goroot.py

test: tidy unit loom programs fairness modules upstream install flags download scripts-sample cache fuzz generated

tidy:
	$(CARGO) run -q --release -p xtask -- tidy

unit: build
	$(CARGO) test --release --workspace -q

modules: build
	python3 tests/modules.py --gort $(GORT)

# Commands that official Go's own cmd/go does, which gort compiles.
upstream: build
	python3 tests/upstream.py --gort $(GORT)

# Packages with and without a version, from a module proxy in a folder.
install: build
	python3 tests/install.py --gort $(GORT)

# docs/flags.md: all that official Go has, and that gort does with it what the tables say.
flags: build
	python3 tests/flags.py --gort $(GORT)

# Modules that a build needs are downloaded.
download: build
	python3 tests/download.py --gort $(GORT)

# The script tests of the go command, from GOROOT. Ten minutes; a sample of the quickest in one, once their engine is built.
SCRIPTS := --expect tests/suites/scripts.pass --ledger tests/suites/scripts.ledger
scripts: build
	python3 tests/scripts.py --gort $(GORT) $(SCRIPTS)
scripts-sample: build
	python3 tests/scripts.py --gort $(GORT) $(SCRIPTS) --sample 40

# What has not changed is found, what has changed is noticed. `--rounds 200` kills as many builds.
cache: build
	python3 tests/cache.py --gort $(GORT)

# The tests of well-known modules, with official Go and with gort. Installs Debian packages; takes about an hour and a half.
debian-modules: build
	python3 tests/modules_debian.py --gort $(GORT) -v

# Programs from Debian's packages, gopls among them: the same output as built by official Go.
debian-programs: build
	python3 tests/modules_programs.py --gort $(GORT) --gopls

programs: build
	python3 tests/programs.py --gort $(GORT)

# Does everything that could run get its turn? Official Go's figures beside gort's. The long form takes ten minutes.
fairness: build
	python3 tests/fairness.py --gort $(GORT)
fairness-long: build
	python3 tests/fairness.py --gort $(GORT) --long

# GOMAXPROCS changed 10,000 times under load; waves of goroutines, timers and connections for some minutes, after which everything is as before.
soak: build
	python3 tests/fairness.py --gort $(GORT) --soak 300

# Mutated sources, half a minute each for the parser and the checker; Go's open suites are seeds too if they are there.
SEEDS := tests examples $(wildcard $(or $(GORT_SUITES_CACHE),$(HOME)/.cache/gort-suites)/go-test)
fuzz:
	$(CARGO) build --release -p gort-fuzz -q
	$(TARGET)/release/gort-fuzz parser -seconds 30 $(SEEDS)
	$(TARGET)/release/gort-fuzz checker -seconds 30 $(SEEDS)

# Random programs, half a minute, official Go against gort; skipped where official Go is not installed.
generated: build
	python3 fuzz/programs/fuzz.py --gort $(GORT) --seed 1 --programs 100000 --seconds 25 --batch 25
	python3 fuzz/programs/order.py --gort $(GORT) --seed 1 --programs 4
	python3 fuzz/programs/conversions.py --gort $(GORT)
	python3 fuzz/programs/bounds.py --gort $(GORT) --seed 1 --programs 100 --seconds 10
	python3 fuzz/programs/heap.py --gort $(GORT) --seed 1 --programs 8

# The same with every alarm connected (profile `checked`): assertions of the compiler and of the runtime, verifiers after
# each pass, lock ranks; once more with a cycle of the collector at every thousandth allocation; then a minute with random delays wherever threads of a program meet.
CHECKED := $(TARGET)/checked/gort
checked: goroot
	$(CARGO) build --profile checked -p gort -q
	$(CARGO) test --profile checked -p gort-abi -p gort-ir -p gort-lower -p gort-codegen -p gort-link -p gort-rt -q
	python3 tests/programs.py --gort $(CHECKED) --no-go
	python3 tests/programs.py --gort $(CHECKED) --no-go --env GODEBUG=gortgc=1000,clobberfree=1,gccheckmark=1,gortchaos=64
	python3 fuzz/programs/fuzz.py --gort $(CHECKED) --seed 2 --programs 100000 --seconds 25 --batch 25
	python3 tests/stress.py --gort $(CHECKED) --minutes 1 --chaos 16
	python3 tests/alarms.py

# Official Go's compiler, built by gort, against official Go's compiler: the objects must be the same. A minute or two.
compiler: build
	python3 tests/compiler.py --gort $(GORT)

# The models fail when faults that the runtime once had are put back. Ten minutes.
models:
	python3 tests/models.py

# Models of the lock-free parts under every interleaving.
loom:
	RUSTFLAGS="--cfg loom" CARGO_TARGET_DIR=$(TARGET)/loom $(CARGO) test --release -p gort-rt -q loom
