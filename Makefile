# What people habitually run. `make` alone lists it.
PYTHON ?= python3
export PATH := $(CURDIR)/.toolchain/bin:$(CURDIR)/.venv/bin:$(PATH)

.DEFAULT_GOAL := help
.PHONY: help setup toolchain clean

help: ## this list
	@echo 'pilothouse: MLOps platform pilots as code. Targets:'
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | \
		awk -F'|' '{ printf "%-18s %s\n", $$1, $$2 }'

setup: ## everything that is needed: .venv, and pulumi if PATH has none (again: nothing to do, under 1 s)
	@$(PYTHON) toolchain/setup.py --tests

toolchain: ## just pulumi and its Python language host, into .toolchain/bin
	@$(PYTHON) toolchain/setup.py --only pulumi

clean: ## remove what setup made and the caches; stacks and their state in .pilothouse stay
	rm -rf .venv .toolchain .mypy_cache .pytest_cache .ruff_cache .coverage .coverage.* mutants dist
