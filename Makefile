# The README's commands. Each target sets up what it needs; `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

LLVM   := /usr/lib/llvm-22
BUILD  ?= build
FUZZ_BUILD := build-fuzz
PYTHON := .venv/bin/python
# Seconds that `make fuzz` gives each target.
FUZZ_SECONDS ?= 30
# Arguments of test/benchmarks/bench.py for `make bench`, e.g. BENCH_FLAGS="--models bert-base --threads 1".
BENCH_FLAGS ?= --padded --bf16
# More arguments for cmake, e.g. CMAKE_FLAGS=-DPARE_SANITIZE=address with a BUILD directory of its own.
CMAKE_FLAGS ?=

configure = cmake -S . -B $(1) -G Ninja -DCMAKE_BUILD_TYPE=Release \
  -DCMAKE_C_COMPILER=$(LLVM)/bin/clang -DCMAKE_CXX_COMPILER=$(LLVM)/bin/clang++ \
  -DCMAKE_EXE_LINKER_FLAGS=-fuse-ld=lld -DCMAKE_SHARED_LINKER_FLAGS=-fuse-ld=lld \
  -DMLIR_DIR=$(LLVM)/lib/cmake/mlir \
  -DPARE_ONNX_ROOT="$$(echo "$$PWD"/.venv/lib/python3*/site-packages/onnx)" $(CMAKE_FLAGS)

.PHONY: help
help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 22

.PHONY: demo
demo: setup-demo $(BUILD)/.configured ## compile and run a sentence encoder, compare it with ONNX Runtime
	@echo "==> Building the compiler and the runtime"
	@ninja -C $(BUILD) pare pare-run
	@$(PYTHON) tools/scripts/demo.py --build $(BUILD)

.PHONY: test
test: build ## build and run every test; ends with 'N passed, N failed'
	@$(PYTHON) tools/scripts/run_tests.py --build $(BUILD)

.PHONY: build
build: setup $(BUILD)/.configured ## build everything into build/
	@echo "==> Building"
	@ninja -C $(BUILD)

# A change of this file changes the flags; changes of CMakeLists.txt are ninja's business.
$(BUILD)/.configured: Makefile | setup
	@echo "==> Configuring"
	@$(call configure,$(BUILD)) --log-level=WARNING
	@touch $@

.PHONY: setup setup-demo setup-bench
setup:
	@tools/scripts/setup.sh
setup-demo: setup
	@tools/scripts/setup.sh demo
setup-bench: setup
	@tools/scripts/setup.sh bench

.PHONY: bench
bench: setup-bench $(BUILD)/.configured ## measure the benchmark set beside ONNX Runtime and OpenVINO, write docs/benchmarks/cpu-set.md
	@ninja -C $(BUILD) pare
	@.venv-bench/bin/python test/benchmarks/bench.py --pare $(BUILD)/bin/pare $(BENCH_FLAGS)

.PHONY: bench-padding
bench-padding: setup $(BUILD)/.configured ## measure what the removal of padding brings, beside ONNX Runtime
	@ninja -C $(BUILD) pare pare-run
	@$(PYTHON) test/benchmarks/padding.py --pare $(BUILD)/bin/pare --pare-run $(BUILD)/bin/pare-run

.PHONY: bench-masks
bench-masks: setup $(BUILD)/.configured ## measure attention under masks that allow few pairs, beside ONNX Runtime
	@ninja -C $(BUILD) pare pare-run
	@$(PYTHON) test/benchmarks/masks.py --pare $(BUILD)/bin/pare --pare-run $(BUILD)/bin/pare-run

.PHONY: check
check: build ## the house rules: format, clang-tidy, rooms, file size, options, generated docs
	@$(PYTHON) tools/scripts/checks/run_all.py --build $(BUILD)

.PHONY: check-format
check-format: setup ## is every C and C++ file formatted?
	@$(PYTHON) tools/scripts/checks/check_format.py

.PHONY: format
format: setup ## format every C and C++ file
	@$(PYTHON) tools/scripts/checks/check_format.py --fix

.PHONY: docs
docs: setup ## regenerate the generated parts of docs/
	@$(PYTHON) tools/scripts/gen_docs.py

.PHONY: fuzz
fuzz: setup ## build the fuzzers and run each FUZZ_SECONDS (30)
	@$(call configure,$(FUZZ_BUILD)) --log-level=WARNING -DPARE_BUILD_FUZZERS=ON -DPARE_BUILD_TESTS=OFF -DPARE_SANITIZE=address,fuzzer-no-link
	@$(PYTHON) tools/scripts/run_fuzzers.py --build $(FUZZ_BUILD) --seconds $(FUZZ_SECONDS)

.PHONY: clean
clean: ## remove build directories
	rm -rf $(BUILD) $(FUZZ_BUILD)
