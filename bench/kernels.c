/* kernels.c - the kernels of every usable instruction set at the sizes that incremental agents
 * have. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "tensor/kernels.h"

/* Operands large enough for every benchmark here; small numbers, so that nothing overflows. */
typedef struct {
    const sg_kernels *k;
    size_t rows, cols;
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

static void matvec_pair(void *c)
{
    operands *o = c;
    const void *x[] = {o->x, o->x}, *bias[] = {NULL, NULL};
    void *y[] = {o->z, o->y};
    o->k->matvec_pair(o->rows, o->cols, o->W, x, bias, y);
}

static void matvec_t(void *c)
{
    operands *o = c;
    o->k->matvec_t(o->rows, o->cols, o->W, o->cols, o->x, NULL, o->z);
}

static void outer(void *c)
{
    operands *o = c;
    sg_rows g = {.factor = 1, .scale = o->z, .row = o->x};
    o->k->materialize(o->rows, o->cols, &g, o->y);
}

/* m and a product are NULL where the step has none. */
static void adam_step(operands *o, double beta1, float *m, const sg_product *product)
{
    sg_rows g = {.factor = 1, .scale = o->z, .row = o->x};
    sg_adam_numbers n = {.beta1 = beta1,
                         .beta2 = 0.999,
                         .eps = 1e-8,
                         .step_size = 1e-5,
                         .root_scale = 1,
                         .decay = 1};
    o->k->adam(o->rows, o->cols, &n, &g, o->W, m, o->v, o->W, m, o->v, product);
}

static void adam(void *c) { adam_step(c, 0, NULL, NULL); }

static void adam_product(void *c)
{
    operands *o = c;
    adam_step(o, 0, NULL, &(sg_product){.dy = o->z, .dx = o->y});
}

static void adam_moment(void *c) { adam_step(c, 0.9, ((operands *)c)->y, NULL); }

static void trace(void *c)
{
    operands *o = c;
    sg_rows g = {.factor = 1, .scale = o->z, .row = o->x};
    o->k->trace(o->rows, o->cols, 0.8, &g, o->v, o->v, o->y);
}

static void add_scaled(void *c)
{
    operands *o = c;
    sg_rows x = {.factor = 1e-6, .row = o->y, .row_step = o->cols};
    o->k->add_scaled(o->rows, o->cols, o->W, 1, &x, o->W, NULL);
}

static void rms_direction(void *c)
{
    operands *o = c;
    sg_rows g = {.factor = 1, .scale = o->z, .row = o->x};
    sg_rms_numbers n = {.beta2 = 0.999, .correction = 1, .eps = 1e-8};
    o->k->rms_direction(o->rows, o->cols, &n, &g, o->v, o->W, o->v, o->y, o->z);
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
} matrix_kernels[] = {{"matvec", matvec, 1, 2},
                      {"matvec_pair", matvec_pair, 1, 4},
                      {"matvec_t", matvec_t, 1, 2},
                      {"outer", outer, 1, 1},
                      {"adam", adam, 4, 0},
                      {"adam+product", adam_product, 4, 0},
                      {"adam+moment", adam_moment, 6, 0},
                      {"trace", trace, 2, 4},
                      {"add_scaled", add_scaled, 3, 2},
                      {"rms_direction", rms_direction, 4, 0},
                      {"tanh", tanh_of, 2, 0}};

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

/* ---- matrix times matrix ---- */

/* At a batch of 256: a layer's values, what goes back to its inputs, its gradient, for hidden and
 * first layers and heads; and a convolution of MinAtar, 64 patches by 16 filters. */
const bench_product bench_products[BENCH_PRODUCTS] = {
    {"X W^T", false, true, 256, 256, 256},  {"dY W", false, false, 256, 256, 256},
    {"dY^T X", true, false, 256, 256, 256}, {"X W^T", false, true, 256, 256, 23},
    {"dY^T X", true, false, 256, 23, 256},  {"X W^T", false, true, 256, 6, 256},
    {"dY W", false, false, 256, 256, 6},    {"patches W^T", false, true, 64, 16, 36}};

void bench_product_name(const bench_product *p, const char *by, char name[96])
{
    snprintf(name, 96, "kernel/gemm/%dx%dx%d %s/%s", p->m, p->n, p->k, p->of, by);
}

typedef struct {
    const sg_kernels *k;
    const bench_product *p;
    float *A, *B, *C;
} product;

static void gemm(void *context)
{
    product *o = context;
    const bench_product *p = o->p;
    o->k->gemm(p->transpose_a, p->transpose_b, (size_t)p->m, (size_t)p->n, (size_t)p->k, o->A,
               (size_t)(p->transpose_a ? p->m : p->k), o->B, o->C);
}

static void one_product(bench *b, const sg_kernels *k, const bench_product *p)
{
    char name[96];
    size_t m = (size_t)p->m, n = (size_t)p->n, inner = (size_t)p->k;
    product o = {k, p, filled(m * inner, 1e-3f), filled(inner * n, 1e-2f), filled(m * n, 0)};
    bench_product_name(p, k->name, name);
    bench_time(b, name, gemm, &o, (bench_work){.flops = 2.0 * p->m * p->n * p->k});
    free(o.A);
    free(o.B);
    free(o.C);
}

static void one_set(bench *b, const sg_kernels *k)
{
    char name[96];
    static const size_t sizes[][2] = {{256, 256}, {256, 17}, {256, 376}, {1, 256}, {128, 128}};
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++)
        one_size(b, k, sizes[i][0], sizes[i][1]);
    for (int i = 0; i < BENCH_PRODUCTS; i++)
        one_product(b, k, &bench_products[i]);
    operands o = make(k, 1, 256);
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
