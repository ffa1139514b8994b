# make setup   everything needed, into this folder (.venv, .asterisk, .models)
# make run     set up whatever is missing, then the service with virtual recipients
# make test    set up whatever is missing, then all tests
# make check   format, lint, types, import contracts, tests
# make prove   the long proofs and the benches, by hand
# make lock    resolve requirements/*.in anew
# make clean   remove what set-up and runs made here (never the data in .state)

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
BIN := .venv/bin
ARGS ?=

.DEFAULT_GOAL := help
.PHONY: help setup test-tools run demo test check prove lock clean

help:
	@sed -n 's/^# //p' Makefile

setup:
	@scripts/setup.sh

test-tools:
	@scripts/setup-test-tools.sh

run: setup
	@exec $(BIN)/callbot serve --demo $(ARGS)

# The demonstration to its end, as JSON; exit status 0 only if every due contact ended in exactly one disposition.
demo: setup
	@exec $(BIN)/callbot serve --demo --until-done --json $(ARGS)

test: setup test-tools
	@scripts/run-tests.sh $(ARGS)

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@$(MAKE) --no-print-directory test

# Figures (with machine and date) go to .run/prove/*.json; docs/measurements.md is written from them, by hand. 40 min on 2 cores.
# A proof that fails does not keep the others from being measured; the exit status tells.
prove: setup test-tools
	@mkdir -p .run/prove; failed=0; \
	$(BIN)/pytest -m prove $(ARGS) || failed=1; \
	for bench in score answers ears ledger turn page; do \
	    echo "[callbot] bench $$bench"; \
	    $(BIN)/callbot bench $$bench --json > .run/prove/$$bench.json && cat .run/prove/$$bench.json || failed=1; \
	done; \
	exit $$failed

# uv resolves, in an environment of its own; --universal: one lock for 3.11 and 3.12.
lock:
	@test -x .run/lock/bin/uv || { python3 -m venv .run/lock && .run/lock/bin/pip install --quiet uv; }
	export UV_CUSTOM_COMPILE_COMMAND="make lock"; \
	for name in build runtime dev; do \
	    .run/lock/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes $(ARGS) \
	        --overrides requirements/overrides.txt requirements/$$name.in -o requirements/$$name.lock; \
	done

clean:
	rm -rf .venv .asterisk .asterisk.new .models .run .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache build dist *.egg-info
	find callbot tests -name __pycache__ -type d -prune -exec rm -rf {} +
	@echo "[callbot] .state (자료와 열쇠 / data and keys) 는 그대로 둡니다 / is left alone"
