/* mujoco_env.c - the base of all MuJoCo tasks: model, reset, step, instability, state. */
#include "envs/mujoco/mujoco_env.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/mujoco/guard.h"
#include "envs/mujoco/models.h"
#include "envs/mujoco/painter.h"
#include "envs/mujoco/task.h"

/* ---- an unstable simulation ---- */

/* What MuJoCo counts in mjData.warning, in our words. */
static const char *warning_text(int warning)
{
    switch (warning) {
    case mjWARN_INERTIA: return "an inertia matrix is close to singular";
    case mjWARN_CONTACTFULL: return "more contacts than the model has room for (nconmax)";
    case mjWARN_CNSTRFULL: return "more constraints than the model has room for (njmax)";
    case mjWARN_BADQPOS: return "a position is not finite or too large";
    case mjWARN_BADQVEL: return "a velocity is not finite or too large";
    case mjWARN_BADQACC: return "an acceleration is not finite or too large";
    case mjWARN_BADCTRL: return "a control is not finite or too large";
    default: return "MuJoCo gave a warning";
    }
}

/* Neither NaN nor infinite. */
static bool all_finite(const double *x, int count)
{
    for (int i = 0; i < count; i++) {
        if (!isfinite(x[i]))
            return false;
    }
    return true;
}

/* MuJoCo goes on from the initial state after a bad one; a learner must not be fooled by that. */
static bool check_stable(const sg_mujoco *env, sg_error *error)
{
    const char *reason = NULL;
    for (int i = 0; i < mjNWARNING && !reason; i++) {
        if (env->data->warning[i].number > 0)
            reason = warning_text(i);
    }
    if (!all_finite(env->data->qvel, env->model->nv))
        reason = warning_text(mjWARN_BADQVEL);
    if (!all_finite(env->data->qpos, env->model->nq))
        reason = warning_text(mjWARN_BADQPOS);
    return !reason ||
           sg_fail(error, "%s: the simulation is unstable: %s", env->env.spec.id, reason);
}

/* ---- reset ---- */

/* Computes all that follows from positions and velocities. */
static void forward(void *argument)
{
    sg_mujoco *env = argument;
    mj_forward(env->model, env->data);
}

/* Tasks whose reward looks at the present only have nothing to remember. */
static void remember(sg_mujoco *env)
{
    if (env->task.remember)
        env->task.remember(env, env->now);
}

/* qpos and qvel stand in mjData; writes the first observation. */
static bool start(sg_mujoco *env, double *obs, sg_error *error)
{
    if (!sg_mujoco_guard(env->env.spec.id, forward, env, error))
        return false;
    remember(env);
    env->task.observe(env, obs);
    return check_stable(env, error);
}

/* Around the model's initial state: all positions are drawn first, then all velocities. */
static void add_noise(sg_mujoco *env)
{
    double scale = env->config.reset_noise_scale, *qvel = env->data->qvel;
    sg_mujoco_add_uniform(env, env->data->qpos, env->model->nq, scale);
    if (!env->task.normal_velocity_noise)
        sg_mujoco_add_uniform(env, qvel, env->model->nv, scale);
    for (int i = 0; i < env->model->nv && env->task.normal_velocity_noise; i++)
        qvel[i] += scale * sg_random_normal(&env->random);
}

/* mjData is cleared whole: nothing of the last episode is left. */
static bool reset(sg_env *base, double *obs, sg_error *error)
{
    sg_mujoco *env = (sg_mujoco *)base;
    mj_resetData(env->model, env->data);
    if (env->task.draw)
        env->task.draw(env);
    else
        add_noise(env);
    return start(env, obs, error);
}

/* ---- step ---- */

/* One environment step; contact forces only where somebody reads them. */
static void advance(void *argument)
{
    sg_mujoco *env = argument;
    for (int i = 0; i < env->task.frame_skip; i++)
        mj_step(env->model, env->data);
    if (env->config.use_contact_forces)
        mj_rnePostConstraint(env->model, env->data);
}

static bool step(sg_env *base, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    sg_mujoco *env = (sg_mujoco *)base;
    memcpy(env->before, env->now, sizeof env->before);

    /* controls: rounded to float32, not clipped (MuJoCo does that inside) */
    for (int i = 0; i < env->model->nu; i++) {
        env->action[i] = (float)action[i];
        env->data->ctrl[i] = env->action[i];
    }

    if (!sg_mujoco_guard(base->spec.id, advance, env, error))
        return false;
    if (!check_stable(env, error))
        return false;

    /* what came of it */
    *t = (sg_transition){0};
    remember(env);
    env->task.observe(env, obs);
    env->task.reward(env, t);
    return true;
}

/* ---- state ---- */

/* As Gymnasium's reset(seed=...). */
static void seed(sg_env *base, uint64_t number)
{
    sg_random_seed(&((sg_mujoco *)base)->random, number);
}

