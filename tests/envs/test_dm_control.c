/* test_dm_control.c - DeepMind Control tasks against recordings (tests/golden/envs/dm_control).
 *
 * Each task has states, with what the suite observes and pays there; a rollout of the published
 * model on MuJoCo 2.2.2, whose positions and velocities must be equal to the last bit; and the mean
 * and spread of the suite's starts, to which ours are compared as samples of one distribution.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "envs/mujoco/models.h"
#include "envs/mujoco/task.h"
#include "tests/envs/engine.h"
#include "tests/envs/rollout.h"

static const char *const tasks[] = {
    "cartpole-balance", "cartpole-balance_sparse",
    "cartpole-swingup", "cartpole-swingup_sparse",
    "cheetah-run",      "finger-spin",
    "finger-turn_easy", "finger-turn_hard",
    "fish-upright",     "fish-swim",
    "hopper-stand",     "hopper-hop",
    "reacher-easy",     "reacher-hard",
    "walker-stand",     "walker-walk",
    "walker-run",
};

enum { TASK_COUNT = sizeof tasks / sizeof tasks[0], MOST = 64 };

/* Of observations and rewards, whose recording rounds otherwise here and there; and of everything
 * after 80 steps on another engine than that of the rollouts. */
static const double rounding = 1e-12, other_engine = 1e-6;

/* One task being compared. */
typedef struct {
    const char *name;
    sg_env *env;     /* with its time limit */
    sg_mujoco *task; /* the same without */
    int states, steps;
    double worst; /* largest relative difference of an observation or a reward */
} comparison;

/* ---- values ---- */

static void close_to(comparison *c, const json_t *record, const char *key, const double *values,
                     size_t count)
{
    double expected[MOST];
    record_values(record, key, expected, count);
    for (size_t i = 0; i < count; i++) {
        double difference = fabs(values[i] - expected[i]) / (1 + fabs(expected[i]));
        cr_assert(difference <= (recorded_engine() ? rounding : other_engine),
                  "%s, state %d, step %d: %s[%zu] is %.17g, not %.17g", c->name, c->states,
                  c->steps, key, i, values[i], expected[i]);
        c->worst = fmax(c->worst, difference);
    }
}

/* Equal to the last bit, or close on another engine. */
static void same_bits(comparison *c, const json_t *record, const char *key, const double *values,
                      size_t count)
{
    if (recorded_engine())
        record_assert_equal(record, key, values, count, c->name, (size_t)c->steps);
    else
        close_to(c, record, key, values, count);
}

/* Where the model has the task's target; NULL if the task has none. Two tasks do without the one
 * that their model has. */
static double *target(const comparison *c)
{
    const mjModel *m = c->task->model;
    int geom = mj_name2id(m, mjOBJ_GEOM, "target"), site = mj_name2id(m, mjOBJ_SITE, "target");
    bool moves = strstr(c->name, "upright") == NULL && strstr(c->name, "spin") == NULL;
    if (!moves || (geom < 0 && site < 0))
        return NULL;
    return geom >= 0 ? m->geom_pos + 3 * geom : m->site_pos + 3 * site;
}

/* What a task records it has, and the other way round. */
static void put_target(const comparison *c, const json_t *record)
{
    double *place = target(c);
    cr_assert(record_has(record, "t") == (place != NULL), "%s: target", c->name);
    if (place)
        record_values(record, "t", place, 3);
}

/* ---- states ---- */

/* Everything is computed from positions, velocities and controls. */
static void compare_state(comparison *c, const json_t *record)
{
    const mjModel *m = c->task->model;
    mjData *d = c->task->data;
    sg_transition t = {0};
    double obs[MOST];
    c->states++;
    put_target(c, record);
    mj_resetData(m, d);
    record_values(record, "q", d->qpos, (size_t)m->nq);
    record_values(record, "v", d->qvel, (size_t)m->nv);
    record_values(record, "a", d->ctrl, (size_t)m->nu);
    mj_forward(m, d);

    double *end = c->task->task.observe(c->task, obs);
    close_to(c, record, "o", obs, (size_t)(end - obs));
    c->task->task.reward(c->task, &t);
    close_to(c, record, "r", &t.reward, 1);
    cr_assert(!t.terminated);
}

/* ---- the rollout ---- */

static void compare_simulation(comparison *c, const json_t *record, const double *obs)
{
    const mjData *d = c->task->data;
    same_bits(c, record, "q", d->qpos, (size_t)c->task->model->nq);
    same_bits(c, record, "v", d->qvel, (size_t)c->task->model->nv);
    cr_assert(d->ncon == (int)record_number(record, "nc"), "%s, step %d: %d contacts", c->name,
              c->steps, d->ncon);
    close_to(c, record, "o", obs, (size_t)c->env->spec.obs_size);
}

static void compare_reset(comparison *c, const json_t *record)
{
    sg_error error = {""};
    double obs[MOST], q[MOST], v[MOST];
    cr_assert(sg_env_reset(c->env, NULL, obs, &error), "%s", error.text);
    put_target(c, record);
    record_values(record, "q0", q, (size_t)c->task->model->nq);
    record_values(record, "v0", v, (size_t)c->task->model->nv);
    cr_assert(sg_mujoco_set_state(c->env, q, v, obs, &error), "%s", error.text);
    compare_simulation(c, record, obs);
}

