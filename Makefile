# Samtime. A fresh machine needs Python 3.11 or newer; everything else is set up here.
PYTHON ?= python3
SHELL := /bin/bash
.ONESHELL:
.SHELLFLAGS := -euo pipefail -c
VENV := .venv
BIN := $(VENV)/bin
export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PYTHONPATH := src
# Every process of a run would compile every file anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: demo test check bench prove format setup setup-dev

demo: setup
	@exec $(BIN)/python -m samtime demo

test: setup-dev
	@$(PYTHON) checks/browser.py
	@$(BIN)/python checks/run.py
	@$(BIN)/python -m pytest -n 2 --dist worksteal -q

check: setup-dev
	@$(BIN)/python checks/run.py

bench: setup
	@$(BIN)/python benchmarks/run.py --only "$(ONLY)"

prove: setup-dev
	@SAMTIME_PROVE=1 $(BIN)/python -m pytest -p tests.proof_table -n 2 --dist worksteal -q -m "prove or browser"

format: setup-dev
	@$(BIN)/ruff check --fix . && $(BIN)/ruff format .

setup:
	@$(PYTHON) checks/setup.py requirements.txt

setup-dev:
	@$(PYTHON) checks/setup.py requirements-dev.txt
