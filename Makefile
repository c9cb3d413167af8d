PYTHON ?= python3
UV := $(shell command -v uv || echo .venv/bin/uv)
BIN := .venv/bin
# Each start of a process would compile all modules again, which takes longer than the rest of it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check bench lock browser screenshots

run: .venv/ready
	$(BIN)/trustwright serve --demo --data-dir data

test: .venv/ready browser
	$(BIN)/pytest

# What the browser tests drive. They say so themselves when it is missing; here it is fetched where that is possible.
browser:
	@command -v chromium >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends chromium; } \
		|| echo "NO CHROMIUM, AND IT CANNOT BE INSTALLED HERE: the browser tests will be skipped" >&2

check: .venv/ready
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pytest tests/test_architecture.py -n 0

bench: .venv/ready
	$(BIN)/python -m benchmarks

# Every page, wide and narrow, light and dark, into the folder screenshots/. With DOCS=1 also the pictures of docs/tour.md.
screenshots: .venv/ready browser
	$(BIN)/python -m tests.browser.screenshots $(if $(DOCS),--docs)

.venv/ready: pyproject.toml requirements.lock frontend/package-lock.json frontend/hatch_build.py frontend/icons.txt
	$(PYTHON) -m venv .venv
	command -v uv >/dev/null || $(BIN)/python -m pip install --quiet uv
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --editable .
	touch $@

# The versions that everybody gets: names, versions and hashes, and no address of any registry. By hand, so that the
# time stamps of a fresh checkout cannot start it.
lock:
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--group dev --output-file requirements.lock pyproject.toml
