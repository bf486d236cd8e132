# Every target works on a bare machine with Python 3.11 to 3.13, make and git. Begin with `make help`.
# GNU make 3.81 (macOS) finds simple commands by its own PATH, not by one set here: hence the full names.

.DEFAULT_GOAL := help
SHELL := /bin/sh
BIN := .venv/bin
MACOS := $(filter Darwin,$(shell uname))

# Ansible refuses a locale that is not UTF-8 or not installed, such as one that ssh has forwarded.
export LC_ALL := $(if $(MACOS),en_US.UTF-8,C.UTF-8)

# What Python compiles is kept, whatever the shell says: a thousand processes of one run import it.
unexport PYTHONDONTWRITEBYTECODE

# macOS kills forked processes of a Python that has used Objective-C.
ifneq ($(MACOS),)
export OBJC_DISABLE_INITIALIZE_FORK_SAFETY := YES
endif

# Variables for ansible-playbook: only those that are set, verbatim, as JSON in single quotes for the shell.
# `value` keeps make from expanding a dollar sign. One that is set to nothing here (BOT=$NOT_SET) is passed on too: it
# is refused with a reason.
json = "$(subst ",\",$(subst \,\\,$(value $(1))))"
quoted = '$(subst ','\'',$(1))'
here = $(filter command,$(firstword $(origin $(1))))
extra = $(if $(value $(1))$(call here,$(1)),-e $(call quoted,{"$(2)": $(call json,$(1))}))
EXTRAS = $(call extra,BOT,bot) $(call extra,BOT_SOURCE,bot_source) $(call extra,BOT_REF,bot_ref) \
	$(call extra,PROFILE,profile) $(call extra,SCENARIOS,scenarios) $(call extra,STRESS_DIR,stress_dir)

# A misspelled variable would be ignored, and the whole catalogue would run, against another bot than was meant.
VARIABLES := BOT BOT_SOURCE BOT_REF PROFILE SCENARIOS STRESS_DIR ARGS LIST HOSTS MACS ZOO MOMENTS SEED PYTEST_ARGS LOCK_ARGS
UNKNOWN := $(filter-out $(VARIABLES) BIN SHELL MAKEFLAGS,$(foreach name,$(.VARIABLES),$(if $(call here,$(name)),$(name))))
ifneq ($(UNKNOWN),)
$(foreach name,$(UNKNOWN),$(shell python3 requirements/did_you_mean.py variable $(call quoted,$(name)) $(VARIABLES)))
$(error Nothing was begun)
endif
TARGETS := $(shell sed -n 's/^\([a-z-]*\):.*\#\# .*/\1/p' Makefile)
.DEFAULT:
	@python3 requirements/did_you_mean.py target $(call quoted,$@) $(TARGETS)

.PHONY: help
help: ## show this list
	@awk -F ':.*## ' 'BEGIN { between = "\n" } /^##@ / { printf "%s%s\n", between, substr($$0, 5); between = "\n" } \
		/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 } \
		/^#= / { split(substr($$0, 4), word, "="); printf "  %-14s  %s\n", word[1] "=", substr($$0, 5 + length(word[1])) }' Makefile

##@ Run

.PHONY: stress
stress: controller ## run the catalogue against a bot on every host
	$(BIN)/ansible-playbook stress.yml $(EXTRAS) $(ARGS)

.PHONY: list
list: controller ## list rows, faults, checks and what hosts can do (LIST=faults)
	@$(BIN)/ansible-playbook playbooks/list.yml $(EXTRAS) $(call extra,LIST,list) $(ARGS)

.PHONY: results
results: controller ## list the runs whose results are kept
	@$(BIN)/ansible-playbook playbooks/results.yml $(ARGS)

.PHONY: accept
accept: controller ## accept what the newest run found (docs/verdicts.md)
	@$(BIN)/ansible-playbook playbooks/accept.yml $(ARGS)

