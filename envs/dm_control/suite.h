/* suite.h - what the DeepMind Control tasks share on top of the MuJoCo base.
 *
 * Observations are vectors in the order of Gymnasium's bridge (Shimmy with FlattenObservation): the
 * suite's parts sorted by their names. Every episode has 1000 steps, none ends by itself, and
 * rewards are in [0, 1]. A step ends with MuJoCo's mj_step1, so that all that follows from
 * positions and velocities is that after the step; forces, and the touch sensors that read them,
 * are those of the last physics step. Tasks find bodies, geoms and sensors by their numbers in the
 * model.
 *
 * Sources: Tassa et al. 2018, arXiv 1801.00690, and 2020, arXiv 2006.12983.
 */
#ifndef SG_DM_SUITE_H
#define SG_DM_SUITE_H

#include "envs/dm_control/tolerance.h"
#include "envs/mujoco/task.h"

/* An environment of that task (copied), completed with what all tasks of the suite have in common.
 * There are no options. */
sg_env *sg_dm_make(const sg_mujoco_task *task, const char *id, const char *options,
                   sg_error *error);
/* Whether the id is that of a domain's task: "dm_control/walker-run-v0" of "run". */
bool sg_dm_is(const char *id, const char *task);

/* ---- parts that tasks share ---- */

/* Simulates `count` physics steps, at least one, as the suite does. */
void sg_dm_simulate(sg_mujoco *env, int count);
/* Draws a limited joint's position anywhere in its range. */
void sg_dm_draw_limited(sg_mujoco *env, int joint);
/* Draws positions: limited joints anywhere in their range, unlimited hinges at any angle; slides
 * and free bodies stay where they are. */
void sg_dm_draw_joints(sg_mujoco *env);
/* For tasks with a free body: called once its quaternion is drawn. */
void sg_dm_keep_quaternion(sg_mujoco *env);
/* All positions but x, which has no bearing on how to move: for planar bodies. */
double *sg_dm_put_positions(const sg_mujoco *env, double *obs);
/* All velocities. */
double *sg_dm_put_velocities(const sg_mujoco *env, double *obs);
/* The values of a sensor. */
const double *sg_dm_sensor(const sg_mujoco *env, int sensor);
/* What a touch sensor feels, as log(1 + newtons). */
double *sg_dm_put_touch(const sg_mujoco *env, double *obs, int sensor);

/* The last thing in a task's `state`: after loading, computes what a step expects. */
void sg_dm_state(sg_mujoco *env, sg_archive *archive);

#endif
