/* test_parallel.c - the parts that threads share: all of the range, once, in pieces of 16, and no
 * piece of one.
 */
#include "autograd/parallel.h"

#include <criterion/criterion.h>
#include <stdatomic.h>

enum { MOST = 200 };

typedef struct {
    atomic_int taken[MOST], of_one, uneven;
} shared;

static void take(const void *context, size_t begin, size_t end)
{
    shared *s = *(shared *const *)context;
    for (size_t i = begin; i < end; i++)
        s->taken[i]++;
    s->of_one += end - begin == 1;
    s->uneven += begin % 16 != 0;
}

Test(parallel, parts_cover_the_range_and_none_is_of_one)
{
    for (int threads = 1; threads <= 32; threads++)
        for (size_t n = 2; n <= MOST; n++) {
            shared s = {.of_one = 0}, *results = &s;
            sg_parallel(threads, n, (size_t)SG_PARALLEL_GRAIN * 32, take, &results);
            for (size_t i = 0; i < n; i++)
                cr_assert_eq(s.taken[i], 1, "%d threads, %zu: element %zu", threads, n, i);
            cr_assert_eq(s.of_one + s.uneven, 0, "%d threads, %zu: %d of one, %d uneven", threads,
                         n, s.of_one, s.uneven);
        }
}

/* Parts in turn: each begins where the one before has ended, and after it. */
static void follow(const void *context, size_t begin, size_t end)
{
    atomic_size_t *reached = *(atomic_size_t *const *)context;
    cr_assert_eq(*reached, begin);
    *reached = end;
}

Test(parallel, parts_in_turn_follow_each_other)
{
    for (int threads = 1; threads <= 32; threads++)
        for (size_t n = 2; n <= MOST; n++) {
            atomic_size_t reached = 0, *end = &reached;
            sg_parallel_in_turn(threads, n, (size_t)SG_PARALLEL_GRAIN * 32, follow, &end);
            cr_assert_eq(reached, n, "%d threads, %zu: ends at %zu", threads, n, (size_t)reached);
        }
}
