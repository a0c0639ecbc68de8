# streamgrad: `make help` lists the targets.

BUILD  ?= build
PREFIX ?= /usr/local
VERSION = 0.1.0
# make Q= shows the commands
Q ?= @

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wwrite-strings -Werror
CFLAGS  ?= -O3 -g
ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(SANITIZE) $(WARNINGS) -fno-math-errno -ffp-contract=off -fPIC \
             -fopenmp -I. -MMD -MP -DSTREAMGRAD_VERSION='"$(VERSION)"'
LINK = $(CC) $(SANITIZE) -fopenmp
LIBS = $(MUJOCO_LIBS) -lsleef -ljansson -lm

# MuJoCo is the system's, or with MUJOCO_DIR=FOLDER a release unpacked there (include/ and lib/) or
# the folder of its Python package (include/ and the library beside it); programs find it there
# again.
MUJOCO_LIBS = -lmujoco
ifneq (,$(MUJOCO_DIR))
MUJOCO_HOME := $(realpath $(MUJOCO_DIR))
MUJOCO_FILE := $(firstword $(wildcard $(patsubst %,$(MUJOCO_HOME)/%, \
                 lib/libmujoco.so lib/libmujoco.so.* libmujoco.so libmujoco.so.*)))
MUJOCO_LIBS = $(MUJOCO_FILE) -Wl,-rpath,$(patsubst %/,%,$(dir $(MUJOCO_FILE)))
MUJOCO_CFLAGS = -isystem $(MUJOCO_HOME)/include
ALL_CFLAGS += $(MUJOCO_CFLAGS)
endif

# Every folder's sources belong to the library; cli/ is the program.
LIB_DIRS  = tensor autograd optim rl rl/algorithms rl/training envs envs/classic \
            envs/dm_control envs/dots envs/minatar envs/mujoco
LIB_SRC   = $(sort $(foreach d,$(LIB_DIRS),$(wildcard $(d)/*.c)))
# kernels are compiled once for each number type
KERNELS   = $(wildcard tensor/kernels_*.c)
LIB_OBJ   = $(patsubst %.c,$(BUILD)/obj/%.o,$(filter-out $(KERNELS),$(LIB_SRC))) \
            $(patsubst %.c,$(BUILD)/obj/%_f32.o,$(KERNELS)) \
            $(patsubst %.c,$(BUILD)/obj/%_f64.o,$(KERNELS))
CLI_OBJ   = $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard cli/*.c)))
TEST_OBJ  = $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard tests/*.c tests/*/*.c)))
BENCH_OBJ = $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard bench/*.c)))
# what `make install` offers: not the headers that are the library's own business
HEADERS   = streamgrad.h $(filter-out %_internal.h autograd/plan.h tensor/simd_% tensor/kernel_% \
              tensor/kernels_% tensor/normal_layers.h tensor/denormals.h tensor/real.h \
              envs/call.h envs/margins.h \
              rl/pairs.h rl/training/stop.h rl/training/trainer.h \
              envs/tasks.h envs/classic/% envs/dm_control/% envs/dots/% envs/minatar/% \
              $(addprefix envs/mujoco/,gl.h guard.h models.h painter.h), \
              $(foreach d,$(LIB_DIRS),$(wildcard $(d)/*.h)))

EXAMPLES  = $(patsubst %.c,$(BUILD)/%,$(sort $(wildcard examples/*.c)))
PLUGINS   = $(patsubst %.c,$(BUILD)/%.so,$(sort $(wildcard examples/*/*.c)))

.SECONDARY:
.PHONY: FORCE all examples test asan bench bench-peers bench-rewrites bench-instructions demo deps \
        check-deps install clean help
all: check-deps $(BUILD)/streamgrad $(BUILD)/libstreamgrad.a $(BUILD)/libstreamgrad.so \
     $(BUILD)/streamgrad-uninstalled.pc

