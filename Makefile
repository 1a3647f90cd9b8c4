# make demo   read the example photos (needs only Python 3.11 or newer)
# make test   lint, types and tests (the import contracts are among the tests)
# Another interpreter: make demo PYTHON=python3.12

PYTHON ?= $(shell for python in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python && break; done)
VENV ?= .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check
PYTEST_ARGS ?=

.PHONY: demo test lint types contracts bench smoke test-lowest docs reference templates clean python
.DEFAULT_GOAL := demo

demo: $(VENV)/.core
	$(BIN)/platelight read examples --draw out/demo
	@echo; echo "Annotated pictures:"; ls out/demo/*

test: lint types
	$(BIN)/python -m pytest $(PYTEST_ARGS)

lint: $(VENV)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

types: $(VENV)/.dev
	$(BIN)/mypy

contracts: $(VENV)/.dev
	$(BIN)/lint-imports --no-logo

bench: $(VENV)/.core
	$(BIN)/platelight bench

# A wheel in an empty environment, used from a directory that holds nothing of the project.
smoke: $(VENV)/.core
	rm -rf build/smoke && mkdir -p build/smoke/elsewhere
	$(PIP) wheel --no-deps --wheel-dir build/smoke .
	$(BIN)/python -m venv build/smoke/venv
	build/smoke/venv/bin/python -m pip --quiet --disable-pip-version-check install build/smoke/platelight-*.whl
	build/smoke/venv/bin/python -m pip uninstall --quiet --yes pip
	cd build/smoke/elsewhere && ../venv/bin/platelight --version && ../venv/bin/platelight read "$(CURDIR)/examples" \
		&& ../venv/bin/platelight templates --country ua > /dev/null \
		&& ../venv/bin/platelight synth --kind plates --count 3 --seed 1 --out drawn > /dev/null
	@du -sh build/smoke/*.whl

# The tests once more on the oldest dependencies that pyproject.toml allows.
test-lowest: .venv-lowest/.dev
	.venv-lowest/bin/python -m pytest -m "not train" --ignore=tests/train $(PYTEST_ARGS)

docs: $(VENV)/.docs
	$(BIN)/zensical build

# The page of the command line, from the program's own help.
reference: $(VENV)/.dev
	$(BIN)/python .ci/write-command-reference

# The plate types in the form that loads fast; after every change of a TOML file.
templates: $(VENV)/.core
	$(BIN)/python .ci/write-templates

clean:
	rm -rf .venv .venv-lowest build dist out site .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage

python:
	@test -n "$(PYTHON)" || { echo "platelight needs Python 3.11 or newer; none was found. Give one: make demo PYTHON=/path/to/python3.12" >&2; exit 2; }

# pip before 25.1 knows no dependency groups.
$(VENV)/.pip: | python
	$(PYTHON) -m venv $(VENV)
	$(PIP) install "pip>=25.1"
	@touch $@

$(VENV)/.core: pyproject.toml | $(VENV)/.pip
	$(PIP) install --editable .
	@touch $@

$(VENV)/.dev: pyproject.toml | $(VENV)/.core
	$(PIP) install --editable ".[serve,batch,ray,video]" --group dev
	@touch $@

$(VENV)/.docs: pyproject.toml | $(VENV)/.core
	$(PIP) install --editable ".[docs]"
	@touch $@

.venv-lowest/.dev: pyproject.toml tests/lowest.txt | python
	$(PYTHON) -m venv .venv-lowest
	.venv-lowest/bin/python -m pip --quiet --disable-pip-version-check install "pip>=25.1"
	.venv-lowest/bin/python -m pip --quiet --disable-pip-version-check install --editable . --group test --constraint tests/lowest.txt
	@touch $@
