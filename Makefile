# The developer's commands, one line each. They use the virtual environment of the README's second command.
PYTHON ?= .venv/bin/python
export OMP_NUM_THREADS ?= 1

.PHONY: lint types quick test docs bench

lint:
	$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .

types:
	$(PYTHON) -m mypy

quick:
	$(PYTHON) -m pytest -n auto --dist worksteal -m "not slow and not shipped"

test:
	$(PYTHON) -m pytest -n auto --dist worksteal

docs:
	$(PYTHON) -m sphinx --fail-on-warning docs docs/_build

bench:
	for script in tests/benchmarks/*.py; do $(PYTHON) $$script || exit 1; done
