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
    const char *reason = sg_mujoco_guard_warning();
    for (int i = mjNWARNING - 1; i >= 0; i--) {
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

/* Keeps the reason: nothing but a reset, or a good state, lets the episode go on. */
static bool end_episode(sg_mujoco *env, sg_error *error)
{
    if (error)
        *error = env->failure;
    return false;
}

/* ---- reset ---- */

/* The model's initial state; nothing of the last episode is left. */
static void clear(void *argument)
{
    sg_mujoco *env = argument;
    mj_resetData(env->model, env->data);
}

static bool initial_state(sg_mujoco *env, sg_error *error)
{
    env->failure = (sg_error){""};
    memset(env->now, 0, sizeof env->now);
    return sg_mujoco_guard(env->env.spec.id, clear, env, &env->failure) || end_episode(env, error);
}

/* What the task keeps for the reward. */
static void remember(sg_mujoco *env)
{
    if (env->task.remember)
        env->task.remember(env, env->now);
}

/* Computes all that follows from positions and velocities. */
static void forward(void *argument)
{
    sg_mujoco *env = argument;
    mj_forward(env->model, env->data);
}

/* qpos and qvel stand in mjData; writes the first observation. */
static bool start(sg_mujoco *env, double *obs, sg_error *error)
{
    if (!sg_mujoco_guard(env->env.spec.id, forward, env, &env->failure) ||
        !check_stable(env, &env->failure))
        return end_episode(env, error);
    remember(env);
    env->task.observe(env, obs);
    return true;
}

/* Around the model's initial state: all positions are drawn first, then all velocities. */
static void add_noise(sg_mujoco *env)
{
    double scale = env->config.reset_noise_scale;
    sg_mujoco_add_uniform(env, env->data->qpos, env->model->nq, scale);
    if (!env->task.normal_velocity_noise) {
        sg_mujoco_add_uniform(env, env->data->qvel, env->model->nv, scale);
        return;
    }
    for (int i = 0; i < env->model->nv; i++)
        env->data->qvel[i] += scale * sg_random_normal(&env->random);
}

/* The task's own way, or the usual noise. */
static void place(void *argument)
{
    sg_mujoco *env = argument;
    if (env->task.place) {
        env->task.place(env);
    } else {
        add_noise(env);
    }
}

static bool reset(sg_env *base, double *obs, sg_error *error)
{
    sg_mujoco *env = (sg_mujoco *)base;
    if (!initial_state(env, error))
        return false;
    if (!sg_mujoco_guard(base->spec.id, place, env, &env->failure) || env->failure.text[0])
        return end_episode(env, error);
    return start(env, obs, error);
}

/* ---- step ---- */

/* One environment step; contact forces only where somebody reads them. */
static void advance(void *argument)
{
    sg_mujoco *env = argument;
    if (env->task.advance) {
        env->task.advance(env);
        return;
    }
    for (int i = 0; i < env->config.frame_skip; i++)
        mj_step(env->model, env->data);
    if (env->config.use_contact_forces)
        mj_rnePostConstraint(env->model, env->data);
}

static bool step(sg_env *base, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    sg_mujoco *env = (sg_mujoco *)base;
    if (env->failure.text[0])
        return end_episode(env, error);
    memcpy(env->before, env->now, sizeof env->before);

    /* controls: rounded to float32 as a rule, not clipped (MuJoCo does that inside) */
    for (int i = 0; i < env->model->nu; i++) {
        env->action[i] = (float)action[i];
        env->data->ctrl[i] = env->task.double_actions ? action[i] : (double)env->action[i];
    }

    if (!sg_mujoco_guard(base->spec.id, advance, env, &env->failure) ||
        !check_stable(env, &env->failure))
        return end_episode(env, error);

    /* what came of it */
    *t = (sg_transition){0};
    remember(env);
    env->task.observe(env, obs);
    env->task.reward(env, t);
    if (isfinite(t->reward))
        return true;
    sg_fail(&env->failure, "%s: the reward is %g", base->spec.id, t->reward);
    return end_episode(env, error);
}

/* ---- state ---- */

/* As Gymnasium's reset(seed=...). */
static void seed(sg_env *base, uint64_t number)
{
    sg_random_seed(&((sg_mujoco *)base)->random, number);
}

/* What not every model has. */
static void visit(sg_archive *archive, const char *name, double *values, int count)
{
    if (count > 0)
        sg_archive_f64(archive, name, values, (size_t)count);
}

/* All that the next step reads of mjData; the rest is computed from it. */
static void visit_data(const sg_mujoco *env, sg_archive *archive)
{
    const mjModel *m = env->model;
    mjData *d = env->data;
    sg_archive_f64(archive, "time", &d->time, 1);
    sg_archive_f64(archive, "qpos", d->qpos, (size_t)m->nq);
    sg_archive_f64(archive, "qvel", d->qvel, (size_t)m->nv);
    sg_archive_f64(archive, "qacc_warmstart", d->qacc_warmstart, (size_t)m->nv);
    visit(archive, "act", d->act, (int)m->na);
    visit(archive, "mocap_pos", d->mocap_pos, 3 * (int)m->nmocap);
    visit(archive, "mocap_quat", d->mocap_quat, 4 * (int)m->nmocap);
    visit(archive, "userdata", d->userdata, (int)m->nuserdata);
}

/* Over a simulation that is broken, too. Where bodies and cameras are is computed for pictures
 * before the next step; MuJoCo normalises quaternions on the way, and that step must find the bits
 * that were saved. */
static void load_data(sg_mujoco *env, sg_archive *archive)
{
    mj_resetData(env->model, env->data);
    env->failure = (sg_error){""};
    visit_data(env, archive);
    mj_kinematics(env->model, env->data);
    mj_comPos(env->model, env->data);
    mj_camlight(env->model, env->data);
    mj_tendon(env->model, env->data);
    visit_data(env, archive);
}

static void state(sg_env *base, sg_archive *archive)
{
    sg_mujoco *env = (sg_mujoco *)base;
    sg_archive_random(archive, "random", &env->random);
    if (sg_archive_get_mode(archive) == SG_ARCHIVE_LOAD)
        load_data(env, archive);
    else
        visit_data(env, archive);
    sg_archive_f64(archive, "remembered", env->now, SG_MUJOCO_MEMORY);
    if (env->task.state)
        env->task.state(env, archive);
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

/* The observation counts itself, once, into memory that it does not exceed: what a task makes up,
 * and all that mjData holds. */
static int observation_size(const sg_mujoco *env)
{
    size_t held = (size_t)env->data->nbuffer / sizeof(double);
    double *scratch = sg_alloc((SG_MUJOCO_OBSERVATION + held) * sizeof *scratch);
    int size = (int)(env->task.observe(env, scratch) - scratch);
    free(scratch);
    return size;
}

/* Bounds are float32 in Gymnasium: 0.4 is 0.4000000059604645. */
static void fill_spec(sg_mujoco *env)
{
    sg_env_spec *spec = &env->env.spec;
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

/* A model of the user's own must have what the task reads. */
static bool check_sizes(const sg_mujoco *env, sg_error *error)
{
    const mjModel *m = env->model;
    const sg_mujoco_task *task = &env->task;
    int nq = (int)m->nq, nv = (int)m->nv, nu = (int)m->nu;
    bool fits = nq >= task->least_nq && nv >= task->least_nv && nu >= 1 && nu <= SG_MAX_ACTIONS;
    return fits ||
           sg_fail(error,
                   "%s: the model %s has %d positions, %d velocities and %d controls; allowed are "
                   "at least %d, %d and 1, and at most %d controls",
                   env->env.spec.id, env->config.xml_file, nq, nv, nu, task->least_nq,
                   task->least_nv, SG_MAX_ACTIONS);
}

/* The task's own model lies beside the plugin that the task is part of; one that the user names
 * starts where the program was started. */
static bool load_model(sg_mujoco *env, const char *id, sg_error *error)
{
    sg_error reason = {""};
    const char *file = env->config.xml_file;
    bool own = strcmp(file, env->task.defaults.xml_file) == 0;
    env->model = own ? sg_mujoco_load_beside(file, (void *)env->task.observe, &reason)
                     : sg_mujoco_load(file, &reason);
    return env->model || sg_fail(error, "%s: %s", id, reason.text);
}

/* Options first: they are the likeliest to be wrong. */
static bool load(sg_mujoco *env, const char *id, const char *options, sg_error *error)
{
    if (!sg_mujoco_configure(&env->task, id, &env->config, options, error))
        return false;
    sg_mujoco_guard_install();
    if (!load_model(env, id, error) || !check_sizes(env, error))
        return false;
    if (env->task.prepare && !env->task.prepare(env, error))
        return false;
    if (!sg_mujoco_guard(id, make_data, env, error))
        return false;
    env->dt = env->model->opt.timestep * env->config.frame_skip;
    fill_spec(env);
    return true;
}

/* The stream is that of seed 0 until a reset brings another. */
sg_env *sg_mujoco_make(const sg_mujoco_task *task, const char *id, const char *options,
                       sg_error *error)
{
    sg_mujoco *env = sg_alloc(task->size ? task->size : sizeof *env);
    env->env.functions = &functions;
    env->task = *task;
    snprintf(env->env.spec.id, sizeof env->env.spec.id, "%s", id);
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
    if (!initial_state(task, error))
        return false;
    memcpy(task->data->qpos, qpos, (size_t)task->model->nq * sizeof *qpos);
    memcpy(task->data->qvel, qvel, (size_t)task->model->nv * sizeof *qvel);
    return start(task, obs, error);
}

const mjModel *sg_mujoco_model(const sg_env *env) { return innermost(env)->model; }

const mjData *sg_mujoco_data(const sg_env *env) { return innermost(env)->data; }

int sg_mujoco_frame_skip(const sg_env *env) { return innermost(env)->config.frame_skip; }
