# Marquee: programs, tests, lint, install. The graph of the data is in pipeline.mk.
#
#   make                       build everything under $(BUILD)
#   make test                  build and run all tests
#   make SANITIZE=address,undefined test
#   make MPI=1                 build/mpi/factorize, for several machines (wants libopenmpi-dev)
#   make CC=clang
#   make MODE=native           for this machine alone; other bytes than the portable build's
#   make V=1                   show the commands
#
# Files are found by wildcard: a new stage is a new folder under stages/, a new test a new file
# under tests/.

.DELETE_ON_ERROR:
.SECONDEXPANSION:
.SUFFIXES:
.SECONDARY:
MAKEFLAGS += --no-builtin-rules
.DEFAULT_GOAL := all

ifeq ($(origin CC),default)
CC := gcc
endif
AR       := ar
SANITIZE :=
comma    := ,
space    := $(subst ,, )
MODE     := portable
MPI      :=
BUILD    := build$(if $(SANITIZE),-$(subst $(comma),-,$(SANITIZE)))$(if $(filter native,$(MODE)),-native)$(if $(MPI),/mpi)

# Names and paths become words of make and of the shell, and parts of what `clean` removes.
special   := ' " ` ; & | < > ( ) { } [ ] * ? ! % : = \ \# $$
not_plain  = $(if $(1),$(strip $(word 2,x$(1)x) $(foreach c,$(special),$(findstring $(c),$(1)))),empty)
not_name   = $(strip $(not_plain) $(findstring /,$(1)) $(filter .% -% +%,$(1)))
names     := a name is one word without slashes, quotes and special characters that begins with neither . + nor -
paths     := a path is one word without quotes and special characters
refuse     = $(error $(1)="$(2)": $(3))
$(if $(call not_plain,$(BUILD)),$(call refuse,BUILD,$(BUILD),$(paths)))

WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes
CFLAGS   ?= -O2 -g
CPPFLAGS ?=
LDFLAGS  ?=
V        ?=
WERROR   :=
SANITIZE_FLAGS := $(if $(SANITIZE),-fsanitize=$(SANITIZE) -fno-sanitize-recover=all -fno-omit-frame-pointer)
ifneq ($(MPI),)
CPPFLAGS += -DMARQUEE_MPI $(shell mpicc -showme:compile)
endif
# Nobody looks at the errno of sqrtf, and without it loops that take roots become vector code.
COMPILE  := $(CC) -std=gnu11 -D_GNU_SOURCE -I. -fopenmp -fno-math-errno $(WARNINGS) $(WERROR) \
            $(CFLAGS) $(if $(filter native,$(MODE)),-march=native) $(SANITIZE_FLAGS) $(CPPFLAGS)
LINK     := $(CC) -fopenmp $(CFLAGS) $(SANITIZE_FLAGS) $(LDFLAGS) -Wl,--as-needed
Q        := $(if $(V),,@)
say       = $(if $(V),:,printf '%-8s%s\n' $(1) $(2))
LDLIBS   := -lcsv -lzstd -lxxhash -ljansson -llapacke -lopenblas -lm $(if $(MPI),$(shell mpicc -showme:link))
# Of the service and its tests alone.
SERVE_LIBS := -lmicrohttpd -lsqlite3

