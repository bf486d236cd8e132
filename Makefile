# Every target works on a bare machine with Python 3.11 or newer, make and git. Begin with `make help`.

.DEFAULT_GOAL := help
SHELL := /bin/sh
PATH := $(CURDIR)/.venv/bin:$(PATH)
export PATH

# A forked process of a Python that has touched Objective-C would be killed on macOS.
export OBJC_DISABLE_INITIALIZE_FORK_SAFETY := YES

# What goes to ansible-playbook: only what was said, each in single quotes.
quoted = '$(subst ','\'',$(1))'
extra = $(if $($(1)),-e $(call quoted,{"$(2)": "$($(1))"}))
EXTRAS = $(strip $(call extra,BOT,bot) $(call extra,BOT_SOURCE,bot_source) $(call extra,BOT_REF,bot_ref) \
	$(call extra,PROFILE,profile) $(call extra,SCENARIOS,scenarios) $(call extra,STRESS_DIR,stress_dir))

.PHONY: help
help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' Makefile

.PHONY: stress
stress: controller ## run the catalogue (BOT= BOT_SOURCE= BOT_REF= PROFILE= SCENARIOS= STRESS_DIR= ARGS='-l linux')
	ansible-playbook stress.yml $(EXTRAS) $(ARGS)

.PHONY: test
test: develop ## run all tests (PYTEST_ARGS= for some)
	python -m pytest $(PYTEST_ARGS)

.PHONY: lint
lint: develop ## ruff, mypy, yamllint, ansible-lint
	ruff check .
	ruff format --check .
	mypy
	yamllint --strict .
	ansible-lint --offline

.PHONY: controller develop
controller:
	@requirements/setup.sh controller
develop:
	@requirements/setup.sh controller develop

.PHONY: lock
lock: controller ## write the locks anew from requirements/*.in
	requirements/lock.sh

.PHONY: clean
clean: ## remove the environment and all caches of this checkout; results stay
	rm -rf .venv .venv.lock .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .ansible
