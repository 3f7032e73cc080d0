# OneZone: `make run` starts everything from nothing, `make test` tests everything.

SHELL    := /bin/bash
VENV     := .venv
BIN      := $(VENV)/bin
STAMP    := $(VENV)/.requirements
VAR_DIR  ?= var
TESTS    ?=
NEW_ENOUGH := import sys; sys.exit(sys.version_info < (3, 11))
PYTHON   ?= $(shell for python in python3.13 python3.12 python3.11 python3; do \
	$$python -c '$(NEW_ENOUGH)' 2>/dev/null && echo $$python && break; done)
# Inside: a database, a broker and secrets, as in production.
WITHIN   := $(BIN)/python -m config.embedded

.DEFAULT_GOAL := run
.PHONY: run test check lock clean
.SILENT:

run: $(STAMP)
	exec $(BIN)/python -m config.runner

test: $(STAMP)
	$(BIN)/python -m config.messages compile
	exec $(BIN)/python -m pytest -n 2 $(TESTS)

check: $(STAMP)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/python -m config.messages check
	VAR_DIR=$(VAR_DIR)/check $(WITHIN) bash -ec '\
		$(BIN)/python manage.py check; \
		$(BIN)/python manage.py makemigrations --check --dry-run; \
		$(BIN)/mypy'

# Needs uv (https://docs.astral.sh/uv/); the lock holds versions and hashes, no address of an index.
lock:
	command -v uv >/dev/null || { echo "make lock needs uv" >&2; exit 2; }
	uv pip compile pyproject.toml --all-extras --group dev --universal --python-version 3.11 \
		--generate-hashes --no-header --no-emit-index-url --quiet --output-file requirements.lock

# What can be made again; never the data of `make run`.
clean:
	rm -rf $(VENV) $(VAR_DIR)/static $(VAR_DIR)/test* $(VAR_DIR)/check \
		.pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(STAMP): requirements.lock
	[ -n "$(PYTHON)" ] && $(PYTHON) -c '$(NEW_ENOUGH)' 2>/dev/null || \
		{ echo "onezone: Python 3.11 or newer is needed (PYTHON=/path/to/python make …)" >&2; exit 2; }
	mkdir -p "$(VAR_DIR)/log" 2>/dev/null && [ -w "$(VAR_DIR)/log" ] || \
		{ echo "onezone: VAR_DIR $(VAR_DIR) cannot be written to" >&2; exit 2; }
	echo "building $(VENV) (once; about a minute)"
	{ $(BIN)/python -c '$(NEW_ENOUGH)' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV); } \
		>"$(VAR_DIR)/log/pip.log" 2>&1 && \
	$(BIN)/python -m pip install --disable-pip-version-check --require-hashes --no-deps \
		-r requirements.lock >>"$(VAR_DIR)/log/pip.log" 2>&1 || \
		{ tail -n 20 "$(VAR_DIR)/log/pip.log" >&2; echo "onezone: $(VENV) could not be built" >&2; exit 1; }
	touch $(STAMP)