# ---- what there is ----
LIBRARY        := $(BUILD)/libmarquee.a
LIBRARY_SOURCE := $(wildcard common/*/*.c)
STAGES         := $(sort $(patsubst stages/%/,%,$(dir $(wildcard stages/*/main.c))))
STAGE_PROGRAMS := $(addprefix $(BUILD)/,$(STAGES))
GENERATE       := $(if $(wildcard data/generate/main.c),$(BUILD)/generate)
C_TEST_SOURCE  := $(wildcard tests/unit/test_*.c tests/numeric/test_*.c)
C_TESTS        := $(C_TEST_SOURCE:%.c=$(BUILD)/%)
SHELL_TESTS    := $(wildcard tests/*/*.test.sh)

objects = $(patsubst %.c,$(BUILD)/%.o,$(1))
# The compute files of a program's folder: all but its main.c.
pure    = $(call objects,$(filter-out $(1)/main.c,$(wildcard $(1)/*.c)))
# A test links with the pure files of the stages (or the generator) whose headers it includes.
test_folders = $(shell sed -n 's,^\#include "\(stages/[a-z]*\|data/generate\)/.*,\1,p' $(1) | sort -u)
test_objects = $(foreach folder,$(call test_folders,$(1)),$(call pure,$(folder)))

PROGRAMS := $(if $(MPI),$(BUILD)/factorize,$(STAGE_PROGRAMS) $(GENERATE))

.PHONY: all
all: $(LIBRARY) $(PROGRAMS) ## build the library and all programs (default)

# ---- compiling ----
# Remembers the command lines, so that changed flags rebuild.
FLAGS_FILE := $(BUILD)/flags
FLAGS_TEXT := $(COMPILE) | $(LINK) $(LDLIBS)
# Under -n nothing is written, and what would be compiled anew is shown all the same.
dry_run    := $(findstring n,$(filter-out --%,$(firstword -$(MAKEFLAGS))))
ifneq ($(FLAGS_TEXT),$(file <$(FLAGS_FILE)))
ifeq ($(dry_run),)
$(shell mkdir -p $(BUILD))
$(file >$(FLAGS_FILE),$(FLAGS_TEXT))
else
.PHONY: $(FLAGS_FILE)
endif
endif

$(BUILD)/%.o: %.c $(FLAGS_FILE)
	@mkdir -p $(@D)
	@$(call say,compile,$<)
	$(Q)$(COMPILE) -MMD -MP -c -o $@ $<

$(LIBRARY): $(call objects,$(LIBRARY_SOURCE)) $(FLAGS_FILE)
	@rm -f $@
	@$(call say,archive,$@)
	$(Q)$(AR) rcsD $@ $(filter %.o,$^)

$(STAGE_PROGRAMS): $(BUILD)/%: $$(call objects,$$(wildcard stages/$$*/*.c)) $(LIBRARY)
	@$(call say,link,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIBRARY) $(LDLIBS)

