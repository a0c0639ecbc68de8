/* parallel.c - OpenMP, where there is enough to share. */
#include "autograd/parallel.h"

#include <omp.h>
#include <stdbool.h>

#include "tensor/denormals.h"

int sg_parallel_parts(int threads, size_t work)
{
    size_t parts = work / SG_PARALLEL_GRAIN;
    return parts < 1 ? 1 : parts < (size_t)threads ? (int)parts : threads;
}

typedef void part_taker(const void *context, size_t begin, size_t end);

/* Part p of so many: whole cache lines, so that two threads never write the same one. */
static void take_part(size_t p, size_t parts, size_t n, part_taker *part, const void *context)
{
    size_t step = (n / parts + 15) / 16 * 16;
    size_t begin = p * step, end = p + 1 == parts ? n : (p + 1) * step;
    sg_float_mode mode = sg_flush_denormals(); /* a thread has its own */
    if (end + 1 >= n)
        end = n; /* kernels may take a row by itself in another way than several */
    if (begin < n && (begin + 1 < n || !begin))
        part(context, begin, end);
    sg_restore_float_mode(mode);
}

/* Apart from what is called without threads, which then never begins OpenMP's own start. */
static void share(size_t parts, size_t n, part_taker *part, const void *context)
{
#pragma omp parallel for num_threads((int)parts) schedule(static, 1)
    for (size_t p = 0; p < parts; p++)
        take_part(p, parts, n, part, context);
}

static void share_in_turn(size_t parts, size_t n, part_taker *part, const void *context)
{
#pragma omp parallel for num_threads((int)parts) schedule(static, 1) ordered
    for (size_t p = 0; p < parts; p++) {
#pragma omp ordered
        take_part(p, parts, n, part, context);
    }
}

static void share_if_worth(int threads, size_t n, size_t work, bool in_turn, part_taker *part,
                           const void *context)
{
    size_t parts = (size_t)sg_parallel_parts(threads, work);
    if (parts < 2)
        part(context, 0, n);
    else if (in_turn)
        share_in_turn(parts, n, part, context);
    else
        share(parts, n, part, context);
}

void sg_parallel(int threads, size_t n, size_t work, part_taker *part, const void *context)
{
    share_if_worth(threads, n, work, false, part, context);
}

void sg_parallel_in_turn(int threads, size_t n, size_t work, part_taker *part, const void *context)
{
    share_if_worth(threads, n, work, true, part, context);
}
