/* classic.c - the base of the classic control tasks. */
#include "envs/classic/classic.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Observations are float32 in Gymnasium. */
static void observe(const sg_classic *env, double *obs)
{
    env->task->observe(env, obs);
    for (int i = 0; i < env->task->obs_size; i++)
        obs[i] = sg_float32(obs[i]);
}

/* Draws in the order of the state. */
static bool reset(sg_env *base, double *obs, sg_error *error)
{
    (void)error;
    sg_classic *env = (sg_classic *)base;
    memset(env->s, 0, sizeof env->s);
    env->over = false;
    for (int i = 0; i < env->task->drawn; i++) {
        double low = env->task->start_low[i], high = env->task->start_high[i];
        env->s[i] = sg_random_uniform(&env->random, low, high);
    }
    if (env->task->begin)
        env->task->begin(env);
    observe(env, obs);
    return true;
}

/* Continuous actions are float32 in Gymnasium. */
static bool step(sg_env *base, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    (void)error;
    sg_classic *env = (sg_classic *)base;
    *t = (sg_transition){0};
    env->task->step(env, sg_float32(action[0]), t);
    env->over |= t->terminated;
    observe(env, obs);
    return true;
}

/* As Gymnasium's reset(seed=...). */
static void seed(sg_env *base, uint64_t number)
{
    sg_random_seed(&((sg_classic *)base)->random, number);
}

/* A handful of numbers is all there is. */
static void state(sg_env *base, sg_archive *archive)
{
    sg_classic *env = (sg_classic *)base;
    sg_archive_random(archive, "random", &env->random);
    sg_archive_f64(archive, "state", env->s, (size_t)env->task->state_size);
    sg_archive_bool(archive, "over", &env->over);
}

static bool render(sg_env *base, sg_picture *picture, sg_error *error)
{
    (void)error;
    const sg_classic *env = (const sg_classic *)base;
    env->task->picture(env, picture);
    return true;
}

static void close_task(sg_env *base) { free(base); }

static const sg_env_functions functions = {.name = "classic",
                                           .reset = reset,
                                           .step = step,
                                           .seed = seed,
                                           .state = state,
                                           .close = close_task,
                                           .render = render};

/* A discrete action is one value, its index. */
static void fill_spec(sg_env_spec *spec, const sg_classic_task *task, const char *id)
{
    snprintf(spec->id, sizeof spec->id, "%s", id);
    spec->obs_size = spec->obs_dim[0] = task->obs_size;
    spec->obs_rank = 1;
    spec->discrete = task->action_count > 0;
    spec->action_count = task->action_count;
    spec->action_size = 1;
    spec->action_low[0] = -task->action_bound;
    spec->action_high[0] = task->action_bound;
    spec->time_limit = task->time_limit;
    spec->step_seconds = task->step_seconds;
}

/* Options are checked before anything is allocated. */
sg_env *sg_classic_make(const sg_classic_task *task, const char *id, const char *options,
                        sg_error *error)
{
    sg_classic_config config = task->defaults;
    if (!sg_options_parse(id, task->options, task->option_count, &config, options, error))
        return NULL;
    sg_classic *env = sg_alloc(sizeof *env);
    env->env.functions = &functions;
    env->task = task;
    env->config = config;
    fill_spec(&env->env.spec, task, id);
    seed(&env->env, 0);
    return &env->env;
}
