/* test_env_errors.c - every wrong input gets one line that names it and what is allowed. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/mujoco/guard.h"
#include "envs/mujoco/mujoco_env.h"
#include "envs/wrappers.h"

static void mentions(const char *text, const char *part)
{
    cr_assert(strstr(text, part) != NULL, "'%s' does not say '%s'", text, part);
    cr_assert(strchr(text, '\n') == NULL);
}

/* Making this must fail, with a message that says both parts. */
static void refused(const char *id, const char *options, const char *part, const char *other)
{
    sg_error error = {""};
    sg_env *env = sg_env_make(id, options, &error);
    cr_assert(env == NULL, "%s with '%s' was accepted", id, options ? options : "");
    mentions(error.text, part);
    mentions(error.text, other);
}

static sg_env *make(const char *id, const char *options)
{
    sg_error error = {""};
    sg_env *env = sg_env_make(id, options, &error);
    cr_assert(env != NULL, "%s", error.text);
    return env;
}

Test(env_errors, unknown_id_names_the_nearest)
{
    refused("HalfCheeta-v4", NULL, "HalfCheeta-v4", "HalfCheetah-v4");
    refused("walker-v4", NULL, "Walker2d-v4", "streamgrad envs");
    refused("", NULL, "unknown environment", "streamgrad envs");
    refused("Two\nlines", NULL, "'Two?lines'", "streamgrad envs");
    refused("./two\nlines.so", NULL, "./two?lines.so", "No such file");
    char endless[2000];
    memset(endless, 'x', sizeof endless);
    endless[sizeof endless - 1] = '\0';
    refused(endless, NULL, "unknown environment", "streamgrad envs");
}

Test(env_errors, unknown_option_names_the_known)
{
    refused("Hopper-v4", "gravity=3", "gravity", "healthy_z_range");
    refused("HalfCheetah-v4", "healthy_reward=1", "healthy_reward", "ctrl_cost_weight");
    refused("Acrobot-v1", "g=1", "'g'", "no options");
    refused("CartPole-v1", "g=1", "'g'", "allowed are sutton_barto_reward");
    refused("Pendulum-v1", "h=1", "'h'", "allowed are g, numpy");
    refused("MountainCar-v0", "numpy=2", "'numpy'", "allowed are goal_velocity");
}

Test(env_errors, bad_option_value_names_what_is_allowed)
{
    refused("Hopper-v4", "ctrl_cost_weight=much", "much", "number from");
    refused("Hopper-v4", "ctrl_cost_weight=1x", "1x", "number from");
    refused("Hopper-v4", "ctrl_cost_weight=nan", "nan", "number from");
    refused("Hopper-v4", "ctrl_cost_weight=", "''", "number from");
    refused("Hopper-v4", "reset_noise_scale=-1", "-1", "from 0");
    refused("Hopper-v4", "terminate_when_unhealthy=maybe", "maybe", "true and false");
    refused("Hopper-v4", "ctrl_cost_weight", "no value", "key=value");
    refused("Hopper-v4", "ctrl_cost_weight=1,,healthy_reward=2", "no value", "key=value");
}

Test(env_errors, good_options_take_effect)
{
    sg_env *env = make("HalfCheetah-v4", "exclude_current_positions_from_observation=False");
    cr_assert(env->spec.obs_size == 18);
    sg_env_close(env);
    env = make("Ant-v4", "use_contact_forces=true,reset_noise_scale=0");
    cr_assert(env->spec.obs_size == 111);
    double obs[111];
    cr_assert(sg_env_reset(env, NULL, obs, NULL));
    cr_assert(obs[0] == 0.75 && obs[1] == 1 && obs[13] == 0);
    sg_env_close(env);
}

