# Every target makes what it needs in .venv; nothing outside this folder is touched.
.DEFAULT_GOAL := help
.PHONY: help run demo test test-oldest test-browser fuzz lint report weights clean

VENV := .venv
BIN := $(VENV)/bin
OLDEST := .venv-oldest
LINT := .venv-lint
SECONDS ?= 600
# two processes, a file's tests in one of them; in order, as files of few tests take the longest
IN_TWO := --numprocesses 2 --dist loadfile --no-loadscope-reorder
# the first Python that works; TensorFlow, for the tests, has no wheels for 3.14 yet
PYTHON := $(shell for python in python3 python3.12 python3.13 python3.11 python3.14; do \
	$$python -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$python; done; true)
OLD_ENOUGH := $(firstword $(shell for python in $(PYTHON); do \
	$$python -c 'import sys; sys.exit(sys.version_info >= (3, 14))' && echo $$python; done; true) $(PYTHON))

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 16

run: $(VENV)/light ## read the sample pictures
	@cd samples && ../$(BIN)/fer-onnx predict astronaut.png hopper.jpg --annotate annotated
	@echo
	@echo "Annotated pictures are in samples/annotated. 'make demo' opens the demo in a browser."

demo: $(VENV)/demo ## open the demo in a browser
	$(BIN)/streamlit run streamlit_app.py

test: $(VENV)/dev ## run the whole test suite
	$(BIN)/python -m pytest $(IN_TWO)

test-oldest: ## test the runtime and films with the oldest packages that pyproject.toml allows
	@command -v python3.11 >/dev/null || { echo "Python 3.11 is needed, and was not found."; exit 1; }
	python3.11 -m venv $(OLDEST)
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check \
		hypothesis pytest pytest-xdist \
		$$(python3.11 -c 'import tomllib; file = open("pyproject.toml", "rb"); \
		project = tomllib.load(file)["project"]; \
		lines = project["dependencies"] + project["optional-dependencies"]["video"]; \
		print(*(line.replace(">=", "==") for line in lines))')
	$(OLDEST)/bin/python -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	$(OLDEST)/bin/python -m pytest $(IN_TWO) tests/runtime tests/fuzz tests/video

test-browser: ## test the demo in chromium, and take its picture for the README
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null || \
		{ echo "No chromium was found; on Debian: apt install chromium"; exit 1; }
	@$(MAKE) --no-print-directory $(VENV)/browser
	$(BIN)/python -m pytest tests/browser

fuzz: $(VENV)/dev ## fuzz what reads files of strangers, ten minutes, or SECONDS=60
	@$(BIN)/python -c 'import atheris' 2>/dev/null || $(BIN)/python -m pip install --quiet \
		--disable-pip-version-check --only-binary :all: atheris >/dev/null 2>&1 || true
	$(BIN)/python tests/fuzz --seconds $(SECONDS)

lint: $(LINT)/done ## check style and types
	$(LINT)/bin/ruff check . && $(LINT)/bin/ruff format --check . && $(LINT)/bin/mypy

report: $(VENV)/dev ## measure the bundled models, and write the tables of the documents
	@test -z "$$FER_DATA" || { $(BIN)/python -m benchmarks accuracy --write && \
		$(BIN)/python -m benchmarks robustness --write; }
	$(BIN)/python -m benchmarks --render

# A training that was stopped is resumed; one that is done is not repeated.
WEIGHTS := runs/weights
PHOTOS ?= $(FER_DATA)/photos.zip
train = $(BIN)/python -m train $(1) --out $(@D) $(if $(wildcard $(@D)/last.keras),--resume) && touch $@
again = fit compact-again --data $(FER_DATA) --nonfaces $(PHOTOS) --precision mixed_bfloat16 \
	--regardless
finish = fit compact-finish --init $(WEIGHTS)/3/best.keras --data $(FER_DATA) --nonfaces $(PHOTOS) \
	--precision mixed_bfloat16 --regardless
