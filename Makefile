# Two commands: `make run` and `make test`. `make help` lists the rest.
PYTHON := .venv/bin/python
TESTS ?= tests
# Two files of tests at a time, in the order of tests/conftest.py: most tests wait for processes.
TOGETHER := --numprocesses 2 --dist loadfile --no-loadscope-reorder
export RASA_TELEMETRY_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help run migrate train shell test content check format evaluate bench screenshots clean setup setup-dev

help: ## list these targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' Makefile

run: setup ## set up, train if needed, start everything, print the addresses; Ctrl-C stops it
	@exec $(PYTHON) -m bot run

train: setup ## train the model, if content or configuration changed since the last one
	@exec $(PYTHON) -m bot train

migrate: setup ## bring the database to the newest version (`make run` does it by itself)
	@exec $(PYTHON) -m bot migrate

shell: setup ## chat in the terminal with the assistant that `make run` started
	@exec $(PYTHON) -m bot shell

test: setup-dev ## run the whole test suite (one part of it: make test TESTS=tests/unit)
	@tools/browser.sh
	@$(PYTHON) -m bot train
	@$(PYTHON) -m pytest $(TOGETHER) $(TESTS)

content: setup-dev ## check the answers and show which document sections they cover (seconds, no training)
	@$(PYTHON) -m bot.content

check: setup-dev ## check style, types, layers, dependencies and YAML
	@.venv/bin/ruff format --check --quiet || { echo "error: run 'make format'" >&2; exit 1; }
	@.venv/bin/ruff check --quiet
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-logo
	@.venv/bin/deptry .
	@.venv/bin/yamllint --strict .

format: setup-dev ## format the Python files and mend what ruff can mend
	@.venv/bin/ruff format
	@.venv/bin/ruff check --fix

evaluate: setup-dev ## measure the assistant on held-out questions and write the report
	@$(PYTHON) -m bot train
	@exec $(PYTHON) -W ignore -m tests.evaluation

bench: setup-dev ## compare speed and memory with stock Rasa: pipeline and website channel
	@tools/browser.sh
	@$(PYTHON) -m bot train
	@exec $(PYTHON) -m tests.benchmark

screenshots: setup-dev ## make the pictures in docs/screenshots anew (a minute, no training)
	@tools/browser.sh
	@exec $(PYTHON) -m tools.screenshots

clean: ## remove what can be made again: environments, models, caches (var/, the conversations, stays)
	rm -rf .venv .tools models .rasa .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
	find actions bot tests -name __pycache__ -type d -prune -exec rm -rf {} +

setup:
	@tools/setup.sh run

setup-dev:
	@tools/setup.sh dev
