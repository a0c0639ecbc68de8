/* blas.c - the same products by OpenBLAS, where its library is installed (libopenblas0), one
 * thread, float32: what our kernels are held against. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "tensor/tensor.h"

/* CBLAS's codes. */
enum { ROW_MAJOR = 101, NO_TRANS = 111, TRANS = 112 };

static struct {
    void (*threads)(int count);
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
    *(void **)&blas.gemv = dlsym(library, "cblas_sgemv");
    *(void **)&blas.ger = dlsym(library, "cblas_sger");
    *(void **)&blas.gemm = dlsym(library, "cblas_sgemm");
    if (!blas.threads || !blas.gemv || !blas.ger || !blas.gemm)
        return false;
    blas.threads(1);
    return true;
}

typedef struct {
    int rows, cols;
    float *W, *x, *y, *B, *C;
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
/* As our gemm's benchmark: C[rows, rows] = W B^T. */
static void gemm(void *c)
{
    operands *o = c;
    blas.gemm(ROW_MAJOR, NO_TRANS, TRANS, o->rows, o->rows, o->cols, 1, o->W, o->cols, o->B,
              o->cols, 0, o->C, o->rows);
}

static void one_size(bench *b, int rows, int cols)
{
    static const struct {
        const char *name;
        void (*body)(void *);
    } products[] = {{"matvec", gemv}, {"matvec_t", gemv_t}, {"outer", ger}, {"gemm", gemm}};
    size_t n = (size_t)rows * (size_t)cols, most = (size_t)(rows > cols ? rows : cols);
    operands o = {rows,
                  cols,
                  sg_alloc(4 * n),
                  sg_alloc(4 * most),
                  sg_alloc(4 * most),
                  sg_alloc(4 * n),
                  sg_alloc(4 * (size_t)rows * (size_t)rows)};
    for (size_t k = 0; k < sizeof products / sizeof products[0]; k++) {
        char name[96];
        bool product = k == 3;
        snprintf(name, sizeof name, "kernel/%s/%dx%d/openblas f32", products[k].name, rows, cols);
        bench_time(b, name, products[k].body, &o,
                   (bench_work){.bytes = product ? 0 : 4.0 * (double)n * (k == 2 ? 2 : 1),
                                .flops = product ? 2.0 * rows * rows * cols : 2.0 * rows * cols});
    }
    free(o.W);
    free(o.x);
    free(o.y);
    free(o.B);
    free(o.C);
}

void bench_blas(bench *b)
{
    if (!load()) {
        if (bench_wants(b, "kernel/openblas"))
            printf("openblas: not compared, libopenblas.so.0 is not here (apt-get install "
                   "libopenblas0)\n");
        return;
    }
    bench_section(b, "the same by OpenBLAS, one thread");
    one_size(b, 256, 256);
    one_size(b, 128, 128);
    one_size(b, 256, 17);
    one_size(b, 256, 376);
}
