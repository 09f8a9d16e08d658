# `make demo` first, `make test` second; `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help demo run stop test check chaos compose-check format messages bench bench-full install clean

PYTHON ?= python3
VENV := .venv/bin
HUITOU_HOME ?= $(CURDIR)/.huitou
TEST_HOME := $(CURDIR)/.huitou-test
ARGS ?=
export PYTHON HUITOU_HOME

help: ## Say what there is
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' Makefile | expand -t 24

demo: .venv/.runtime ## Start everything with a made-up dealer group; Ctrl-C ends it
	@$(VENV)/python manage.py demo $(ARGS)

run: .venv/.runtime ## Start everything with your own data; Ctrl-C ends it
	@$(VENV)/python manage.py serve $(ARGS)

stop: ## Stop what demo, run and the tests have left running
	@.ci/stop "$(HUITOU_HOME)" "$(TEST_HOME)"

test: .venv/.dev ## Run every test
	@HUITOU_HOME="$(TEST_HOME)" $(VENV)/python -m pytest -n auto --maxprocesses 4 --dist loadfile $(ARGS)

check: export HUITOU_HOME = $(TEST_HOME)
check: export DJANGO_SETTINGS_MODULE = tests.settings
check: .venv/.dev ## Lint, types, layers, migrations, translations, templates
	@.ci/check

chaos: .venv/.dev ## Hold the proofs in their long form and write docs/proofs.md (half an hour)
	@HUITOU_HOME="$(TEST_HOME)" HUITOU_PROOFS=long $(VENV)/python -m tests.proofs $(ARGS)

compose-check: .venv/.dev ## Try what docker-compose.yml starts, without Docker
	@HUITOU_HOME="$(TEST_HOME)" $(VENV)/python -m pytest -q $(ARGS) \
	    tests/tooling/test_compose.py tests/tooling/test_compose_rules.py \
	    tests/tooling/test_compose_starts.py tests/tooling/test_served.py

format: .venv/.dev ## Put the code in order
	$(VENV)/ruff check --fix .
	$(VENV)/ruff format .

messages: .venv/.dev ## Collect the texts to translate (needs gettext)
	$(VENV)/python manage.py makemessages --all --no-location --ignore '.venv/*' --ignore '.huitou*/*' --ignore 'tests/*'

bench: .venv/.dev ## Measure the numbers of the design with 100,000 vehicles (ten minutes)
	@$(VENV)/python -m bench $(ARGS)

bench-full: .venv/.dev ## The same with 100,000, 300,000 and 1,000,000 (an hour)
	@$(VENV)/python -m bench --full $(ARGS)

install: .venv/.dev ## Make the environment and nothing else

clean: stop ## Remove the environment and the tests' servers; keeps the data in .huitou
	rm -rf .venv "$(TEST_HOME)" .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

.venv/.runtime: requirements.txt constraints.txt
	@.ci/venv requirements.txt
	@touch $@

.venv/.dev: requirements-dev.txt requirements.txt constraints.txt
	@.ci/venv requirements-dev.txt
	@touch .venv/.runtime $@
