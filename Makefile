# Each verb sets up what it needs in .venv, once.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN = .venv/bin

.PHONY: demo test lint soak docs bench
test: .venv/ready
	$(BIN)/pytest -m "not soak"

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: .venv/ready
	$(BIN)/python -m engine.schemas schemas
	$(BIN)/python -m tests.support.findings_page
	$(BIN)/pytest -m "not soak" --write-requirements

demo: .venv/ready
	$(BIN)/regelwerk demo demo-site

bench: .venv/ready .venv/bench
	$(BIN)/python -m bench

soak: .venv/ready
	$(BIN)/pytest -m soak

.venv/bench: bench/requirements.lock .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement bench/requirements.lock
	@touch $@

.venv/ready: pyproject.toml requirements-dev.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it, or run make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@
