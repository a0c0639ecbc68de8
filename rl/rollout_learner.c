/* rollout_learner.c - one update: advantages, epochs, shuffled minibatches, early stop. */
#include "rl/rollout_learner.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/ops.h"

/* ---- in the graph ---- */

sg_minibatch sg_minibatch_inputs(sg_graph *g, const sg_env_spec *spec,
                                 const sg_rollout_config *config)
{
    int rows = sg_rollout_rows(config, config->num_steps);
    sg_shape column = sg_matrix(rows, 1);
    sg_minibatch b = {.obs = sg_input_shaped(g, "batch.obs", sg_matrix(rows, spec->obs_size)),
                      .action =
                          sg_input_shaped(g, "batch.action", sg_matrix(rows, spec->action_size)),
                      .log_prob = sg_input_shaped(g, "batch.log_prob", column),
                      .value = sg_input_shaped(g, "batch.value", column),
                      .advantage = sg_input_shaped(g, "batch.advantage", column),
                      .return_ = sg_input_shaped(g, "batch.return", column),
                      .weight = sg_input_shaped(g, "batch.weight", column),
                      .rate = sg_input(g, "batch.rate", 1)};
    if (config->normalize_advantages)
        b.advantage = sg_minibatch_standardize(&b, b.advantage);
    return b;
}

sg_node sg_minibatch_mean(const sg_minibatch *batch, sg_node x)
{
    return sg_div(sg_dot(batch->weight, x), sg_sum(batch->weight));
}

sg_node sg_minibatch_standardize(const sg_minibatch *batch, sg_node x)
{
    sg_node centred = sg_sub(x, sg_minibatch_mean(batch, x));
    sg_node squares = sg_dot(batch->weight, sg_square(centred));
    sg_node variance = sg_div(squares, sg_offset(sg_sum(batch->weight), -1));
    return sg_named(sg_div(centred, sg_offset(sg_sqrt(variance), 1e-8)), "standardized");
}

bool sg_rollout_suits(const sg_rollout_config *config, sg_error *error)
{
    if (config->num_minibatches > config->num_steps)
        return sg_fail(error, "num_minibatches=%d is more than num_steps=%d",
                       config->num_minibatches, config->num_steps);
    int rows = sg_rollout_rows(config, config->num_steps), rest = config->num_steps % rows;
    int smallest = rest ? rest : rows, least = config->normalize_advantages ? 2 : 1;
    return smallest >= least ||
           sg_fail(error,
                   "num_steps=%d in num_minibatches=%d leaves a minibatch of %d; at least %d are "
                   "needed",
                   config->num_steps, config->num_minibatches, smallest, least);
}

/* ---- the learner ---- */

struct sg_rollout_learner {
    sg_program *program;
    sg_rollout_config config;
    double gamma;
    sg_rollout *rollout;
    int rows; /* of a full minibatch */
    int next_value_phase, learn_phase;
    sg_node obs, next_obs, next_value, kl, weight, rate;
    sg_node acted[SG_ROLLOUT_VALUE + 1]; /* obs, action, log_prob, value: as `act` leaves them */
    sg_node batch[SG_ROLLOUT_ARRAYS];    /* inputs "batch.<array>"; graph NULL: there is none */
    double *values;                      /* a minibatch of the widest array */
    double *next_values;                 /* [num_envs] */
    int64_t *order;                      /* of the samples, in an epoch */
    int64_t iterations;                  /* rollouts learnt from */
    int64_t minibatches;                 /* since the learner was made */
    sg_random shuffles;
    sg_rollout_watcher watcher;
};

static void require(bool there, const char *what)
{
    if (!there)
        sg_misuse("learning from rollouts: %s", what);
}

