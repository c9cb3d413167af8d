PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
# Each start of a process would compile all modules again, which takes longer than the rest of it.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: run test check bench lock browser screenshots audit sbom licences faults soak wheel package-test deploy-check recovery

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

# Faults on purpose, under load: each kind once (about three minutes, and as long again with two of each), or for MINUTES.
faults: .venv/ready
	$(BIN)/python -m tests.faults --once
	@command -v nginx >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends nginx-light; } \
		|| echo "NO NGINX, AND IT CANNOT BE INSTALLED HERE: two of each will not be tried" >&2
	$(BIN)/python -m tests.faults --once --two

soak: .venv/ready
	$(BIN)/python -m tests.faults --minutes $(or $(MINUTES),10) $(if $(TWO),--two) $(if $(SEED),--seed $(SEED))

# What pip installs, into dist/; with all that pages need.
wheel: .venv/ready
	$(UV) build --quiet --build-constraints requirements.lock --require-hashes --wheel --out-dir dist .

# The wheel in an empty environment outside of the repository: started there, and looked at.
package-test: .venv/ready
	$(BIN)/python -m tests.deploy.package

# What is in deploy/, by hadolint, dclint, systemd-analyze, helm and the schemas of Kubernetes. Ends with 1 for a finding, and
# with 3, loudly, when one of them could not be had.
deploy-check: .venv/ready
	@command -v systemd-analyze >/dev/null || { apt-get update -qq && apt-get install -qq -y --no-install-recommends systemd; } || true
	$(BIN)/python -m tests.deploy.check

# Back to a moment between two changes, as docs/operations.md describes it.
recovery: .venv/ready
	$(BIN)/pytest -n 0 tests/recovery.py

# Every page, wide and narrow, light and dark, into the folder screenshots/, looked at by axe-core. With DOCS=1 also the pictures of docs/tour.md.
screenshots: .venv/ready browser
	$(BIN)/python -m tests.browser.screenshots $(if $(DOCS),--docs)

# What is known against the locked versions. Ends with 1 for a finding, and with 3, loudly, when nobody could be asked:
# PIP_AUDIT_VULNERABILITY_SERVICE=osv with PIP_AUDIT_OSV_URL, and npm_config_registry, name others who can be.
audit: .venv/ready
	$(BIN)/python -m supply.audit

# What is shipped: as a CycloneDX document in build/sbom.json, and with its licences in docs/licences.md.
sbom: .venv/ready
	$(BIN)/python -m supply.sbom

licences: .venv/ready
	$(BIN)/python -m supply.licences

.venv/ready: pyproject.toml requirements.lock frontend/package-lock.json frontend/hatch_build.py frontend/icons.txt
	$(PYTHON) -m venv .venv
	sed -n '/^uv==/,/[^\\]$$/p' requirements.lock > .venv/uv.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement .venv/uv.txt
	$(UV) pip sync --quiet --python $(BIN)/python --require-hashes requirements.lock
	$(UV) pip install --quiet --python $(BIN)/python --no-deps --build-constraints requirements.lock --editable .
	touch $@

# The versions that everybody gets: names, versions and hashes, and no address of any registry. By hand, so that the
# time stamps of a fresh checkout cannot start it.
lock: .venv/ready
	$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--group dev --output-file requirements.lock pyproject.toml
