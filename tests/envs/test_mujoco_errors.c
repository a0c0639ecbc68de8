/* test_mujoco_errors.c - what goes wrong inside MuJoCo ends an episode, or keeps a task from being
 * made, with one line that says so; never the program. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "envs/mujoco/guard.h"
#include "envs/mujoco/mujoco_env.h"
#include "tests/envs/engine.h"
#include "tests/training/scratch.h"

enum { MOST = 512, COORDINATES = 64 };

static void says(const sg_error *error, const char *part)
{
    cr_assert(strstr(error->text, part) != NULL, "'%s' does not say '%s'", error->text, part);
    cr_assert(strchr(error->text, '\n') == NULL, "%s", error->text);
}

static sg_env *make(const char *id, const char *options)
{
    sg_error error = {""};
    sg_env *env = sg_env_make(id, options, &error);
    cr_assert(env != NULL, "%s", error.text);
    return env;
}

/* ---- unstable simulations ---- */

static const char *const tasks[] = {"HalfCheetah-v4",
                                    "Hopper-v4",
                                    "Walker2d-v4",
                                    "Ant-v4",
                                    "Humanoid-v4",
                                    "Swimmer-v4",
                                    "HumanoidStandup-v4",
                                    "Reacher-v4",
                                    "Pusher-v5",
                                    "InvertedPendulum-v4",
                                    "InvertedDoublePendulum-v4"};

enum { TASK_COUNT = sizeof tasks / sizeof tasks[0] };

/* A state in which one coordinate is out of all bounds; false if the task refuses it at once. */
static bool break_state(sg_env *env, bool position, double value, sg_error *error)
{
    double qpos[COORDINATES] = {0}, qvel[COORDINATES] = {0}, obs[MOST];
    memcpy(qpos, sg_mujoco_model(env)->qpos0, (size_t)sg_mujoco_model(env)->nq * sizeof *qpos);
    *(position ? qpos : qvel) = value;
    return sg_mujoco_set_state(env, qpos, qvel, obs, error);
}

/* From the break on every step fails, and says why. */
static void stays_broken(sg_env *env, sg_error *error)
{
    double obs[MOST], action[SG_MAX_ACTIONS] = {0};
    for (int i = 0; i < 3; i++) {
        sg_transition t;
        *error = (sg_error){""};
        cr_assert(!sg_env_step(env, action, obs, &t, error), "%s: step %d", env->spec.id, i);
        says(error, env->spec.id);
        says(error, "the simulation is unstable");
    }
}

/* After a reset all is as in a new environment. */
static void recovers(sg_env *env)
{
    const uint64_t seed = 5;
    sg_error error = {""};
    sg_transition t, u;
    double obs[MOST], other[MOST], action[SG_MAX_ACTIONS] = {0};
    sg_env *fresh = make(env->spec.id, NULL);
    cr_assert(sg_env_reset(env, &seed, obs, &error), "%s", error.text);
    cr_assert(sg_env_reset(fresh, &seed, other, &error), "%s", error.text);
    for (int i = 0; i < 20; i++) {
        cr_assert(sg_env_step(env, action, obs, &t, &error), "%s", error.text);
        cr_assert(sg_env_step(fresh, action, other, &u, &error), "%s", error.text);
        cr_assert(memcmp(obs, other, (size_t)env->spec.obs_size * sizeof *obs) == 0);
        cr_assert_eq(t.reward, u.reward);
    }
    sg_env_close(fresh);
}

Test(mujoco_errors, unstable_simulations_end_the_episode)
{
    static const struct {
        bool position;
        double value;
        const char *reason;
    } breaks[] = {{false, 1e12, "a velocity"},    {false, -INFINITY, "a velocity"},
                  {false, NAN, "a velocity"},     {true, 1e12, "a position"},
                  {true, INFINITY, "a position"}, {true, NAN, "a position"}};
    int count = 0;
    for (int i = 0; i < TASK_COUNT; i++) {
        sg_env *env = make(tasks[i], NULL);
        for (size_t k = 0; k < sizeof breaks / sizeof breaks[0]; k++) {
            sg_error error = {""};
            bool taken = break_state(env, breaks[k].position, breaks[k].value, &error);
            cr_assert(taken == (bool)isfinite(breaks[k].value), "%s, break %zu", tasks[i], k);
            stays_broken(env, &error);
            if (taken)
                says(&error, breaks[k].reason);
            recovers(env);
            count++;
        }
        sg_env_close(env);
    }
    printf("%d broken simulations survived\n", count);
}

