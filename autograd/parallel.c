/* parallel.c - OpenMP, where there is enough to share. */
#include "autograd/parallel.h"

#include <omp.h>

#include "tensor/denormals.h"

int sg_parallel_parts(int threads, size_t work)
{
    size_t parts = work / SG_PARALLEL_GRAIN;
    return parts < 1 ? 1 : parts < (size_t)threads ? (int)parts : threads;
}

/* Apart from what is called without threads, which then never begins OpenMP's own start. */
static void share(size_t parts, size_t n,
                  void (*part)(const void *context, size_t begin, size_t end), const void *context)
{
    /* whole cache lines, so that two threads never write the same one */
    size_t step = (n / parts + 15) / 16 * 16;
#pragma omp parallel for num_threads((int)parts) schedule(static, 1)
    for (size_t p = 0; p < parts; p++) {
        size_t begin = p * step, end = p + 1 == parts ? n : (p + 1) * step;
        sg_float_mode mode = sg_flush_denormals(); /* a thread has its own */
        if (end + 1 >= n)
            end = n; /* kernels may take a row by itself in another way than several */
        if (begin < n && (begin + 1 < n || !begin))
            part(context, begin, end);
        sg_restore_float_mode(mode);
    }
}

void sg_parallel(int threads, size_t n, size_t work,
                 void (*part)(const void *context, size_t begin, size_t end), const void *context)
{
    size_t parts = (size_t)sg_parallel_parts(threads, work);
    if (parts < 2)
        part(context, 0, n);
    else
        share(parts, n, part, context);
}
