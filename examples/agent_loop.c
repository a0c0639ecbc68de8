/* agent_loop.c - an agent in a program of one's own: the loop that `streamgrad train` runs, without
 * its records and checkpoints.
 *
 *   make examples && build/examples/agent_loop stream_sarsa CartPole-v1 30000 hidden=32
 *
 * On a robot the environment is a plugin's functions (docs/new-environment.md), or sg_agent_act and
 * sg_agent_learn are called where the control loop has an observation and a reward at hand.
 */
#include <stdio.h>
#include <stdlib.h>

#include "rl/agent.h"

enum { SHOWN = 20 }; /* lines of progress */

/* All that the loop needs; NULL what could not be made. */
typedef struct {
    void *config;
    sg_env *env;
    sg_agent *agent;
    double *obs, action[SG_MAX_ACTIONS];
} learner;

/* Settings are the preset's for this environment, then those of the command line. The wrappers that
 * the algorithm wants (normalisation, clipped actions) go around the environment. */
static bool prepare(learner *l, int argc, char **argv, sg_error *error)
{
    const sg_algorithm *algorithm = sg_algorithm_find(argv[1], error);
    if (!algorithm)
        return false;
    l->config =
        sg_algorithm_config(algorithm, argv[2], (const char *const *)argv + 4, argc - 4, error);
    l->env = l->config ? sg_env_make(argv[2], NULL, error) : NULL;
    l->env = l->env ? sg_algorithm_wrap(algorithm, l->config, l->env, error) : NULL;
    l->agent = l->env ? sg_agent_new(algorithm, l->config, &l->env->spec,
                                     sg_agent_options_default(), error)
                      : NULL;
    l->obs = l->agent ? calloc((size_t)l->env->spec.obs_size, sizeof *l->obs) : NULL;
    return l->obs != NULL;
}

/* Act, step, learn; no call allocates memory, and each takes about the same time. */
static bool run(learner *l, long steps, sg_error *error)
{
    sg_transition t;
    uint64_t seed = 0;
    double total = 0;
    long episodes = 0, shown = 0;
    if (!sg_env_reset(l->env, &seed, l->obs, error))
        return false;
    for (long k = 1; k <= steps; k++) {
        sg_agent_act(l->agent, l->obs, l->action);
        if (!sg_env_step(l->env, l->action, l->obs, &t, error) ||
            !sg_agent_learn(l->agent, &t, l->obs, error))
            return false;
        bool over = t.terminated || t.truncated;
        episodes += over;
        total++;
        if (over && !sg_env_reset(l->env, NULL, l->obs, error))
            return false;
        if (over && k >= (shown + 1) * steps / SHOWN) {
            printf("step %ld: %ld episodes, %.0f steps each\n", k, episodes, total / episodes);
            total = 0, episodes = 0, shown = k * SHOWN / steps;
        }
    }
    return true;
}

int main(int argc, char **argv)
{
    sg_error error = {""};
    learner l = {.config = NULL};
    long steps = argc > 3 ? atol(argv[3]) : 0;
    if (steps <= 0) {
        fprintf(stderr, "usage: agent_loop ALGORITHM ENVIRONMENT STEPS [SETTING=VALUE ...]\n");
        return 2;
    }
    bool ok = prepare(&l, argc, argv, &error) && run(&l, steps, &error);
    if (!ok)
        fprintf(stderr, "agent_loop: %s\n", error.text);
    free(l.obs);
    sg_agent_free(l.agent);
    if (l.env)
        sg_env_close(l.env);
    free(l.config);
    return ok ? 0 : 2;
}