$(BUILD)/serve $(BUILD)/tests/unit/test_serve%: LDLIBS += $(SERVE_LIBS)
# The files of the web page are part of the program.
$(BUILD)/stages/serve/assets.o: $(wildcard stages/serve/web/*)
$(BUILD)/stages/report/page.o: stages/report/style.css

$(BUILD)/generate: $(call objects,$(wildcard data/generate/*.c)) $(LIBRARY)
	@$(call say,link,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIBRARY) $(LDLIBS)

$(C_TESTS): $(BUILD)/%: $(BUILD)/%.o $$(call test_objects,$$*.c) $(LIBRARY)
	@$(call say,link,$@)
	$(Q)$(LINK) -o $@ $(filter %.o,$^) $(LIBRARY) $(LDLIBS) -lcmocka

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)

# ---- testing ----
.PHONY: test
test: $(PROGRAMS) $(C_TESTS) ## build and run all tests; the last line is the sum
	@BUILD=$(BUILD) bash tests/run.sh $(C_TESTS) $(SHELL_TESTS)

# Long tests of the service, not part of `make test`.
.PHONY: soak kill
soak: $(PROGRAMS) ## 200,000 mixed requests: answers as asked for, memory flat (a few minutes)
	@BUILD=$(BUILD) REQUESTS=$(REQUESTS) bash tests/pipeline/soak.sh

kill: $(PROGRAMS) ## 200 random SIGKILLs of the service while clients write: nothing lost, nothing doubled
	@BUILD=$(BUILD) KILLS=200 bash tests/pipeline/serve-kill.test.sh

# The concurrent tests under ThreadSanitizer, on the run's models. On one OpenMP thread: its runtime is
# not instrumented. Further arguments of make go to it: make tsan RUN=ml-1m REQUESTS=20000
REQUESTS ?= 200000
TSAN := $(BUILD)-thread
TSAN_TESTS := test_serve_store test_serve_engine
.PHONY: tsan
tsan: $$(call missing,$$(recommend_from)) ## the service and its store under ThreadSanitizer (20,000 requests)
	@$(MAKE) --no-print-directory SANITIZE=thread BUILD=$(TSAN) CFLAGS='-O1 -g' $(TSAN)/serve \
	    $(TSAN_TESTS:%=$(TSAN)/tests/unit/%)
	@OMP_NUM_THREADS=1 TSAN_OPTIONS=exitcode=66:halt_on_error=1 BUILD=$(TSAN) RUN_FOLDER=$(run) \
	    REQUESTS=$(if $(filter file,$(origin REQUESTS)),20000,$(REQUESTS)) \
	    bash tests/run.sh $(TSAN_TESTS:%=$(TSAN)/tests/unit/%) tests/pipeline/soak.sh

# Races: the thread sanitizer over all C programs and one pipeline. Of clang, whose OpenMP runtime
# tells it through Archer what waits for what; gcc's does not. OpenBLAS runs on one thread and is left out.
RACE_TESTS ?= $(C_TESTS) tests/pipeline/determinism.test.sh
.PHONY: test-race race
test-race: ## look for data races (needs clang, libomp-dev)
	@TSAN_OPTIONS="ignore_noninstrumented_modules=1 halt_on_error=1 allocator_may_return_null=1 $$TSAN_OPTIONS" OMP_NUM_THREADS=4 \
	    $(MAKE) --no-print-directory BUILD=$(BUILD)-race CC=clang SANITIZE=thread \
	    CFLAGS='-O1 -g -Wno-pass-failed' race
race: $(PROGRAMS) $(C_TESTS)
	@BUILD=$(BUILD) bash tests/run.sh $(RACE_TESTS)

# The web page in a browser: with playwright-core of npm and the Chromium of the system. Not part of
# `make test`.
WEB := $(BUILD)/web
.PHONY: deps-web test-web test-axe screenshot
deps-web: ## install what test-web needs: chromium, node, playwright-core
	@sh .ci/deps web
	@mkdir -p $(WEB)
	@cp tests/web/package.json $(WEB)/
	@cd $(WEB) && npm install --no-audit --no-fund --silent

test-web: $(BUILD)/serve pipeline ## drive the web page in a browser, on the sample (make deps-web first)
	@SERVE=$(BUILD)/serve RUN=$(ARTIFACTS)/$(RUN) MODULES=$(WEB) node tests/web/page.test.mjs

# Installs by itself what it can, and skips if that is not enough.
test-axe: $(BUILD)/serve pipeline ## put the web page before axe-core (npm; skipped where it cannot be installed)
	@mkdir -p $(WEB); cp tests/web/package.json $(WEB)/
	@cd $(WEB) && npm install --no-audit --no-fund --silent >/dev/null 2>&1 || true
	@SERVE=$(BUILD)/serve RUN=$(ARTIFACTS)/$(RUN) MODULES=$(WEB) node tests/web/axe.test.mjs

screenshot: $(BUILD)/serve ## make the picture of the page in docs/ again, from the run's models
	@SERVE=$(BUILD)/serve RUN=$(ARTIFACTS)/$(RUN) MODULES=$(WEB) SHOT=docs/page.png node tests/web/screenshot.mjs

# Faults put into the code, one at a time in a copy of the tree: which test notices? Not part of `make
# test`, which only checks that every mutant still applies.
#
#   make mutants MUTANTS="file-fsync topk-ties"
MUTANTS ?=
.PHONY: mutants
mutants: $(PROGRAMS) $(C_TESTS) ## apply the mutants of tests/mutants/mutants.list; which test kills each? (15 minutes)
	@tests/mutants/run $(MUTANTS)

# Golden files: remade only when the format changes; git then shows the change to review.
.PHONY: golden
golden: $(BUILD)/inspect $(BUILD)/tests/golden/forge ## remake the artifacts under tests/golden
	bash tests/golden/make.sh $(abspath $^)

$(BUILD)/tests/golden/forge: $(BUILD)/tests/golden/forge.o $(LIBRARY)
	$(LINK) -o $@ $(filter %.o,$^) $(LIBRARY) $(LDLIBS)

# Fuzzing: clang's libFuzzer with sanitizers. Each fuzzer is linked with the library's base, artifact
# and data and with the pure files of the stages whose headers it includes. That of artifacts is seeded
# with the small golden files, the others with the lines of X.seeds; X.dict holds words to put in. A
# finding ends the run and is left in $(BUILD)/fuzz.
#
#   make fuzz FUZZ="query body" FUZZ_SECONDS=0 FUZZ_RUNS=10000000     # 0: no limit
FUZZ         ?= $(patsubst tests/fuzz/fuzz_%.c,%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZ_SECONDS ?= 60
FUZZ_RUNS    ?= -1
FUZZERS      := $(FUZZ:%=$(BUILD)/fuzz/fuzz_%)
FUZZ_COMMON  := $(wildcard common/base/*.c common/artifact/*.c common/data/*.c)
fuzz_stages   = $(foreach folder,$(call test_folders,$(1)),\
                  $(filter-out $(folder)/main.c,$(wildcard $(folder)/*.c)))
fuzz_words    = $(addprefix -dict=,$(wildcard tests/fuzz/$(notdir $(1)).dict))
define fuzz_run
	@$(1) -runs=$(FUZZ_RUNS) -max_total_time=$(FUZZ_SECONDS) -rss_limit_mb=1024 \
	    -artifact_prefix=$(BUILD)/fuzz/ -print_final_stats=1 $(call fuzz_words,$(1)) $(1).corpus

endef
.PHONY: fuzz
fuzz: $(FUZZERS) ## fuzz the readers of artifacts, CSVs and requests for FUZZ_SECONDS each (needs clang)
	@mkdir -p $(FUZZERS:%=%.corpus) $(BUILD)/fuzz/fuzz_artifact.corpus
	@for file in $(filter-out %/long.art,$(wildcard tests/golden/*/*.art)); do for byte in 0 1; do \
	    { printf "\\00$$byte"; cat $$file; } \
	    >$(BUILD)/fuzz/fuzz_artifact.corpus/$$byte-$$(basename $$file); \
	done; done
	@for seeds in $(FUZZ:%=tests/fuzz/fuzz_%.seeds); do [ ! -f $$seeds ] || { n=0; \
	    while IFS= read -r line; do n=$$((n + 1)); \
	        printf '%b' "$$line" >$(BUILD)/fuzz/$$(basename $$seeds .seeds).corpus/seed-$$n; \
	    done <$$seeds; }; done
	$(foreach fuzzer,$(FUZZERS),$(call fuzz_run,$(fuzzer)))

