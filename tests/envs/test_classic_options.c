/* test_classic_options.c - Gymnasium's keyword arguments of the classic control tasks. (NumPy 2's
 * arithmetic is compared with recordings, in test_rollouts.c.) */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "envs/env.h"

enum { MOST = 8, LONGEST = 400 };

static sg_env *make(const char *id, const char *options)
{
    sg_error error = {""};
    const uint64_t seed = 3;
    double obs[MOST];
    sg_env *env = sg_env_make(id, options, &error);
    cr_assert(env != NULL, "%s", error.text);
    cr_assert(sg_env_reset(env, &seed, obs, &error), "%s", error.text);
    return env;
}

/* Returns the reward. */
static double step(sg_env *env, double action, double *obs, bool *terminated)
{
    sg_error error = {""};
    sg_transition t;
    cr_assert(sg_env_step(env, &action, obs, &t, &error), "%s", error.text);
    *terminated = t.terminated;
    return t.reward;
}

/* 1 a step and the last one, or nothing and -1; beyond the end nothing, or -1 again. */
Test(classic_options, sutton_barto_reward)
{
    static const char *const options[] = {NULL, "sutton_barto_reward=true"};
    static const double before[] = {1, 0}, last[] = {1, -1}, beyond[] = {0, -1};
    for (int i = 0; i < 2; i++) {
        double obs[MOST];
        bool over = false;
        int steps = 0;
        sg_env *env = make("CartPole-v1", options[i]);
        for (; !over && steps < LONGEST; steps++) {
            double reward = step(env, 1, obs, &over);
            cr_expect_eq(reward, over ? last[i] : before[i], "%g in step %d", reward, steps);
        }
        cr_assert(over && steps > 5);
        cr_expect_eq(step(env, 1, obs, &over), beyond[i]);
        sg_env_close(env);
    }
}

/* A pole that swings through upright after it had fallen earns rewards while it is up, and none
 * when it falls again. */
Test(classic_options, a_cartpole_that_falls_twice)
{
    static const double swings[] = {0, 0, 0.35, -5};
    static const double rewards[] = {1, 1, 1, 1, 1, 0, 0};
    double obs[MOST];
    sg_error error = {""};
    sg_env *env = make("CartPole-v1", NULL);
    sg_archive *archive = sg_archive_new();
    sg_env_state(env, archive);
    memcpy(sg_archive_find(archive, "classic/state")->data, swings, sizeof swings);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_env_state(env, archive);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    for (int i = 0; i < 7; i++) {
        bool falls;
        cr_expect_eq(step(env, i % 2, obs, &falls), rewards[i], "step %d", i);
        cr_expect_eq(falls, i == 0 || i >= 5, "step %d", i);
    }
    sg_archive_free(archive);
    sg_env_close(env);
}

/* Without gravity, and untouched, a pendulum turns as it began to. */
Test(classic_options, g)
{
    double obs[MOST];
    bool over;
    sg_env *free_one = make("Pendulum-v1", "g=0"), *earthly = make("Pendulum-v1", NULL);
    step(free_one, 0, obs, &over);
    const double speed = obs[2];
    for (int i = 0; i < 20; i++)
        step(free_one, 0, obs, &over);
    cr_expect(obs[2] == speed && speed != 0);
    for (int i = 0; i < 20; i++)
        step(earthly, 0, obs, &over);
    cr_expect(obs[2] != speed);
    sg_env_close(free_one);
    sg_env_close(earthly);
}

/* Rocked up with all its force the car arrives, if it need not be faster than it can be. */
static bool arrives(const char *id, const char *options)
{
    double obs[MOST] = {0};
    bool over = false;
    sg_env *env = make(id, options);
    for (int i = 0; !over && i < LONGEST; i++) {
        double way = obs[1] < 0 ? -1 : 1;
        step(env, env->spec.discrete ? way + 1 : way, obs, &over);
    }
    sg_env_close(env);
    return over;
}

Test(classic_options, goal_velocity)
{
    static const char *const ids[] = {"MountainCar-v0", "MountainCarContinuous-v0"};
    for (int i = 0; i < 2; i++) {
        cr_expect(arrives(ids[i], NULL), "%s", ids[i]);
        cr_expect(arrives(ids[i], "goal_velocity=0.001"), "%s", ids[i]);
        cr_expect_not(arrives(ids[i], "goal_velocity=0.0701"), "%s", ids[i]);
    }
    cr_expect(arrives(ids[1], "numpy=2"));
    cr_expect_not(arrives(ids[1], "numpy=2,goal_velocity=0.0701"));
}
