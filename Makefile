# Each verb sets up what it needs in .venv, once.
PYTHON ?= $(shell for p in python3.13 python3.12 python3.11 python3; do command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && { echo $$p; break; }; done)
BIN = .venv/bin

.PHONY: demo test lint soak docs bench
test: .venv/ready .venv/editor/ready
	$(BIN)/pytest -m "not soak"

lint: .venv/ready
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: .venv/ready .venv/editor/ready
	$(BIN)/python -m engine.schemas schemas
	$(BIN)/python -m tests.support.findings_page
	$(BIN)/python -m engine.reference docs/language
	$(BIN)/pytest -m "not soak" --write-requirements

demo: .venv/ready
	$(BIN)/regelwerk demo demo-site

bench: .venv/ready .venv/bench
	$(BIN)/python -m bench

soak: .venv/ready
	$(BIN)/pytest -m soak

# The language server that editors run; where npm cannot be reached its tests are skipped and say why.
.venv/editor/ready: tests/support/package.json .venv/ready
	@mkdir -p .venv/editor && cp tests/support/package.json .venv/editor/package.json
	@rm -f .venv/editor/why-not; if ! command -v npm >/dev/null 2>&1; then echo "there is no npm on this machine" > .venv/editor/why-not; \
	elif ! npm install --prefix .venv/editor --no-audit --no-fund --no-package-lock --silent >.venv/editor/log 2>&1; then \
	{ echo "npm could not install yaml-language-server:"; tail -n 3 .venv/editor/log; } > .venv/editor/why-not; fi
	@touch $@

.venv/bench: bench/requirements.lock .venv/ready
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement bench/requirements.lock
	@touch $@

.venv/ready: pyproject.toml requirements-dev.lock
	@test -n "$(PYTHON)" || { echo "Python 3.11 or newer is needed; install it, or run make PYTHON=/path/to/python3"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@