of_service = $(filter stages/serve,$(call test_folders,tests/fuzz/$(1).c))
$(BUILD)/fuzz/%: tests/fuzz/%.c $(FUZZ_COMMON) $$(call fuzz_stages,tests/fuzz/$$*.c) \
            $$(if $$(call of_service,$$*),$(wildcard common/run/*.c common/nn/*.c common/models/*.c common/features/*.c common/ranking/*.c)) \
            $(wildcard common/base/*.h common/artifact/*.h tests/fuzz/*.h)
	@mkdir -p $(@D)
	clang -std=gnu11 -D_GNU_SOURCE -I. -O1 -g -fsanitize=fuzzer,address,undefined \
	    -fno-sanitize-recover=all -o $@ $(filter %.c,$^) $(LDLIBS) \
	    $(if $(call of_service,$*),$(SERVE_LIBS)) -lpthread

# ---- lint: two compilers without a warning, clang-tidy, and the rules in .ci/lint ----
# Tests are compiled by both, but not put through clang-tidy.
ALL_SOURCE  := $(LIBRARY_SOURCE) $(wildcard stages/*/*.c data/generate/*.c) $(C_TEST_SOURCE)
TIDY_SOURCE := $(filter-out tests/%,$(ALL_SOURCE))
.PHONY: lint
lint: ## compile with gcc and clang without a warning; clang-tidy; format, layers, names, cycles
	@.ci/lint
	@$(MAKE) --no-print-directory -j2 BUILD=$(BUILD)/lint-gcc CC=gcc WERROR=-Werror CFLAGS=-O2 objects
	@$(MAKE) --no-print-directory -j2 BUILD=$(BUILD)/lint-clang CC=clang WERROR=-Werror CFLAGS=-O0 \
	    objects tidy

.PHONY: objects tidy
objects: $(call objects,$(ALL_SOURCE))
tidy: $(TIDY_SOURCE:%.c=$(BUILD)/%.tidy)
# Depends on the object, which knows the headers.
$(BUILD)/%.tidy: $(BUILD)/%.o .clang-tidy
	@$(call say,tidy,$*.c)
	$(Q)clang-tidy -quiet $*.c -- -std=gnu11 -D_GNU_SOURCE -I. -fopenmp 2>/dev/null
	@touch $@

PREFIX  ?= /usr/local
DESTDIR ?=
.PHONY: install
install: $(STAGE_PROGRAMS) ## install the programs as $(PREFIX)/bin/marquee-*
	install -d $(DESTDIR)$(PREFIX)/bin
	for stage in $(STAGES); do \
	    install -m 755 $(BUILD)/$$stage $(DESTDIR)$(PREFIX)/bin/marquee-$$stage || exit 1; done

# What the code says of itself. A test holds the pages against it.
.PHONY: docs
docs: $(BUILD)/features $(BUILD)/factorize ## write docs/models.md and docs/features.md again
	@{ printf '%s\n\n' '# Models'; $(BUILD)/factorize --list; } >docs/models.md
	@{ printf '%s\n\n' '# Features'; $(BUILD)/features --list; } >docs/features.md

.PHONY: deps
deps: ## install the packages that building needs (apt), or print their names
	@sh .ci/deps

.PHONY: fetch
fetch: ## download a MovieLens data set: make fetch DATASET=ml-latest-small
	@data/fetch $(DATASET)

.PHONY: help
help: ## print this
	@{ sed -n 's/^\([a-z-]*\):[^#]*## \(.*\)$$/\1|\2/p' $(filter-out %.d,$(MAKEFILE_LIST)); \
	    printf '%s|run this stage again, with what it needs\n' $(stage_targets); } | sort | \
	    awk -F'|' '{ printf "  %-12s %s\n", $$1, $$2 }'

.PHONY: clean
clean: ## remove $(BUILD)
	rm -rf $(BUILD)

include pipeline.mk
include tests/bench/bench.mk
include tests/certify/certify.mk
