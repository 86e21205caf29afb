# Each target works alone in a fresh clone: it sets up .venv by itself.
PYTHON ?= python3
BIN := .venv/bin
LOCK := --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-emit-find-links --no-annotate --no-header
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

.PHONY: demo test check proof app lint fetch docs lock licences clean

demo: fetch  ## score a sample recording and say where the report is
	$(BIN)/liyi score sample_media/counter_front_zh.mp4 --out out/demo

app: fetch  ## open the web app on 127.0.0.1
	$(BIN)/liyi app

test check: export PYTHONDONTWRITEBYTECODE :=  # what tests start hundreds of times is compiled once
test: .venv/dev fetch lint  ## everything that CI runs
	$(BIN)/python -m pytest -n 3 --dist loadfile -m "not camera"  # a file to one worker: what its tests share is made once
	$(BIN)/python -m pytest -m camera tests/e2e  # alone: frame rates and waits are real there

check: .venv/dev lint  ## what to run before each commit: no models, media, browser or database needed
	$(BIN)/python -m pytest -n 2 --dist loadfile -m "not slow" --ignore tests/e2e

proof: .venv/dev fetch  ## what takes too long for the tests, at most 75 minutes: make proof [JOB=ladder] [AGAIN=1]
	$(BIN)/python benchmarks/proof.py $(JOB) $(if $(AGAIN),--again)

lint: .venv/dev  ## style, types, layers, spelling
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/codespell

fetch: .venv/run  ## model files, verified; does nothing when they are there
	$(BIN)/liyi models fetch

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Liyi needs Python 3.11 or newer: make PYTHON=python3.11 $(MAKECMDGOALS)"; exit 1; }
	$(PYTHON) -m venv .venv

.venv/run: .venv/bin/python requirements.lock pyproject.toml
	$(PIP) install --require-hashes -r requirements.lock
	$(PIP) install --no-deps --no-build-isolation --no-index -e .
	@touch $@

.venv/dev: .venv/run requirements-dev.lock
	$(PIP) install --require-hashes -r requirements-dev.lock
	@touch $@

docs: .venv/run  ## write what docs/ takes from the code: the schema, tables of measures
	$(BIN)/python -m benchmarks.write_docs

lock:  ## write the lock files anew (needs uv)
	uv pip compile $(LOCK) --extra build pyproject.toml -o requirements.lock
	uv pip compile $(LOCK) --all-extras pyproject.toml -o requirements-dev.lock

licences: .venv/dev  ## write docs/licences.md from the packages in .venv
	$(BIN)/python benchmarks/licences.py > docs/licences.md

clean:
	rm -rf .venv out build dist
