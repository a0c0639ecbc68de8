/* reacher.c - Reacher: a two-link arm moves its fingertip to a target. Never ends by itself.
 *
 * Observation: cos and sin of both joints (4), the target (2), their velocities (2), fingertip -
 * target (x, y, in v4 also z). Reward: -|fingertip - target| - |action|^2; v4 takes the distance
 * from before the step.
 */
#include <math.h>

#include "envs/mujoco/task.h"
#include "envs/tasks.h"

/* The arm is nearly straight; the target lies anywhere within 0.2 of the arm's root. */
static void draw(sg_mujoco *env)
{
    double *qpos = env->data->qpos, *qvel = env->data->qvel;
    sg_mujoco_add_uniform(env, qpos, env->model->nq, 0.1);
    do {
        qpos[2] = sg_random_uniform(&env->random, -0.2, 0.2);
        qpos[3] = sg_random_uniform(&env->random, -0.2, 0.2);
    } while (sqrt(qpos[2] * qpos[2] + qpos[3] * qpos[3]) >= 0.2);
    /* the target's velocities are drawn, too, and not used */
    sg_mujoco_add_uniform(env, qvel, env->model->nv, 0.005);
    qvel[2] = qvel[3] = 0;
}

/* From the target to the fingertip. */
static void remember(const sg_mujoco *env, double now[SG_MUJOCO_MEMORY])
{
    sg_mujoco_between_bodies(env, "fingertip", "target", now);
}

static double *observe(const sg_mujoco *env, double *obs)
{
    const double *qpos = env->data->qpos;
    double way[3];
    sg_mujoco_between_bodies(env, "fingertip", "target", way);
    *obs++ = cos(qpos[0]);
    *obs++ = cos(qpos[1]);
    *obs++ = sin(qpos[0]);
    *obs++ = sin(qpos[1]);
    obs = sg_mujoco_put(obs, qpos + 2, 2);
    obs = sg_mujoco_put(obs, env->data->qvel, 2);
    return sg_mujoco_put(obs, way, env->task.rewards_old_distance ? 3 : 2);
}

static void reward(const sg_mujoco *env, sg_transition *t)
{
    const double *way = env->task.rewards_old_distance ? env->before : env->now;
    t->reward = -env->config.reward_dist_weight * sg_mujoco_length(way) - sg_mujoco_ctrl_cost(env);
}

static const char *const v4_options[] = {NULL};
static const char *const v5_options[] = {"reward_dist_weight", "reward_control_weight", NULL};

static const sg_mujoco_task v4 = {.model = "reacher.xml",
                                  .frame_skip = 2,
                                  .time_limit = 50,
                                  .rewards_old_distance = true,
                                  .options = v4_options,
                                  .draw = draw,
                                  .observe = observe,
                                  .remember = remember,
                                  .reward = reward,
                                  .defaults = {.reward_dist_weight = 1, .ctrl_cost_weight = 1}};

sg_env *sg_reacher_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = v4;
    if (sg_mujoco_version(id) == 5) {
        task.rewards_old_distance = false;
        task.options = v5_options;
    }
    return sg_mujoco_make(&task, id, text, error);
}
