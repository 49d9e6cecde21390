# SPDX-License-Identifier: GPL-2.0-or-later
#
#   make run      brings what is missing, builds and starts the program
#   make check    brings what is missing, builds and runs every test
#   make          builds ./finwait; installs nothing, says what is missing
#
# Further: asan tidy layers purity padding fuzz bench install [DESTDIR= PREFIX=] clean.
# A build of its own beside the usual one: make BUILD=build/NAME PROGRAM=build/NAME/finwait [CC=clang] [CFLAGS=...]

ifeq ($(origin CC),default)
CC := gcc
endif
CFLAGS ?= -O2 -g
PREFIX ?= /usr/local
BUILD ?= build
PROGRAM ?= finwait
JOBS ?= $(shell nproc 2>/dev/null || echo 1)

# The rooms, lowest first; each may use those before it only (make layers).
ROOMS := base wire engine tape explore live lang drill lesson view term
# These may use POSIX and GNU names; everything else is plain C17.
GNU_SOURCES := $(wildcard src/base/*.c src/live/*.c src/term/*.c src/main.c)

SOURCES := $(foreach room,$(ROOMS),$(sort $(wildcard src/$(room)/*.c)))
OBJECTS := $(SOURCES:%.c=$(BUILD)/%.o) $(BUILD)/source_lines.o
MAIN := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/main.c))
LIBRARY := $(BUILD)/libfinwait.a
UNIT_SOURCES := $(sort $(wildcard tests/unit/test_*.c))
UNIT_SHARED := $(filter-out $(UNIT_SOURCES),$(sort $(wildcard tests/unit/*.c)))
UNIT_TESTS := $(UNIT_SOURCES:%.c=$(BUILD)/%)
TTY_TESTS := $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard tests/tty/test_*.c)))
# unit and tty first, then every folder under tests/ that has a run.sh
SUITES ?= unit tty $(patsubst tests/%/run.sh,%,$(sort $(wildcard tests/*/run.sh)))

# Without PIE, constant tables of pointers are read-only data from the start: what make purity looks for.
FLAGS := -std=c17 -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
	-fno-pie -Isrc $(WARNINGS)
LDFLAGS += -no-pie
LIBS := -ledit -lncursesw -ltinfo -ljansson -lmd4c
LIBS_OF_TESTS := -lcmocka -lvterm

.PHONY: soak screenshots all run check need check-programs suites asan tidy layers purity padding bench fuzz fuzz-programs install clean FORCE
.DELETE_ON_ERROR:
.SECONDARY:

all: $(if $(MAIN),$(PROGRAM),$(LIBRARY))

# ---- the two commands ----------------------------------------------------------------------------------------------

run:
	@tests/tools/deps bring run
	@$(MAKE) --no-print-directory -s -j$(JOBS) all
	@./$(PROGRAM) $(ARGS)

check:
	@tests/tools/deps bring check
	@$(MAKE) --no-print-directory suites

# ---- building ------------------------------------------------------------------------------------------------------

need:
	@tests/tools/deps name run

# Rewritten only when the compiler or its flags are others than the last time.
$(BUILD)/flags: FORCE | need
	@mkdir -p $(@D)
	@echo '$(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS)' | cmp -s - $@ || echo '$(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS)' >$@

$(GNU_SOURCES:%.c=$(BUILD)/%.o): DEFINES := -D_GNU_SOURCE
$(BUILD)/tests/%: DEFINES := -D_GNU_SOURCE