Test(env_errors, bad_actions_are_refused)
{
    sg_error error = {""};
    sg_transition t;
    double obs[64], action[6] = {0, 0, NAN, 0, 0, 0};
    sg_env *env = make("HalfCheetah-v4", NULL);
    cr_assert(sg_env_reset(env, NULL, obs, NULL));
    cr_assert(!sg_env_step(env, action, obs, &t, &error));
    mentions(error.text, "HalfCheetah-v4: action[2] is nan");
    action[2] = -INFINITY;
    cr_assert(!sg_env_step(env, action, obs, &t, &error));
    mentions(error.text, "action[2] is -inf");
    action[2] = 0;
    cr_assert(sg_env_step(env, action, obs, &t, &error));
    sg_env_close(env);
}

Test(env_errors, discrete_actions_are_indices)
{
    sg_error error = {""};
    sg_transition t;
    double obs[4];
    sg_env *env = make("CartPole-v1", NULL);
    cr_assert(sg_env_reset(env, NULL, obs, NULL));
    for (int i = 0; i < 4; i++) {
        const double bad[] = {-1, 2, 0.5, NAN};
        cr_assert(!sg_env_step(env, &bad[i], obs, &t, &error), "%g was accepted", bad[i]);
        mentions(error.text, "0 to 1");
    }
    sg_env_close(env);
}

/* A speed beyond all bounds makes MuJoCo give up; the environment says so, and works after a
 * reset. */
Test(env_errors, unstable_simulation_is_reported_and_survived)
{
    sg_error error = {""};
    sg_transition t;
    const uint64_t seed = 1;
    double obs[64], qpos[9] = {0}, qvel[9] = {1e12}, action[6] = {0};
    sg_env *env = make("HalfCheetah-v4", NULL);
    cr_assert(sg_mujoco_set_state(env, qpos, qvel, obs, &error));
    cr_assert(!sg_env_step(env, action, obs, &t, &error));
    mentions(error.text, "HalfCheetah-v4: the simulation is unstable: a velocity");
    cr_assert(sg_env_reset(env, &seed, obs, &error));
    cr_assert(sg_env_step(env, action, obs, &t, &error), "%s", error.text);
    sg_env_close(env);
}

/* A good state loaded over the broken simulation mends it, too. */
Test(env_errors, loading_a_state_mends_an_unstable_simulation)
{
    sg_error error = {""};
    sg_transition t;
    double obs[64], qpos[9] = {0}, qvel[9] = {1e12}, action[6] = {0};
    sg_env *env = make("HalfCheetah-v4", NULL);
    cr_assert(sg_env_reset(env, NULL, obs, &error));
    sg_archive *archive = sg_archive_new();
    sg_env_state(env, archive);
    cr_assert(sg_mujoco_set_state(env, qpos, qvel, obs, &error));
    cr_assert(!sg_env_step(env, action, obs, &t, &error));

    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_env_state(env, archive);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    cr_assert(sg_env_step(env, action, obs, &t, &error), "%s", error.text);
    cr_assert(isfinite(t.reward));
    sg_archive_free(archive);
    sg_env_close(env);
}

static void raise_error(void *message) { mju_error(message); }

static void do_nothing(void *argument) { *(int *)argument = 1; }

Test(env_errors, mujoco_errors_come_back_as_values)
{
    sg_error error = {""};
    char message[] = "out of stack space";
    int ran = 0;
    cr_assert(!sg_mujoco_guard("Ant-v4", raise_error, message, &error));
    mentions(error.text, "Ant-v4: MuJoCo: out of stack space");
    cr_assert(sg_mujoco_guard("Ant-v4", do_nothing, &ran, &error) && ran == 1);
}

/* ---- misuse ---- */

static void expect_misuse(const char *message)
{
    mentions(message, "sg_env_step: obs is NULL");
    exit(7);
}

Test(env_errors, null_is_misuse, .exit_code = 7)
{
    sg_transition t;
    const double action[1] = {0};
    sg_env *env = make("CartPole-v1", NULL);
    sg_on_misuse(expect_misuse);
    sg_env_step(env, action, NULL, &t, NULL);
}
