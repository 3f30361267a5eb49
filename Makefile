# The two commands that matter: `make run` and `make test`. `make help` lists the rest.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

PYTEST := $(BIN)/python -m pytest
AGAIN := $(BIN)/python -m tests.support.once_more

# The tests start hundreds of processes: without bytecode each would compile the whole tree anew.
unexport PYTHONDONTWRITEBYTECODE

# Where no test is fast: whoever leaves these out does not wait until they are read either.
UNHURRIED := browser e2e $(addprefix console/,alerts api bulletins drills modems partnership)
FAST := fast-db fast-modem fast-plp fast-rest

.DEFAULT_GOAL := help
.PHONY: help install run test check types fast $(FAST) bench soak world trial hours night lock screenshots pictures translations deb release clean

help:  ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "plp-alerte needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version)."; exit 1; }
	@$(PYTHON) -m venv $(VENV) || { echo "Debian keeps venv apart: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }

$(VENV)/.runtime: requirements.lock pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-build-isolation --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock $(VENV)/.runtime
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

install: $(VENV)/.runtime  ## .venv with the plp command, nothing else

run: install  ## the whole product as a demonstration: no SMS leaves this machine
	@$(BIN)/plp run --demo

test: $(VENV)/.dev  ## every test, and those that ask a database once more on PostgreSQL
	$(PYTEST) --cache-clear -n 5 --dist worksteal || $(AGAIN)
	PLP_TEST_DATABASE=postgresql $(PYTEST) --cache-clear -q -n 3 --dist worksteal tests/races tests/db tests/plp tests/modem/daemon tests/console \
		|| PLP_TEST_DATABASE=postgresql $(AGAIN)

check: $(VENV)/.dev  ## format, lint, types, layering and the fast tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	@$(MAKE) --no-print-directory -j 5 types $(FAST)

types:
	$(BIN)/mypy

# A process for each part, none of which waits for another's modems: each worker of one run would read all tests, twice
# as many, and one more process would tell them what to do.
fast: $(FAST)

$(FAST):
	$(PYTEST) -q -p no:xdist -m "not slow and not browser and not client and not hardware" $(UNHURRIED:%=--ignore=tests/%) $(PART)

fast-db: PART := tests/db tests/rules tests/world
fast-modem: PART := tests/modem tests/contract
fast-plp: PART := tests/plp
fast-rest: PART := $(addprefix --ignore=tests/,db rules world modem contract plp)

bench: $(VENV)/.dev  ## how fast, beside other senders, on the simulator: 40 minutes, figures into docs/benchmarks.md
	$(BIN)/python -m tools.bench

soak: $(VENV)/.dev  ## the long runs (SOAK_SECONDS in all: 600), figures into docs/proof.md; then whole matrices, on PostgreSQL too
	$(BIN)/python -m pytest -q -s -m soak tests/soak
	$(BIN)/python -m pytest -q -n 2 --dist worksteal -m whole
	PLP_TEST_DATABASE=postgresql $(BIN)/python -m pytest -q -n 2 --dist worksteal -m "whole or not browser" tests/races tests/console tests/db tests/plp tests/modem/daemon

SEEDS ?= 1-100
world: $(VENV)/.dev  ## the nights of SEEDS (1-100; `7` tells one whole) in a simulated world: docs/proof.md
	$(BIN)/python -m tests.world $(SEEDS)

trial: $(VENV)/.dev  ## the package in fresh Debian trees with systemd as process 1: needs root, namespaces and debootstrap
	rm -f dist/plp-alerte_*.deb
	$(BIN)/python packaging/build.py --compression none
	$(BIN)/python -m tests.packaging.trial dist/plp-alerte_*.deb

hours: $(VENV)/.dev  ## the suite without browsers at eight moments, each in its own order, on both databases: two hours
	$(BIN)/python -m tests.support.hours

# Its last line is read by `make release`: the revision for which all of it passed.
night: $(VENV)/.dev  ## what a release needs: check, test, hours, soak (the whole matrices, all on PostgreSQL), world, trial
	@mkdir -p var && rm -f var/night
	@revision=$$(git describe --always --dirty --abbrev=40 --exclude '*') \
		&& $(MAKE) --no-print-directory check && $(MAKE) --no-print-directory test \
		&& $(MAKE) --no-print-directory hours \
		&& $(MAKE) --no-print-directory soak && $(MAKE) --no-print-directory world \
		&& $(MAKE) --no-print-directory trial && echo $$revision > var/night

screenshots: $(VENV)/.dev  ## every page at 1440 and 390 px, into screenshots/
	$(BIN)/python -m tests.browser.screenshots

pictures: $(VENV)/.dev  ## the guide's pictures, from the running product
	$(BIN)/python -m tests.browser.guide_pictures

translations: $(VENV)/.dev  ## bring the Dutch, German and English catalogues up to date, and say what they lack
	$(BIN)/python -m tests.languages.catalogue

deb: $(VENV)/.runtime  ## the Debian package for this release and machine, into dist/
	$(BIN)/python packaging/build.py

release: $(VENV)/.dev  ## tag, packages for Debian 12 and 13, what is bundled (CycloneDX), checksums: into dist/
	$(BIN)/python packaging/release.py

lock: $(VENV)/.dev  ## write the lock files anew from pyproject.toml
	$(PIP) install uv
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --python-version 3.11 --generate-hashes --no-annotate --no-header --extra dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:  ## forget the environment and the demonstration
	rm -rf $(VENV) build dist *.egg-info var/demo screenshots
