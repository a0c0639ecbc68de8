/* reacher.c - Reacher: the fingertip of a planar arm of two links goes to a target. Never ends by
 * itself.
 *
 * Observation: cosines and sines of the joints (4), the target's qpos (2), the joints' qvel (2),
 * fingertip - target (3; in v5 without z, which is always 0). Reward: - distance of fingertip and
 * target - |action|^2; the distance is that before the step in v4, after it in v5.
 */
#include <math.h>

#include "envs/mujoco/task.h"
#include "envs/tasks.h"

/* Bodies, and how many joints there are in the arm and in the target's place. */
enum { FINGERTIP, TARGET, ARM = 2, PLACE = 2 };

static bool find_bodies(sg_mujoco *env, sg_error *error)
{
    return sg_mujoco_find_body(env, "fingertip", &env->body[FINGERTIP], error) &&
           sg_mujoco_find_body(env, "target", &env->body[TARGET], error);
}

/* ---- the start ---- */

/* Anywhere in a disk of radius 0.2, by rejection. */
static void draw_target(sg_random *random, double target[PLACE])
{
    do {
        target[0] = sg_random_uniform(random, -0.2, 0.2);
        target[1] = sg_random_uniform(random, -0.2, 0.2);
    } while (sqrt(target[0] * target[0] + target[1] * target[1]) >= 0.2);
}

/* The target's noise is drawn, too, and overwritten. */
static void place(sg_mujoco *env)
{
    mjData *d = env->data;
    int nq = env->model->nq, nv = env->model->nv;
    sg_mujoco_add_uniform(env, d->qpos, nq, 0.1);
    draw_target(&env->random, d->qpos + nq - PLACE);
    sg_mujoco_add_uniform(env, d->qvel, nv, 0.005);
    for (int i = nv - PLACE; i < nv; i++)
        d->qvel[i] = 0;
}

/* ---- observation and reward ---- */

/* dimensions: how many of fingertip - target are seen. */
static double *put_all(const sg_mujoco *env, double *obs, int dimensions)
{
    const double *qpos = env->data->qpos;
    double vector[3];
    for (int i = 0; i < ARM; i++) {
        obs[i] = cos(qpos[i]);
        obs[ARM + i] = sin(qpos[i]);
    }
    obs = sg_mujoco_put(obs + 2 * ARM, qpos + ARM, env->model->nq - ARM);
    obs = sg_mujoco_put(obs, env->data->qvel, ARM);
    sg_mujoco_between_bodies(env, env->body[FINGERTIP], env->body[TARGET], vector);
    return sg_mujoco_put(obs, vector, dimensions);
}

static double *observe_v4(const sg_mujoco *env, double *obs) { return put_all(env, obs, 3); }

static double *observe_v5(const sg_mujoco *env, double *obs) { return put_all(env, obs, 2); }

/* How far there is to go. */
static void remember(const sg_mujoco *env, double now[SG_MUJOCO_MEMORY])
{
    now[0] = sg_mujoco_distance(env, env->body[FINGERTIP], env->body[TARGET]);
}

/* Near and with little effort. */
static double reward_at(const sg_mujoco *env, const double memory[SG_MUJOCO_MEMORY])
{
    return -memory[0] * env->config.reward_dist_weight - sg_mujoco_ctrl_cost(env);
}

static void reward_v4(const sg_mujoco *env, sg_transition *t)
{
    t->reward = reward_at(env, env->before);
}

static void reward_v5(const sg_mujoco *env, sg_transition *t)
{
    t->reward = reward_at(env, env->now);
}

/* ---- the task ---- */

static const char *const none[] = {NULL};
static const char *const options_v5[] = {"reward_dist_weight", "reward_control_weight", "numpy",
                                         NULL};

static const sg_mujoco_task v4 = {.time_limit = 50,
                                  .least_nq = ARM + PLACE,
                                  .least_nv = ARM + PLACE,
                                  .options = none,
                                  .prepare = find_bodies,
                                  .place = place,
                                  .observe = observe_v4,
                                  .remember = remember,
                                  .reward = reward_v4,
                                  .defaults = {.xml_file = "reacher.xml",
                                               .frame_skip = 2,
                                               .reward_dist_weight = 1,
                                               .ctrl_cost_weight = 1}};

/* v5 pays for where the step led, and does not see the height. */
sg_env *sg_reacher_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = v4;
    if (sg_mujoco_version(id) == 5) {
        task.options = options_v5;
        task.observe = observe_v5;
        task.reward = reward_v5;
    }
    return sg_mujoco_make(&task, id, text, error);
}
