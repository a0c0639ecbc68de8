/* walker2d.c - Walker2d: two legs walk forward without falling.
 *
 * Observation: qpos without x (8), qvel within +-10 (9). Reward: forward velocity + 1 while healthy
 * - 0.001 |action|^2. Healthy: torso between 0.8 and 2 and tilted by less than 1.
 */
#include <string.h>

#include "envs/mujoco/task.h"
#include "envs/tasks.h"

/* Upright, neither fallen nor flown. */
static bool healthy(const sg_mujoco *env)
{
    const sg_mujoco_config *c = &env->config;
    const double *qpos = env->data->qpos;
    return sg_mujoco_within(qpos[1], c->healthy_z_range) &&
           sg_mujoco_within(qpos[2], c->healthy_angle_range);
}

static void reward(const sg_mujoco *env, sg_transition *t)
{
    sg_mujoco_reward_legs(env, healthy(env), t);
}

static const char *const options[] = {"forward_reward_weight",
                                      "ctrl_cost_weight",
                                      "healthy_reward",
                                      "terminate_when_unhealthy",
                                      "healthy_z_range",
                                      "healthy_angle_range",
                                      "reset_noise_scale",
                                      "exclude_current_positions_from_observation",
                                      "numpy",
                                      NULL};

static const sg_mujoco_task v4 = {.time_limit = 1000,
                                  .least_nq = 3,
                                  .least_nv = 1,
                                  .pays_when_unhealthy = true,
                                  .options = options,
                                  .observe = sg_mujoco_observe_legs,
                                  .remember = sg_mujoco_remember_x,
                                  .reward = reward,
                                  .defaults = {.xml_file = "walker2d.xml",
                                               .frame_skip = 4,
                                               .reset_noise_scale = 5e-3,
                                               .forward_reward_weight = 1,
                                               .ctrl_cost_weight = 1e-3,
                                               .healthy_reward = 1,
                                               .healthy_z_range = {0.8, 2},
                                               .healthy_angle_range = {-1, 1},
                                               .terminate_when_unhealthy = true,
                                               .exclude_current_positions = true}};

/* v5 has feet of equal friction, and pays nothing on the step that ends the episode. */
sg_env *sg_walker2d_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = v4;
    if (sg_mujoco_version(id) == 5) {
        task.pays_when_unhealthy = false;
        strcpy(task.defaults.xml_file, "walker2d_v5.xml");
    }
    return sg_mujoco_make(&task, id, text, error);
}
