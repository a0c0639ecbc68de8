/* ball_on_beam.c - any MJCF file as an environment: the base of the MuJoCo tasks does reset, step,
 * state and options; a task says what is observed and rewarded.
 *
 *   make && streamgrad check-env ./ball_on_beam.so
 *   streamgrad train avg --env ./ball_on_beam.so --steps 100k --env-set ctrl_cost_weight=0
 */
#include "envs/plugin.h"

#include <math.h>

#include "envs/mujoco/task.h"

/* The order of qpos and qvel is that of the joints in the file. */
enum { TILT, BALL_X, BALL_Z, BALL_ROLL };

/* Where things are and how fast, but not how far the ball has turned. */
static double *observe(const sg_mujoco *env, double *obs)
{
    obs = sg_mujoco_put(obs, env->data->qpos, BALL_ROLL);
    return sg_mujoco_put(obs, env->data->qvel, env->model->nv);
}

/* Near the middle is good; the task is over when the ball is off the beam. */
static void reward(const sg_mujoco *env, sg_transition *t)
{
    double x = env->data->qpos[BALL_X], z = env->data->qpos[BALL_Z];
    t->reward = 1 - fabs(x) - sg_mujoco_ctrl_cost(env);
    t->terminated = fabs(x) > 1.1 || z < -0.7;
}

/* Names of Gymnasium's keyword arguments that --env-set takes, with these defaults. */
static const char *const options[] = {"reset_noise_scale", "ctrl_cost_weight", NULL};

static const sg_mujoco_task task = {
    .time_limit = 500,
    .options = options,
    .observe = observe,
    .reward = reward,
    .defaults = {.xml_file = "./ball_on_beam.xml", /* beside the plugin */
                 .frame_skip = 4,
                 .reset_noise_scale = 0.05,
                 .ctrl_cost_weight = 0.01},
};

static sg_env *make(const char *id, const char *text, sg_error *error)
{
    return sg_mujoco_make(&task, id, text, error);
}

SG_ENV_PLUGIN("BallOnBeam-v0", "a motor tilts a beam to keep a ball on its middle", make)