/* MuJoCo keeps controls in their range, but the cost of this one is beyond float32. */
Test(mujoco_errors, endless_cost_ends_the_episode)
{
    sg_error error = {""};
    sg_transition t;
    double obs[MOST], action[SG_MAX_ACTIONS] = {1e30};
    sg_env *env = make("Swimmer-v4", NULL);
    cr_assert(sg_env_reset(env, NULL, obs, &error));
    cr_assert(!sg_env_step(env, action, obs, &t, &error));
    says(&error, "the reward is -inf");
    recovers(env);
    sg_env_close(env);
}

/* ---- models of the user's own ---- */

/* Makes the task from this text, as a file. NULL with an error is what most tests want. */
static sg_env *make_from(const char *id, const char *xml, sg_error *error)
{
    char options[300];
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "robot.xml");
    scratch_write(path, xml, strlen(xml));
    snprintf(options, sizeof options, "xml_file=%s", path);
    sg_env *env = sg_env_make(id, options, error);
    scratch_remove(folder);
    return env;
}

#define BODY(joints) "<worldbody><body><geom size='.1'/>" joints "</body></worldbody>"
#define HINGES "<joint name='a' axis='1 0 0'/><joint axis='0 1 0'/><joint axis='0 0 1'/>"
#define SLIDE "<joint type='slide' axis='1 0 0'/>"
#define MOTOR "<actuator><motor joint='a' ctrlrange='-1 1' ctrllimited='true'/></actuator>"

Test(mujoco_errors, broken_models_are_refused)
{
    static const char *const broken[][2] = {
        {"", "does not accept"},
        {"not xml at all", "does not accept"},
        {"<mujoco><worldbody>", "does not accept"},
        {"<mujoco><worldbody><geom size='-1'/></worldbody></mujoco>", "does not accept"},
        {"<mujoco><worldbody><thing/></worldbody></mujoco>", "does not accept"},
        {"<mujoco><include file='nowhere.xml'/></mujoco>", "does not accept"},
        {"<mujoco/>", "at least 3"},
        {"<mujoco>" BODY("<joint name='a'/>") MOTOR "</mujoco>", "has 1 positions"},
        {"<mujoco>" BODY(HINGES) "</mujoco>", "0 controls"},
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        sg_error error = {""};
        cr_assert(make_from("Hopper-v5", broken[i][0], &error) == NULL, "%s", broken[i][0]);
        says(&error, broken[i][1]);
    }
    sg_error error = {""};
    cr_assert(make_from("Reacher-v5", "<mujoco>" BODY(HINGES SLIDE) MOTOR "</mujoco>", &error) ==
              NULL);
    says(&error, "no body 'fingertip'");
}

Test(mujoco_errors, missing_models_are_refused)
{
    sg_error error = {""};
    cr_assert(sg_env_make("Ant-v5", "xml_file=/nowhere/ant.xml", &error) == NULL);
    says(&error, "cannot read the model /nowhere/ant.xml");
    cr_assert(sg_env_make("Ant-v5", "xml_file=spider.xml", &error) == NULL);
    says(&error, "no MuJoCo model \"spider.xml\"");
    cr_assert(sg_env_make("Ant-v5", "xml_file=/tmp", &error) == NULL);
    says(&error, "/tmp");
}

Test(mujoco_errors, good_models_work)
{
    sg_error error = {""};
    sg_transition t;
    double obs[MOST], action[SG_MAX_ACTIONS] = {0};
    sg_env *env = make_from("Hopper-v5", "<mujoco>" BODY(HINGES) MOTOR "</mujoco>", &error);
    cr_assert(env != NULL, "%s", error.text);
    cr_assert_eq(env->spec.obs_size, 5);
    cr_assert(sg_env_reset(env, NULL, obs, &error) && sg_env_step(env, action, obs, &t, &error));
    sg_env_close(env);
}