static void find_phases(sg_rollout_learner *l, const sg_graph *g)
{
    int act = sg_phase_find(l->program, "act");
    l->next_value_phase = sg_phase_find(l->program, "next_value");
    l->learn_phase = sg_phase_find(l->program, "learn");
    l->next_value = sg_phase_first_value(g, l->next_value_phase);
    l->kl = sg_phase_first_value(g, l->learn_phase);
    for (int a = SG_ROLLOUT_ACTION; a <= SG_ROLLOUT_VALUE; a++)
        l->acted[a] = sg_phase_value(g, act, a - SG_ROLLOUT_ACTION);
    require(l->acted[SG_ROLLOUT_VALUE].graph,
            "\"act\" needs three values: action, log probability, value");
    require(l->next_value.graph && sg_phase_is_alone(g, l->next_value_phase),
            "a phase \"next_value\" is needed, alone, with a value");
    require(l->kl.graph && sg_phase_is_alone(g, l->learn_phase),
            "\"learn\" must be alone and have the KL estimate as its first value");
}

static void find_inputs(sg_rollout_learner *l)
{
    l->acted[SG_ROLLOUT_OBS] = sg_find(l->program, "obs");
    l->next_obs = sg_find(l->program, "next_obs");
    l->weight = sg_find(l->program, "batch.weight");
    l->rate = sg_find(l->program, "batch.rate");
    require(l->acted[SG_ROLLOUT_OBS].graph && l->next_obs.graph && l->weight.graph && l->rate.graph,
            "inputs \"obs\", \"next_obs\" and sg_minibatch_inputs are needed");
    for (int a = 0; a < SG_ROLLOUT_ARRAYS; a++) {
        char name[32];
        snprintf(name, sizeof name, "batch.%s", sg_rollout_array_name(a));
        l->batch[a] = sg_find(l->program, name);
    }
}

sg_rollout_learner *sg_rollout_learner_new(sg_program *program, const sg_graph *graph,
                                           const sg_rollout_config *config, double gamma,
                                           int num_envs, uint64_t seed)
{
    sg_rollout_learner *l = sg_alloc(sizeof *l);
    l->program = program;
    l->config = *config;
    l->gamma = gamma;
    find_phases(l, graph);
    find_inputs(l);
    int obs_size = (int)sg_shape_size(sg_node_shape(l->acted[SG_ROLLOUT_OBS]));
    int action_size = (int)sg_shape_size(sg_node_shape(l->acted[SG_ROLLOUT_ACTION]));
    int widest = obs_size > action_size ? obs_size : action_size;
    l->rollout = sg_rollout_new(config->num_steps, num_envs, obs_size, action_size);
    l->rows = (int)sg_shape_size(sg_node_shape(l->weight));
    l->values = sg_alloc((size_t)l->rows * (size_t)widest * sizeof *l->values);
    l->next_values = sg_alloc((size_t)num_envs * sizeof *l->next_values);
    l->order = sg_alloc((size_t)l->rollout->samples * sizeof *l->order);
    sg_random_seed_named(&l->shuffles, seed, "rollout.order");
    return l;
}

void sg_rollout_learner_free(sg_rollout_learner *l)
{
    if (!l)
        return;
    sg_rollout_free(l->rollout);
    free(l->values);
    free(l->next_values);
    free(l->order);
    free(l);
}

void sg_rollout_learner_watch(sg_rollout_learner *l, sg_rollout_watcher watcher)
{
    l->watcher = watcher;
}

const sg_rollout *sg_rollout_learner_rollout(const sg_rollout_learner *l) { return l->rollout; }

int64_t sg_rollout_learner_updates(const sg_rollout_learner *l) { return l->minibatches; }

/* v(next_obs), at the parameters as they are. */
static bool value_of(sg_rollout_learner *l, const double *next_obs, double *value)
{
    sg_set(l->program, l->next_obs, next_obs);
    if (!sg_run(l->program, l->next_value_phase))
        return false;
    *value = sg_get_number(l->program, l->next_value);
    return true;
}

/* ---- collecting ---- */

void sg_rollout_learner_acted(sg_rollout_learner *l, int env)
{
    for (int a = SG_ROLLOUT_OBS; a <= SG_ROLLOUT_VALUE; a++)
        sg_get(l->program, l->acted[a], sg_rollout_at(l->rollout, a, env));
}

