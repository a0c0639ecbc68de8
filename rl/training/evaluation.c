/* evaluation.c - episodes played for their return only, beside the training. */
#include "rl/training/evaluation.h"

#include <math.h>
#include <stdlib.h>

#include "envs/wrappers.h"
#include "rl/training/counters.h"
#include "rl/training/stop.h"

struct sg_evaluator {
    sg_env *env, *monitor;
    sg_archive *env_copy, *agent_copy; /* what goes from the training and back to it */
    double *obs, *action;
};

/* The environment is made as the training's was; nothing is allocated later. */
sg_evaluator *sg_evaluator_new(const sg_experiment *run, sg_error *error)
{
    sg_env *monitor, *env = sg_experiment_make_env(run, &monitor, error);
    if (!env)
        return NULL;

    sg_evaluator *evaluator = sg_alloc(sizeof *evaluator);
    evaluator->env = env;
    evaluator->monitor = monitor;
    evaluator->env_copy = sg_archive_new();
    evaluator->agent_copy = sg_archive_new();
    evaluator->obs = sg_alloc((size_t)env->spec.obs_size * sizeof(double));
    evaluator->action = sg_alloc((size_t)env->spec.action_size * sizeof(double));
    return evaluator;
}

/* Closing the environment closes the monitor within it. */
void sg_evaluator_free(sg_evaluator *evaluator)
{
    if (!evaluator)
        return;
    sg_env_close(evaluator->env);
    sg_archive_free(evaluator->env_copy);
    sg_archive_free(evaluator->agent_copy);
    free(evaluator->obs);
    free(evaluator->action);
    free(evaluator);
}

sg_env *sg_evaluator_env(sg_evaluator *evaluator) { return evaluator->env; }

/* ---- playing ---- */

/* Whether the task lets it go on for ever. */
static bool is_cut(const sg_evaluator *e)
{
    return e->env->spec.time_limit == 0 && sg_episode_length(e->monitor) >= SG_EVALUATION_STEPS;
}

/* One episode; `seed` only for the first, later ones go on with the stream. `cut`: it had no end.
 */
static sg_evaluation_outcome play(sg_evaluator *e, sg_agent *agent, const uint64_t *seed,
                                  bool stochastic, bool *cut, sg_error *error)
{
    sg_transition t = {0};
    *cut = false;
    if (!sg_env_reset(e->env, seed, e->obs, error))
        return SG_EVALUATION_FAILED;
    while (!t.terminated && !t.truncated && !*cut) {
        if (sg_stop_asked())
            return SG_EVALUATION_STOPPED;
        /* The agent sees what it sees in training, and does not learn. */
        if (stochastic)
            sg_agent_act(agent, e->obs, e->action);
        else
            sg_agent_act_greedy(agent, e->obs, e->action);
        if (!sg_env_step(e->env, e->action, e->obs, &t, error))
            return SG_EVALUATION_FAILED;
        *cut = !t.terminated && !t.truncated && is_cut(e);
    }
    return SG_EVALUATION_DONE;
}

/* One pass over the episodes, with running mean and deviation. */
sg_evaluation_outcome sg_evaluate(sg_evaluator *e, sg_agent *agent,
                                  const sg_evaluation_options *options,
                                  sg_evaluation_record *result, sg_error *error)
{
    double mean = 0, squares = 0, lengths = 0; /* Welford's running mean and squared deviations */
    bool cut;

    /* Statistics are used as they are; evaluating must not refine them. */
    sg_env_freeze(e->env, true);
    result->cut = 0;
    for (int i = 0; i < options->episodes; i++) {
        const uint64_t *seed = i == 0 ? &options->seed : NULL;
        sg_evaluation_outcome outcome = play(e, agent, seed, options->stochastic, &cut, error);
        if (outcome != SG_EVALUATION_DONE)
            return outcome;
        result->cut += cut;
        double episode_return = sg_episode_return(e->monitor);
        int64_t length = sg_episode_length(e->monitor);
        if (!sg_counters_check_return(e->env->spec.id, episode_return, error))
            return SG_EVALUATION_FAILED;
        /* Welford: no sum of large squares that cancel. */
        double off = episode_return - mean;
        mean += off / (i + 1);
        squares += off * (episode_return - mean);
        lengths += (double)length;
        if (options->report)
            options->report(i + 1, episode_return, length);
    }
    if (!isfinite(mean) || !isfinite(squares)) {
        sg_fail(error, "%s: returns are too large for a mean and a standard deviation",
                e->env->spec.id);
        return SG_EVALUATION_FAILED;
    }
    result->episodes = options->episodes;
    result->return_mean = mean;
    result->return_sd = options->episodes > 1 ? sqrt(squares / (options->episodes - 1)) : 0;
    result->length_mean = lengths / options->episodes;
    return SG_EVALUATION_DONE;
}

/* ---- beside the training ---- */

/* All state, so also the statistics; the reset that follows replaces everything else. */
static bool copy_env(sg_evaluator *e, sg_env *from, sg_error *error)
{
    /* Out of the training's environment ... */
    sg_archive_set_mode(e->env_copy, SG_ARCHIVE_SAVE);
    sg_archive_rewind(e->env_copy);
    sg_env_state(from, e->env_copy);
    /* ... and into the evaluator's. */
    sg_archive_set_mode(e->env_copy, SG_ARCHIVE_LOAD);
    sg_env_state(e->env, e->env_copy);
    return sg_archive_ok(e->env_copy, error);
}

/* What acting may change. */
static void visit(sg_agent *agent, sg_archive *archive)
{
    sg_agent_acting_state(agent, archive);
    sg_agent_metrics_state(agent, archive);
}

/* Save, play, restore. */
sg_evaluation_outcome sg_evaluate_beside(sg_evaluator *e, sg_agent *agent, sg_env *env,
                                         const sg_evaluation_options *options,
                                         sg_evaluation_record *result, sg_error *error)
{
    sg_evaluation_outcome outcome = SG_EVALUATION_FAILED;
    /* Acting may draw random numbers, so the agent is put back as it was. */
    sg_archive_set_mode(e->agent_copy, SG_ARCHIVE_SAVE);
    sg_archive_rewind(e->agent_copy);
    visit(agent, e->agent_copy);
    if (copy_env(e, env, error))
        outcome = sg_evaluate(e, agent, options, result, error);
    /* Also after a failure. */
    sg_archive_set_mode(e->agent_copy, SG_ARCHIVE_LOAD);
    visit(agent, e->agent_copy);
    bool restored = sg_archive_ok(e->agent_copy, outcome == SG_EVALUATION_FAILED ? NULL : error);
    return restored ? outcome : SG_EVALUATION_FAILED;
}
