# make demo      a simulated meter, the real firmware and a broker on this PC (METER=kaifa, PAYLOAD=json …)
# make test      every test this machine can run; what is missing is said in the skips
# make lint      ruff and pyright
# make build     dist/: what goes onto the chips
# make hardware  the boards' production files
PYTHON ?= python3
METER ?= aidon
PAYLOAD ?= topics,json
BIN := .venv/bin
STUBS := micropython-esp32-stubs==1.29.0.post1
METERWIRE := $(wildcard firmware/lib/meterwire/pyproject.toml)

.PHONY: venv demo test lint build hardware clean

venv: .venv/.made

# The lock: two makes at once in one tree must not both write the same environment.
.venv/.made: pyproject.toml $(METERWIRE)
	@flock .venv.lock sh -ec '\
	  for f in $^; do test $@ -nt $$f || stale=1; done; test "$$stale" || exit 0; \
	  echo "fetching packages into .venv, a minute or two …"; \
	  test -x $(BIN)/python || $(PYTHON) -m venv .venv; \
	  $(BIN)/python -m pip install -q --disable-pip-version-check \
	    -e ".[dev]" $(METERWIRE:%/pyproject.toml=-e %); \
	  $(BIN)/python -m kwhisper_tools.build.fetch; \
	  touch $@'

demo: venv
	@$(BIN)/kwhisper demo --meter $(METER) --payload $(PAYLOAD)

test: venv
	$(BIN)/python -m pytest $(TESTS)

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

hardware: venv
	$(MAKE) -C hardware PYTHON=$(abspath $(BIN)/python)

clean:
	rm -rf build dist .pytest_cache .ruff_cache .hypothesis
	find . -name __pycache__ -not -path './.venv/*' -type d -prune -exec rm -rf {} +
