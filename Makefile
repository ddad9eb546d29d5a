# make demo       a simulated meter, the real firmware and a broker on this PC (METER=kaifa DAYS=0 …)
# make test       every test this machine can run but the slow ones; skips say what is missing
# make test-fast  the same without brokers, browsers and whole devices
# make test-slow  days, soaks, bursts, wheels and releases, and the cases that others stand for
# make format     ruff puts the sources in order
# make lint       ruff and pyright
# make build      dist/: what goes onto the chips
# make release    dist/release/ and dist/web/: the files of a version
# make hardware   the boards' production files
PYTHON ?= python3
METER ?= aidon
PAYLOAD ?= topics,json
DAYS ?= 400
# Most tests wait for something that happens in its own time: three a core.
JOBS ?= $(shell n=$$(nproc 2>/dev/null || echo 2); test $$n -gt 2 && echo 12 || echo $$((3 * n)))
BIN := .venv/bin
STUBS := micropython-esp32-stubs==1.29.0.post1
METERWIRE := $(wildcard firmware/lib/meterwire/pyproject.toml)
PYTEST := $(BIN)/python -m pytest -n $(JOBS) --dist worksteal

# What tests compiled is kept, but not beside the sources.
unexport PYTHONDONTWRITEBYTECODE
export PYTHONPYCACHEPREFIX := $(CURDIR)/build/pycache

.PHONY: venv demo test test-fast test-slow format lint build release hardware clean

venv: .venv/.made

# The lock: two makes at once in one tree must not both write the same environment.
.venv/.made: pyproject.toml $(METERWIRE)
	@flock .venv.lock sh -ec '\
	  for f in $^; do test $@ -nt $$f || stale=1; done; test "$$stale" || exit 0; \
	  echo "fetching packages into .venv, a minute or two …"; \
	  $(BIN)/python -m pip -V >/dev/null 2>&1 || $(PYTHON) -m venv .venv; \
	  $(BIN)/python -m pip install -q --disable-pip-version-check \
	    -e ".[dev]" $(METERWIRE:%/pyproject.toml=-e %); \
	  $(BIN)/python -m kwhisper_tools.build.fetch; \
	  touch $@'

demo: venv
	@$(BIN)/kwhisper demo --meter $(METER) --payload $(PAYLOAD) --days $(DAYS)

test: venv
	$(PYTEST) --timeout 600 -m "not slow" $(TESTS)

test-fast: venv
	$(PYTEST) --timeout 600 -m "not slow and not whole" --ignore tests/hardware $(TESTS)

test-slow: venv
	$(PYTEST) --timeout 1200 -m slow $(TESTS)

format: venv
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

lint: venv build/typings/.made
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright

# In a folder of their own: installed in .venv, the stubs would hide modules of CPython.
build/typings/.made:
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-user \
	  --target build/typings $(STUBS)
	touch $@

build: venv
	$(BIN)/kwhisper build

release: venv
	$(BIN)/python -m kwhisper_tools.build.release

hardware: venv
	$(MAKE) -C hardware PYTHON=$(abspath $(BIN)/python)

clean:
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis .venv/.made \
	  firmware/lib/meterwire/build firmware/lib/meterwire/*.egg-info *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -type d -prune -exec rm -rf {} +
