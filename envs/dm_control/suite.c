/* suite.c - what the DeepMind Control tasks share: how a step is simulated, how joints are drawn.
 */
#include "envs/dm_control/suite.h"

#include <math.h>
#include <string.h>

#include "envs/mujoco/guard.h"

/* ---- simulation ---- */

/* MuJoCo normalises quaternions where it computes what follows from positions, and once more
 * changes last bits: what it began with is kept in `now`, as long as there is a free body. */
void sg_dm_keep_quaternion(sg_mujoco *env)
{
    if (env->model->jnt_type[0] == mjJNT_FREE)
        memcpy(env->now, env->data->qpos + 3, 4 * sizeof *env->now);
}

/* The other way round, before the same calls as then. All zeros: nothing was kept. */
static void return_quaternion(sg_mujoco *env)
{
    bool kept = env->now[0] != 0 || env->now[1] != 0 || env->now[2] != 0 || env->now[3] != 0;
    if (env->model->jnt_type[0] == mjJNT_FREE && kept)
        memcpy(env->data->qpos + 3, env->now, 4 * sizeof *env->now);
}

/* The first half of the first step was computed when the state came about; the last call computes
 * it for the next. Only Euler's method can be split so: Runge-Kutta's steps are whole, and the last
 * call only brings positions and velocities up to date. */
void sg_dm_simulate(sg_mujoco *env, int count)
{
    int done = 0;
    if (env->model->opt.integrator != mjINT_RK4) {
        mj_step2(env->model, env->data);
        done = 1;
    }
    for (; done < count; done++)
        mj_step(env->model, env->data);
    sg_dm_keep_quaternion(env);
    mj_step1(env->model, env->data);
}

static void advance(sg_mujoco *env) { sg_dm_simulate(env, env->config.frame_skip); }

/* Inside a guard. */
static void first_half(void *argument)
{
    sg_mujoco *env = argument;
    return_quaternion(env);
    mj_step1(env->model, env->data);
}

/* An error of MuJoCo here is one of the next step. */
void sg_dm_state(sg_mujoco *env, sg_archive *archive)
{
    if (sg_archive_get_mode(archive) == SG_ARCHIVE_LOAD)
        sg_mujoco_guard(env->env.spec.id, first_half, env, &env->failure);
}

/* ---- starts ---- */

static void draw_joint(sg_mujoco *env, int joint, double low, double high)
{
    env->data->qpos[env->model->jnt_qposadr[joint]] = sg_random_uniform(&env->random, low, high);
}

void sg_dm_draw_limited(sg_mujoco *env, int joint)
{
    const double *range = env->model->jnt_range + 2 * joint;
    draw_joint(env, joint, range[0], range[1]);
}

void sg_dm_draw_joints(sg_mujoco *env)
{
    const mjModel *m = env->model;
    for (int i = 0; i < m->njnt; i++) {
        if (m->jnt_limited[i]) {
            sg_dm_draw_limited(env, i);
        } else if (m->jnt_type[i] == mjJNT_HINGE) {
            draw_joint(env, i, -M_PI, M_PI);
        }
    }
}

/* ---- observations ---- */

double *sg_dm_put_positions(const sg_mujoco *env, double *obs)
{
    return sg_mujoco_put(obs, env->data->qpos + 1, env->model->nq - 1);
}

double *sg_dm_put_velocities(const sg_mujoco *env, double *obs)
{
    return sg_mujoco_put(obs, env->data->qvel, env->model->nv);
}

const double *sg_dm_sensor(const sg_mujoco *env, int sensor)
{
    return env->data->sensordata + env->model->sensor_adr[sensor];
}

double *sg_dm_put_touch(const sg_mujoco *env, double *obs, int sensor)
{
    *obs = log1p(*sg_dm_sensor(env, sensor));
    return obs + 1;
}

/* ---- construction ---- */

/* Between the first hyphen and the last. */
bool sg_dm_is(const char *id, const char *task)
{
    const char *name = strchr(id, '-');
    size_t length = strlen(task);
    return name && strncmp(name + 1, task, length) == 0 && name[1 + length] == '-';
}

sg_env *sg_dm_make(const sg_mujoco_task *task, const char *id, const char *options, sg_error *error)
{
    static const char *const none[] = {NULL};
    sg_mujoco_task complete = *task;
    complete.time_limit = 1000;
    complete.double_actions = true;
    complete.options = none;
    complete.advance = advance;
    if (!complete.state)
        complete.state = sg_dm_state;
    return sg_mujoco_make(&complete, id, options, error);
}