bool sg_rollout_learner_reward(sg_rollout_learner *l, const sg_transition *t,
                               const double *next_obs, double *reward)
{
    double beyond = 0;
    bool goes_on = l->config.bootstrap_truncated && t->truncated && !t->terminated;
    if (goes_on && !value_of(l, next_obs, &beyond))
        return false;
    *reward = t->reward + l->gamma * beyond;
    return true;
}

void sg_rollout_learner_answered(sg_rollout_learner *l, int env, double reward, bool end)
{
    *sg_rollout_at(l->rollout, SG_ROLLOUT_REWARD, env) = reward;
    *sg_rollout_at(l->rollout, SG_ROLLOUT_END, env) = end;
}

/* ---- learning ---- */

/* The values of where each environment stands now. */
static bool look_ahead(sg_rollout_learner *l, const double *next_obs)
{
    int width = l->rollout->width[SG_ROLLOUT_OBS];
    for (int env = 0; env < l->rollout->num_envs; env++)
        if (!value_of(l, next_obs + (size_t)env * (size_t)width, &l->next_values[env]))
            return false;
    return true;
}

/* Rows of the minibatch that count, in front, and the others. */
static void set_weights(sg_rollout_learner *l, int count)
{
    for (int i = 0; i < l->rows; i++)
        l->values[i] = i < count;
    sg_set(l->program, l->weight, l->values);
}

static bool learn_minibatch(sg_rollout_learner *l, const int64_t *index, int count)
{
    for (int a = 0; a < SG_ROLLOUT_ARRAYS; a++)
        if (l->batch[a].graph) {
            sg_rollout_gather(l->rollout, a, index, count, l->rows, l->values);
            sg_set(l->program, l->batch[a], l->values);
        }
    set_weights(l, count);
    if (!sg_run(l->program, l->learn_phase))
        return false;
    l->minibatches++;
    if (l->watcher.learnt)
        l->watcher.learnt(l->watcher.context, count);
    return true;
}

static bool learn_epoch(sg_rollout_learner *l, int epoch)
{
    int samples = l->rollout->samples;
    if (l->watcher.order)
        l->watcher.order(l->watcher.context, epoch, l->order);
    else
        sg_random_permutation(&l->shuffles, (size_t)samples, l->order);
    for (int start = 0; start < samples; start += l->rows) {
        int rest = samples - start;
        if (!learn_minibatch(l, l->order + start, rest < l->rows ? rest : l->rows))
            return false;
    }
    return true;
}

static bool learn(sg_rollout_learner *l, const double *next_obs)
{
    const sg_rollout_config *c = &l->config;
    double rate = sg_rollout_rate(c, l->rollout->samples, l->iterations++);
    sg_set(l->program, l->rate, &rate);
    if (!look_ahead(l, next_obs))
        return false;
    sg_rollout_estimate(l->rollout, l->next_values, l->gamma, c->gae_lambda);
    /* the KL estimate of an epoch is that of its last minibatch */
    for (int epoch = 0; epoch < c->update_epochs; epoch++) {
        if (!learn_epoch(l, epoch))
            return false;
        if (c->target_kl > 0 && sg_get_number(l->program, l->kl) > c->target_kl)
            break;
    }
    return true;
}

bool sg_rollout_learner_advance(sg_rollout_learner *l, const double *next_obs, bool *learnt)
{
    *learnt = ++l->rollout->step == l->rollout->num_steps;
    if (!*learnt)
        return true;
    bool ok = learn(l, next_obs);
    l->rollout->step = 0;
    return ok;
}

void sg_rollout_learner_state(sg_rollout_learner *l, sg_archive *archive)
{
    sg_rollout_state(l->rollout, archive);
    sg_archive_i64(archive, "rollout/iterations", &l->iterations, 1);
    sg_archive_random(archive, "rollout/order", &l->shuffles);
}
