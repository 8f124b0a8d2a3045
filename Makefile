# Two commands: `make run` and `make test`. Everything lives in .venv; nothing is installed elsewhere.
# Plain enough for the make (3.81) and the shell of macOS.

.DEFAULT_GOAL := help
.PHONY: help run test dev check bench lock clean

DATA ?= .sekisho
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --no-input
PYTHONS := python3 python3.13 python3.12 python3.11 python3.14

help:
	@echo "make run     environment, example instance, demonstration, then API and console  (DATA=$(DATA))"
	@echo "make test    everything the tests need, then all of them                         (ARGS='-k name')"
	@echo "make dev     the same environment without running anything"
	@echo "make check   format, lint, types, import contracts, policy"
	@echo "make bench   Sekisho against its peers and limits, one table                     (ARGS=routing)"
	@echo "make lock    compile the two hash-pinned locks again (needs Python 3.11)"
	@echo "make clean   remove .venv and caches; $(DATA) stays"

run: $(VENV)/.locked
	@test -e "$(DATA)/.demonstrated" || { \
	  echo "== demonstration on the example network"; \
	  $(BIN)/sekisho demo --data "$(DATA)" && touch "$(DATA)/.demonstrated"; }
	@echo "== API and console (stop with Ctrl-C)"
	@exec $(BIN)/sekisho serve --demo --data "$(DATA)"

test: $(VENV)/.locked-dev
	$(BIN)/python -m pytest -n auto --dist loadfile --cov --cov-report=term:skip-covered $(ARGS)

dev: $(VENV)/.locked-dev

check: $(VENV)/.locked-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/pyright
	$(BIN)/lint-imports
	@sh .ci/opa fmt --list --fail policy/rego
	@sh .ci/opa check --strict policy/rego
	@sh .ci/opa test policy/rego

bench: $(VENV)/.locked-dev
	@$(BIN)/python -m bench $(ARGS)

lock: $(VENV)/.locked-dev
	@$(BIN)/python -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { \
	  echo "the locks are compiled with the oldest Python supported: make clean, then make dev PYTHONS=python3.11" >&2; exit 3; }
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe \
	  --build-deps-for editable --output-file requirements.txt pyproject.toml
	CUSTOM_COMPILE_COMMAND="make lock" $(BIN)/pip-compile --quiet --generate-hashes --strip-extras \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --allow-unsafe \
	  --build-deps-for editable --extra dev --constraint requirements.txt \
	  --output-file requirements-dev.txt pyproject.toml

clean:
	rm -rf $(VENV) build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage .coverage.*

# The stamps are written last, so an interrupted installation is taken up again.
$(VENV)/.locked: requirements.txt pyproject.toml $(VENV)/.created
	@echo "== locked dependencies"
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@

$(VENV)/.locked-dev: requirements-dev.txt pyproject.toml $(VENV)/.created
	@echo "== locked dependencies, tests and linters included"
	@$(PIP) install --require-hashes -r requirements-dev.txt
	@$(PIP) install --quiet --no-deps --no-build-isolation --editable .
	@touch $@ $(VENV)/.locked

$(VENV)/.created:
	@PYTHONS="$(PYTHONS)" sh .ci/venv $(VENV)
	@touch $@