.PHONY: macos
macos: develop ## on a Mac: run its tests and the catalogue (results/macos.md)
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tools.macos_report $(EXTRAS) $(ARGS)

##@ Develop

# Most tests wait: a mutant's takes nine seconds and computes for one and a half. So there are four at a time, on two cores
# too; with six, a bot beside the doubles of macOS gets its answers too late. Their order is that of tests/schedule.py.
# build/tests/ keeps what a run came to, and what each test took. Tests work in memory, where there is room (tests/in_memory.py).
PYTEST = PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m pytest -n 4 --no-loadscope-reorder \
	--junitxml=build/tests/junit.xml

.PHONY: check
check: lint ## run lint, the unit tests and one play (five minutes)
	$(PYTEST) -m 'check or not (slow or long)' tests/unit tests/messages tests/play $(PYTEST_ARGS)

.PHONY: test
test: develop ## run the tests (some of them: PYTEST_ARGS='-k journal -n 0')
	$(PYTEST) $(PYTEST_ARGS)

.PHONY: test-long
test-long: develop ## run all tests, including those that take hours
	CHAOS_MOMENTS=3 $(PYTEST) -m 'long or not long' --hypothesis-profile=nightly $(PYTEST_ARGS)

.PHONY: zoo
zoo: develop ## run bots of many structures (ZOO='json_lines --slow 0.1')
	@PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python -m tests.zoo $(ZOO)

.PHONY: docs
docs: develop ## write the generated files: schemas/generated, docs/generated
	$(BIN)/python -m tools.docs

.PHONY: lint
lint: develop ## run ruff, mypy, import-linter, yamllint, ansible-lint
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir .cache/import-linter
	$(BIN)/yamllint --strict .
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/ansible-lint --offline
	$(BIN)/python -m tests.durations

##@ Try a fleet on one machine (Linux, root; docs/lab.md)
# A lab needs Linux; it reports what a machine lacks before it makes anything.
.PHONY: lab
lab: controller ## bring up HOSTS=10 hosts here, and MACS=0 doubles of a Mac
	@$(BIN)/python -m lab up $(call quoted,$(or $(value HOSTS),10)) $(call quoted,$(or $(value MACS),0))

.PHONY: lab-down
lab-down: controller ## end the lab
	@$(BIN)/python -m lab down

.PHONY: chaos
chaos: develop ## kill our own processes on a lab (MOMENTS=100 SEED=1; 90 min)
	CHAOS_MOMENTS="$(or $(MOMENTS),100)" CHAOS_SEED="$(or $(SEED),1)" PATH="$(CURDIR)/$(BIN):$$PATH" \
		$(BIN)/python -m pytest -m long tests/chaos $(PYTEST_ARGS)

.PHONY: controller develop
controller:
	@requirements/setup.sh controller
develop:
	@requirements/setup.sh controller develop

##@ Maintain
.PHONY: lock
lock: ## rewrite the lock files (newest versions: LOCK_ARGS=--upgrade)
	requirements/lock.sh $(LOCK_ARGS)

# Stamps go first, so that nothing half removed looks complete.
.PHONY: clean
clean: ## remove environment and caches of this checkout, no results
	rm -rf .venv/stamp-* .venv .venv.lock .cache .mypy_cache .pytest_cache .ruff_cache .hypothesis .ansible build dist *.egg-info

# For `help`; nothing is set here.
##@ Variables of stress and list
#= BOT=a profile in bots/, or a path to one
#= BOT_SOURCE=where the bot is: a folder, host:/folder, a git URL
#= BOT_REF=branch, tag or commit of a git URL
#= PROFILE=how hard: smoke, standard, soak
#= SCENARIOS=names, rows, selectors: sigterm,1.3, all,-row:6, failed
#= STRESS_DIR=our folder on the hosts
#= ARGS=for ansible-playbook, verbatim: ARGS='-i inventory/mine -K'
