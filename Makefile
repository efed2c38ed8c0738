# Two words are enough for a fresh checkout on Debian 12: make demo, make test.
BIN := .venv/bin

.PHONY: help demo test tests check bench vendor wheel docs

help: ## what can be made
	@grep -E '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

demo: ## a district with its grids, people and tasks, ready to try
	@scripts/setup.sh demo
	@$(BIN)/gridapp demo $(ARGS)

test: ## set-up, then check and every test beside each other
	@scripts/setup.sh test
	@$(MAKE) --no-print-directory -j 2 check tests

tests:
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: ## style, types and floors, without running anything
	@scripts/setup.sh test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: ## what docs/measurements.md and docs/drawing.md tell
	@scripts/setup.sh bench
	$(BIN)/python -m bench.grids --longer --pictures docs/img
	$(BIN)/python -m bench.phone
	$(BIN)/python -m bench $(ARGS)

vendor: ## copies the browser's libraries from npm into gridapp/static/vendor (needs npm and the network)
	@scripts/setup.sh test
	$(BIN)/python scripts/vendor.py

docs: ## fills the tables and diagrams of README.md and docs/ from the code
	@scripts/setup.sh test
	$(BIN)/python -m scripts.docs

wheel: ## dist/gridapp-….whl
	@scripts/setup.sh test
	$(BIN)/python -m build --wheel --no-isolation
