/* noise.c - what the machine alone does to the time of a step: arithmetic in registers, about as
 * long as steps are, with no memory to wait for; and a plain pass over as many bytes as AVG has of
 * weights and second moments at Hopper's sizes. Where their percentiles lie far above their median,
 * so will those of steps, and a processor or a cache that is shared with others is the cause. */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"

typedef struct {
    long rounds;
    double value;
} chain;

/* A chain of multiply-adds, each of which waits for the one before. */
static void multiply_add(void *context)
{
    chain *c = context;
    double x = c->value;
    for (long i = 0; i < c->rounds; i++)
        x = x * 0.999 + 0.001;
    c->value = x;
}

enum { PASS_BYTES = 1096 << 10 };
static void read_and_write(void *context)
{
    float *x = context;
    for (size_t i = 0; i < PASS_BYTES / sizeof *x; i++)
        x[i] = x[i] * 0.999f + 0.001f;
}

static void noise_of_memory(bench *b)
{
    static const char name[] = "noise/1.1 MB";
    float *x = bench_wants(b, name) ? calloc(PASS_BYTES, 1) : NULL;
    if (x)
        bench_each(b, name, read_and_write, x, (bench_work){.bytes = 2 * PASS_BYTES});
    free(x);
}

static void noise_of_arithmetic(bench *b)
{
    static const double lengths_us[] = {8, 25, 60};
    enum { TRIAL = 100000 };
    for (size_t i = 0; i < sizeof lengths_us / sizeof *lengths_us; i++) {
        char name[64];
        snprintf(name, sizeof name, "noise/%.0f us", lengths_us[i]);
        if (!bench_wants(b, name))
            continue;
        chain c = {TRIAL, 1};
        multiply_add(&c);
        double start = bench_now();
        multiply_add(&c);
        c.rounds = (long)(TRIAL * 1e3 * lengths_us[i] / (bench_now() - start));
        bench_each(b, name, multiply_add, &c, (bench_work){0});
    }
}

void bench_noise(bench *b)
{
    bench_section(b, "the machine: arithmetic alone; a pass over memory");
    noise_of_arithmetic(b);
    noise_of_memory(b);
}
