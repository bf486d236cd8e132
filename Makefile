# Every target works on a bare machine with Python 3.11 to 3.13, make and git. Begin with `make help`.
# GNU make 3.81 (macOS) finds simple commands by its own PATH, not by one set here: hence the full names.

.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
MACOS := $(filter Darwin,$(shell uname))

# Ansible refuses a locale that is not UTF-8 or not installed, such as one that an ssh login brought along.
export LC_ALL := $(if $(MACOS),en_US.UTF-8,C.UTF-8)

# macOS kills a forked process of a Python that has touched Objective-C.
ifneq ($(MACOS),)
export OBJC_DISABLE_INITIALIZE_FORK_SAFETY := YES
endif

# What goes to ansible-playbook: only what was said, to the letter, as JSON in single quotes for the shell.
# `value` keeps make from expanding a dollar sign.
json = "$(subst ",\",$(subst \,\\,$(value $(1))))"
quoted = '$(subst ','\'',$(1))'
extra = $(if $(value $(1)),-e $(call quoted,{"$(2)": $(call json,$(1))}))
EXTRAS = $(call extra,BOT,bot) $(call extra,BOT_SOURCE,bot_source) $(call extra,BOT_REF,bot_ref) \
	$(call extra,PROFILE,profile) $(call extra,SCENARIOS,scenarios) $(call extra,STRESS_DIR,stress_dir)

.PHONY: help
help: ## this list
	@awk -F ':.*## ' 'BEGIN { between = "\n" } /^##@ / { printf "%s%s\n", between, substr($$0, 5); between = "\n" } \
		/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 } \
		/^#= / { split(substr($$0, 4), word, "="); printf "  %-14s  %s\n", word[1] "=", substr($$0, 5 + length(word[1])) }' Makefile

##@ Run it

.PHONY: stress
stress: controller ## run the catalogue against a bot on every host
	$(BIN)/ansible-playbook stress.yml $(EXTRAS) $(ARGS)

.PHONY: list
list: controller ## what there is to run, and what each host can do of it (LIST=faults,checks for a part)
	@$(BIN)/ansible-playbook playbooks/list.yml $(EXTRAS) $(call extra,LIST,list) $(ARGS)

.PHONY: macos
macos: develop ## on a Mac: the tests that need one, the catalogue, and results/macos.md of both
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.macos.report $(EXTRAS) $(ARGS)

##@ Work on it

# Tests wait more than they compute: three at a time on two cores.
.PHONY: test
test: develop ## run all tests (some: PYTEST_ARGS='-k journal -n 0')
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 3 --dist loadgroup $(PYTEST_ARGS)

.PHONY: test-long
test-long: develop ## all tests, and those that take an hour
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 3 --dist loadgroup -m 'long or not long' $(PYTEST_ARGS)

.PHONY: lint
lint: develop ## ruff, mypy, import-linter, yamllint, ansible-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .cache/import-linter
	$(BIN)/yamllint --strict .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/ansible-lint --offline

##@ Try a fleet without having one (Linux, root; docs/lab.md)
# A lab is made of what only Linux has; what is missing on a machine is said before anything is made.
.PHONY: lab
lab: controller ## bring up HOSTS=10 hosts on this machine, and MACS=0 that play a Mac
	@$(BIN)/python -m lab up $(call quoted,$(or $(value HOSTS),10)) $(call quoted,$(or $(value MACS),0))

.PHONY: lab-down
lab-down: controller ## end the lab
	@$(BIN)/python -m lab down

.PHONY: chaos
chaos: develop ## break ourselves on a lab, MOMENTS=100 times each (SEED=1; an hour and a half)
	CHAOS_MOMENTS="$(or $(MOMENTS),100)" CHAOS_SEED="$(or $(SEED),1)" PATH="$(CURDIR)/$(BIN):$$PATH" \
		$(BIN)/python -m pytest tests/chaos $(PYTEST_ARGS)

.PHONY: controller develop
controller:
	@requirements/setup.sh controller
develop:
	@requirements/setup.sh controller develop

##@ Keep it
.PHONY: lock
lock: ## write the locks anew from requirements/*.in (the newest of all: LOCK_ARGS=--upgrade)
	requirements/lock.sh $(LOCK_ARGS)

# Stamps go first: nothing half removed may look finished.
.PHONY: clean
clean: ## remove the environment and all caches of this checkout; results stay
	rm -rf .venv/stamp-* .venv .venv.lock .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .ansible build dist *.egg-info

# What `help` shows of them; nothing is set here.
##@ Say more (variables of stress and list)
#= BOT=a profile in bots/, or a path to one
#= BOT_SOURCE=where the bot is: a folder here, host:/folder on each host, a git address
#= BOT_REF=branch, tag or commit of a git address
#= PROFILE=how hard: smoke, standard, soak
#= SCENARIOS=names and selectors: sigterm,row:1.3, all,-rapid_restart
#= STRESS_DIR=our folder on the hosts
#= ARGS=anything else for ansible-playbook, as typed: ARGS='-i inventory/mine -l linux -K'
