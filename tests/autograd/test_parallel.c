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
