/* test_env_state.c - a saved environment goes on to the bit in a fresh one, wrappers included. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <string.h>

#include "envs/wrappers.h"
#include "tests/envs/engine.h"

enum { MOST = 2048, BEFORE = 57, AFTER = 60 };

/* The task in the wrappers that agents use. */
static sg_env *make(const char *id)
{
    sg_error error = {""};
    sg_env *env = sg_env_make(id, NULL, &error);
    cr_assert(env != NULL, "%s", error.text);
    if (!env->spec.discrete)
        env = sg_rescale_action(sg_clip_action(env));
    env = sg_record_episode_statistics(sg_observation_traces(env, 0.9));
    env = sg_normalize_observation(env, SG_NORMALIZE_STREAMING);
    env = sg_scale_reward(env, SG_NORMALIZE_GYMNASIUM, 0.99);
    env = sg_frame_stack(env, 3);
    return sg_time_feature(env, 1000);
}

static void draw_action(const sg_env_spec *spec, sg_random *random, double *action)
{
    for (int i = 0; i < spec->action_size; i++) {
        action[i] = spec->discrete ? (double)sg_random_integer(random, 0, spec->action_count)
                                   : sg_random_uniform(random, -1.5, 1.5);
    }
}

/* One step, and a reset where the episode ends or the test wants one; what came out goes to
 * `seen`. */
static void go_on(sg_env *env, sg_random *actions, bool restart, double seen[MOST + 3])
{
    sg_error error = {""};
    sg_transition t;
    double action[SG_MAX_ACTIONS];
    draw_action(&env->spec, actions, action);
    cr_assert(sg_env_step(env, action, seen, &t, &error), "%s", error.text);
    if (t.terminated || t.truncated || restart) {
        cr_assert(sg_env_reset(env, NULL, seen, &error), "%s", error.text);
    }
    seen[env->spec.obs_size] = t.reward;
    seen[env->spec.obs_size + 1] = t.terminated;
    seen[env->spec.obs_size + 2] = t.truncated;
}

static void check_continuation(const char *id)
{
    sg_env *env = make(id), *copy = make(id);
    const uint64_t seed = 3;
    double seen[MOST + 3], again[MOST + 3];
    sg_random actions;
    sg_random_seed(&actions, 5);
    cr_assert(env->spec.obs_size <= MOST);
    cr_assert(sg_env_reset(env, &seed, seen, NULL));
    for (int i = 0; i < BEFORE; i++)
        go_on(env, &actions, false, seen);

    /* out of one, into the other */
    sg_archive *archive = sg_archive_new();
    sg_error error = {""};
    sg_env_state(env, archive);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_env_state(copy, archive);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);

    /* both go on alike, over a reset too */
    sg_random same_actions = actions;
    size_t bytes = ((size_t)env->spec.obs_size + 3) * sizeof(double);
    for (int i = 0; i < AFTER; i++) {
        go_on(env, &actions, i == 30, seen);
        go_on(copy, &same_actions, i == 30, again);
        cr_assert(memcmp(seen, again, bytes) == 0, "%s: step %d after the restart differs", id, i);
    }
    sg_archive_free(archive);
    sg_env_close(env);
    sg_env_close(copy);
}

/* One process an environment; the parameter is an index. */
ParameterizedTestParameters(env_state, continues_to_the_bit)
{
    static int index[256];
    for (int i = 0; i < sg_env_count(); i++)
        index[i] = i;
    return cr_make_param_array(int, index, (size_t)sg_env_count());
}

ParameterizedTest(int *index, env_state, continues_to_the_bit)
{
    const char *id = sg_env_entry_at(*index)->id;
    if (!refuses_engine(id))
        check_continuation(id);
}

Test(env_state, same_seed_gives_the_same_start)
{
    const uint64_t seed = 11, other = 12;
    double a[MOST], b[MOST];
    for (int i = 0; i < sg_env_count(); i++) {
        if (refuses_engine(sg_env_entry_at(i)->id))
            continue;
        sg_env *env = make(sg_env_entry_at(i)->id);
        size_t bytes = (size_t)env->spec.obs_size * sizeof(double);
        sg_env_freeze(env, true);
        cr_assert(sg_env_reset(env, &seed, a, NULL));
        cr_assert(sg_env_reset(env, &seed, b, NULL));
        cr_assert(memcmp(a, b, bytes) == 0, "%s", env->spec.id);
        cr_assert(sg_env_reset(env, &other, b, NULL));
        cr_assert(memcmp(a, b, bytes) != 0, "%s", env->spec.id);
        sg_env_close(env);
    }
}