/* A humanoid's observation has 22 numbers a body: here more than any task of ours. */
Test(mujoco_errors, models_may_have_thousands_of_bodies)
{
    enum { BODIES = 3200, BODY_SIZE = 80 };
    static char xml[BODIES * BODY_SIZE + 1000];
    size_t used = (size_t)snprintf(
        xml, sizeof xml, "<mujoco><size %s/>" BODY(HINGES) BODY("<freejoint/>") "<worldbody>",
        mj_version() >= 300 ? "memory='200M'" : "nstack='20000000'");
    for (int i = 0; i < BODIES; i++)
        used += (size_t)snprintf(xml + used, sizeof xml - used,
                                 "<body><geom size='.1' contype='0' conaffinity='0'/></body>");
    snprintf(xml + used, sizeof xml - used, "</worldbody>" MOTOR "</mujoco>");

    sg_error error = {""};
    sg_transition t;
    double action[1] = {0.5};
    sg_env *env = make_from("Humanoid-v5", xml, &error);
    cr_assert(env != NULL, "%s", error.text);
    cr_assert(env->spec.obs_size > 22 * BODIES, "%d", env->spec.obs_size);
    double *obs = sg_alloc((size_t)env->spec.obs_size * sizeof *obs);
    cr_assert(sg_env_reset(env, NULL, obs, &error), "%s", error.text);
    cr_assert(sg_env_step(env, action, obs, &t, &error), "%s", error.text);
    free(obs);
    sg_env_close(env);
}

/* A ball falls to the floor with so much memory; the unit has changed with the engine. */
static sg_env *make_with_memory(int memory, sg_error *error)
{
    char xml[1000];
    snprintf(xml, sizeof xml,
             "<mujoco><size %s='%d'/><worldbody><geom type='plane' size='5 5 1'/>"
             "<body pos='0 0 .11'><geom size='.1'/><joint type='slide' axis='0 0 1'/>" HINGES
             "</body></worldbody>" MOTOR "</mujoco>",
             mj_version() >= 300 ? "memory" : "nstack", memory);
    return make_from("Hopper-v5", xml, error);
}

/* How far a task with so much memory gets: 0 not made, 1 an error in an episode, 2 no error. */
static int try_memory(int memory)
{
    sg_error error = {""};
    sg_transition t;
    double obs[MOST], action[SG_MAX_ACTIONS] = {0};
    sg_env *env = make_with_memory(memory, &error);
    bool ok = env && sg_env_reset(env, NULL, obs, &error);
    for (int i = 0; ok && i < 20; i++)
        ok = sg_env_step(env, action, obs, &t, &error);
    if (!ok)
        says(&error, env ? "Hopper-v5: " : "does not accept");
    if (env)
        sg_env_close(env);
    return ok ? 2 : env ? 1 : 0;
}

/* Too little memory is a fatal error of MuJoCo's in the middle of a computation. */
Test(mujoco_errors, fatal_errors_come_back)
{
    int ends[3] = {0};
    for (int memory = 16; memory < 1000000; memory += memory / 8)
        ends[try_memory(memory)]++;
    printf("%d models without memory refused, %d ended an episode, %d worked\n", ends[0], ends[1],
           ends[2]);
    cr_assert(ends[0] > 0 && ends[1] > 0 && ends[2] > 0);
}

/* ---- the guard itself ---- */

static void warn(void *text) { mju_warning((const char *)text); }

static void fail(void *text) { mju_error((const char *)text); }

static void nothing(void *unused) { (void)unused; }

Test(mujoco_errors, warnings_are_kept)
{
    sg_error error = {""};
    char text[] = "first line\n\nsecond line\n";
    cr_assert(sg_mujoco_guard("Ant-v4", warn, text, &error));
    cr_assert_str_eq(sg_mujoco_guard_warning(), "first line second line");
    cr_assert(sg_mujoco_guard("Ant-v4", nothing, NULL, &error));
    cr_assert_null(sg_mujoco_guard_warning());
    cr_assert(!sg_mujoco_guard("Ant-v4", fail, text, &error));
    cr_assert_str_eq(error.text, "Ant-v4: MuJoCo: first line second line");
}
