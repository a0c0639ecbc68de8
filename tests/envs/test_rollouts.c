/* test_rollouts.c - every task against recorded Gymnasium rollouts.
 *
 * MuJoCo tasks run free from the recorded initial state: positions, velocities and warm start stay
 * equal to the last bit over whole episodes. Classic tasks, whose sine may differ in the last bit
 * from NumPy's and which can be chaotic, are compared step by step, each from the recorded state
 * before it. Resets start from the seed alone. On another MuJoCo than the recorded one the bits
 * differ: there test_one_step.c is the test of MuJoCo tasks.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "envs/mujoco/mujoco_env.h"
#include "tests/envs/engine.h"
#include "tests/envs/rollout.h"

/* Of observations, and of classic rewards: MuJoCo's are equal to the last bit. */
static const double obs_tolerance = 1e-9, reward_tolerance = 1e-9;

enum { MOST = 512 };

/* One file being compared. */
typedef struct {
    const char *file;
    sg_env *env;
    size_t steps; /* compared so far */
    double worst_reward;
    bool mujoco;
    bool seeded; /* the next reset takes `seed` */
    uint64_t seed;
} comparison;

/* Fails unless every value is within tolerance (plus `relative` of its size); NaN is not. */
static void close_to(const comparison *c, const json_t *record, const char *key,
                     const double *values, size_t count, double tolerance, double relative)
{
    double expected[MOST];
    record_values(record, key, expected, count);
    for (size_t i = 0; i < count; i++) {
        double allowed = tolerance + relative * fabs(expected[i]);
        cr_assert(fabs(values[i] - expected[i]) <= allowed,
                  "%s, step %zu: %s[%zu] is %.17g, not %.17g", c->file, c->steps, key, i, values[i],
                  expected[i]);
    }
}

/* Behind the observation of a MuJoCo task: its state, to the bit. */
static void compare_mujoco(const comparison *c, const json_t *record)
{
    const mjModel *m = sg_mujoco_model(c->env);
    const mjData *d = sg_mujoco_data(c->env);
    record_assert_equal(record, "q", d->qpos, (size_t)m->nq, c->file, c->steps);
    record_assert_equal(record, "v", d->qvel, (size_t)m->nv, c->file, c->steps);
    record_assert_equal(record, "w", d->qacc_warmstart, (size_t)m->nv, c->file, c->steps);
    cr_assert(d->ncon == (int)record_number(record, "nc"), "%s, step %zu: %d contacts", c->file,
              c->steps, d->ncon);
}

/* Behind a classic one: compares the state, then puts the recorded one in its place. */
static void compare_classic(const comparison *c, const json_t *record)
{
    sg_archive *archive = sg_archive_new();
    sg_error error = {""};
    sg_env_state(c->env, archive);
    const sg_archive_entry *state = sg_archive_find(archive, "classic/state");
    cr_assert(state != NULL);
    size_t count = state->bytes / sizeof(double);
    close_to(c, record, "s", state->data, count, 1e-12, 0);
    record_values(record, "s", state->data, count);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_env_state(c->env, archive);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    sg_archive_free(archive);
}

/* State and observation. Classic observations are float32: one may be rounded to a neighbour. */
static void compare_seen(const comparison *c, const json_t *record, const double *obs)
{
    if (c->mujoco) {
        compare_mujoco(c, record);
    } else {
        compare_classic(c, record);
    }
    close_to(c, record, "o", obs, (size_t)c->env->spec.obs_size, obs_tolerance,
             c->mujoco ? 0 : FLT_EPSILON);
}

/* Once from the seed; then, for MuJoCo, from the recorded initial numbers. */
static void compare_reset(comparison *c, const json_t *record)
{
    sg_error error = {""};
    double obs[MOST], q[MOST], v[MOST];
    bool ok = sg_env_reset(c->env, c->seeded ? &c->seed : NULL, obs, &error);
    cr_assert(ok, "%s", error.text);
    c->seeded = false;
    compare_seen(c, record, obs);

    if (!c->mujoco)
        return;
    record_values(record, "q0", q, (size_t)sg_mujoco_model(c->env)->nq);
    record_values(record, "v0", v, (size_t)sg_mujoco_model(c->env)->nv);
    cr_assert(sg_mujoco_set_state(c->env, q, v, obs, &error), "%s", error.text);
    compare_seen(c, record, obs);
}

static void compare_step(comparison *c, const json_t *record)
{
    sg_error error = {""};
    sg_transition t;
    double action[SG_MAX_ACTIONS], obs[MOST], reward = record_number(record, "r");
    record_values(record, "a", action, (size_t)c->env->spec.action_size);
    c->steps++;
    cr_assert(sg_env_step(c->env, action, obs, &t, &error), "%s", error.text);
    compare_seen(c, record, obs);
    cr_assert(fabs(t.reward - reward) <= (c->mujoco ? 0 : reward_tolerance),
              "%s, step %zu: reward is %.17g, not %.17g", c->file, c->steps, t.reward, reward);
    cr_assert(t.terminated == (record_number(record, "te") != 0), "%s, step %zu: terminated",
              c->file, c->steps);
    cr_assert(t.truncated == (record_number(record, "tr") != 0), "%s, step %zu: truncated", c->file,
              c->steps);
    c->worst_reward = fmax(c->worst_reward, fabs(t.reward - reward));
}

static void compare_file(const char *file)
{
    rollout *r = rollout_open(file);
    bool mujoco = strncmp(file, "mujoco", 6) == 0;
    comparison c = {.file = file, .env = rollout_make(r), .mujoco = mujoco};
    record_assert_spec(rollout_header(r), &c.env->spec, file);

    const json_t *record;
    while ((record = rollout_next(r))) {
        if (record_is(record, "stream")) {
            c.seed = (uint64_t)record_number(record, "seed");
            c.seeded = true;
        } else if (record_is(record, "reset")) {
            compare_reset(&c, record);
        } else {
            compare_step(&c, record);
        }
    }

    printf("%s: %zu steps compared, largest reward difference %.1e\n", file, c.steps,
           c.worst_reward);
    cr_assert(c.steps > 0 && c.steps == rollout_steps(r), "%s: %zu steps compared of %zu", file,
              c.steps, rollout_steps(r));
    sg_env_close(c.env);
    rollout_close(r);
}

/* One process a file; the parameter is an index. */
ParameterizedTestParameters(rollouts, recorded) { return rollout_parameters(); }

ParameterizedTest(int *index, rollouts, recorded)
{
    const char *file = rollout_files[*index];
    if (strncmp(file, "mujoco", 6) == 0 && !recorded_engine()) {
        printf("%s: bits not compared, recorded with another engine than MuJoCo %s\n", file,
               mj_versionString());
        return;
    }
    compare_file(file);
}