static void compare_step(comparison *c, const json_t *record)
{
    sg_error error = {""};
    sg_transition t;
    double action[SG_MAX_ACTIONS], obs[MOST];
    c->steps++;
    record_values(record, "a", action, (size_t)c->env->spec.action_size);
    cr_assert(sg_env_step(c->env, action, obs, &t, &error), "%s", error.text);
    compare_simulation(c, record, obs);
    close_to(c, record, "r", &t.reward, 1);
    cr_assert(!t.terminated && !t.truncated);
}

/* ---- starts ---- */

/* Positions, velocities and the target, where there is one. */
static size_t start_of(const comparison *c, double *values)
{
    const mjModel *m = c->task->model;
    double *end = sg_mujoco_put(values, c->task->data->qpos, m->nq);
    end = sg_mujoco_put(end, c->task->data->qvel, m->nv);
    if (target(c))
        end = sg_mujoco_put(end, target(c), 3);
    return (size_t)(end - values);
}

/* Of many starts, value by value. */
typedef struct {
    size_t count;
    double mean[MOST], sd[MOST], min[MOST], max[MOST];
} statistics;

/* One more value of number i: mean and sd hold sums until all are in. */
static void add_value(statistics *s, size_t i, double value, bool first)
{
    s->mean[i] += value;
    s->sd[i] += value * value;
    s->min[i] = first ? value : fmin(s->min[i], value);
    s->max[i] = first ? value : fmax(s->max[i], value);
}

static statistics draw_starts(const comparison *c, int starts)
{
    statistics s = {0};
    double obs[MOST], values[MOST];
    uint64_t seed = 4;
    for (int k = 0; k < starts; k++) {
        sg_error error = {""};
        cr_assert(sg_env_reset(c->env, k == 0 ? &seed : NULL, obs, &error), "%s", error.text);
        cr_assert(strstr(c->name, "finger") == NULL || c->task->data->ncon == 0, "%s: contacts",
                  c->name);
        s.count = start_of(c, values);
        for (size_t i = 0; i < s.count; i++)
            add_value(&s, i, values[i], k == 0);
    }
    for (size_t i = 0; i < s.count; i++) {
        s.mean[i] /= starts;
        s.sd[i] = sqrt(fmax(0, s.sd[i] / starts - s.mean[i] * s.mean[i]));
    }
    return s;
}

/* Means within six standard errors of each other, spreads within a seventh; the ends of what looks
 * uniform within 2% of its range. */
static void compare_starts(const comparison *c, const json_t *record)
{
    /* the cheetah falls for 200 steps every time */
    int starts = strstr(c->name, "cheetah") ? 500 : 2000;
    statistics our = draw_starts(c, starts), their = {.count = our.count};
    record_values(record, "mean", their.mean, our.count);
    record_values(record, "sd", their.sd, our.count);
    record_values(record, "min", their.min, our.count);
    record_values(record, "max", their.max, our.count);
    double per_start = 1.0 / starts + 1 / record_number(record, "n");

    for (size_t i = 0; i < our.count; i++) {
        double sd = their.sd[i], range = their.max[i] - their.min[i];
        cr_assert(fabs(our.mean[i] - their.mean[i]) <= 6 * sd * sqrt(per_start) + 1e-9,
                  "%s: value %zu starts at %g on average, not %g", c->name, i, our.mean[i],
                  their.mean[i]);
        cr_assert(fabs(our.sd[i] - sd) <= sd / 7 + 1e-6,
                  "%s: value %zu starts with a spread of %g, not %g", c->name, i, our.sd[i], sd);
        bool uniform = range < 3.7 * sd;
        cr_assert(!uniform || (fabs(our.min[i] - their.min[i]) <= 0.02 * range &&
                               fabs(our.max[i] - their.max[i]) <= 0.02 * range),
                  "%s: value %zu starts in %g to %g, not %g to %g", c->name, i, our.min[i],
                  our.max[i], their.min[i], their.max[i]);
    }
}

/* ---- a task ---- */

static void compare_spec(comparison *c, const json_t *header)
{
    const sg_env_spec *spec = &c->env->spec;
    cr_assert(spec->obs_size == (int)record_number(header, "obs_dim"), "%s", c->name);
    cr_assert(spec->time_limit == (int)record_number(header, "max_episode_steps"), "%s", c->name);
    cr_assert(sg_mujoco_frame_skip(c->env) == (int)record_number(header, "frame_skip"));
    cr_assert(spec->action_size == (int)record_number(header, "nu"));
    same_bits(c, header, "act_low", spec->action_low, (size_t)spec->action_size);
    same_bits(c, header, "act_high", spec->action_high, (size_t)spec->action_size);
}

