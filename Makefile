# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

.DEFAULT_GOAL := help
SHELL := bash
targets := $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' Makefile)
# files and folders, which make would find up to date, are refused as other names that are no target
others := $(filter-out $(targets) Makefile,$(wildcard *))
.PHONY: $(targets) $(others)

##@ See what it does
demo: ## roll out a private vault on the emulator twice, and show it
	@tests/demo.sh

playground: ## keep the emulator running until Ctrl-C, and say how to use it from another terminal
	@tests/demo.sh playground

help: ## list the targets
	@awk -F ':.*## ' '/^##@ / { printf "\n%s\n", substr($$0, 5) } /^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

##@ While you change something
test-module: ## the integration tests of one module: make test-module MODULE=keyvault
	@root=. && . tests/tools/lib.sh && if [ ! -e 'tests/integration/modules/$(MODULE).yml' ]; then \
		nearest module '$(MODULE)' $(notdir $(basename $(wildcard tests/integration/modules/*.yml))); exit 2; fi
	@tests/run.sh integration -- -k '$(MODULE)'

test-unit: ## unit tests only
	@tests/run.sh unit

lint: ## all static checks
	@tests/run.sh yamllint ruff mypy changelog docs lint sanity pylint-tests

##@ Before a pull request
test: ## lint, unit tests, integration tests against the emulator, molecule
	@tests/run.sh

##@ What continuous integration runs beside it
test-long: ## what make test leaves out because it takes long: integration tests, and pylint of the tests
	@tests/run.sh pylint-tests integration-long

test-oldest: ## unit and integration tests on the oldest ansible-core and SDKs
	@tests/run.sh unit-oldest integration-oldest

test-ends: ## unit tests and the main scenario with ansible 13, and the main scenario on the next ansible-core
	@tests/run.sh unit-ansible-13 integration-ansible-13-main integration-next-main

test-clients: ## Azure CLI, azure.azcollection, nslookup, the SDKs for Python and JavaScript, and strangers with the emulator's README
	@tests/clients/run.sh

test-contract: ## the emulator against Azure's specifications, examples and recorded traffic (PRIVATELINK_SPECS, RECORDINGS: folders)
	@tests/run.sh contract && cat .cache/logs/contract.log

test-browser: ## the page of an audit in headless Chromium (Debian's package chromium), with the rules of axe-core
	@tests/run.sh browser

test-scenarios: ## molecule: a scenario for each role and playbook
	@tests/run.sh molecule-all

##@ Before a release
gates: ## every gate, with sanity on each ansible-core from 2.16 to 2.22, and a line for each at the end; takes half an hour
	@tests/run.sh gates

release-check: ## rehearse a release in a copy: changelog, tarball twice, importer: make release-check VERSION=1.0.0
	@VERSION='$(or $(VERSION),1.0.0)' tests/run.sh release-check && cat .cache/logs/release-check.log

build: ## the tarball, in .cache/dist, with the same bytes wherever it is built
	@tests/run.sh build && sha256sum .cache/dist/*.tar.gz

sbom: ## the bill of materials of the tested environment, in .cache/sbom.json (CycloneDX)
	@tests/run.sh sbom && ls -l .cache/sbom.json

test-matrix: ## everything on all supported versions, also as ordinary module processes; takes hours
	@tests/run.sh matrix

##@ Now and then
replay: ## compare the emulator with recorded traffic of Azure: make replay RECORDINGS=folder
	@tests/run.sh replay && cat .cache/logs/replay.log

docs: ## build the HTML site of the documentation, with warnings as errors
	@tests/docs.sh

benchmark: ## measure many vaults beside azure.azcollection and az, and write docs/performance.md; after make test-clients, takes long
	@env -u PYTHONDONTWRITEBYTECODE PYTHONPATH=tests .venv/bin/python tests/benchmark/fleet.py --write docs

lock: ## pin the newest releases that tests/requirements/*.in allow (needs uv)
	@tests/requirements/lock.sh

Makefile: ;
$(others) .DEFAULT:
	@root=. && . tests/tools/lib.sh && nearest target '$@' $(targets); exit 2
