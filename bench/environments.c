/* environments.c - steps of every environment with random actions, resets at episode ends included.
 *
 * A MuJoCo task is timed beside the bare library going through the very same states, after another
 * of its kind has gone there: controls, mj_step, and the task's resets.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "envs/env.h"
#include "envs/mujoco/mujoco_env.h"

/* Drawn beforehand, and taken in a ring. */
enum { ACTIONS = 4096, STARTS = 4096, COORDINATES = 64 };

/* The state after the environment's n-th step, where that was a reset. */
typedef struct {
    long step;
    double qpos[COORDINATES], qvel[COORDINATES], warmstart[COORDINATES];
} start;

/* An environment on its way, and how far it is. */
typedef struct {
    sg_env *env;
    double *obs;
    long step;
} walker;

typedef struct {
    double *actions; /* [ACTIONS, action_size] */
    walker timed;

    /* MuJoCo's tasks: one that goes ahead and notes its starts, and the bare library */
    walker ahead;
    const mjModel *model; /* of the timed one */
    mjData *data;
    start *starts; /* ring of STARTS */
    long written, read;
    long bare_step;
} walk;

static void stop(const sg_error *error)
{
    fprintf(stderr, "bench: %s\n", error->text);
    exit(1);
}

/* ---- the environment ---- */

/* As an agent that knows nothing would act. */
static void draw_actions(walk *w)
{
    const sg_env_spec *spec = &w->timed.env->spec;
    sg_random random;
    sg_random_seed(&random, 1);
    w->actions = sg_alloc(sizeof(double) * ACTIONS * (size_t)spec->action_size);
    for (int i = 0; i < ACTIONS * spec->action_size; i++) {
        int k = i % spec->action_size;
        w->actions[i] = spec->discrete ? (double)sg_random_integer(&random, 0, spec->action_count)
                                       : (double)(float)sg_random_uniform(
                                             &random, spec->action_low[k], spec->action_high[k]);
    }
}

static const double *action_of(const walk *w, long step)
{
    return w->actions + step % ACTIONS * w->timed.env->spec.action_size;
}

/* Makes an environment and resets it; false, with a line printed, if there is none. */
static bool begin(walker *a, const char *id)
{
    const uint64_t seed = 0;
    sg_error error;
    a->env = sg_env_make(id, NULL, &error);
    if (!a->env) {
        printf("%s\n", error.text);
        return false;
    }
    a->obs = sg_alloc((size_t)a->env->spec.obs_size * sizeof *a->obs);
    if (!sg_env_reset(a->env, &seed, a->obs, &error))
        stop(&error);
    return true;
}

static void end(walker *a)
{
    sg_env_close(a->env);
    free(a->obs);
}

/* One step, and a reset where that ends the episode: true. */
static bool go_on(walk *w, walker *a)
{
    sg_transition t;
    sg_error error;
    if (!sg_env_step(a->env, action_of(w, a->step++), a->obs, &t, &error))
        stop(&error);
    if (!t.terminated && !t.truncated)
        return false;
    if (!sg_env_reset(a->env, NULL, a->obs, &error))
        stop(&error);
    return true;
}

static void environment_step(void *context)
{
    walk *w = context;
    go_on(w, &w->timed);
}

/* ---- the bare library ---- */

/* For the bare library to start from, too. */
static void note_start(walk *w)
{
    const mjData *d = sg_mujoco_data(w->ahead.env);
    start *s = &w->starts[w->written++ % STARTS];
    s->step = w->ahead.step;
    memcpy(s->qpos, d->qpos, (size_t)w->model->nq * sizeof(double));
    memcpy(s->qvel, d->qvel, (size_t)w->model->nv * sizeof(double));
    memcpy(s->warmstart, d->qacc_warmstart, (size_t)w->model->nv * sizeof(double));
}

static void step_ahead(void *context)
{
    walk *w = context;
    if (go_on(w, &w->ahead))
        note_start(w);
}

static void bare_reset(walk *w)
{
    const start *s = &w->starts[w->read++ % STARTS];
    mjData *d = w->data;
    mj_resetData(w->model, d);
    memcpy(d->qpos, s->qpos, (size_t)w->model->nq * sizeof(double));
    memcpy(d->qvel, s->qvel, (size_t)w->model->nv * sizeof(double));
    mj_forward(w->model, d);
    /* which normalised quaternions once more, and that moves the last bit */
    memcpy(d->qpos, s->qpos, (size_t)w->model->nq * sizeof(double));
    memcpy(d->qacc_warmstart, s->warmstart, (size_t)w->model->nv * sizeof(double));
}

static void bare_step(void *context)
{
    walk *w = context;
    const double *action = action_of(w, w->bare_step++);
    int skip = sg_mujoco_frame_skip(w->timed.env);
    memcpy(w->data->ctrl, action, (size_t)w->model->nu * sizeof(double));
    for (int i = 0; i < skip; i++)
        mj_step(w->model, w->data);
    if (w->read < w->written && w->starts[w->read % STARTS].step == w->bare_step)
        bare_reset(w);
}

/* Both must have ended in one state, or they have not done the same work. (Where calls are counted
 * the library stays at the start.) */
static void check_same_state(const walk *w)
{
    const mjData *d = sg_mujoco_data(w->timed.env);
    size_t bytes = (size_t)w->model->nq * sizeof(double);
    sg_error error;
    if (w->bare_step == 0 || memcmp(d->qpos, w->data->qpos, bytes) == 0)
        return;
    sg_fail(&error, "%s and the bare library went different ways", w->timed.env->spec.id);
    stop(&error);
}

/* ---- both ---- */

static bool is_mujoco(const sg_env *env)
{
    while (env->inner)
        env = env->inner;
    return strcmp(env->functions->name, "mujoco") == 0;
}

static void time_beside_library(bench *b, walk *w, const char *name)
{
    const char *id = w->timed.env->spec.id;
    char base_name[96];
    snprintf(base_name, sizeof base_name, "env/%s, bare", id);
    if (!begin(&w->ahead, id))
        return;
    w->model = sg_mujoco_model(w->timed.env);
    w->data = mj_makeData(w->model);
    w->starts = sg_alloc(sizeof *w->starts * STARTS);
    note_start(w);
    bare_reset(w);
    const bench_two two = {name, base_name, step_ahead, environment_step, bare_step};
    bench_pair(b, &two, w);
    check_same_state(w);
    mj_deleteData(w->data);
    free(w->starts);
    end(&w->ahead);
}

static void one_environment(bench *b, const char *id)
{
    char name[96];
    walk w = {.actions = NULL};
    snprintf(name, sizeof name, "env/%s", id);
    if (!bench_wants(b, name) || !begin(&w.timed, id))
        return;
    draw_actions(&w);
    if (is_mujoco(w.timed.env)) {
        time_beside_library(b, &w, name);
    } else {
        bench_time(b, name, environment_step, &w, (bench_work){0});
    }
    end(&w.timed);
    free(w.actions);
}

void bench_environments(bench *b)
{
    bench_section(b, "environment steps, random actions");
    for (int i = 0; i < sg_env_count(); i++)
        one_environment(b, sg_env_entry_at(i)->id);
}
