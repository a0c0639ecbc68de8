/* subject.h - an algorithm with an environment and settings, as graph and gradcheck look at it. */
#ifndef SG_SUBJECT_H
#define SG_SUBJECT_H

#include "cli/options.h"
#include "autograd/program.h"
#include "rl/algorithm.h"

typedef struct {
    const sg_algorithm *algorithm;
    void *config;
    sg_env *env;     /* wrapped as the algorithm asks */
    sg_graph *graph; /* as the algorithm builds it */
} sg_subject;

/* `env_set`: options of the environment, as for train. False with a line; sg_subject_close releases
 * it in any case. */
bool sg_subject_open(sg_subject *subject, const char *algorithm, const sg_option_value *env,
                     const sg_option_value *env_set, const sg_option_value *set, sg_dtype dtype,
                     sg_error *error);
/* Acts and learns with a program of its graph for some steps of the environment, so that
 * statistics, moments and traces are not at their starts. Actions are random. */
bool sg_subject_play(const sg_subject *subject, sg_program *program, int64_t steps, uint64_t seed,
                     sg_error *error);
void sg_subject_close(sg_subject *subject);

#endif
