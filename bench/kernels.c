/* kernels.c - the kernels of every usable instruction set at the sizes that incremental agents
 * have. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "tensor/kernels.h"

/* Operands large enough for every benchmark here; small numbers, so that nothing overflows. */
typedef struct {
    const sg_kernels *k;
    size_t rows, cols, inner;
    float *W, *v, *x, *y, *z;
} operands;

static float *filled(size_t n, float value)
{
    float *data = sg_alloc(n * sizeof *data);
    for (size_t i = 0; i < n; i++)
        data[i] = value * (float)(1 + i % 7);
    return data;
}

static operands make(const sg_kernels *k, size_t rows, size_t cols)
{
    size_t most = rows > cols ? rows : cols;
    return (operands){.k = k,
                      .rows = rows,
                      .cols = cols,
                      .W = filled(rows * cols, 1e-3f),
                      .v = filled(rows * cols, 1e-2f),
                      .x = filled(most, 0.1f),
                      .y = filled(rows * cols, 0.1f),
                      .z = filled(most, 0.1f)};
}

static void release(operands *o)
{
    free(o->W);
    free(o->v);
    free(o->x);
    free(o->y);
    free(o->z);
}

static void matvec(void *c)
{
    operands *o = c;
    o->k->matvec(o->rows, o->cols, o->W, o->x, NULL, o->z);
}

static void matvec_t(void *c)
{
    operands *o = c;
    o->k->matvec_t(o->rows, o->cols, o->W, o->cols, o->x, o->z);
}

static void outer(void *c)
{
    operands *o = c;
    sg_rows g = {.factor = 1, .scale = o->z, .row = o->x};
    o->k->materialize(o->rows, o->cols, &g, o->y);
}

static void adam(void *c)
{
    operands *o = c;
    sg_rows g = {.factor = 1, .scale = o->z, .row = o->x};
    sg_adam_numbers n = {
        .beta2 = 0.999, .eps = 1e-8, .step_size = 1e-5, .root_scale = 1, .decay = 1};
    o->k->adam(o->rows, o->cols, &n, &g, o->W, NULL, o->v, o->W, NULL, o->v, NULL);
}

static void adam_moment(void *c)
{
    operands *o = c;
    sg_rows g = {.factor = 1, .scale = o->z, .row = o->x};
    sg_adam_numbers n = {
        .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .step_size = 1e-5, .root_scale = 1, .decay = 1};
    o->k->adam(o->rows, o->cols, &n, &g, o->W, o->y, o->v, o->W, o->y, o->v, NULL);
}

static void gemm(void *c)
{
    operands *o = c;
    o->k->gemm(false, true, o->rows, o->rows, o->cols, o->W, o->v, o->y);
}

static void tanh_of(void *c)
{
    operands *o = c;
    o->k->tanh(o->rows * o->cols, o->W, o->y);
}

static void softmax(void *c)
{
    operands *o = c;
    o->k->softmax(o->cols, o->x, o->z);
}

/* Passes over the matrix (for GB/s) and operations per element. */
static const struct {
    const char *name;
    void (*body)(void *);
    double passes, flops;
} matrix_kernels[] = {
    {"matvec", matvec, 1, 2}, {"matvec_t", matvec_t, 1, 2},       {"outer", outer, 1, 1},
    {"adam", adam, 4, 0},     {"adam+moment", adam_moment, 6, 0}, {"tanh", tanh_of, 2, 0}};

static void one_size(bench *b, const sg_kernels *k, size_t rows, size_t cols)
{
    char name[96];
    operands o = make(k, rows, cols);
    double size = (double)(rows * cols);
    for (size_t i = 0; i < sizeof matrix_kernels / sizeof matrix_kernels[0]; i++) {
        snprintf(name, sizeof name, "kernel/%s/%zux%zu/%s", matrix_kernels[i].name, rows, cols,
                 k->name);
        bench_time(b, name, matrix_kernels[i].body, &o,
                   (bench_work){.bytes = 4 * size * matrix_kernels[i].passes,
                                .flops = size * matrix_kernels[i].flops});
    }
    release(&o);
}

static void one_set(bench *b, const sg_kernels *k)
{
    char name[96];
    static const size_t sizes[][2] = {{256, 256}, {256, 17}, {256, 376}, {1, 256}, {128, 128}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        one_size(b, k, sizes[i][0], sizes[i][1]);
    operands o = make(k, 256, 256);
    snprintf(name, sizeof name, "kernel/gemm/256x256x256/%s", k->name);
    bench_time(b, name, gemm, &o, (bench_work){.flops = 2.0 * 256 * 256 * 256});
    snprintf(name, sizeof name, "kernel/softmax/256/%s", k->name);
    bench_time(b, name, softmax, &o, (bench_work){0});
    release(&o);
}

void bench_kernels(bench *b)
{
    bench_section(b, "kernels");
    for (int isa = SG_ISA_COUNT - 1; isa >= 0; isa--)
        if (sg_kernels_of((sg_isa)isa, SG_F32))
            one_set(b, sg_kernels_of((sg_isa)isa, SG_F32));
}
