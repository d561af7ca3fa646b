# Set-up, demo and tests. Everything is idempotent; `make` alone installs, `make help` says what there is.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PIP    := $(BIN)/python -m pip --disable-pip-version-check --quiet

# A word of the command line as the shell takes it, whatever it holds; an address may hold quotes and $.
quoted = '$(subst ','\'',$(value $(1)))'
unexport DATA_DIR ARTICLE CASE PAGES SOURCES
# Every process of the tests would compile them, and what rewrites their assertions, anew.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := install
.PHONY: help install demo test quick test-all lint freeze check readings screenshots oldest soak bench peers clean

help:
	@echo "make           .venv with the locked dependencies"
	@echo "make demo      crawl the six recorded outlets into data/demo and ask four questions"
	@echo "make test      ruff, mypy and the tests, side by side (under 5 minutes on two cores)"
	@echo "make test-all  the heavy tests too: many kills, a real WordPress, a real browser (chromium), the oldest DuckDB that is allowed"
	@echo "make oldest    the tests of storage/ on that DuckDB"
	@echo "make soak      [SEED=N]: hundreds of signals and kills at random moments, and further cases of the heavy tests"
	@echo "make freeze    DATA_DIR=… ARTICLE=… CASE=SOURCE/CASE [PAGES=FOLDER]: a frozen page from an archived one"
	@echo "make check     [PAGES=FOLDER] [CASE=SOURCE/CASE]: where frozen pages read otherwise than expected"
	@echo "make readings  after a change of the reading code: pipelines/readings.toml anew"
	@echo "make screenshots  after make demo: the pictures of scrapy explore in docs/images, in chromium"
	@echo "make bench     [NAMES='crawl search'] [MINUTES=30]: the benchmarks, each for so long at most, into docs/benchmarks.md and docs/scale.md"
	@echo "make peers     .venv-peers with newspaper4k and news-please, for benchmarks/extraction"
	@echo "make clean     remove .venv and caches; data/ stays"

install: $(BIN)/kabar

# The command line `kabar`, over the sources as they lie here.
$(BIN)/kabar: $(VENV)/installed pyproject.toml
	@$(PIP) install --no-deps --no-index --no-build-isolation --config-settings editable_mode=compat -e .
	@touch $@

$(VENV)/installed: requirements.txt requirements-build.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
	  { echo "kabar: Python 3.11 or newer is needed ($(PYTHON) is $$($(PYTHON) -V 2>&1)); try make PYTHON=python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import venv, ensurepip' 2>/dev/null || \
	  { echo "kabar: $(PYTHON) has no venv; on Debian: apt-get install python3-venv" >&2; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(PIP) install --require-hashes -r requirements-build.txt
	@$(PIP) install --require-hashes --no-build-isolation -r requirements.txt
	@touch $@

$(VENV)/installed-dev: $(VENV)/installed requirements-dev.txt
	@$(PIP) install --require-hashes --no-build-isolation -r requirements-dev.txt
	@touch $@

demo: $(BIN)/kabar
	@$(BIN)/python -m crawler.demo $(if $(WIDE),--wide)

lint: $(VENV)/installed-dev $(BIN)/kabar
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

# What lints and types the sources takes one core for half a minute: the tests, which often wait, need not wait for it.
test: $(VENV)/installed-dev $(BIN)/kabar
	@$(MAKE) --no-print-directory --jobs 2 lint quick

quick: $(VENV)/installed-dev $(BIN)/kabar
	@$(BIN)/python -m pytest -n 4 --dist loadfile -m "not heavy and not soak"

test-all: lint
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m "not soak" --timeout 900
	@$(MAKE) --no-print-directory oldest

# The oldest DuckDB that pyproject.toml allows, in a folder that is looked into before the environment.
oldest: .venv-oldest/installed
	@PYTHONPATH=$(CURDIR)/.venv-oldest $(BIN)/python -m pytest -n 2 --dist loadfile -m "not heavy and not soak" tests/storage tests/test_dependencies.py

.venv-oldest/installed: tests/storage/oldest.txt $(VENV)/installed-dev
	@rm -rf .venv-oldest
	@$(PIP) install --require-hashes --no-deps --target .venv-oldest -r $<
	@touch $@

# make freeze DATA_DIR=data ARTICLE=URL_OR_ID CASE=SOURCE/CASE [PAGES=FOLDER] [SOURCES=FOLDER]
freeze: $(VENV)/installed-dev
	@$(BIN)/python -m tests.pages.freeze $(if $(value PAGES),--pages $(call quoted,PAGES)) $(if $(value SOURCES),--sources $(call quoted,SOURCES)) --segment $(call quoted,DATA_DIR) $(call quoted,ARTICLE) $(call quoted,CASE)

# make check PAGES=FOLDER [SOURCES=FOLDER] [CASE=SOURCE/CASE]
check: $(VENV)/installed
	@$(BIN)/python -m tests.pages.freeze --check $(if $(value PAGES),--pages $(call quoted,PAGES)) $(if $(value SOURCES),--sources $(call quoted,SOURCES)) $(if $(value CASE),$(call quoted,CASE))

# After CODE_VERSION was raised, or a page, a rule or a library has changed; tests/pages/readings.py says why.
readings: $(VENV)/installed
	@$(BIN)/python -m tests.pages.readings

screenshots: $(VENV)/installed-dev
	@$(BIN)/python -m tests.kit.screenshots data/demo docs/images

# What takes longer than the project's check may: by seed, so that a bad run can be repeated.
SEED ?= 1
soak: $(VENV)/installed-dev
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m soak --timeout 900
	@$(BIN)/python -m benchmarks.stops 200 $(SEED)
	@$(BIN)/python -m benchmarks.kills
	@$(BIN)/python -m benchmarks.shards --rounds 0

MINUTES ?= 30
bench: $(VENV)/installed-dev $(BIN)/kabar
	@$(BIN)/python -m benchmarks --minutes $(MINUTES) $(NAMES)

# What the benchmark compares with: an environment of its own, for its pins do not suit ours.
peers: .venv-peers/installed

.venv-peers/installed: benchmarks/peers.txt
	@test -x .venv-peers/bin/python || $(PYTHON) -m venv .venv-peers
	@.venv-peers/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes -r requirements-build.txt
	@.venv-peers/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-build-isolation -r $<
	@touch $@

clean:
	rm -rf $(VENV) .venv-oldest .venv-peers kabar.egg-info build .mypy_cache .ruff_cache .pytest_cache .hypothesis
