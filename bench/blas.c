/* blas.c - the same products by OpenBLAS, where its library is installed (libopenblas0), one
 * thread, float32: what our kernels are held against. OPENBLAS_CORETYPE=Haswell (AVX2) or Nehalem
 * (SSE) holds it to the instructions of a lesser set. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "tensor/tensor.h"

/* CBLAS's codes. */
enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };

static struct {
    void (*threads)(int count);
    char *(*corename)(void);
    void (*gemv)(int order, int trans, int m, int n, float alpha, const float *A, int lda,
                 const float *x, int incx, float beta, float *y, int incy);
    void (*ger)(int order, int m, int n, float alpha, const float *x, int incx, const float *y,
                int incy, float *A, int lda);
    void (*gemm)(int order, int trans_a, int trans_b, int m, int n, int k, float alpha,
                 const float *A, int lda, const float *B, int ldb, float beta, float *C, int ldc);
} blas;

/* False where the library is not there. */
static bool load(void)
{
    void *library = dlopen("libopenblas.so.0", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return false;
    *(void **)&blas.threads = dlsym(library, "openblas_set_num_threads");
    *(void **)&blas.corename = dlsym(library, "openblas_get_corename");
    *(void **)&blas.gemv = dlsym(library, "cblas_sgemv");
    *(void **)&blas.ger = dlsym(library, "cblas_sger");
    *(void **)&blas.gemm = dlsym(library, "cblas_sgemm");
    if (!blas.threads || !blas.corename || !blas.gemv || !blas.ger || !blas.gemm)
        return false;
    blas.threads(1);
    return true;
}

typedef struct {
    int rows, cols;
    float *W, *x, *y;
} operands;

static void gemv(void *c)
{
    operands *o = c;
    blas.gemv(ROW_MAJOR, NO_TRANS, o->rows, o->cols, 1, o->W, o->cols, o->x, 1, 0, o->y, 1);
}
static void gemv_t(void *c)
{
    operands *o = c;
    blas.gemv(ROW_MAJOR, TRANS, o->rows, o->cols, 1, o->W, o->cols, o->y, 1, 0, o->x, 1);
}
static void ger(void *c)
{
    operands *o = c;
    blas.ger(ROW_MAJOR, o->rows, o->cols, 1e-6f, o->y, 1, o->x, 1, o->W, o->cols);
}

static void one_size(bench *b, int rows, int cols)
{
    static const struct {
        const char *name;
        void (*body)(void *);
        int passes;
    } kernels[] = {{"matvec", gemv, 1}, {"matvec_t", gemv_t, 1}, {"outer", ger, 2}};
    size_t n = (size_t)rows * (size_t)cols, most = (size_t)(rows > cols ? rows : cols);
    operands o = {rows, cols, sg_alloc(4 * n), sg_alloc(4 * most), sg_alloc(4 * most)};
    for (size_t k = 0; k < sizeof kernels / sizeof kernels[0]; k++) {
        char name[96];
        snprintf(name, sizeof name, "kernel/%s/%dx%d/openblas f32", kernels[k].name, rows, cols);
        bench_time(
            b, name, kernels[k].body, &o,
            (bench_work){.bytes = 4.0 * (double)n * kernels[k].passes, .flops = 2.0 * rows * cols});
    }
    free(o.W);
    free(o.x);
    free(o.y);
}

typedef struct {
    const bench_product *p;
    float *A, *B, *C;
} product;

static void gemm(void *context)
{
    const product *o = context;
    const bench_product *p = o->p;
    blas.gemm(ROW_MAJOR, p->transpose_a ? TRANS : NO_TRANS, p->transpose_b ? TRANS : NO_TRANS, p->m,
              p->n, p->k, 1, o->A, p->transpose_a ? p->m : p->k, o->B, p->transpose_b ? p->k : p->n,
              0, o->C, p->n);
}

static void one_product(bench *b, const bench_product *p)
{
    char name[96];
    size_t m = (size_t)p->m, n = (size_t)p->n, inner = (size_t)p->k;
    product o = {p, sg_alloc(4 * m * inner), sg_alloc(4 * inner * n), sg_alloc(4 * m * n)};
    bench_product_name(p, "openblas f32", name);
    bench_time(b, name, gemm, &o, (bench_work){.flops = 2.0 * p->m * p->n * p->k});
    free(o.A);
    free(o.B);
    free(o.C);
}

void bench_blas(bench *b)
{
    static char title[64];
    if (!load()) {
        if (bench_wants(b, "kernel/openblas"))
            printf("openblas: not compared, libopenblas.so.0 is not here (apt-get install "
                   "libopenblas0)\n");
        return;
    }
    snprintf(title, sizeof title, "the same by OpenBLAS (%s), one thread", blas.corename());
    bench_section(b, title);
    one_size(b, 256, 256);
    one_size(b, 128, 128);
    one_size(b, 256, 17);
    one_size(b, 256, 376);
    for (int i = 0; i < BENCH_PRODUCTS; i++)
        one_product(b, &bench_products[i]);
}
