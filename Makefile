# Everything one does with AskSafe. `make` alone lists it.
# Each target first sets up what is missing; when nothing is, that takes a moment only.

PYTHON ?= python3
VENV_PYTHON := .venv/bin/python
# Rasa reports its use to outside services unless told not to; the program says so too.
export RASA_TELEMETRY_ENABLED := false

.DEFAULT_GOAL := help
.PHONY: help setup run chat train test check lint eval bench finetune lock clean

help:  ## list these targets
	@sed -n 's/^\([a-z]*\):[^#]*## /\1\t/p' Makefile | while IFS="$$(printf '\t')" read -r name what; \
		do printf 'make %-8s %s\n' "$$name" "$$what"; done

setup:
	@$(PYTHON) -m scripts.setup

run: train  ## set up, train and start AskSafe
	@$(VENV_PYTHON) -m bot chat

chat: train  ## chat in the terminal
	@$(VENV_PYTHON) -m bot chat

train: setup  ## train the model, unless nothing has changed
	@$(VENV_PYTHON) -m bot train

test: train lint  ## run every check, training included
	$(VENV_PYTHON) -m pytest -m ""

check: setup lint  ## run the checks that need no trained model
	$(VENV_PYTHON) -m pytest -m "not trained"

lint: setup
	$(VENV_PYTHON) -m ruff format --check
	$(VENV_PYTHON) -m ruff check
	$(VENV_PYTHON) -m mypy
	$(VENV_PYTHON) -m bot check

eval: train  ## print how much risk is noticed, and at which price
	@$(VENV_PYTHON) -m evaluation

bench: train  ## print how fast it answers
	@$(VENV_PYTHON) -m bench

finetune: setup  ## teach the classifier again (hours; fetches PyTorch)
	$(VENV_PYTHON) -m finetune.environment
	$(VENV_PYTHON) -m finetune.prepare
	.venv-finetune/bin/python -m finetune.train
	.venv-finetune/bin/python -m finetune.answers
	$(VENV_PYTHON) -m finetune.letters
	$(VENV_PYTHON) -m finetune.export
	@$(PYTHON) -m scripts.setup

lock: ## recompile the locked requirements from the .in files
	@$(PYTHON) -m scripts.setup lock

clean: ## remove the environment, the models and all caches
	rm -rf .venv .venv-tools .venv-finetune models .pytest_cache .mypy_cache .ruff_cache .hypothesis .coverage
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
