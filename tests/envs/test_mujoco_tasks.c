/* test_mujoco_tasks.c - tasks of one's own on MuJoCo's base: numbers and options besides those of
 * the base, and models with more than joints. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "envs/check.h"
#include "envs/mujoco/task.h"
#include "tests/training/scratch.h"

enum { MOST = 16 };

/* ---- numbers of a task's own ---- */

typedef struct {
    sg_mujoco base;
    double goal;
} own_pendulum;

typedef struct {
    sg_mujoco_config base;
    double goal;
} own_config;

static double *observe_goal(const sg_mujoco *env, double *obs)
{
    obs = sg_mujoco_put(obs, env->data->qpos, env->model->nq);
    return sg_mujoco_put(obs, &((const own_pendulum *)env)->goal, 1);
}

static void pay_at_goal(const sg_mujoco *env, sg_transition *t)
{
    t->reward = -fabs(env->data->qpos[0] - ((const own_pendulum *)env)->goal);
}

static sg_env *make_own(const char *options, sg_error *error)
{
    static const sg_option own[] = {
        {"frame_skip", SG_OPTION_INTEGER, offsetof(own_config, base.frame_skip), 1, 10},
        {"goal", SG_OPTION_NUMBER, offsetof(own_config, goal), -1, 1},
    };
    sg_mujoco_task task = {.size = sizeof(own_pendulum),
                           .observe = observe_goal,
                           .reward = pay_at_goal,
                           .defaults = {.xml_file = "inverted_pendulum.xml", .frame_skip = 2}};
    own_config c = {.base = task.defaults};
    if (!sg_options_parse("Own-v0", own, 2, &c, options, error))
        return NULL;
    task.defaults = c.base;
    sg_env *env = sg_mujoco_make(&task, "Own-v0", NULL, error);
    if (env)
        ((own_pendulum *)env)->goal = c.goal;
    return env;
}

/* As docs/new-environment.md has it. */
Test(mujoco_tasks, tasks_may_have_numbers_of_their_own)
{
    sg_error error = {""};
    sg_transition t;
    double obs[MOST], action[1] = {0};
    sg_env *env = make_own("goal=0.5,frame_skip=3", &error);
    cr_assert(env != NULL, "%s", error.text);
    cr_assert_eq(env->spec.obs_size, 3);
    cr_assert_eq(sg_mujoco_frame_skip(env), 3);
    cr_assert(sg_env_reset(env, NULL, obs, &error) && sg_env_step(env, action, obs, &t, &error));
    cr_assert(obs[2] == 0.5 && t.reward == -fabs(obs[0] - 0.5), "%g", t.reward);
    sg_env_close(env);
    cr_assert(make_own("goal=2", &error) == NULL && strstr(error.text, "-1 to 1"));
}

/* ---- models with more than joints ---- */

static const char model[] =
    "<mujoco><size nuserdata='2'/><worldbody>"
    "<body name='goal' mocap='true'><geom size='.05' contype='0' conaffinity='0'/></body>"
    "<body><geom type='capsule' fromto='0 0 0 0 0 .5' size='.05'/>"
    "<joint name='hinge' axis='0 1 0' damping='1' limited='true' range='-90 90'/></body>"
    "</worldbody><actuator><general joint='hinge' dyntype='filter' dynprm='0.1' ctrllimited='true' "
    "ctrlrange='-1 1' gainprm='5'/></actuator></mujoco>";

/* Another goal in each episode, and a number that only userdata holds. */
static void place_goal(sg_mujoco *env)
{
    mjData *d = env->data;
    sg_mujoco_add_uniform(env, d->qpos, 1, 0.5);
    for (int i = 0; i < 3; i++)
        d->mocap_pos[i] = 0;
    sg_mujoco_add_uniform(env, d->mocap_pos, 3, 1);
    sg_mujoco_add_uniform(env, d->mocap_quat, 4, 0.1);
    sg_mujoco_add_uniform(env, d->userdata, 2, 1);
}

static double *observe_all(const sg_mujoco *env, double *obs)
{
    const mjData *d = env->data;
    obs = sg_mujoco_put(obs, d->qpos, 1);
    obs = sg_mujoco_put(obs, d->act, 1);
    obs = sg_mujoco_put(obs, d->mocap_pos, 3);
    obs = sg_mujoco_put(obs, d->mocap_quat, 4);
    return sg_mujoco_put(obs, d->userdata, 2);
}

static void pay_nearness(const sg_mujoco *env, sg_transition *t)
{
    t->reward = -fabs(env->data->qpos[0] - env->data->mocap_pos[0]);
}

static char model_path[256];

static sg_env *make_with_goal(const char *id, const char *options, sg_error *error)
{
    sg_mujoco_task task = {.time_limit = 20,
                           .place = place_goal,
                           .observe = observe_all,
                           .reward = pay_nearness,
                           .defaults = {.frame_skip = 5}};
    snprintf(task.defaults.xml_file, sizeof task.defaults.xml_file, "%s", model_path);
    return sg_mujoco_make(&task, id, options, error);
}

static void print_fault(void *context, const char *check, sg_env_check_outcome outcome,
                        const char *text)
{
    (void)context;
    if (outcome == SG_ENV_CHECK_FAILED)
        printf("%s: %s\n", check, text);
}

/* Bodies that are moved by hand, actuators' own states and userdata go on from a saved state, too.
 */
Test(mujoco_tasks, all_that_a_step_reads_is_saved)
{
    const sg_env_entry entry = {"Goal-v0", "a hinge turns to a goal", make_with_goal};
    char *folder = scratch_make();
    snprintf(model_path, sizeof model_path, "%s", scratch_path(folder, "goal.xml"));
    scratch_write(model_path, model, strlen(model));
    sg_env_check_config config = {.steps = 200, .seed = 1};
    sg_env_check_result result = sg_env_check(&entry, NULL, config, print_fault, NULL);
    cr_expect(result.failed == 0 && result.ok >= 12, "%d failed, %d well", result.failed,
              result.ok);
    scratch_remove(folder);
}
