# Needs Python 3.11 or newer, git and make. Everything else is installed into .venv.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
# where apt-get needs it: make test-browser SUDO=sudo
SUDO ?=
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.DEFAULT_GOAL := help
.PHONY: help demo test check format lint types test-faults test-properties test-airflow test-image test-browser airflow benchmark lock clean

help:  ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 18

# The program and its libraries; enough for the demo.
$(VENV)/runtime.done: requirements/runtime.txt pyproject.toml
	@echo "setting up $(VENV) (about a minute) …"
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/runtime.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

# Airflow, pytest, ruff, mypy and the peers of the benchmarks.
$(VENV)/dev.done: requirements/dev.txt $(VENV)/runtime.done
	@echo "adding what the tests need (about two minutes) …"
	@$(PIP) install --require-hashes --only-binary :all: -r requirements/dev.txt
	@touch $@

demo: $(VENV)/runtime.done  ## sample exports of six systems to a published warehouse and a report
	@$(BIN)/identity demo

test: $(VENV)/dev.done  ## the test suite
	@$(BIN)/python -m pytest -q -m "not deep" -n 2 --dist loadfile

check: lint types test  ## everything a change has to pass

format: $(VENV)/dev.done
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

lint: $(VENV)/dev.done  ## ruff, format and rules
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .

types: $(VENV)/dev.done  ## mypy --strict
	@$(BIN)/mypy

test-faults: $(VENV)/dev.done  ## kills, corruptions and hostile files at depth
	@$(BIN)/python -m pytest -q tests/faults tests/e2e --timeout 3600

test-properties: $(VENV)/dev.done  ## property tests at depth
	@HYPOTHESIS_PROFILE=deep $(BIN)/python -m pytest -q tests/property --timeout 3600

test-airflow: $(VENV)/dev.done  ## a real `airflow standalone`, the DAG triggered over its API
	@$(BIN)/python -m pytest -q tests/airflow_standalone --timeout 900 -m "deep or not deep"

test-image: $(VENV)/dev.done  ## the image's own commands in a clean environment, without an engine
	@$(BIN)/python tools/image_check.py

test-browser: $(VENV)/dev.done  ## a steward's day in a headless Chromium (installed from Debian's packages where missing)
	@command -v chromium >/dev/null || { $(SUDO) apt-get -qq update && $(SUDO) apt-get -qq install --yes --no-install-recommends chromium; }
	@$(BIN)/python -m pytest -q tests/browser --timeout 1800 -m "deep or not deep"

airflow: $(VENV)/dev.done  ## Airflow with the DAG for a person; prints the address
	@$(BIN)/python tools/airflow_local.py

lock: $(VENV)/dev.done  ## compile requirements/*.txt from the .in files
	@$(PIP) install uv
	@$(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --custom-compile-command "make lock" requirements/dev.in -o requirements/dev.txt
	@for name in runtime image; do \
	  $(BIN)/uv pip compile --quiet --generate-hashes --python-version 3.11 --custom-compile-command "make lock" \
	    requirements/$$name.in -c requirements/dev.txt -o requirements/$$name.txt; done

clean:  ## delete what the commands made; keeps .venv
	@rm -rf demo airflow build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
