/* mujoco_env.h - a look inside MuJoCo tasks, for tests, benchmarks and tools.
 *
 * Each call accepts the task itself or any stack of wrappers around it; on an environment that is
 * no MuJoCo task it is misuse.
 */
#ifndef SG_MUJOCO_ENV_H
#define SG_MUJOCO_ENV_H

#include <mujoco/mujoco.h>

#include "envs/env.h"

/* Starts from positions qpos[nq] and velocities qvel[nv] as a reset does from the noisy initial
 * ones, and writes the task's own observation. Wrappers do not notice. False as from a reset. */
bool sg_mujoco_set_state(sg_env *env, const double *qpos, const double *qvel, double *obs,
                         sg_error *error);

/* What the task simulates; owned by it. */
const mjModel *sg_mujoco_model(const sg_env *env);
const mjData *sg_mujoco_data(const sg_env *env);
/* mj_step calls per environment step. */
int sg_mujoco_frame_skip(const sg_env *env);

#endif
