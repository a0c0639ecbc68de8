/* test_allocation.c - after start-up, training allocates nothing: the calls to malloc are counted.
 *
 * malloc and its kin are replaced, for the whole test program, by ones that count and hand over to
 * the C library. Sanitizers bring their own; the count cannot be taken beside them.
 */
#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !HAS_FEATURE(address_sanitizer) && !HAS_FEATURE(thread_sanitizer)

#include <criterion/criterion.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "tests/training/runs.h"
#include "tests/training/scratch.h"

/* The C library's own, under their internal names. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *block, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static atomic_long allocations;

void *malloc(size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_calloc(count, size);
}

void *realloc(void *block, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_realloc(block, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size)
{
    atomic_fetch_add(&allocations, 1);
    *block = __libc_memalign(alignment, size);
    return *block ? 0 : ENOMEM;
}

/* Allocations of a whole training run: start-up, steps, two checkpoints, the end. */
static long count_allocations(const char *algorithm, const char *environment, const char *set,
                              const char *folder, const char *name, int64_t steps)
{
    sg_experiment run = runs_of(algorithm, environment, set, 0, steps);
    long before = atomic_load(&allocations);
    runs_train(&run, scratch_path(folder, name), SG_FOLDER_NEW, 0);
    long count = atomic_load(&allocations) - before;
    sg_experiment_release(&run);
    return count;
}

/* Steps cost nothing if runs of different lengths allocate as often: episodes end in both, losses
 * are logged in both. */
static void assert_no_allocation_per_step(const char *algorithm, const char *environment,
                                          const char *set, int64_t few, int64_t many)
{
    char *folder = scratch_make();
    count_allocations(algorithm, environment, set, folder, "warm up",
                      few); /* what libraries make once and keep */
    long short_run = count_allocations(algorithm, environment, set, folder, "short", few);
    long long_run = count_allocations(algorithm, environment, set, folder, "long", many);
    cr_assert(short_run > 50, "only %ld allocations: they are not counted", short_run);
    cr_assert_eq(long_run, short_run, "%ld allocations in %ld steps, %ld in %ld", long_run,
                 (long)many, short_run, (long)few);
    scratch_remove(folder);
}

Test(allocation, none_per_step_on_pendulum)
{
    assert_no_allocation_per_step("avg", "Pendulum-v1", "hidden=16", 1000, 5000);
}

Test(allocation, none_per_step_on_half_cheetah)
{
    assert_no_allocation_per_step("avg", "HalfCheetah-v4", "hidden=16", 1000, 3000);
}

Test(allocation, none_per_step_with_a_replay)
{
    assert_no_allocation_per_step("sac", "Pendulum-v1", "hidden=16,batch=8,learning_starts=100",
                                  1000, 3000);
}

/* Seven rollouts in one run, 39 in the other. */
Test(allocation, none_per_step_of_rollouts)
{
    assert_no_allocation_per_step("ppo", "Pendulum-v1", "hidden=16,num_steps=128", 1000, 5000);
}

#endif
