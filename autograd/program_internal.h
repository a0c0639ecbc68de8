/* program_internal.h - a compiled program's parts; for program.c, program_io.c, profile.c and
 * print_plan.c.
 */
#ifndef SG_PROGRAM_INTERNAL_H
#define SG_PROGRAM_INTERNAL_H

#include "autograd/plan.h"
#include "autograd/program.h"

/* The calls of a phase, ready to run. */
typedef struct {
    sg_call *calls;
    int count;
    bool alone;
    int order; /* position among the phases of the step */
} sg_phase_calls;

/* What profiling has counted of a phase. */
typedef struct {
    uint64_t runs;
    uint64_t *ticks; /* [call] */
} sg_phase_profile;
/* What a tick lasts, and what looking at the counter costs. */
typedef struct {
    double ns_per_tick, overhead;
} sg_tick_rate;

/* A random node and its stream. */
typedef struct {
    int node;
    sg_random random;
} sg_stream;

struct sg_program {
    const sg_graph *source; /* the graph that was compiled */
    sg_graph *graph;        /* as it was then */
    sg_compile_options options;
    sg_plan plan;
    char *block;
    sg_phase_calls *phases;
    sg_stream *streams;
    int stream_count;
    int last_group;    /* of the phase run last: where a value computed by several is read */
    int steps_done;    /* phases of the step run so far in it */
    bool held, frozen; /* random nodes; sg_stop_grad nodes too */
    int pinned;        /* what computes the pinned node; -1: none is */
    sg_phase_profile *profile; /* [phase]; NULL: not profiled */
    sg_tick_rate tick_rate;    /* of the profile */
    char fault[256];
};

/* Where a node's value lies, NULL if it is not kept. */
void *sg_program_memory(const sg_program *program, int node);

/* profile.c: a run that times each call; mean nanoseconds of a call, 0 before a profiled run. */
void sg_profile_run(sg_program *program, int phase);
double sg_profile_ns(const sg_program *program, int phase, int call);
void sg_profile_free(sg_program *program);

#endif
