/* profile.c - the time of each kernel call, from the CPU's own counter where there is one: asking
 * the system would take longer than most calls. */
#include <stdlib.h>
#include <time.h>

#include "autograd/program_internal.h"

/* ---- ticks ---- */

static double nanoseconds(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

static inline uint64_t ticks_now(void)
{
#if defined(__x86_64__)
    return __builtin_ia32_rdtsc();
#elif defined(__aarch64__)
    uint64_t ticks;
    __asm__ volatile("mrs %0, cntvct_el0" : "=r"(ticks));
    return ticks;
#else
    return (uint64_t)nanoseconds();
#endif
}

static sg_tick_rate calibrate(void)
{
    enum { LOOKS = 10000 };
    sg_tick_rate rate;
    double start = nanoseconds();
    uint64_t first = ticks_now(), last = first;
    for (int i = 0; i < LOOKS || nanoseconds() - start < 2e6; i++)
        last = ticks_now();
    rate.ns_per_tick = (nanoseconds() - start) / (double)(last - first);
    first = ticks_now();
    for (int i = 0; i < LOOKS; i++)
        last = ticks_now();
    rate.overhead = (double)(last - first) / LOOKS;
    return rate;
}

/* ---- profiles ---- */

void sg_profile_free(sg_program *program)
{
    for (int p = 0; program->profile && p < program->graph->phase_count; p++)
        free(program->profile[p].ticks);
    free(program->profile);
    program->profile = NULL;
}

void sg_program_profile(sg_program *program)
{
    int count = program->graph->phase_count;
    sg_profile_free(program);
    program->tick_rate = calibrate();
    program->profile = sg_alloc((size_t)(count + 1) * sizeof *program->profile);
    for (int p = 0; p < count; p++)
        program->profile[p].ticks =
            sg_alloc((size_t)(program->phases[p].count + 1) * sizeof(uint64_t));
}

void sg_profile_run(sg_program *program, int phase)
{
    const sg_phase_calls *calls = &program->phases[phase];
    sg_phase_profile *profile = &program->profile[phase];
    uint64_t before = ticks_now();
    profile->runs++;
    for (int i = 0; i < calls->count; i++) {
        calls->calls[i].eval(&calls->calls[i]);
        uint64_t after = ticks_now();
        profile->ticks[i] += after - before;
        before = after;
    }
}

double sg_profile_ns(const sg_program *program, int phase, int call)
{
    const sg_phase_profile *profile = program->profile ? &program->profile[phase] : NULL;
    if (!profile || !profile->runs)
        return 0;
    double ticks =
        (double)profile->ticks[call] / (double)profile->runs - program->tick_rate.overhead;
    return ticks > 0 ? ticks * program->tick_rate.ns_per_tick : 0;
}
