# streamgrad: `make help` lists the targets.

BUILD  ?= build
PREFIX ?= /usr/local
CC     ?= cc
VERSION = 0.1.0

WARNINGS = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wpointer-arith \
           -Wwrite-strings -Werror
CFLAGS  ?= -O3 -g
ALL_CFLAGS = -std=gnu11 $(CFLAGS) $(WARNINGS) -fno-math-errno -fPIC -fopenmp -I. -MMD -MP \
             -DSTREAMGRAD_VERSION='"$(VERSION)"'
LIBS = -lmujoco -lsleef -ljansson -lm

# Every folder's sources belong to the library; cli/ is the program.
LIB_DIRS = tensor autograd optim rl rl/algorithms rl/training envs envs/classic envs/mujoco
LIB_SRC  = $(sort $(foreach d,$(LIB_DIRS),$(wildcard $(d)/*.c)))
LIB_OBJ  = $(LIB_SRC:%.c=$(BUILD)/obj/%.o)
CLI_OBJ  = $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard cli/*.c)))
TEST_SRC = $(sort $(wildcard tests/*.c tests/*/*.c))
TEST_OBJ = $(TEST_SRC:%.c=$(BUILD)/obj/%.o)
BENCH_OBJ = $(patsubst %.c,$(BUILD)/obj/%.o,$(sort $(wildcard bench/*.c)))

.PHONY: all test clean help
all: $(BUILD)/streamgrad $(BUILD)/libstreamgrad.a $(BUILD)/libstreamgrad.so

# Instruction sets: one file each, its own flags; the scalar reference stays plain.
MACHINE := $(shell $(CC) -dumpmachine)
ifneq (,$(findstring x86_64,$(MACHINE)))
$(BUILD)/obj/tensor/kernels_sse2.o:   ISA_FLAGS = -msse2
$(BUILD)/obj/tensor/kernels_avx2.o:   ISA_FLAGS = -mavx2 -mfma
$(BUILD)/obj/tensor/kernels_avx512.o: ISA_FLAGS = -mavx512f -mavx512dq -mavx512vl -mavx512bw -mfma
endif

$(BUILD)/obj/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(ISA_FLAGS) -c $< -o $@

# The MuJoCo models are part of the object that embeds them.
$(BUILD)/obj/envs/mujoco/models.o: $(wildcard envs/mujoco/models/*.xml)

$(BUILD)/libstreamgrad.a: $(LIB_OBJ)
	@rm -f $@
	ar rcs $@ $^

$(BUILD)/libstreamgrad.so: $(LIB_OBJ)
	$(CC) -shared -fopenmp -o $@ $^ $(LIBS)

$(BUILD)/streamgrad: $(CLI_OBJ) $(BUILD)/libstreamgrad.a
	$(CC) -fopenmp -rdynamic -o $@ $^ $(LIBS)

$(BUILD)/tests: $(TEST_OBJ) $(BUILD)/libstreamgrad.a
	$(CC) -fopenmp -o $@ $^ -lcriterion -lz $(LIBS)

$(BUILD)/bench: $(BENCH_OBJ) $(BUILD)/libstreamgrad.a
	$(CC) -fopenmp -o $@ $^ $(LIBS)

test: all $(BUILD)/tests
	$(BUILD)/tests

clean:
	rm -rf $(BUILD)

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
