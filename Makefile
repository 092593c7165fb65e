# Needs python3 (3.11 or newer) with pip, git and make. Everything else is put into .tools/ and .venv/.
# Type `make help` for the list of commands.

.DEFAULT_GOAL := help
.PHONY: help run test check redflags bench screenshots clean

export UV_PYTHON := python3
export UV_PYTHON_DOWNLOADS := never
export UV_LINK_MODE := copy
# Certificates of the system, where there are any: they hold a company's own authority too.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS := 1
endif

UV := .tools/bin/uv
BIN := .venv/bin
PORT ?= 8000
# Three processes suit a machine with two cores: those that drive a browser wait for it and for the server.
JOBS ?= 3

help: ## this list
	@echo "Lindung: make COMMAND"
	@echo
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  %-13s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo "Other settings: make run PORT=8080, make test JOBS=4 ARGS='-k receipt'"

run: .venv/.run ## the platform with demonstration data at http://127.0.0.1:8000
	@exec $(BIN)/lindung dev --port $(PORT)

test: .venv/.dev ## every test on SQLite, those in the browser too
	@LINDUNG_CHROMIUM="$$(tools/ensure.sh chromium)" && export LINDUNG_CHROMIUM && \
	  $(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: .venv/.dev ## style, types, import rules, missing translations
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy lindung docs/examples
	$(BIN)/lint-imports
	$(BIN)/python tools/messages.py check

redflags: redflags/.venv/.dev ## the tests of redflags/, in an environment of its own without Django
	@tools/ensure.sh java > /dev/null
	cd redflags && .venv/bin/pytest -n $(JOBS) --dist loadgroup $(ARGS)
	cd redflags && .venv/bin/mypy

bench: .venv/.dev ## nothing is lost under load, nobody is kept out by a flood, the desk stays fast (about 35 minutes)
	@tools/ensure.sh postgresql > /dev/null
	$(BIN)/python benchmarks/intake.py $(ARGS)
	$(BIN)/python benchmarks/flood.py
	$(BIN)/python benchmarks/workspace.py

screenshots: .venv/.dev ## every step of the journey as a picture, in screenshots/
	@LINDUNG_CHROMIUM="$$(tools/ensure.sh chromium)" && export LINDUNG_CHROMIUM && \
	  $(BIN)/python tools/screenshots.py $(ARGS)

clean: ## remove what make made; the data in var/ stays
	rm -rf .venv redflags/.venv .tools .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis screenshots

# uv goes into a folder of its own, so that neither root nor a virtual environment is needed for it.
$(UV):
	@tools/ensure.sh python
	@echo "Fetching uv, which fetches the rest ..."
	@python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .tools "uv>=0.9,<1"
	@touch $(UV)

.venv/.run: pyproject.toml uv.lock | $(UV)
	@echo "Fetching the libraries that the platform needs ..."
	@$(UV) sync --quiet --frozen --no-dev --inexact
	@touch $@

redflags/.venv/.dev: redflags/pyproject.toml redflags/uv.lock | $(UV)
	@echo "Fetching the libraries for red flags ..."
	@cd redflags && ../$(UV) sync --quiet --frozen --all-extras
	@touch $@

.venv/.dev: pyproject.toml uv.lock | $(UV)
	@echo "Fetching the libraries for tests ..."
	@$(UV) sync --quiet --frozen
	@touch .venv/.run $@
