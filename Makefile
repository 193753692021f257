# All that anyone types. Each target sets up what it needs.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test test-slow check lab lock format clean
.PHONY: test-threats bench-convolution bench-grading soak

setup: $(READY)

$(READY): requirements.lock pyproject.toml tools/setup.sh
	@bash tools/setup.sh

demo: $(READY)
	@$(BIN)/python -m autograder.demo

test: $(READY)
	@bash tools/browser.sh
	@$(BIN)/python -m pytest -q -m "not slow and not threats"

test-slow: $(READY)
	@bash tools/browser.sh
	@$(BIN)/python -m pytest -q -m "slow and not threats"

test-threats: $(READY)
	@$(BIN)/python -m pytest -q tests/autograder/threats

check: $(READY)
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache
	@$(BIN)/autograder build --check

lab: $(READY)
	@$(BIN)/jupyter lab --notebook-dir=labs

bench-convolution: $(READY)
	@$(BIN)/python -m benchmarks.convolution

bench-grading: $(READY)
	@$(BIN)/python -m benchmarks.grading --students 50 200

soak: $(READY)
	@$(BIN)/python -m benchmarks.soak

format: $(READY)
	@$(BIN)/ruff format .
	@$(BIN)/ruff check --fix .

lock: $(READY)
	@$(BIN)/python -m pip install -q uv
	@$(BIN)/uv pip compile pyproject.toml --extra dev --universal --python-version 3.11 \
	    --no-annotate --no-header --no-emit-index-url --no-emit-find-links --upgrade \
	    -q -o requirements.lock

clean:
	rm -rf $(VENV) demo build *.egg-info .mypy_cache .pytest_cache .ruff_cache
