/* trace.h - drives a compiled algorithm through a recorded update trace and compares, step by step.
 */
#ifndef TRACE_H
#define TRACE_H

#include "autograd/program.h"
#include "rl/algorithm.h"
#include "tests/golden.h"

/* Compiles an algorithm for continuous actions, for a replay: random nodes keep what they are
 * given. The caller frees the program with trace_free. */
sg_program *trace_program(const sg_algorithm *algorithm, const void *config, int obs_size,
                          int action_size, sg_dtype dtype);
/* The same for any environment. */
sg_program *trace_program_for(const sg_algorithm *algorithm, const void *config,
                              const sg_env_spec *spec, sg_dtype dtype);
void trace_free(sg_program *program);
/* Sets a setting to a recorded number. Fails the test if it is refused. */
void trace_setting(const sg_settings *settings, void *config, const char *name, double value);
/* {setting, recorded number}: {"actor_lr", "hp/actor_lr"}; the list ends with {NULL, NULL}. */
typedef const char *const trace_pair[2];
/* Sets each setting to its number; where a recording has none the default stays. */
void trace_settings(const sg_algorithm *algorithm, void *config, const golden *g,
                    trace_pair *pairs);
/* Sets `hidden` and `critic_hidden` from "hp/nhid_actor" and "hp/nhid_critic". */
void trace_hidden(const sg_algorithm *algorithm, void *config, const golden *g);
/* A config of AVG or IAC with all that a recorded run has set; free it. */
void *trace_incremental_config(const sg_algorithm *algorithm, const golden *g);
/* Fails the test if the number is recorded and another than the only one that can be followed. */
void trace_only(const golden *g, const char *name, double value);
/* Fails the test, naming the setting, if the recording has a setting "hp/<name>" that was not read
 * by now: one that the test would pass over. Exempt are `others`, names that say nothing to this
 * algorithm (ends with NULL), and those that only made the recorded stream: seeds, what the
 * environment was like, and wrappers, behind which was recorded. */
void trace_expect_settings_read(const golden *g, const char *const *others);

/* The report of that name. Fails the test if there is none. */
sg_node trace_report(const sg_program *program, const char *name);

/* Sets every parameter, and its copy in a target network, from "param/init/<name>". Fails the test
 * if one is missing. */
void trace_start(sg_program *program, const golden *g);
/* The same for recordings that name parameters otherwise: {"actor.mu", "policy_net.linear_mu"}
 * takes "actor.mu.weight" for "policy_net.linear_mu.weight"; the list ends with {NULL, NULL}. */
typedef const char *const trace_names[2];
void trace_start_as(sg_program *program, const golden *g, const trace_names *names);
/* Sets the node to row t of array "step/<name>". */
void trace_set(sg_program *program, sg_node node, const golden *g, const char *name, size_t t);

/* The largest |value - recorded| so far, over the largest |recorded| of the whole series, or over 1
 * where that is below 1e-14. */
typedef struct {
    const char *name;
    double worst;
    size_t compared;
} trace_series;

/* Compares a node's value with row t of "step/<name>". NaN makes the error infinite. */
void trace_compare(trace_series *series, const sg_program *program, sg_node node, const golden *g,
                   size_t t);
/* The same for given values, over the largest of the recorded ones. */
void trace_compare_values(trace_series *series, const double *values, const double *recorded,
                          size_t n);
/* The same for all parameters, and their copies "target.<name>" in target networks, against
 * "param/<when>/<name>"; returns the number of arrays compared: all but those that the file's
 * metadata names under "left_out". */
int trace_compare_parameters(trace_series *series, const sg_program *program, const golden *g,
                             const char *when);
int trace_compare_parameters_as(trace_series *series, const sg_program *program, const golden *g,
                                const char *when, const trace_names *names);
/* How many arrays "param/<when>/..." the metadata names under "left_out". */
int trace_left_out(const golden *g, const char *when);
/* Fails the test, naming the series, unless something was compared and worst <= tolerance. */
void trace_expect(const trace_series *series, double tolerance, const char *file);

#endif
