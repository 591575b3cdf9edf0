# Everything begins with `make setup`. Nothing here needs a compiler or another tool than Python 3.11 or newer.
SHELL := /bin/sh
.DEFAULT_GOAL := help
VENV := .venv
BIN := $(VENV)/bin
INSTALL := $(BIN)/python -m pip install -qq --disable-pip-version-check --no-input
CATALOGUES := $(wildcard translations/*/LC_MESSAGES/*.po)
# Compiled modules are kept whatever the environment says: the tests and their processes import the house 100 times.
PYTEST := PYTHONDONTWRITEBYTECODE= $(BIN)/python -m pytest
# The first of these that is new enough and can make environments. Override: make setup PYTHON=/path/to/python
PYTHONS := python3.13 python3.12 python3.11 python3 python3.14
PYTHON ?=

.PHONY: help run setup setup-dev test quick test-pg week crowd stories looks lint types format bench messages lock clean

help:
	@sed -n 's/^\([a-z-]*\):.*## /\1	/p' Makefile | expand -t 12

run: setup ## set up, then start everything on this machine; Ctrl-C stops it
	@exec $(BIN)/helpdesk up

setup: $(VENV)/.installed $(CATALOGUES:.po=.mo) ## the environment with its locked dependencies

setup-dev: setup $(VENV)/.installed-dev ## the environment and what the tests need

$(VENV)/.made:
	@PYTHON="$(PYTHON)"; for candidate in $(PYTHONS); do \
	    test -n "$$PYTHON" && break; \
	    "$$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && PYTHON=$$candidate; \
	done; \
	if test -z "$$PYTHON"; then \
	    echo "Python 3.11 or newer is needed and was not found; install it, or say: make setup PYTHON=/path/to/python" >&2; exit 1; \
	fi; \
	if ! "$$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then \
	    echo "$$PYTHON cannot make environments; on Debian and Ubuntu install the package python3-venv first." >&2; exit 1; \
	fi; \
	test -x $(BIN)/python && $(BIN)/python -m pip --version >/dev/null 2>&1 || \
	    { echo "Making $(VENV) with $$("$$PYTHON" --version)"; "$$PYTHON" -m venv --clear $(VENV); }
	@touch $@

# crontab, which rq-scheduler needs, exists as (pure Python) source only. It is built with the locked setuptools,
# which therefore comes first; everything else is a wheel.
define install
	@echo "Installing $(1)"
	@sed -n '/^setuptools==/,/^ *# /p' $(1) > $(VENV)/setuptools.lock
	@$(INSTALL) --require-hashes --only-binary :all: -r $(VENV)/setuptools.lock
	@$(INSTALL) --require-hashes --only-binary :all: --no-binary crontab --no-build-isolation -r $(1)
endef

$(VENV)/.installed: $(VENV)/.made requirements.lock pyproject.toml
	$(call install,requirements.lock)
	@$(INSTALL) --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.installed-dev: $(VENV)/.installed requirements-dev.lock
	$(call install,requirements-dev.lock)
	@touch $@

%.mo: %.po $(VENV)/.installed
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale $(word 2,$(subst /, ,$<))

test: setup-dev ## the whole suite
	$(PYTEST) -rs -n 2 --dist loadgroup

quick: setup-dev ## the inner loop: lint, and the tests without browser, PostgreSQL and whole processes
	$(BIN)/ruff check
	$(PYTEST) -n 2 --dist loadgroup -m "not browser and not pg and not slow"

test-pg: setup-dev ## the suite with PostgreSQL as the database
	TEST_DB=embedded $(PYTEST) -rs -n 2 --dist loadgroup

WEEK := 2000
week: setup-dev ## a simulated week of 2,000 tickets, worked off by processes that are killed, on both databases
	HELPDESK_WEEK_TICKETS=$(WEEK) $(PYTEST) tests/journeys/test_a_week.py

CROWD := 2000
crowd: setup-dev ## 2,000 tickets, eight workers, forty agents who come and go; fifty killed workers; on both databases
	HELPDESK_CROWD_TICKETS=$(CROWD) $(PYTEST) tests/assignment/test_crowd.py tests/journeys/test_killed_workers.py

STORIES := 0:200
stories: setup-dev ## 200 random stories in front of open pages, each compared with fresh ones in the end
	HELPDESK_STORIES=$(STORIES) $(PYTEST) -s tests/journeys/test_stories.py

looks: setup-dev ## every page in both languages, light and dark, wide and narrow, with axe-core
	HELPDESK_LOOKS=all $(PYTEST) tests/journeys/test_looks.py tests/journeys/test_customer_looks.py

lint: setup-dev ## formatter and linter
	$(BIN)/ruff format --check
	$(BIN)/ruff check

types: setup-dev ## the type checker
	$(BIN)/mypy

format: setup-dev ## let the formatter and the linter repair what they can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup-dev ## the benchmarks, one table
	@$(BIN)/python -m bench

messages: setup-dev ## take new texts into the catalogues of translations/
	$(BIN)/pybabel extract --mapping-file pyproject.toml --no-location --sort-output --keywords lazy \
	    --project Helpdesk --copyright-holder "the maintainers" --output-file translations/messages.pot .
	$(BIN)/pybabel update --input-file translations/messages.pot --output-dir translations --width 110 \
	    --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date

# Runs with Python 3.11, the oldest that is supported, so that what is chosen fits all.
LOCK := pip-compile --quiet --generate-hashes --allow-unsafe --strip-extras --all-build-deps --no-header \
    --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-config
lock: ## choose the newest versions that pyproject.toml allows
	@rm -rf $(VENV)/lock && python3.11 -m venv $(VENV)/lock && $(VENV)/lock/bin/pip install --quiet pip-tools
	$(VENV)/lock/bin/$(LOCK) --upgrade --output-file requirements.lock pyproject.toml
	$(VENV)/lock/bin/$(LOCK) --upgrade --extra dev --constraint requirements.lock --output-file requirements-dev.lock pyproject.toml
	@rm -rf $(VENV)/lock

clean: ## remove what was made on the spot, but not the data
	rm -rf $(VENV) .pytest_cache .ruff_cache .mypy_cache translations/*/LC_MESSAGES/*.mo
