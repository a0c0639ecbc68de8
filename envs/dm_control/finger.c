/* finger.c - DeepMind Control's finger: keeps a spinner turning (spin), or turns its tip to a
 * target (turn_easy, turn_hard).
 *
 * Observation: position (4: both joints; the tip seen from the spinner's axle, x and z), touch (2:
 * log(1 + force) on the fingertip's top and bottom), velocity (3: joints and spinner). Turning
 * tasks also have dist_to_target (1) first, and target_position (2, as the tip's) before touch.
 * Reward of spin: 1 where the spinner turns at 15 rad/s or more, backward. Reward of turn: 1 where
 * the tip is in the target.
 */
#include <math.h>

#include "envs/dm_control/suite.h"
#include "envs/tasks.h"

/* Numbers in the model: the spinner's hinge, a cap, the target's site. */
enum { HINGE = 2, CAP = 5, TARGET = 0 };

/* Sensors, in the model's order. */
enum {
    PROXIMAL,
    DISTAL,
    PROXIMAL_VELOCITY,
    DISTAL_VELOCITY,
    HINGE_VELOCITY,
    TIP,
    TARGET_POSITION,
    SPINNER,
    TOUCH_TOP,
    TOUCH_BOTTOM
};

/* ---- the start ---- */

static bool turns_easily(sg_mujoco *env, sg_error *error)
{
    (void)error;
    env->model->dof_damping[HINGE] = 0.03;
    return true;
}

static bool large_target(sg_mujoco *env, sg_error *error)
{
    (void)error;
    env->model->site_size[3 * TARGET] = 0.07;
    return true;
}

/* Anywhere, as long as nothing touches. */
static void place_joints(sg_mujoco *env)
{
    enum { ATTEMPTS = 1000 };
    for (int i = 0; i < ATTEMPTS; i++) {
        sg_dm_draw_joints(env);
        mj_forward(env->model, env->data);
        if (env->data->ncon == 0)
            return;
    }
    sg_fail(&env->failure, "%s: no start without contacts in %d attempts", env->env.spec.id,
            ATTEMPTS);
}

/* On the circle that the caps' ends describe. */
static void place_target(sg_mujoco *env)
{
    double *target = env->model->site_pos + 3 * TARGET;
    const double *size = env->model->geom_size + 3 * CAP;
    /* the hinge does not move: where it is in the initial state, it is always */
    mj_kinematics(env->model, env->data);
    const double *hinge = env->data->xanchor + 3 * HINGE;
    double angle = sg_random_uniform(&env->random, -M_PI, M_PI);
    double radius = size[0] + size[1] + size[2];
    target[0] = hinge[0] + radius * sin(angle);
    target[2] = hinge[2] + radius * cos(angle);
}

static void place_turn(sg_mujoco *env)
{
    place_target(env);
    place_joints(env);
}

/* The target's place is part of the model. */
static void state_turn(sg_mujoco *env, sg_archive *archive)
{
    sg_archive_f64(archive, "target", env->model->site_pos + 3 * TARGET, 3);
    sg_dm_state(env, archive);
}

/* ---- observations ---- */

/* A sensed place in the plane, seen from the spinner's axle. */
static double *put_from_axle(const sg_mujoco *env, double *obs, int sensor)
{
    const double *place = sg_dm_sensor(env, sensor), *axle = sg_dm_sensor(env, SPINNER);
    obs[0] = place[0] - axle[0];
    obs[1] = place[2] - axle[2];
    return obs + 2;
}

static double *put_position(const sg_mujoco *env, double *obs)
{
    *obs++ = *sg_dm_sensor(env, PROXIMAL);
    *obs++ = *sg_dm_sensor(env, DISTAL);
    return put_from_axle(env, obs, TIP);
}

static double *put_touch_and_velocity(const sg_mujoco *env, double *obs)
{
    obs = sg_dm_put_touch(env, obs, TOUCH_TOP);
    obs = sg_dm_put_touch(env, obs, TOUCH_BOTTOM);
    *obs++ = *sg_dm_sensor(env, PROXIMAL_VELOCITY);
    *obs++ = *sg_dm_sensor(env, DISTAL_VELOCITY);
    *obs++ = *sg_dm_sensor(env, HINGE_VELOCITY);
    return obs;
}

static double *observe_spin(const sg_mujoco *env, double *obs)
{
    return put_touch_and_velocity(env, put_position(env, obs));
}

/* From the target's surface, negative inside. */
static double target_distance(const sg_mujoco *env)
{
    double tip[2], target[2];
    put_from_axle(env, tip, TIP);
    put_from_axle(env, target, TARGET_POSITION);
    double to_target[2] = {target[0] - tip[0], target[1] - tip[1]};
    return mju_norm(to_target, 2) - env->model->site_size[3 * TARGET];
}

static double *observe_turn(const sg_mujoco *env, double *obs)
{
    *obs++ = target_distance(env);
    obs = put_position(env, obs);
    obs = put_from_axle(env, obs, TARGET_POSITION);
    return put_touch_and_velocity(env, obs);
}

/* ---- rewards ---- */

static void reward_spin(const sg_mujoco *env, sg_transition *t)
{
    t->reward = *sg_dm_sensor(env, HINGE_VELOCITY) <= -15;
}

static void reward_turn(const sg_mujoco *env, sg_transition *t)
{
    t->reward = target_distance(env) <= 0;
}

/* ---- the tasks ---- */

static const sg_mujoco_task spin = {
    .prepare = turns_easily,
    .place = place_joints,
    .observe = observe_spin,
    .reward = reward_spin,
    .defaults = {.xml_file = "dm_control/finger.xml", .frame_skip = 2}};

static const sg_mujoco_task turn_hard = {
    .place = place_turn,
    .observe = observe_turn,
    .reward = reward_turn,
    .state = state_turn,
    .defaults = {.xml_file = "dm_control/finger.xml", .frame_skip = 2}};

sg_env *sg_dm_finger_make(const char *id, const char *options, sg_error *error)
{
    sg_mujoco_task task = sg_dm_is(id, "spin") ? spin : turn_hard;
    if (sg_dm_is(id, "turn_easy"))
        task.prepare = large_target;
    return sg_dm_make(&task, id, options, error);
}
