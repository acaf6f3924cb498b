# What people habitually run. `make` alone lists it.
PYTHON ?= python3
STACK ?= local
ROUNDS ?= 10
export PATH := $(CURDIR)/.toolchain/bin:$(CURDIR)/.toolchain/uv/bin:$(CURDIR)/.venv/bin:$(PATH)
PY := .venv/bin/python
PYTEST := $(PY) -m pytest --durations=12 --durations-min=5 $(if $(SEED),--randomly-seed=$(SEED))
# Each of two processes goes on with neighbours of its last test, which share fixtures.
TWO := -n 2 --dist worksteal
COVERED := $(PYTEST) --cov --cov-append --cov-report=

.DEFAULT_GOAL := help
.PHONY: help setup toolchain toolchain-kubernetes up down check test test-fast test-all test-services cluster-programs test-cluster cluster-up cluster-down chaos chaos-kubernetes chaos-aws faults-aws bench bench-kubernetes bench-aws mutation mutants-kubernetes mutants-aws docs site clean clean-environments

help: ## this list
	@echo 'pilothouse: MLOps platform pilots as code. Targets:'
	@echo
	@sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)/  make \1|\2/p' $(MAKEFILE_LIST) | \
		awk -F'|' '{ printf "%-25s %s\n", $$1, $$2 }'

setup: ## everything that is needed: .venv, and pulumi if PATH has none (again: nothing to do)
	@$(PYTHON) toolchain/setup.py

toolchain: ## just pulumi and its Python language host, into .toolchain/bin
	@$(PYTHON) toolchain/setup.py --only pulumi

toolchain-kubernetes: toolchain ## the official plugin of kubernetes stacks, built if it cannot be downloaded
	@$(PYTHON) toolchain/setup.py --only kubernetes-plugin

up: setup ## the platform on this machine, proved (STACK=local)
	@.venv/bin/pilothouse up $(STACK) --verify

down: setup ## take it away, and prove that it is gone (STACK=local)
	@.venv/bin/pilothouse down $(STACK) --yes

setup-tests:
	@$(PYTHON) toolchain/setup.py --tests

check: setup-tests ## lint, format, types, layers
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m mypy
	.venv/bin/lint-imports --no-cache

test: check ## lint, all offline tests, the engine, one whole life of the local platform (SEED=N: again)
	$(PYTEST) -m 'not live and not engine' $(TWO)
	$(PYTEST) -m engine $(TWO)
	$(PYTEST) -m life

test-fast: setup-tests ## the tests without the engine and the services
	$(PYTEST) -m 'not live and not engine' $(TWO)

test-all: check ## every test but `long` ones, on a real Kubernetes too; coverage of branches must be 90 %
	rm -f .coverage .coverage.*
	$(COVERED) -m 'not live and not engine' $(TWO)
	$(COVERED) -m engine $(TWO)
	$(MAKE) -j2 test-services cluster-programs
	$(COVERED) -m 'cluster and not long'
	@if [ "$$(date +%s)" -lt "$${PILOTHOUSE_TESTS_UNTIL:-9999999999}" ]; then \
		$(PY) -m coverage report --fail-under=90; \
	else echo 'coverage: not checked, as the time of this run was over before its last test'; fi

# Services mostly wait: two at a time, each with the stack of its file, and what builds beside them.
test-services:
	$(COVERED) -m 'live and not cluster and not long' -n 2 --dist loadfile

# What is not built when the time of the run is over is of no use to it.
cluster-programs:
	@left=$$(($${PILOTHOUSE_TESTS_UNTIL:-9999999999} - $$(date +%s))); [ $$left -gt 0 ] || exit 0; \
	timeout $$left nice -n 19 sh -c \
		'$(PYTHON) toolchain/setup.py --only kubernetes-plugin && $(PY) -m testkit.cluster build --optional' \
		|| [ $$? = 124 ]

test-cluster: setup-tests toolchain-kubernetes ## all of the kubernetes target on a real Kubernetes (Linux, root)
	$(PY) -m testkit.cluster build --optional
	$(PY) -m pytest -m cluster

cluster-up: setup-tests ## that Kubernetes, kept up, to look at
	$(PY) -m testkit.cluster up

cluster-down: ## end it and empty it; its images stay
	$(PY) -m testkit.cluster down --reset

chaos: setup-tests ## random SIGKILLs in `up` and `down` (ROUNDS=10)
	$(PY) -m tests.targets.local.live.chaos $(ROUNDS)

chaos-kubernetes: setup-tests toolchain-kubernetes ## the same on the test cluster (ROUNDS=10)
	$(PY) -m tests.targets.kubernetes.live.chaos $(ROUNDS)

chaos-aws: ROUNDS = 20
chaos-aws: setup-tests ## the same on an AWS account in memory (ROUNDS=20)
	$(PY) -m tests.targets.aws.chaos $(ROUNDS)

faults-aws: setup-tests ## each call of the AWS stack's provider fails once in each way; all must converge
	$(PY) -m tests.targets.aws.faults

bench: setup-tests ## figures against the same services by hand, into BENCHMARKS.md
	$(PY) -m bench

bench-kubernetes: setup-tests toolchain-kubernetes ## figures of the platform on the test cluster, into BENCHMARKS.md
	$(PY) -m bench.kubernetes

bench-aws: setup-tests ## figures of the AWS stack before services in memory, into BENCHMARKS.md
	$(PY) -m bench.aws

mutation: setup-tests ## mutants of plan.py and of the models in config/ that the tests kill; 85 % must be
	$(PY) -m testkit.mutation

mutants-kubernetes: setup-tests ## mistakes planted in the kubernetes target that its tests catch; 95 % must be
	$(PY) -m testkit.planting kubernetes

mutants-aws: setup-tests ## mistakes planted in the aws target that its tests catch, by rung; 95 % must be
	$(PY) -m testkit.planting aws

docs: setup-tests ## the generated references in docs/ and schemas/, from the settings' types
	$(PY) docs/generate.py

site: setup-tests ## the documentation as a site, into site/
	@uv venv --quiet --allow-existing --python $(PY) .toolchain/docs
	@uv pip install --quiet --python .toolchain/docs/bin/python --require-hashes -r locks/docs.txt
	@.toolchain/docs/bin/zensical build --config-file zensical.toml --strict --clean

clean: ## remove what setup made and the caches; stacks and their state in .pilothouse stay
	rm -rf .venv .toolchain .mypy_cache .pytest_cache .ruff_cache .coverage .coverage.* mutants dist

clean-environments: ## remove the services' Python environments, which no stack may be using
	rm -rf .pilothouse/environments