help:
	@echo 'make              the program and the library, in $(BUILD)/'
	@echo '                  with MUJOCO_DIR=FOLDER: MuJoCo as unpacked there, not as installed'
	@echo 'make demo         install what is missing, build, train AVG on HalfCheetah-v4, draw a curve'
	@echo 'make test         install what is missing, build, run the tests'
	@echo 'make asan         the tests under AddressSanitizer and UBSan'
	@echo 'make bench        kernels, ops, algorithm steps, environments; BENCH="--filter step/"'
	@echo 'make bench-instructions  instructions of a step, counted, against bench/instructions.txt'
	@echo 'make bench-rewrites  what each rewrite of the plan saves: steps with and without it'
	@echo 'make bench-peers  steps of AVG and SAC beside PyTorch programs; PEERS=sac for one'
	@echo 'make examples     the programs and environments of examples/, in $(BUILD)/examples/'
	@echo 'make install      program, libraries, headers, pkg-config file under PREFIX=$(PREFIX)'
	@echo 'make deps         install the packages that are missing'
	@echo 'make clean        remove $(BUILD)/'

# ---- dependencies: a header or a command, and the Debian package that brings it ----

NEEDS = header:stdio.h:libc6-dev header:sleef.h:libsleef-dev header:jansson.h:libjansson-dev \
        header:xxhash.h:libxxhash-dev header:png.h:libpng-dev
ifeq (,$(MUJOCO_DIR))
NEEDS += header:mujoco/mujoco.h:libmujoco-dev
endif
ifneq (,$(findstring clang,$(CC)))
NEEDS += header:omp.h:libomp-dev
endif
NEEDS_TEST = header:criterion/criterion.h:libcriterion-dev header:zlib.h:zlib1g-dev
NEEDS_DEMO = command:gnuplot:gnuplot-nox

# $(call missing,NEEDS): the packages that are not there, as a shell substitution.
missing = $$(command -v $(CC) >/dev/null || echo gcc; for need in $(1); do \
    IFS=: read -r kind thing package <<< "$$need"; \
    if [ $$kind = command ]; then command -v $$thing >/dev/null; \
    else echo "\#include <$$thing>" | $(CC) -E -x c - >/dev/null 2>&1; fi || echo $$package; done)
SHELL = /bin/bash

# Names what is missing; installs nothing.
check-deps:
	@packages="$(call missing,$(NEEDS))"; [ -z "$$packages" ] || { \
	  echo "streamgrad needs these Debian packages:" $$packages"; 'make deps' installs them" >&2; \
	  exit 2; }
ifneq (,$(MUJOCO_DIR))
	@[ -r "$(MUJOCO_HOME)/include/mujoco/mujoco.h" ] && [ -n "$(MUJOCO_FILE)" ] || { \
	  echo "MUJOCO_DIR: $(MUJOCO_DIR) has no include/mujoco/mujoco.h or no libmujoco.so in lib/ or" \
	  "itself" >&2; exit 2; }
endif

# Installs what is missing with the system's package manager.
deps:
	@packages="$(call missing,$(NEEDS) $(NEEDS_TEST) $(NEEDS_DEMO))"; [ -z "$$packages" ] || { \
	  sudo=; [ $$(id -u) = 0 ] || sudo=sudo; echo "installing:" $$packages; \
	  command -v apt-get >/dev/null || { echo "no apt-get here: install" $$packages >&2; exit 2; }; \
	  $$sudo apt-get update -qq && \
	  $$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $$packages >/dev/null; }

# ---- objects: instruction sets have their own flags; the scalar reference stays plain ----

MACHINE := $(shell $(CC) -dumpmachine 2>/dev/null || uname -m)
ifneq (,$(findstring x86_64,$(MACHINE)))
$(BUILD)/obj/tensor/kernels_sse2_%.o:   ISA_FLAGS = -msse2
$(BUILD)/obj/tensor/kernels_avx2_%.o:   ISA_FLAGS = -mavx2 -mfma
$(BUILD)/obj/tensor/kernels_avx512_%.o: ISA_FLAGS = -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma
endif

