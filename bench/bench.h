/* bench.h - timing: what is measured, and how a measurement is kept, printed and compared.
 *
 * A measurement is the median over many samples of one process; machines drift, so compare figures
 * of one run, or two runs through --compare, which allows for the noise that both measured.
 */
#ifndef BENCH_H
#define BENCH_H

#include <stdbool.h>
#include <stddef.h>

#include "rl/agent.h"

typedef struct bench bench;

/* What has to move in a call: all of a working set of `size` bytes is read and written once, and
 * `read` bytes of it are read besides. size 0: nothing is known of it. */
typedef struct {
    double size, read;
} bench_traffic;

/* What one call does, for the derived figures; 0 where it does not apply. */
typedef struct {
    double bytes; /* read and written */
    double flops; /* multiply-adds count twice */
    bench_traffic traffic;
} bench_work;

/* One line of the result. Times in ns of one call. */
typedef struct {
    char name[96];
    double p50, p99, p999, p9999, low,
        spread;        /* spread: half the distance between quartiles over p50 */
    double over_bound; /* times what the traffic takes by itself; 0: not known */
    bench_work work;
} bench_result;

/* True if --filter (a part of the name) lets `name` through: skip costly preparations if not. */
bool bench_wants(const bench *b, const char *name);
/* Times body(context). Short bodies are repeated inside a sample. */
void bench_time(bench *b, const char *name, void (*body)(void *), void *context, bench_work work);
/* The same, each call a sample of its own, --samples of them, for percentiles of something that
 * takes microseconds. The traffic is made by itself, too, in turns with the calls, so that a busy
 * machine slows both: over_bound is the median over turns of the ratio of their medians. */
void bench_each(bench *b, const char *name, void (*body)(void *), void *context, bench_work work);
/* Two bodies that go the same way, with one context, and what goes it ahead of both, untimed:
 * whoever comes first would pay for branches that the processor has yet to learn. */
typedef struct {
    const char *name, *base_name;
    void (*ahead)(void *context);
    void (*body)(void *context);
    void (*base)(void *context);
} bench_two;

/* Times both by the thread's clock, each first in every other sample, and prints how far the body
 * is above the base: the median over pairs of neighbouring samples, which a busy machine slows
 * alike. */
void bench_pair(bench *b, const bench_two *two, void *context);
/* How agents are built, as --threads, --without and --set ask for: options, and "name=value"
 * settings of the algorithm, *count of them. */
sg_agent_options bench_agent_options(const bench *b);
const char *const *bench_settings(const bench *b, int *count);
/* A headline above the lines that follow. */
void bench_section(bench *b, const char *title);
/* Nanoseconds of a clock that only goes forward. */
double bench_now(void);

/* Matrix products C[m, n] = op(A) op(B) that agents make, for our kernels and for those that they
 * are held against. */
typedef struct {
    const char *of; /* "X W^T": what it is in a layer */
    bool transpose_a, transpose_b;
    int m, n, k;
} bench_product;
enum { BENCH_PRODUCTS = 8 };
extern const bench_product bench_products[BENCH_PRODUCTS];
/* "kernel/gemm/256x256x17 X W^T/<by>" */
void bench_product_name(const bench_product *product, const char *by, char name[96]);

/* The parts, one file each. */
void bench_kernels(bench *b);
void bench_blas(bench *b);
void bench_ops(bench *b);
void bench_algorithms(bench *b);
void bench_noise(bench *b);
void bench_environments(bench *b);

#endif
