# Two commands: `make demo` and `make test`. Each sets up the virtual environment that it needs, once.
# Another Python or another folder: make test PYTHON=python3.12 VENV=/somewhere/else

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WORKERS := 2

.PHONY: help demo test style types layers tests clean

help:
	@echo 'make demo    audit a bundled set of recorded models: no network but for the first set-up'
	@echo 'make test    style, types, layers, and the whole test suite'
	@echo 'make clean   remove what these two have made'

demo: $(VENV)/.ready
	$(BIN)/osaudit demo

test: style types layers tests

style: $(VENV)/.ready-to-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.ready-to-test
	$(BIN)/mypy

layers: $(VENV)/.ready-to-test
	$(BIN)/lint-imports

tests: $(VENV)/.ready-to-test
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadgroup

$(VENV)/.ready: pyproject.toml
	@test -n '$(PYTHON)' || { echo 'no Python 3.11 or newer was found: make PYTHON=/path/to/python3' >&2; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.ready-to-test: $(VENV)/.ready
	$(PIP) --editable '.[dev]'
	touch $@

clean:
	rm -rf $(VENV) osaudit-demo build dist .mypy_cache .ruff_cache .import_linter_cache .hypothesis
