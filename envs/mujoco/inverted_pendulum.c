/* inverted_pendulum.c - InvertedPendulum and InvertedDoublePendulum: a cart keeps a pole, or two on
 * top of each other, upright.
 *
 * Single: observes qpos (2) and qvel (2); 1 a step until the pole leans by more than 0.2; in v5
 * nothing on that step. Double: observes the cart's place, sin and cos of both angles, qvel within
 * +-10 and the constraint forces within +-10 (in v5 the cart's alone); 10 a step (in v5 not on the
 * last) less how far the tip is from upright and how fast the poles turn, until the tip is below 1.
 */
#include <math.h>

#include "envs/mujoco/task.h"
#include "envs/tasks.h"

static const char *const options[] = {"reset_noise_scale", NULL};

/* ---- one pole ---- */

static double *observe(const sg_mujoco *env, double *obs)
{
    obs = sg_mujoco_put(obs, env->data->qpos, env->model->nq);
    return sg_mujoco_put(obs, env->data->qvel, env->model->nv);
}

static void reward(const sg_mujoco *env, sg_transition *t)
{
    t->terminated = !(fabs(env->data->qpos[1]) <= 0.2);
    t->reward = t->terminated && !env->task.pays_when_unhealthy ? 0 : 1;
}

static const sg_mujoco_task single = {.model = "inverted_pendulum.xml",
                                      .frame_skip = 2,
                                      .time_limit = 1000,
                                      .pays_when_unhealthy = true,
                                      .options = options,
                                      .observe = observe,
                                      .reward = reward,
                                      .defaults = {.reset_noise_scale = 0.01}};

sg_env *sg_inverted_pendulum_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = single;
    if (sg_mujoco_version(id) == 5)
        task.pays_when_unhealthy = false;
    return sg_mujoco_make(&task, id, text, error);
}

/* ---- two poles ---- */

static double *observe_double(const sg_mujoco *env, double *obs)
{
    const double *qpos = env->data->qpos;
    *obs++ = qpos[0];
    *obs++ = sin(qpos[1]);
    *obs++ = sin(qpos[2]);
    *obs++ = cos(qpos[1]);
    *obs++ = cos(qpos[2]);
    obs = sg_mujoco_put_clipped(obs, env->data->qvel, env->model->nv, -10, 10);
    int forces = env->task.pays_when_unhealthy ? env->model->nv : 1;
    return sg_mujoco_put_clipped(obs, env->data->qfrc_constraint, forces, -10, 10);
}

static void reward_double(const sg_mujoco *env, sg_transition *t)
{
    const double *tip = env->data->site_xpos, *qvel = env->data->qvel;
    double x = tip[0], y = tip[2];
    t->terminated = y <= 1;
    bool alive = env->task.pays_when_unhealthy || !t->terminated;
    double distance = 0.01 * x * x + (y - 2) * (y - 2);
    double turning = 1e-3 * qvel[1] * qvel[1] + 5e-3 * qvel[2] * qvel[2];
    t->reward = (alive ? env->config.healthy_reward : 0) - distance - turning;
}

static const char *const double_v5_options[] = {"healthy_reward", "reset_noise_scale", NULL};

static const sg_mujoco_task twofold = {
    .model = "inverted_double_pendulum.xml",
    .frame_skip = 5,
    .time_limit = 1000,
    .pays_when_unhealthy = true,
    .normal_velocity_noise = true,
    .options = options,
    .observe = observe_double,
    .reward = reward_double,
    .defaults = {.reset_noise_scale = 0.1, .healthy_reward = 10}};

sg_env *sg_inverted_double_pendulum_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = twofold;
    if (sg_mujoco_version(id) == 5) {
        task.pays_when_unhealthy = false;
        task.options = double_v5_options;
    }
    return sg_mujoco_make(&task, id, text, error);
}
