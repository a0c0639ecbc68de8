/* noise.c - what the machine alone does to the time of a step: arithmetic in registers, about as
 * long as steps are, with no memory to wait for. Where its percentiles lie far above its median, so
 * will those of steps, and a processor that is shared with others is the cause. */
#include <stdio.h>

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

void bench_noise(bench *b)
{
    static const double lengths_us[] = {8, 25, 60};
    enum { TRIAL = 100000 };
    bench_section(b, "the machine: arithmetic in registers alone, as long as steps");
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
