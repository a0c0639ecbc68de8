/* inverted_double_pendulum.c - InvertedDoublePendulum: a cart on a rail balances two poles, one on
 * top of the other.
 *
 * Observation: the cart's qpos (1), sines (2) and cosines (2) of the hinges, qvel within +-10 (3),
 * the constraint forces within +-10 (3; in v5 the cart's alone, as the others are always 0).
 * Reward: 10 - 0.01 x^2 - (z - 2)^2 - 0.001 and 0.005 times the squared speeds of the hinges, x and
 * z being the place of the upper pole's tip. Ends when the tip is at 1 or lower.
 */
#include <math.h>

#include "envs/mujoco/task.h"
#include "envs/tasks.h"

/* The tip is the model's first site. */
static bool find_tip(sg_mujoco *env, sg_error *error)
{
    return env->model->nsite > 0 ||
           sg_fail(error, "%s: the model %s has no site", env->env.spec.id, env->config.xml_file);
}

/* forces: how many of the constraint forces are seen. */
static double *put_all(const sg_mujoco *env, double *obs, int forces)
{
    const sg_range limits = {-10, 10};
    const mjData *d = env->data;
    int nq = env->model->nq;
    obs = sg_mujoco_put(obs, d->qpos, 1);
    for (int i = 1; i < nq; i++)
        *obs++ = sin(d->qpos[i]);
    for (int i = 1; i < nq; i++)
        *obs++ = cos(d->qpos[i]);
    obs = sg_mujoco_put_clipped(obs, d->qvel, env->model->nv, limits);
    return sg_mujoco_put_clipped(obs, d->qfrc_constraint, forces, limits);
}

static double *observe_v4(const sg_mujoco *env, double *obs)
{
    return put_all(env, obs, env->model->nv);
}

static double *observe_v5(const sg_mujoco *env, double *obs) { return put_all(env, obs, 1); }

/* The tip high and over the middle, the hinges slow. */
static void reward(const sg_mujoco *env, sg_transition *t)
{
    const double *tip = env->data->site_xpos, *qvel = env->data->qvel;
    double x = tip[0], z = tip[2];
    double distance = 0.01 * sg_numpy_square(x) + sg_numpy_square(z - 2);
    double speed = 0.001 * sg_numpy_square(qvel[1]) + 0.005 * sg_numpy_square(qvel[2]);
    t->reward = sg_mujoco_healthy(env, z > 1, t) - distance - speed;
}

static const char *const none[] = {NULL};
static const char *const options_v5[] = {"healthy_reward", "reset_noise_scale", NULL};

static const sg_mujoco_task v4 = {.time_limit = 1000,
                                  .least_nq = 3,
                                  .least_nv = 3,
                                  .normal_velocity_noise = true,
                                  .pays_when_unhealthy = true,
                                  .options = none,
                                  .prepare = find_tip,
                                  .observe = observe_v4,
                                  .reward = reward,
                                  .defaults = {.xml_file = "inverted_double_pendulum.xml",
                                               .frame_skip = 5,
                                               .reset_noise_scale = 0.1,
                                               .healthy_reward = 10,
                                               .terminate_when_unhealthy = true}};

/* v5 pays nothing for being upright on the step that ends the episode. */
sg_env *sg_inverted_double_pendulum_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = v4;
    if (sg_mujoco_version(id) == 5) {
        task.pays_when_unhealthy = false;
        task.options = options_v5;
        task.observe = observe_v5;
    }
    return sg_mujoco_make(&task, id, text, error);
}
