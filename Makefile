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
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

.PHONY: stress
stress: controller ## run the catalogue (BOT= BOT_SOURCE= BOT_REF= PROFILE= SCENARIOS= STRESS_DIR= ARGS='-l linux')
	$(BIN)/ansible-playbook stress.yml $(EXTRAS) $(ARGS)

# Tests wait more than they compute: three at a time on two cores.
.PHONY: test
test: develop ## run all tests (PYTEST_ARGS='-k journal -n 0' for some, one after the other)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 3 --dist loadgroup $(PYTEST_ARGS)

.PHONY: test-long
test-long: develop ## all tests, and those that take an hour: every mutant against every row, healthy bots again and again
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 3 --dist loadgroup -m 'long or not long' $(PYTEST_ARGS)

# A lab is made of what only Linux has; what is missing on a machine is said before anything is made.
.PHONY: lab
lab: controller ## bring up hosts on this machine to try a fleet with (HOSTS=10), see docs/lab.md
	@$(BIN)/python -m tests.lab up $(call quoted,$(or $(value HOSTS),10))

.PHONY: lab-down
lab-down: controller ## end the lab
	@$(BIN)/python -m tests.lab down

.PHONY: chaos
chaos: develop ## kill, cut, fill and set the clocks of ourselves on a lab, MOMENTS=100 times each (SEED=1; an hour and a half)
	CHAOS_MOMENTS="$(or $(MOMENTS),100)" CHAOS_SEED="$(or $(SEED),1)" PATH="$(CURDIR)/$(BIN):$$PATH" \
		$(BIN)/python -m pytest tests/chaos $(PYTEST_ARGS)

.PHONY: lint
lint: develop ## ruff, mypy, yamllint, ansible-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/yamllint --strict .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/ansible-lint --offline

.PHONY: controller develop
controller:
	@requirements/setup.sh controller
develop:
	@requirements/setup.sh controller develop

.PHONY: lock
lock: ## write the locks anew from requirements/*.in (LOCK_ARGS=--upgrade for the newest of everything)
	requirements/lock.sh $(LOCK_ARGS)

# Stamps go first: nothing half removed may look finished.
.PHONY: clean
clean: ## remove the environment and all caches of this checkout; results stay
	rm -rf .venv/stamp-* .venv .venv.lock .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .ansible build dist *.egg-info
