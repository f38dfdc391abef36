# Everything that a person or CI does here. `make` alone lists it. Each target does its own set-up.

PYTHON ?= python3
WORKERS ?= 2
BIN := .venv/bin
READY := .venv/.ready
PIN := $(BIN)/uv pip compile --no-config --quiet --universal --python-version 3.11 \
	--fork-strategy fewest --generate-hashes --no-emit-index-url --no-annotate --no-header $(UPGRADE)
COMPILE := $(PIN) pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help setup run test test-motor check format-check lint types layers schema format lock bench irregular chaos clean

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  %-14s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))

setup: $(READY) ## Install the pinned packages into .venv (Python 3.11 or newer; PYTHON=... chooses one)

$(READY): pyproject.toml locks/development.txt locks/install.py
	@$(PYTHON) locks/install.py

run: setup ## Start the demo: servers, API, workers, simulators and 60 households
	@$(BIN)/gridhall demo

test: setup ## Run every test on real servers (WORKERS=2 side by side, ARGS="-k words" chooses)
	@$(BIN)/pytest -n $(WORKERS) $(ARGS)

test-motor: setup ## Run what reads or writes MongoDB on the other driver, Motor
	@GRIDHALL_MONGO_DRIVER=motor $(BIN)/pytest -n $(WORKERS) -m "not realdata" --ignore tests/integration/simulators \
		--ignore tests/integration/kit/test_embedded_servers.py tests/integration tests/journeys $(ARGS)

check: format-check lint types layers schema ## Check format, lint, types, layers and the schema file

format-check: setup # is every file formatted?
	@$(BIN)/ruff format --check --quiet . && echo "format: good"

lint: setup # does every file keep the rules?
	@$(BIN)/ruff check --quiet . && echo "lint: good"

types: setup # do the types fit, strictly?
	@$(BIN)/mypy --no-error-summary && echo "types: good"

layers: setup # does every room import only what it may?
	@$(BIN)/lint-imports --no-logo

schema: setup # does the schema file say what the code says?
	@$(BIN)/gridhall graphql schema --check && echo "schema: good"

format: setup ## Format the code and fix what ruff can fix
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format .

lock: setup ## Pin the packages of pyproject.toml anew (UPGRADE=--upgrade takes newer ones)
	@$(COMPILE) -o locks/production.txt
	@$(COMPILE) --extra demo -o locks/demo.txt
	@echo "setuptools>=77" | $(PIN) - -o locks/build.txt
	@$(COMPILE) --extra embedded --extra demo --extra dev -o locks/development.txt

bench: setup ## Measure, beside peers, and keep it in bench/results/latest.json (ARGS=--quick only tries)
	@$(BIN)/python -m bench $(ARGS)

irregular: setup ## Find falsified curves among real households, beside two baselines (needs GRIDHALL_REALDATA)
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m bench.irregular $(ARGS)

chaos: setup ## Kill what must survive being killed, and count afterwards (ARGS=7 repeats the run of seed 7)
	@$(BIN)/python -m bench.chaos $(ARGS)

clean: ## Remove the environment, the demo's data and every cache
	@for file in .gridhall/*/pid; do \
		if [ -f $$file ] && ps -o args= -p "$$(cat $$file)" | grep -qF "$(CURDIR)/.gridhall"; then \
			echo "the demo still runs (process $$(cat $$file)); stop it first"; exit 1; fi; done
	@rm -rf .venv .gridhall .setup.lock build dist src/*.egg-info .*_cache .hypothesis \
		bench/peers/mercurius/node_modules
	@find . -name __pycache__ -prune -exec rm -rf {} +
