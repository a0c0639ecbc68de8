/* agent.h - an algorithm's graph, compiled for one environment: act, learn, save, go on. */
#ifndef SG_AGENT_H
#define SG_AGENT_H

#include "autograd/program.h"
#include "rl/algorithm.h"

typedef struct sg_agent sg_agent;

typedef struct {
    sg_dtype dtype;
    uint64_t seed;
    int threads;       /* 1: the default */
    unsigned without;  /* rewrites of the plan that are not made (sg_rewrite); none: the default */
    bool keep_all;     /* every value stays readable (more memory), as a gradient check needs */
    bool check_finite; /* look at every node and name the first that is not finite (slow) */
} sg_agent_options;

/* SG_F32, seed 0, one thread. */
sg_agent_options sg_agent_options_default(void);

/* Builds and compiles. `spec` is that of the wrapped environment. Everything is allocated here;
 * config and spec are not kept. NULL with a line where the algorithm does not suit them
 * (sg_algorithm_suits), or where it does not fit into memory. */
sg_agent *sg_agent_new(const sg_algorithm *algorithm, const void *config, const sg_env_spec *spec,
                       sg_agent_options options, sg_error *error);
/* NULL may be freed. */
void sg_agent_free(sg_agent *agent);

/* Chooses the action to take at obs[spec.obs_size]; writes action[spec.action_size]. */
void sg_agent_act(sg_agent *agent, const double *obs, double *action);
/* The deterministic action (the policy's centre, the greedy choice). Changes nothing that learning
 * uses. Algorithms without an "act_greedy" phase sample instead, from random streams apart, and
 * must not be asked between an act and its learn, to which "act" may pass values on. */
void sg_agent_act_greedy(sg_agent *agent, const double *obs, double *action);
/* Learns from what followed the last sg_agent_act. False, with a line naming the first metric or
 * node that is not finite, when the update produced NaN or infinity. */
bool sg_agent_learn(sg_agent *agent, const sg_transition *t, const double *next_obs,
                    sg_error *error);

/* How often the phase "learn" has run since the agent was made. With rollouts it runs many times in
 * some steps and not at all in others, with a replay when its timetable says so. */
int64_t sg_agent_updates(const sg_agent *agent);

/* The reports of the last learn ("losses/critic", ...). */
int sg_agent_metric_count(const sg_agent *agent);
const char *sg_agent_metric_name(const sg_agent *agent, int index);
double sg_agent_metric(const sg_agent *agent, int index);

/* Visits all parameters, optimiser state, statistics and random streams, and the replay. */
void sg_agent_state(sg_agent *agent, sg_archive *archive);
/* The same without the replay, which acting leaves alone: what to keep around a time of acting. */
void sg_agent_acting_state(sg_agent *agent, sg_archive *archive);

/* Visits the metrics, which only what is written down of a run needs. */
void sg_agent_metrics_state(sg_agent *agent, sg_archive *archive);

/* The graph and program, for printing, checking and measuring. */
const sg_graph *sg_agent_graph(const sg_agent *agent);
sg_program *sg_agent_program(sg_agent *agent);
/* NULL if the algorithm learns from each transition as it comes. */
sg_replay_learner *sg_agent_replay(sg_agent *agent);

#endif
