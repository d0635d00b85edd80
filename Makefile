# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

.DEFAULT_GOAL := help
.PHONY: help benchmark demo test test-long test-oldest test-ends test-matrix test-unit test-clients test-module test-contract replay lint lock

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 16

demo: ## roll out a private vault on the emulator twice, and show it
	@tests/demo.sh

test: ## lint, unit tests, integration tests against the emulator, molecule
	@tests/run.sh

test-long: ## what make test leaves out because it takes long: integration tests, and pylint of the tests
	@tests/run.sh pylint-tests integration-long

test-oldest: ## unit and integration tests on the oldest ansible-core and SDKs
	@tests/run.sh unit-oldest integration-oldest

test-ends: ## unit tests and the main scenario with ansible 13, and the main scenario on the next ansible-core
	@tests/run.sh unit-ansible-13 integration-ansible-13-main integration-next-main

test-matrix: ## everything on all supported versions, also as ordinary module processes; takes hours
	@tests/run.sh matrix

test-clients: ## Azure CLI, azure.azcollection, nslookup and the oldest and newest SDK against the emulator
	@tests/clients/run.sh

test-unit: ## unit tests only
	@tests/run.sh unit

test-module: ## the integration tests of one module: make test-module MODULE=keyvault
	@test -n '$(MODULE)' || { echo 'MODULE is required: make test-module MODULE=keyvault' >&2; exit 2; }
	@tests/run.sh integration -- -k '$(MODULE)'

test-contract: ## the emulator against Azure's specifications, examples and recorded traffic (PRIVATELINK_SPECS, RECORDINGS: folders)
	@tests/run.sh contract && cat .cache/logs/contract.log

replay: ## compare the emulator with recorded traffic of Azure: make replay RECORDINGS=folder
	@tests/run.sh replay && cat .cache/logs/replay.log

benchmark: ## measure many vaults beside azure.azcollection and az, and write docs/performance.md; after make test-clients, takes long
	@env -u PYTHONDONTWRITEBYTECODE PYTHONPATH=tests .venv/bin/python tests/benchmark/fleet.py --write docs

lint: ## all static checks
	@tests/run.sh yamllint ruff mypy changelog docs lint sanity pylint-tests

lock: ## pin the newest releases that tests/requirements/*.in allow (needs uv)
	@tests/requirements/lock.sh