ENDS := taught untaught untaught-7 untaught-36
detector = detector --photos $(PHOTOS) --precision mixed_bfloat16
larger = $(detector) --faces $(FER_DATA) --steps 370 --init $(<D)/best.keras

weights: $(VENV)/dev $(WEIGHTS)/faces-6/done $(ENDS:%=$(WEIGHTS)/%/done) ## train the shipped weights again, ten hours: FER_DATA names the data
	$(BIN)/python -m train average $(ENDS:%=$(WEIGHTS)/%/best.keras) --data $(FER_DATA) \
		--split PublicTest --out $(WEIGHTS)/compact.keras
	@echo "$(WEIGHTS)/compact.keras reads faces, $(WEIGHTS)/faces-6/best.keras finds them."

$(WEIGHTS)/1/done: ; $(call train,fit compact --epochs 48 --data $(FER_DATA))
$(WEIGHTS)/2/done: $(WEIGHTS)/1/done
	$(call train,$(again) --init $(<D)/best.keras --teacher $(<D)/best.keras)
$(WEIGHTS)/3/done: $(WEIGHTS)/2/done
	$(call train,$(again) --init $(<D)/best.keras --teacher $(<D)/best.keras --teacher-weight 0.3)
$(WEIGHTS)/taught/done: $(WEIGHTS)/3/done
	$(call train,$(finish) --teacher $(WEIGHTS)/2/best.keras --teacher $(WEIGHTS)/3/best.keras)
$(WEIGHTS)/untaught/done: $(WEIGHTS)/3/done ; $(call train,$(finish))
$(WEIGHTS)/untaught-7/done: $(WEIGHTS)/3/done ; $(call train,$(finish) --seed 7)
$(WEIGHTS)/untaught-36/done: $(WEIGHTS)/3/done ; $(call train,$(finish) --epochs 36)
$(WEIGHTS)/faces-1/done: ; $(call train,$(detector))
$(WEIGHTS)/faces-2/done: $(WEIGHTS)/faces-1/done
	$(call train,$(detector) --init $(<D)/best.keras --epochs 14)
$(WEIGHTS)/faces-3/done: $(WEIGHTS)/faces-2/done ; $(call train,$(larger) --epochs 7)
$(WEIGHTS)/faces-4/done: $(WEIGHTS)/faces-3/done ; $(call train,$(larger) --epochs 15)
$(WEIGHTS)/faces-5/done: $(WEIGHTS)/faces-4/done ; $(call train,$(larger) --epochs 8 --seed 43)
$(WEIGHTS)/faces-6/done: $(WEIGHTS)/faces-5/done ; $(call train,$(larger) --epochs 6 --seed 44)

clean: ## remove what the targets made
	rm -rf $(VENV) $(OLDEST) $(LINT) build/fuzz dist samples/annotated

$(VENV)/light: EXTRA :=
$(VENV)/demo: EXTRA := demo
$(VENV)/dev: EXTRA := dev
$(VENV)/browser: EXTRA := browser
$(VENV)/light $(VENV)/demo $(VENV)/dev $(VENV)/browser: $(BIN)/python pyproject.toml
	@test '$(EXTRA)' != dev || $(BIN)/python -c 'import sys; sys.exit(sys.version_info >= (3, 14))' || \
		{ echo "The tests need TensorFlow, so Python 3.11, 3.12 or 3.13; .venv has a newer one."; exit 1; }
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --editable '.$(EXTRA:%=[%])'
	@touch $@

$(LINT)/done: $(LINT)/bin/python pyproject.toml
	$< -m pip install --quiet --disable-pip-version-check --editable '.[lint]'
	@touch $@

$(BIN)/python $(LINT)/bin/python:
	@test -n "$(OLD_ENOUGH)" || { echo "Python 3.11 or newer is needed, and none was found."; exit 1; }
	@$(OLD_ENOUGH) -c 'import venv, ensurepip' 2>/dev/null || \
		{ echo "$(OLD_ENOUGH) lacks venv; on Debian or Ubuntu: apt install python3-venv"; exit 1; }
	$(OLD_ENOUGH) -m venv $(@D:/bin=)
