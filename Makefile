# make run    set up what is missing, build the graph, serve it (PORT=8000, HOST=127.0.0.1)
# make test   set up what is missing, run all tests with coverage (TESTS="tests/api -k sparql" runs a part)
# make check  format, lint, types, layers, Turtle and YAML in their one form, the curated data
# make build  a release in build/releases, without serving it
# make bench  benchmarks against other software
# make format rewrites Python, Turtle and YAML in their one form
# make setup  only the environment; make clean removes it and all that was built; make lock locks newer versions

HOST ?= 127.0.0.1
PORT ?= 8000
BIN := .venv/bin
PURPOSE ?= test
export PYTHON

.PHONY: help run test check build bench setup format clean lock
.PHONY: check-format check-lint check-types check-layers check-turtle check-yaml check-data runtime development

help:
	@sed -n 's/^# //p' Makefile

run: runtime
	@$(BIN)/kip build
	@exec $(BIN)/kip serve --host $(HOST) --port $(PORT)

build: runtime
	@$(BIN)/kip build

test: development
	@$(BIN)/python -m pytest $(if $(TESTS),$(TESTS),--cov --cov-report=term)

bench:
	@sh .ci/setup bench
	@$(BIN)/python -m tests.benchmarks

check: check-format check-lint check-types check-layers check-turtle check-yaml check-data

check-format: development
	@$(BIN)/ruff format --check --quiet . || { echo "Not in the project's format: make format" >&2; exit 1; }

check-lint: development
	@$(BIN)/ruff check --quiet .

check-types: development
	@$(BIN)/mypy

check-layers: development
	@$(BIN)/lint-imports --no-logo

check-turtle: development
	@$(BIN)/turtlefmt --check ontology shapes data || { echo "Not in the project's format: make format" >&2; exit 1; }

check-yaml: development
	@$(BIN)/python .ci/canonical_yaml.py data

check-data: development
	@$(BIN)/kip check

format: development
	@$(BIN)/ruff check --quiet --fix-only .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/turtlefmt ontology shapes data
	@$(BIN)/python .ci/canonical_yaml.py --write data

setup:
	@sh .ci/setup $(PURPOSE)

runtime:
	@sh .ci/setup run

development:
	@sh .ci/setup test

clean:
	rm -rf .venv build .coverage .coverage.* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

lock: runtime
	@sh .ci/lock