# Changes when the objects were made for another MuJoCo, and only then.
MUJOCO_STAMP = $(BUILD)/obj/mujoco_dir
$(MUJOCO_STAMP): FORCE
	@mkdir -p $(@D)
	@echo '$(MUJOCO_HOME)' | cmp -s - $@ || echo '$(MUJOCO_HOME)' > $@
FORCE:

COMPILE = @mkdir -p $(@D); echo '  cc $<'; $(if $(Q),,set -x;) $(CC) $(ALL_CFLAGS) $(ISA_FLAGS)
$(BUILD)/obj/%_f32.o: %.c $(MUJOCO_STAMP)
	$(COMPILE) -DBITS=32 -c $< -o $@
$(BUILD)/obj/%_f64.o: %.c $(MUJOCO_STAMP)
	$(COMPILE) -DBITS=64 -c $< -o $@
$(BUILD)/obj/%.o: %.c $(MUJOCO_STAMP)
	$(COMPILE) -c $< -o $@

# The MuJoCo models are part of the object that embeds them.
$(BUILD)/obj/envs/mujoco/models.o: $(wildcard envs/mujoco/models/*.xml envs/dm_control/models/*.xml)

$(LIB_OBJ) $(CLI_OBJ) $(TEST_OBJ) $(BENCH_OBJ): | check-deps

# A source that is gone must go from the library too: the list of objects is a prerequisite.
.PHONY: always
$(BUILD)/objects.list: always
	@mkdir -p $(@D); echo '$(LIB_OBJ)' | cmp -s - $@ || echo '$(LIB_OBJ)' > $@

# The worked example of docs/new-algorithm.md is taken out of the page and tested.
TEST_OBJ += $(BUILD)/obj/docs/td_ac.o
$(BUILD)/docs/td_ac.c: docs/new-algorithm.md
	@mkdir -p $(@D); awk '/^```c/ { inside = 1; next } /^```/ && inside { exit } inside' $< > $@
$(BUILD)/obj/docs/td_ac.o: $(BUILD)/docs/td_ac.c
	@mkdir -p $(@D)
	@echo '  cc $<'
	$(Q)$(CC) $(ALL_CFLAGS) -c $< -o $@

# So are the ops of docs/new-op.md, with what surrounds them in the tree in a header.
TEST_OBJ += $(BUILD)/obj/docs/new_op.o
$(BUILD)/docs/new_op.c: docs/new-op.md
	@mkdir -p $(@D); awk '/^```c/ { inside = 1; next } /^```/ { inside = 0 } inside' $< > $@
$(BUILD)/obj/docs/new_op.o: $(BUILD)/docs/new_op.c tests/autograd/documented_ops.h
	@mkdir -p $(@D)
	@echo '  cc $<'
	$(Q)$(CC) $(ALL_CFLAGS) -include tests/autograd/documented_ops.h -c $< -o $@

$(BUILD)/libstreamgrad.a: $(LIB_OBJ) $(BUILD)/objects.list
	@rm -f $@
	$(Q)ar rcs $@ $(LIB_OBJ)

$(BUILD)/libstreamgrad.so: $(LIB_OBJ) $(BUILD)/objects.list
	@echo '  link $@'
	$(Q)$(LINK) -shared -o $@ $(LIB_OBJ) $(LIBS)

# The program exports the whole library, for plugins.
WHOLE_LIBRARY = -Wl,--whole-archive $(BUILD)/libstreamgrad.a -Wl,--no-whole-archive
$(BUILD)/streamgrad: $(CLI_OBJ) $(BUILD)/libstreamgrad.a
	@echo '  link $@'
	$(Q)$(LINK) -rdynamic -o $@ $(CLI_OBJ) $(WHOLE_LIBRARY) -lpng $(LIBS)

$(BUILD)/tests: $(TEST_OBJ) $(BUILD)/libstreamgrad.a
	@echo '  link $@'
	$(Q)$(LINK) -o $@ $^ -lcriterion -lz $(LIBS)

# Environments of one's own; what they read lies beside them.
$(BUILD)/examples/%.so: examples/%.c
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(LINK) $(ALL_CFLAGS) -shared -o $@ $<
	$(Q)$(if $(wildcard $(<D)/*.xml),cp $(wildcard $(<D)/*.xml) $(@D))
$(PLUGINS): $(wildcard examples/*/*.xml)