static void compare_task(const char *name)
{
    char file[80];
    snprintf(file, sizeof file, "dm_control/%s.jsonl.gz", name);
    rollout *r = rollout_open(file);
    comparison c = {.name = name, .env = rollout_make(r)};
    c.task = (sg_mujoco *)c.env->inner;
    const json_t *header = rollout_header(r);
    int states = (int)record_number(header, "states"), steps = (int)record_number(header, "steps");
    compare_spec(&c, header);

    const json_t *record;
    while ((record = rollout_next(r))) {
        if (record_is(record, "starts")) {
            compare_starts(&c, record);
        } else if (record_is(record, "state")) {
            compare_state(&c, record);
        } else if (record_is(record, "reset")) {
            compare_reset(&c, record);
        } else {
            compare_step(&c, record);
        }
    }
    printf("%s: %d states and %d steps compared, largest relative difference %.1e\n", name,
           c.states, c.steps, c.worst);
    cr_assert(c.states == states && c.steps == steps && states > 0 && steps > 0);
    sg_env_close(c.env);
    rollout_close(r);
}

/* One process a task; the parameter is an index. */
ParameterizedTestParameters(dm_control, equals_the_suite)
{
    static int index[TASK_COUNT];
    for (int i = 0; i < TASK_COUNT; i++)
        index[i] = i;
    return cr_make_param_array(int, index, TASK_COUNT);
}

ParameterizedTest(int *index, dm_control, equals_the_suite) { compare_task(tasks[*index]); }

/* ---- the rest ---- */

/* Every registered task is compared above. */
Test(dm_control, no_task_is_left_out)
{
    int found = 0;
    for (int i = 0; i < sg_env_count(); i++)
        found += strncmp(sg_env_entry_at(i)->id, "dm_control/", 11) == 0;
    cr_assert_eq(found, TASK_COUNT);
}

/* The tasks read sensors by number. */
Test(dm_control, sensors_are_in_the_recorded_order)
{
    static const char *const models[] = {"cartpole", "cheetah", "finger", "fish",
                                         "hopper",   "reacher", "walker"};
    size_t compared = 0;
    for (size_t k = 0; k < sizeof models / sizeof models[0]; k++) {
        char path[128], file[64];
        snprintf(path, sizeof path, "tests/golden/models/dm_control/%s.json", models[k]);
        snprintf(file, sizeof file, "dm_control/%s.xml", models[k]);
        json_t *recording = json_load_file(path, 0, NULL), *name;
        json_t *names = json_object_get(json_object_get(recording, "names"), "sensor");
        mjModel *m = sg_mujoco_load(file, NULL);
        cr_assert(m != NULL && json_is_array(names) && (int)json_array_size(names) == m->nsensor);
        size_t i;
        json_array_foreach(names, i, name)
        {
            cr_assert_str_eq(mj_id2name(m, mjOBJ_SENSOR, (int)i), json_string_value(name));
            compared++;
        }
        mj_deleteModel(m);
        json_decref(recording);
    }
    cr_assert_eq(compared, 19);
}

/* Targets around an axis: how far from it. */
static void check_distance(const char *id, double x, double z, double nearest, double farthest)
{
    sg_error error = {""};
    sg_env *env = sg_env_make(id, NULL, &error);
    cr_assert(env != NULL, "%s", error.text);
    comparison c = {.name = id, .env = env, .task = (sg_mujoco *)env->inner};
    double least = INFINITY, most = 0, obs[MOST];
    for (int i = 0; i < 1000; i++) {
        cr_assert(sg_env_reset(env, NULL, obs, &error), "%s", error.text);
        const double *place = target(&c);
        double across = strstr(id, "finger") ? place[2] - z : place[1];
        double distance = hypot(place[0] - x, across);
        least = fmin(least, distance);
        most = fmax(most, distance);
    }
    double slack = (farthest - nearest) / 100 + 1e-12;
    cr_assert(fabs(least - nearest) <= slack && fabs(most - farthest) <= slack,
              "%s: targets at %g to %g, not %g to %g", id, least, most, nearest, farthest);
    sg_env_close(env);
}

Test(dm_control, targets_lie_in_their_rings)
{
    check_distance("dm_control/reacher-hard-v0", 0, 0, 0.05, 0.2);
    check_distance("dm_control/finger-turn_hard-v0", 0.2, 0.4, 0.13, 0.13);
}

/* The suite's controls are doubles, unlike Gymnasium's. */
Test(dm_control, actions_keep_all_their_bits)
{
    sg_error error = {""};
    sg_env *env = sg_env_make("dm_control/cartpole-swingup-v0", NULL, &error);
    double action = 0.1, obs[MOST];
    sg_transition t;
    cr_assert(env && sg_env_reset(env, NULL, obs, &error), "%s", error.text);
    cr_assert(sg_env_step(env, &action, obs, &t, &error), "%s", error.text);
    cr_assert(sg_mujoco_data(env)->ctrl[0] == 0.1);
    sg_env_close(env);
}

Test(dm_control, options_are_refused)
{
    sg_error error = {""};
    cr_assert_null(sg_env_make("dm_control/walker-run-v0", "frame_skip=2", &error));
    cr_assert(strstr(error.text, "frame_skip") != NULL, "%s", error.text);
}
