/* test_one_step.c - MuJoCo tasks on any engine: each recorded step from the recorded state before
 * it.
 *
 * Specs, random draws and flags must be as recorded. Numbers that went through the engine are
 * compared on a scale that is absolute below 1 and relative above: exactly on the engine that was
 * recorded, loosely on others.
 */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "envs/mujoco/mujoco_env.h"
#include "tests/envs/engine.h"
#include "tests/envs/rollout.h"

enum { MOST = 512 };

/* Newer engines add the margins of two geoms where 2.2.2 took the larger one, solve PGS in another
 * order, and see more of the mass of almost massless things: these tasks are others there. */
static bool changed(const char *file)
{
    static const char *const tasks[] = {"Hopper", "Ant", "Humanoid", "Pusher-v5.policy"};
    for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++) {
        if (strstr(file, tasks[i]))
            return !recorded_engine();
    }
    return false;
}

/* How far anything may be from what was recorded. */
static double allowed(const char *file)
{
    return recorded_engine() ? 1e-12 : changed(file) ? INFINITY : 1e-6;
}

/* The positions of changed tasks may not be anywhere, either. */
static double allowed_position(const char *file) { return changed(file) ? 0.1 : allowed(file); }

/* One file being compared. */
typedef struct {
    const char *file;
    sg_env *env;
    size_t steps;         /* compared so far */
    double position, all; /* largest differences: of positions, of anything */
    bool seeded;          /* the next reset takes `seed` */
    uint64_t seed;
} comparison;

/* The largest difference between an array and the recorded one. */
static double difference(const json_t *record, const char *key, const double *values, size_t count)
{
    double expected[MOST], worst = 0;
    record_values(record, key, expected, count);
    for (size_t i = 0; i < count; i++) {
        cr_assert(isfinite(values[i]), "%s[%zu] is %g", key, i, values[i]);
        worst = fmax(worst, fabs(values[i] - expected[i]) / (1 + fabs(expected[i])));
    }
    return worst;
}

/* ---- starts ---- */

/* Some engines normalise quaternions in place, others leave them as drawn: either is right, to the
 * bit, in the state and in the observation, which shows it from qpos[2] on. */
static void compare_start(const comparison *c, const json_t *record, double *obs)
{
    const mjModel *m = sg_mujoco_model(c->env);
    const mjData *d = sg_mujoco_data(c->env);
    double drawn[MOST], normalised[MOST], seen[MOST];
    record_values(record, "q0", drawn, (size_t)m->nq);
    record_values(record, "q", normalised, (size_t)m->nq);
    record_values(record, "o", seen, (size_t)c->env->spec.obs_size);
    record_assert_equal(record, "v0", d->qvel, (size_t)m->nv, c->file, c->steps);

    for (int i = 0; i < m->nq; i++) {
        cr_assert(d->qpos[i] == drawn[i] || d->qpos[i] == normalised[i],
                  "%s, step %zu: q[%d] starts at %.17g, not %.17g", c->file, c->steps, i,
                  d->qpos[i], drawn[i]);
        if (drawn[i] != normalised[i] && obs[i - 2] == drawn[i])
            obs[i - 2] = seen[i - 2];
    }
    double far = difference(record, "o", obs, (size_t)c->env->spec.obs_size);
    cr_assert(far < (recorded_engine() ? 1e-12 : 1e-6),
              "%s, step %zu: the first observation differs by %g", c->file, c->steps, far);
}

/* ---- one step ---- */

/* Puts the recorded state behind the environment, for the next step to start from. */
static void put_state(const comparison *c, const json_t *record)
{
    static const char *const names[][2] = {
        {"q", "mujoco/qpos"}, {"v", "mujoco/qvel"}, {"w", "mujoco/qacc_warmstart"}};
    sg_archive *archive = sg_archive_new();
    sg_error error = {""};
    sg_env_state(c->env, archive);
    for (size_t i = 0; i < 3; i++) {
        const sg_archive_entry *entry = sg_archive_find(archive, names[i][1]);
        cr_assert(entry != NULL, "no %s in the state", names[i][1]);
        record_values(record, names[i][0], entry->data, entry->bytes / sizeof(double));
    }
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_env_state(c->env, archive);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    sg_archive_free(archive);
}

static void compare_reset(comparison *c, const json_t *record)
{
    sg_error error = {""};
    double obs[MOST];
    bool ok = sg_env_reset(c->env, c->seeded ? &c->seed : NULL, obs, &error);
    cr_assert(ok, "%s", error.text);
    c->seeded = false;
    compare_start(c, record, obs);
    put_state(c, record);
}

/* State, observation and reward together make one difference. */
static void compare_step(comparison *c, const json_t *record)
{
    sg_error error = {""};
    sg_transition t;
    double action[SG_MAX_ACTIONS], obs[MOST];
    const mjModel *m = sg_mujoco_model(c->env);
    record_values(record, "a", action, (size_t)c->env->spec.action_size);
    c->steps++;
    cr_assert(sg_env_step(c->env, action, obs, &t, &error), "%s", error.text);
    cr_assert(t.terminated == (record_number(record, "te") != 0), "%s, step %zu: terminated",
              c->file, c->steps);
    cr_assert(t.truncated == (record_number(record, "tr") != 0), "%s, step %zu: truncated", c->file,
              c->steps);

    double q = difference(record, "q", sg_mujoco_data(c->env)->qpos, (size_t)m->nq);
    double v = difference(record, "v", sg_mujoco_data(c->env)->qvel, (size_t)m->nv);
    double seen = difference(record, "o", obs, (size_t)c->env->spec.obs_size);
    double reward = difference(record, "r", &t.reward, 1);
    c->position = fmax(c->position, q);
    c->all = fmax(fmax(fmax(c->all, q), fmax(v, seen)), reward);
    put_state(c, record);
}

/* ---- a file ---- */

static void compare_file(const char *file)
{
    rollout *r = rollout_open(file);
    comparison c = {.file = file, .env = rollout_make(r)};
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

    printf("%s: %zu single steps compared on MuJoCo %s, within %.1e, positions within %.1e\n", file,
           c.steps, mj_versionString(), c.all, c.position);
    cr_assert(c.steps > 0 && c.steps == rollout_steps(r), "%s: %zu steps compared", file, c.steps);
    cr_assert(c.position < allowed_position(file), "%s: positions differ by %g", file, c.position);
    cr_assert(c.all < allowed(file), "%s: something differs by %g", file, c.all);
    sg_env_close(c.env);
    rollout_close(r);
}

/* The task that the recording is of, if this engine has it. */
static bool refused(const char *file)
{
    char id[64];
    snprintf(id, sizeof id, "%.*s", (int)strcspn(file + 7, "."), file + 7);
    if (!refuses_engine(id))
        return false;
    sg_error error = {""};
    cr_assert(sg_env_make(id, NULL, &error) == NULL, "%s was made", id);
    cr_assert(strstr(error.text, "Pusher-v5") != NULL, "%s", error.text);
    printf("%s: not compared: %s\n", file, error.text);
    return true;
}

ParameterizedTestParameters(one_step, recorded) { return rollout_parameters(); }

ParameterizedTest(int *index, one_step, recorded)
{
    const char *file = rollout_files[*index];
    if (strncmp(file, "mujoco/", 7) == 0 && !refused(file))
        compare_file(file);
}