examples: $(EXAMPLES) $(PLUGINS)
$(BUILD)/examples/%: $(BUILD)/obj/examples/%.o $(BUILD)/libstreamgrad.a
	@mkdir -p $(@D)
	@echo '  link $@'
	$(Q)$(LINK) -o $@ $^ $(LIBS)

$(BUILD)/bench: $(BENCH_OBJ) $(BUILD)/libstreamgrad.a
	@echo '  link $@'
	$(Q)$(LINK) -o $@ $^ $(LIBS)

# ---- running ----

test: deps
	@$(MAKE) --no-print-directory all examples $(BUILD)/tests
	@tests/run $(BUILD)

# In a build of its own. Criterion answers 0 where only the leak checker complains: tests/run looks.
asan: deps
	@$(MAKE) --no-print-directory BUILD=$(BUILD)/asan CFLAGS="-O1 -g" \
	  SANITIZE="-fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer" \
	  all examples $(BUILD)/asan/tests
	@tests/run $(BUILD)/asan

bench: $(BUILD)/bench
	@$(BUILD)/bench $(BENCH)

bench-instructions: $(BUILD)/bench
	@bench/instructions $(BUILD) $(UPDATE)

bench-peers: $(BUILD)/bench
	@bench/peers $(BUILD) $(PEERS)

bench-rewrites: $(BUILD)/bench
	@bench/rewrites $(BUILD)

DEMO = runs/demo
demo: deps
	@$(MAKE) --no-print-directory all
	@for seed in 0 1; do $(BUILD)/streamgrad train avg --env HalfCheetah-v4 --steps 300000 \
	  --seed $$seed --out $(DEMO)-s$$seed --force || exit 1; done
	@$(BUILD)/streamgrad plot $(DEMO)-s0 $(DEMO)-s1 --out $(DEMO).png --force
	@echo "the learning curve is in $(DEMO).png"

# ---- installing ----

# $(call pkg-config,PREFIX,HEADERS,LIBRARIES): the file, printed. Paths may have blanks.
pkg-config = printf '%s\n' "prefix=$(1)" 'includedir=$(2)' 'libdir=$(3)' '' 'Name: streamgrad' \
  'Version: $(VERSION)' 'Description: incremental reinforcement learning on an autodiff engine' \
  'Cflags: -I"$${includedir}" $(MUJOCO_CFLAGS)' 'Libs: -L"$${libdir}" -lstreamgrad -lm' \
  'Libs.private: -fopenmp $(LIBS)'

# pkg-config prefers a file of this name: with PKG_CONFIG_PATH=$(BUILD) programs are built against
# the tree.
$(BUILD)/streamgrad-uninstalled.pc: Makefile $(MUJOCO_STAMP)
	@$(call pkg-config,$(CURDIR),$${prefix},$(abspath $(BUILD))) > $@

# DESTDIR is in front of all paths but those written into the pkg-config file.
install: all
	@set -e; prefix="$(PREFIX)"; [ "$${prefix:0:1}" = / ] || prefix="$$PWD/$$prefix"; \
	to="$(DESTDIR)$$prefix"; \
	install -d "$$to/bin" "$$to/lib/pkgconfig"; \
	install $(BUILD)/streamgrad "$$to/bin"; \
	install -m 644 $(BUILD)/libstreamgrad.a $(BUILD)/libstreamgrad.so "$$to/lib"; \
	for h in $(HEADERS); do install -D -m 644 $$h "$$to/include/streamgrad/$$h"; done; \
	$(call pkg-config,$$prefix,$${prefix}/include/streamgrad,$${prefix}/lib) \
	  > "$$to/lib/pkgconfig/streamgrad.pc"; \
	echo "installed in $$to"

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
