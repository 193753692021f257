# All that anyone types. Each target sets up what it needs.
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready

.PHONY: setup demo test test-slow test-jax check lab lock format clean
.PHONY: fuzz test-threats bench-convolution bench-architectures bench-grading soak
.PHONY: bench-training results

setup: $(READY)

$(READY): requirements.lock pyproject.toml tools/setup.sh
	@bash tools/setup.sh

demo: $(READY)
	@$(BIN)/python -m autograder.demo

test: $(READY)
	@bash tools/browser.sh
	@$(BIN)/python -m pytest -q -m "not slow" -n 2 --dist loadfile

test-slow: $(READY)
	@bash tools/browser.sh
	@$(BIN)/python -m pytest -q -m slow

test-jax: .venv-jax/.ready
	@KERAS_BACKEND=jax .venv-jax/bin/python -m pytest -q -m "not slow" \
	    tests/cnncourse/architectures

.venv-jax/.ready: $(READY) tools/setup_beside.sh
	@bash tools/setup_beside.sh .venv-jax "jax[cpu]>=0.7"

test-threats: $(READY)
	@$(BIN)/python -m pytest -q tests/autograder/threats

fuzz: $(READY)
	@FUZZ_COUNT=100000 FUZZ_SEED=$${FUZZ_SEED:-$$(date +%s)} \
	    $(BIN)/python -m pytest -q -s tests/autograder/test_fuzz.py

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

bench-architectures: $(READY)
	@$(BIN)/python -m benchmarks.architectures

bench-training: $(READY)
	@$(BIN)/python -m benchmarks.training

results: $(READY)
	@$(BIN)/python -m benchmarks.results

bench-grading: $(READY) .venv-otter/.ready
	@$(BIN)/python -m benchmarks.grading --students 50 200

.venv-otter/.ready: $(READY) tools/setup_beside.sh
	@bash tools/setup_beside.sh .venv-otter "otter-grader==7.0.0"

bench-input: $(READY)
	@$(BIN)/python -m benchmarks.input_pipeline

attacks: $(READY)
	@$(BIN)/python -m benchmarks.attacks

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
	rm -rf $(VENV) .venv-jax .venv-otter demo build *.egg-info .mypy_cache .pytest_cache .ruff_cache