$(BUILD)/%.o: %.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(FLAGS) $(DEFINES) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The engine's own source, for `list`.
$(BUILD)/source_lines.c: src/lang/source.awk $(wildcard src/engine/*.[ch]) $(BUILD)/flags
	awk -f src/lang/source.awk $(sort $(wildcard src/engine/*.[ch])) >$@

$(BUILD)/source_lines.o: $(BUILD)/source_lines.c
	$(CC) $(FLAGS) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

# The engine's second body, for worlds that nobody watches: all its files as one object, of which sim_apply_quiet() alone
# can be seen. Only where it is made for speed; with clang or a sanitizer the one body serves for both.
ENGINE := $(wildcard src/engine/*.c)
ifeq ($(findstring clang,$(CC))$(findstring sanitize,$(CFLAGS)),)
TWICE := $(BUILD)/quiet/engine.o
QUICK := -O3
$(BUILD)/src/engine/sim.o: DEFINES := -DENGINE_TWICE
endif

$(BUILD)/quiet/%.o: src/engine/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(FLAGS) -DENGINE_QUIET $(CPPFLAGS) $(CFLAGS) $(QUICK) -flto -MMD -MP -c -o $@ $<

$(BUILD)/quiet/engine.o: $(ENGINE:src/engine/%.c=$(BUILD)/quiet/%.o)
	$(CC) $(CFLAGS) $(QUICK) -fno-pie -flto=auto -r -nostdlib -flinker-output=nolto-rel -o $@ $^
	objcopy --redefine-sym sim_apply=sim_apply_quiet --keep-global-symbol=sim_apply_quiet $@

# From scratch, so that nothing stays in it whose source is gone; the list of members notices that.
$(LIBRARY): $(OBJECTS) $(TWICE) $(BUILD)/members
	@rm -f $@
	$(AR) qcs $@ $(OBJECTS) $(TWICE)

$(BUILD)/members: FORCE | need
	@mkdir -p $(@D)
	@echo '$(OBJECTS)' | cmp -s - $@ || echo '$(OBJECTS)' >$@

# All of the library, in its order: room by room, the engine's second body last. Taken as they are asked for the rooms would be
# mingled, and with what the screen uses it would have in memory what it does not (the kernel maps 16 pages at a time).
$(PROGRAM): $(MAIN) $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(MAIN) -Wl,--whole-archive $(LIBRARY) -Wl,--no-whole-archive $(LIBS)

$(UNIT_TESTS): $(BUILD)/%: $(BUILD)/%.o $(UNIT_SHARED:%.c=$(BUILD)/%.o) $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter-out %.a,$^) $(LIBRARY) $(LIBS) $(LIBS_OF_TESTS)

$(TTY_TESTS): $(BUILD)/%: $(BUILD)/%.o $(BUILD)/tests/tty/terminal.o $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS) $(LIBS_OF_TESTS)

check-programs: all $(UNIT_TESTS) $(TTY_TESTS)

-include $(wildcard $(BUILD)/tests/*/*.d $(BUILD)/quiet/*.d) $(OBJECTS:.o=.d) $(MAIN:.o=.d)

# ---- further checks --------------------------------------------------------------------------------------------------

# The tests again, in a build of their own: make suites BUILD=... PROGRAM=... [SUITES="unit golden"]
suites:
	@$(MAKE) --no-print-directory -s -j$(JOBS) check-programs
	@FINWAIT='./$(PROGRAM)' BUILD='$(BUILD)' tests/run-suites $(SUITES)

asan:
	@UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1 $(MAKE) --no-print-directory suites BUILD=build/asan \
		PROGRAM=build/asan/finwait SUITES='unit tty golden conformance' \
		CFLAGS='-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined -fno-sanitize-recover=undefined'

layers:
	@tests/guards/layers.sh src

purity: $(LIBRARY)
	@tests/guards/purity.sh $(BUILD)

padding:
	@CC='$(CC)' tests/guards/padding.sh src/engine/world.h

tidy:
	@tests/tools/tidy $(SOURCES) $(wildcard src/main.c)

# Programs that try any input, with the corpora under tests/fuzz/corpus: make fuzz [RUNS=N]
RUNS ?= 20000
FUZZ := $(patsubst tests/fuzz/%.c,%,$(sort $(wildcard tests/fuzz/fuzz_*.c)))
FUZZ_BUILD := BUILD=build/fuzz PROGRAM=build/fuzz/finwait CC=clang \
	CFLAGS='-O1 -g -fsanitize=fuzzer-no-link,address,undefined -fno-sanitize-recover=undefined'

fuzz-programs: $(FUZZ:%=$(BUILD)/tests/fuzz/%)

$(BUILD)/tests/fuzz/fuzz_%: $(BUILD)/tests/fuzz/fuzz_%.o $(LIBRARY)
	$(CC) $(CFLAGS) -fsanitize=fuzzer $(LDFLAGS) -o $@ $^ $(LIBS)

fuzz:
	@$(MAKE) --no-print-directory -s -j$(JOBS) $(FUZZ_BUILD) fuzz-programs
	@for f in $(FUZZ); do \
		mkdir -p build/fuzz/corpus/$$f tests/fuzz/corpus/$$f; \
		echo "$$f: $(RUNS) runs"; \
		build/fuzz/tests/fuzz/$$f -runs=$(RUNS) -timeout=10 -rss_limit_mb=1500 -print_final_stats=0 -verbosity=0 \
			-max_total_time=180 -artifact_prefix=build/fuzz/ build/fuzz/corpus/$$f tests/fuzz/corpus/$$f || exit 1; \
	done

# The pictures of the README, from the program's own cells.
screenshots: all
	@tests/tools/screenshots ./$(PROGRAM) assets/screens

# A walk thirty times as long as the one of make check: make soak [SEED=N]
soak: check-programs
	SOAK=1 $(if $(SEED),SEED=$(SEED)) $(BUILD)/tests/unit/test_walk

# What we cost beside lwIP and /bin/true, in one sitting. Needs liblwip-dev.
bench: all $(BUILD)/tests/bench/bench $(BUILD)/tests/bench/lwip_bench
	@$(BUILD)/tests/bench/bench ./$(PROGRAM) $(BUILD)/tests/bench/lwip_bench

$(BUILD)/tests/bench/bench: $(BUILD)/tests/bench/bench.o $(LIBRARY)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/tests/bench/lwip_bench: tests/bench/lwip_bench.c
	@tests/tools/deps name bench
	@mkdir -p $(@D)
	$(CC) -O2 -I/usr/include/lwip -o $@ $< -llwip

# ---- installing ------------------------------------------------------------------------------------------------------

# What the program reads at run time lies under share/finwait as it lies in the checkout.
install: all
	install -D -m 755 $(PROGRAM) $(DESTDIR)$(PREFIX)/bin/finwait
	set -e; for f in $(wildcard assets/glossary/*.md assets/glossary/*/*.md assets/demos/* assets/themes/* \
		lessons/*.md lessons/*/*.md); do \
		install -D -m 644 $$f $(DESTDIR)$(PREFIX)/share/finwait/$$f; done
	set -e; for f in $(wildcard assets/man/*.1); do \
		install -D -m 644 $$f $(DESTDIR)$(PREFIX)/share/man/man1/$${f##*/}; done
	set -e; for f in $(wildcard assets/completions/*.bash); do b=$${f##*/}; \
		install -D -m 644 $$f $(DESTDIR)$(PREFIX)/share/bash-completion/completions/$${b%.bash}; done

clean:
	rm -rf build finwait
