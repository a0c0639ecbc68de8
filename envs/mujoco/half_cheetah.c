/* half_cheetah.c - HalfCheetah: run forward. Never ends by itself.
 *
 * Observation: qpos without x (8), qvel (9). Reward: forward velocity - 0.1 |action|^2.
 */
#include "envs/mujoco/task.h"
#include "envs/tasks.h"

/* What the joints do, and how fast everything moves. */
static double *observe(const sg_mujoco *env, double *obs)
{
    obs = sg_mujoco_put_positions(env, obs, 1);
    return sg_mujoco_put(obs, env->data->qvel, env->model->nv);
}

static const char *const options[] = {"forward_reward_weight",
                                      "ctrl_cost_weight",
                                      "reset_noise_scale",
                                      "exclude_current_positions_from_observation",
                                      "numpy",
                                      NULL};

/* v4 and v5 are the same task. */
static const sg_mujoco_task task = {.time_limit = 1000,
                                    .least_nq = 1,
                                    .least_nv = 1,
                                    .normal_velocity_noise = true,
                                    .options = options,
                                    .observe = observe,
                                    .remember = sg_mujoco_remember_x,
                                    .reward = sg_mujoco_reward_speed,
                                    .defaults = {.xml_file = "half_cheetah.xml",
                                                 .frame_skip = 5,
                                                 .reset_noise_scale = 0.1,
                                                 .forward_reward_weight = 1,
                                                 .ctrl_cost_weight = 0.1,
                                                 .exclude_current_positions = true}};

sg_env *sg_half_cheetah_make(const char *id, const char *text, sg_error *error)
{
    return sg_mujoco_make(&task, id, text, error);
}
