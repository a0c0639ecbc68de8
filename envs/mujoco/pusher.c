/* pusher.c - Pusher: an arm of seven joints pushes an object to a goal. Never ends by itself.
 *
 * Observation: the arm's qpos (7) and qvel (7), the positions of its tip, the object and the goal
 * (3 each). Reward: -|object - goal| - 0.1 |action|^2 - 0.5 |object - tip|; v4 takes both distances
 * from before the step.
 */
#include <math.h>

#include "envs/mujoco/task.h"
#include "envs/tasks.h"

enum { ARM = 7 };

/* The arm is at rest; the object lies anywhere within reach that is not too near the goal. */
static void draw(sg_mujoco *env)
{
    double *object = env->data->qpos + ARM, *qvel = env->data->qvel;
    do {
        object[0] = sg_random_uniform(&env->random, -0.3, 0);
        object[1] = sg_random_uniform(&env->random, -0.2, 0.2);
    } while (sqrt(object[0] * object[0] + object[1] * object[1]) <= 0.17);
    object[2] = object[3] = 0; /* the goal's place */
    /* velocities of object and goal are drawn, too, and not used */
    sg_mujoco_add_uniform(env, qvel, env->model->nv, 0.005);
    for (int i = ARM; i < env->model->nv; i++)
        qvel[i] = 0;
}

/* From the tip to the object, and from the goal to the object. */
static void remember(const sg_mujoco *env, double now[SG_MUJOCO_MEMORY])
{
    sg_mujoco_between_bodies(env, "object", "tips_arm", now);
    sg_mujoco_between_bodies(env, "object", "goal", now + 3);
}

static double *observe(const sg_mujoco *env, double *obs)
{
    obs = sg_mujoco_put(obs, env->data->qpos, ARM);
    obs = sg_mujoco_put(obs, env->data->qvel, ARM);
    obs = sg_mujoco_put(obs, sg_mujoco_body(env, "tips_arm"), 3);
    obs = sg_mujoco_put(obs, sg_mujoco_body(env, "object"), 3);
    return sg_mujoco_put(obs, sg_mujoco_body(env, "goal"), 3);
}

static void reward(const sg_mujoco *env, sg_transition *t)
{
    const sg_mujoco_config *c = &env->config;
    const double *ways = env->task.rewards_old_distance ? env->before : env->now;
    t->reward = -c->reward_dist_weight * sg_mujoco_length(ways + 3) - sg_mujoco_ctrl_cost(env) -
                c->reward_near_weight * sg_mujoco_length(ways);
}

static const char *const v4_options[] = {NULL};
static const char *const v5_options[] = {"reward_near_weight", "reward_dist_weight",
                                         "reward_control_weight", NULL};

static const sg_mujoco_task v4 = {
    .model = "pusher.xml",
    .frame_skip = 5,
    .time_limit = 100,
    .rewards_old_distance = true,
    .options = v4_options,
    .draw = draw,
    .observe = observe,
    .remember = remember,
    .reward = reward,
    .defaults = {.reward_dist_weight = 1, .ctrl_cost_weight = 0.1, .reward_near_weight = 0.5}};

/* v5's object is heavier and has no sphere in it. */
sg_env *sg_pusher_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = v4;
    if (sg_mujoco_version(id) == 5) {
        task.model = "pusher_v5.xml";
        task.rewards_old_distance = false;
        task.options = v5_options;
    }
    return sg_mujoco_make(&task, id, text, error);
}