/* All that the next step reads; the rest of mjData is computed from it. */
static void state(sg_env *base, sg_archive *archive)
{
    sg_mujoco *env = (sg_mujoco *)base;
    mjData *d = env->data;
    /* a state that is loaded over a broken simulation mends it */
    if (sg_archive_get_mode(archive) == SG_ARCHIVE_LOAD)
        memset(d->warning, 0, sizeof d->warning);
    sg_archive_random(archive, "random", &env->random);
    sg_archive_f64(archive, "time", &d->time, 1);
    sg_archive_f64(archive, "qpos", d->qpos, (size_t)env->model->nq);
    sg_archive_f64(archive, "qvel", d->qvel, (size_t)env->model->nv);
    if (env->model->na > 0)
        sg_archive_f64(archive, "act", d->act, (size_t)env->model->na);
    sg_archive_f64(archive, "qacc_warmstart", d->qacc_warmstart, (size_t)env->model->nv);
    sg_archive_f64(archive, "remembered", env->now, SG_MUJOCO_MEMORY);
}

/* The state as the last step left it. */
static bool render(sg_env *base, sg_picture *picture, sg_error *error)
{
    sg_mujoco *env = (sg_mujoco *)base;
    return sg_mujoco_paint(&env->painter, base->spec.id, env->model, env->data, picture, error);
}

/* Also for one that was built only half-way. */
static void close_task(sg_env *base)
{
    sg_mujoco *env = (sg_mujoco *)base;
    sg_mujoco_painter_free(env->painter);
    if (env->data)
        mj_deleteData(env->data);
    if (env->model)
        mj_deleteModel(env->model);
    free(env);
}

static const sg_env_functions functions = {.name = "mujoco",
                                           .reset = reset,
                                           .step = step,
                                           .seed = seed,
                                           .state = state,
                                           .close = close_task,
                                           .render = render};

/* ---- construction ---- */

/* In the initial state from the start, so that there is always something to observe. */
static void make_data(void *argument)
{
    sg_mujoco *env = argument;
    env->data = mj_makeData(env->model);
    mj_resetData(env->model, env->data);
}

/* The observation counts itself, once, into memory that no task's observation exceeds. */
static int observation_size(const sg_mujoco *env)
{
    double *scratch = sg_alloc(SG_MUJOCO_OBSERVATION * sizeof *scratch);
    int size = (int)(env->task.observe(env, scratch) - scratch);
    free(scratch);
    return size;
}

/* Bounds are float32 in Gymnasium: 0.4 is 0.4000000059604645. */
static void fill_spec(sg_mujoco *env, const char *id)
{
    sg_env_spec *spec = &env->env.spec;
    snprintf(spec->id, sizeof spec->id, "%s", id);
    spec->obs_size = spec->obs_dim[0] = observation_size(env);
    spec->obs_rank = 1;
    spec->action_size = env->model->nu;
    spec->time_limit = env->task.time_limit;
    spec->step_seconds = env->dt;
    for (int i = 0; i < env->model->nu; i++) {
        bool limited = env->model->actuator_ctrllimited[i];
        spec->action_low[i] = limited ? (float)env->model->actuator_ctrlrange[2 * i] : -INFINITY;
        spec->action_high[i] =
            limited ? (float)env->model->actuator_ctrlrange[2 * i + 1] : INFINITY;
    }
}

/* Options first: they are the likeliest to be wrong. */
static bool load(sg_mujoco *env, const char *id, const char *options, sg_error *error)
{
    if (!sg_mujoco_configure(&env->task, id, &env->config, options, error))
        return false;
    sg_mujoco_guard_install();
    env->model = sg_mujoco_load_beside(env->task.model, (void *)env->task.observe, error);
    if (!env->model || !sg_mujoco_check_model(env->model, id, error))
        return false;
    if (env->task.adjust && !env->task.adjust(env->model, error))
        return false;
    if (!sg_mujoco_guard(id, make_data, env, error))
        return false;
    env->dt = env->model->opt.timestep * env->task.frame_skip;
    fill_spec(env, id);
    return true;
}

/* The stream is that of seed 0 until a reset brings another. */
sg_env *sg_mujoco_make(const sg_mujoco_task *task, const char *id, const char *options,
                       sg_error *error)
{
    sg_mujoco *env = sg_alloc(sizeof *env);
    env->env.functions = &functions;
    env->task = *task;
    if (!load(env, id, options, error)) {
        close_task(&env->env);
        return NULL;
    }
    seed(&env->env, 0);
    return &env->env;
}

/* The digits after the last v. */
int sg_mujoco_version(const char *id)
{
    const char *v = strrchr(id, 'v');
    return v ? atoi(v + 1) : 0;
}

/* ---- a look inside ---- */

/* The task at the bottom of a stack of wrappers. */
static sg_mujoco *innermost(const sg_env *env)
{
    while (env && env->inner)
        env = env->inner;
    if (!env || env->functions != &functions)
        sg_misuse("this environment is no MuJoCo task");
    return (sg_mujoco *)env;
}

/* The same calls as a reset, with the given numbers for the noisy ones. */
bool sg_mujoco_set_state(sg_env *env, const double *qpos, const double *qvel, double *obs,
                         sg_error *error)
{
    sg_mujoco *task = innermost(env);
    mj_resetData(task->model, task->data);
    memcpy(task->data->qpos, qpos, (size_t)task->model->nq * sizeof *qpos);
    memcpy(task->data->qvel, qvel, (size_t)task->model->nv * sizeof *qvel);
    return start(task, obs, error);
}

const mjModel *sg_mujoco_model(const sg_env *env) { return innermost(env)->model; }

const mjData *sg_mujoco_data(const sg_env *env) { return innermost(env)->data; }

int sg_mujoco_frame_skip(const sg_env *env) { return innermost(env)->task.frame_skip; }
