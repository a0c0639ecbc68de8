/* inverted_pendulum.c - InvertedPendulum: a cart on a rail balances a pole.
 *
 * Observation: qpos (2), qvel (2). Reward: 1 a step. Ends when the pole leans by more than 0.2.
 */
#include <math.h>

#include "envs/mujoco/task.h"
#include "envs/tasks.h"

/* The whole state. */
static double *observe(const sg_mujoco *env, double *obs)
{
    obs = sg_mujoco_put(obs, env->data->qpos, env->model->nq);
    return sg_mujoco_put(obs, env->data->qvel, env->model->nv);
}

/* For being upright. */
static void reward(const sg_mujoco *env, sg_transition *t)
{
    t->reward = sg_mujoco_healthy(env, fabs(env->data->qpos[1]) <= 0.2, t);
}

static const char *const none[] = {NULL};
static const char *const options_v5[] = {"reset_noise_scale", NULL};

static const sg_mujoco_task v4 = {.time_limit = 1000,
                                  .least_nq = 2,
                                  .least_nv = 1,
                                  .pays_when_unhealthy = true,
                                  .options = none,
                                  .observe = observe,
                                  .reward = reward,
                                  .defaults = {.xml_file = "inverted_pendulum.xml",
                                               .frame_skip = 2,
                                               .reset_noise_scale = 0.01,
                                               .healthy_reward = 1,
                                               .terminate_when_unhealthy = true}};

/* v5 pays nothing on the step that ends the episode. */
sg_env *sg_inverted_pendulum_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = v4;
    if (sg_mujoco_version(id) == 5) {
        task.pays_when_unhealthy = false;
        task.options = options_v5;
    }
    return sg_mujoco_make(&task, id, text, error);
}
