/* parts.c - pieces of observations and rewards that several MuJoCo tasks share. */
#include <math.h>
#include <string.h>

#include "envs/mujoco/task.h"

/* ---- bodies and noise ---- */

bool sg_mujoco_find_body(const sg_mujoco *env, const char *name, int *body, sg_error *error)
{
    *body = mj_name2id(env->model, mjOBJ_BODY, name);
    return *body >= 0 || sg_fail(error, "%s: the model %s has no body '%s'", env->env.spec.id,
                                 env->config.xml_file, name);
}

void sg_mujoco_add_uniform(sg_mujoco *env, double *values, int count, double scale)
{
    for (int i = 0; i < count; i++)
        values[i] += sg_random_uniform(&env->random, -scale, scale);
}

/* ---- observations ---- */

/* Each returns the place for what comes next, so that calls chain. */
double *sg_mujoco_put(double *obs, const double *values, int count)
{
    memcpy(obs, values, (size_t)count * sizeof *obs);
    return obs + count;
}

double sg_mujoco_clip(double x, sg_range range) { return sg_limit(x, range.low, range.high); }

double *sg_mujoco_put_clipped(double *obs, const double *values, int count, sg_range range)
{
    for (int i = 0; i < count; i++)
        obs[i] = sg_mujoco_clip(values[i], range);
    return obs + count;
}

/* Where in the world the body is has no bearing on how to move it. */
double *sg_mujoco_put_positions(const sg_mujoco *env, double *obs, int hidden)
{
    int first = env->config.exclude_current_positions ? hidden : 0;
    return sg_mujoco_put(obs, env->data->qpos + first, env->model->nq - first);
}

/* Half-way into the last physics step, mostly: not where qpos has them. */
void sg_mujoco_between_bodies(const sg_mujoco *env, int a, int b, double vector[3])
{
    for (int i = 0; i < 3; i++)
        vector[i] = env->data->xpos[3 * a + i] - env->data->xpos[3 * b + i];
}

/* ---- rewards ---- */

double sg_mujoco_distance(const sg_mujoco *env, int a, int b)
{
    double v[3];
    sg_mujoco_between_bodies(env, a, b, v);
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

/* Mean over the environment step. */
double sg_mujoco_velocity(const sg_mujoco *env, int i)
{
    return (env->now[i] - env->before[i]) / env->dt;
}

void sg_mujoco_remember_x(const sg_mujoco *env, double now[SG_MUJOCO_MEMORY])
{
    now[0] = env->data->qpos[0];
}

double sg_mujoco_forward_reward(const sg_mujoco *env)
{
    return env->config.forward_reward_weight * sg_mujoco_velocity(env, 0);
}

/* Of what Gymnasium's tasks get, which is float32. */
static double action_squared(const void *context, int i)
{
    const sg_mujoco *env = context;
    return (double)(env->action[i] * env->action[i]);
}

double sg_mujoco_ctrl_cost(const sg_mujoco *env)
{
    const sg_mujoco_config *c = &env->config;
    double squares = sg_numpy_sum(env->model->nu, action_squared, env, sg_float32);
    return sg_numpy_times(c->numpy, c->ctrl_cost_weight, squares);
}

void sg_mujoco_reward_speed(const sg_mujoco *env, sg_transition *t)
{
    t->reward = sg_mujoco_forward_reward(env) - sg_mujoco_ctrl_cost(env);
}

/* Forces, and how far they count. */
typedef struct {
    const double *force;
    sg_range range;
} limited_forces;

static double force_squared(const void *context, int i)
{
    const limited_forces *limited = context;
    double f = sg_mujoco_clip(limited->force[i], limited->range);
    return f * f;
}

/* Six numbers a body, the world's zeros included. */
double sg_mujoco_contact_squares(const sg_mujoco *env, sg_range range)
{
    limited_forces limited = {env->data->cfrc_ext, range};
    return sg_numpy_sum(6 * (int)env->model->nbody, force_squared, &limited, sg_double);
}

bool sg_mujoco_within(double x, sg_range range) { return range.low < x && x < range.high; }

/* v4 pays on the last step too, as long as being unhealthy ends the episode. */
double sg_mujoco_healthy(const sg_mujoco *env, bool healthy, sg_transition *t)
{
    bool ends = env->config.terminate_when_unhealthy;
    t->terminated = ends && !healthy;
    bool paid = healthy || (ends && env->task.pays_when_unhealthy);
    return paid ? env->config.healthy_reward : 0;
}

/* ---- legs in a plane ---- */

/* Fast moves are cut off, as contacts make short peaks of speed. */
double *sg_mujoco_observe_legs(const sg_mujoco *env, double *obs)
{
    obs = sg_mujoco_put_positions(env, obs, 1);
    return sg_mujoco_put_clipped(obs, env->data->qvel, env->model->nv, (sg_range){-10, 10});
}

/* The order of addition matters to the last bit. */
void sg_mujoco_reward_legs(const sg_mujoco *env, bool healthy, sg_transition *t)
{
    double forward = sg_mujoco_forward_reward(env);
    t->reward = forward + sg_mujoco_healthy(env, healthy, t) - sg_mujoco_ctrl_cost(env);
}
