/* parts.c - pieces of observations and rewards that several MuJoCo tasks share. */
#include <math.h>
#include <string.h>

#include "envs/mujoco/task.h"

/* ---- the beginning ---- */

void sg_mujoco_add_uniform(sg_mujoco *env, double *values, int count, double scale)
{
    for (int i = 0; i < count; i++)
        values[i] += sg_random_uniform(&env->random, -scale, scale);
}

/* ---- bodies ---- */

const double *sg_mujoco_body(const sg_mujoco *env, const char *name)
{
    int body = mj_name2id(env->model, mjOBJ_BODY, name);
    if (body < 0)
        sg_misuse("%s: its model has no body '%s'", env->env.spec.id, name);
    return env->data->xpos + 3 * body;
}

void sg_mujoco_between_bodies(const sg_mujoco *env, const char *a, const char *b, double way[3])
{
    const double *to = sg_mujoco_body(env, a), *from = sg_mujoco_body(env, b);
    for (int i = 0; i < 3; i++)
        way[i] = to[i] - from[i];
}

double sg_mujoco_length(const double way[3])
{
    return sqrt(way[0] * way[0] + way[1] * way[1] + way[2] * way[2]);
}

/* ---- observations ---- */

/* Each returns the place for what comes next, so that calls chain. */
double *sg_mujoco_put(double *obs, const double *values, int count)
{
    memcpy(obs, values, (size_t)count * sizeof *obs);
    return obs + count;
}

double sg_mujoco_clip(double x, double low, double high)
{
    return x < low ? low : x > high ? high : x;
}

double *sg_mujoco_put_clipped(double *obs, const double *values, int count, double low, double high)
{
    for (int i = 0; i < count; i++)
        obs[i] = sg_mujoco_clip(values[i], low, high);
    return obs + count;
}

/* Where in the world the body is has no bearing on how to move it. */
double *sg_mujoco_put_positions(const sg_mujoco *env, double *obs, int hidden)
{
    int first = env->config.exclude_current_positions ? hidden : 0;
    return sg_mujoco_put(obs, env->data->qpos + first, env->model->nq - first);
}

/* ---- rewards ---- */

/* Mean over the environment step. */
double sg_mujoco_velocity(const sg_mujoco *env, int i)
{
    return (env->now[i] - env->before[i]) / env->dt;
}

/* NumPy's order of addition for up to 128 values: eight partial sums joined in pairs, then the rest
 * one by one; fewer than eight values are simply added. */
static float sum_of_squares(const float *x, int n)
{
    float sum = 0;
    int i = 0;
    if (n >= 8) {
        float part[8] = {0};
        for (; i + 8 <= n; i += 8) {
            for (int k = 0; k < 8; k++)
                part[k] += x[i + k] * x[i + k];
        }
        sum = ((part[0] + part[1]) + (part[2] + part[3])) +
              ((part[4] + part[5]) + (part[6] + part[7]));
    }
    for (; i < n; i++)
        sum += x[i] * x[i];
    return sum;
}

/* The weight is a double, and so is the product. */
double sg_mujoco_ctrl_cost(const sg_mujoco *env)
{
    return env->config.ctrl_cost_weight * (double)sum_of_squares(env->action, env->model->nu);
}

/* Six numbers a body, the world's zeros included. */
double sg_mujoco_contact_squares(const sg_mujoco *env, double low, double high)
{
    const double *force = env->data->cfrc_ext;
    double sum = 0;
    for (int i = 0; i < 6 * env->model->nbody; i++) {
        double f = sg_mujoco_clip(force[i], low, high);
        sum += f * f;
    }
    return sum;
}

bool sg_mujoco_between(double x, double low, double high) { return low < x && x < high; }

/* v4 pays on the last step too, as long as being unhealthy ends the episode. */
double sg_mujoco_healthy(const sg_mujoco *env, bool healthy, sg_transition *t)
{
    bool ends = env->config.terminate_when_unhealthy;
    t->terminated = ends && !healthy;
    bool paid = healthy || (ends && env->task.pays_when_unhealthy);
    return paid ? env->config.healthy_reward : 0;
}
