/* ant.c - Ant: four legs walk forward.
 *
 * Observation: qpos without x and y (13), qvel (14), and the contact forces on every body: in v4
 * only if use_contact_forces (14 x 6), in v5 always, without the world's row (13 x 6). Reward:
 * forward velocity of the torso + 1 while healthy - 0.5 |action|^2 - 0.0005 |contact forces|^2.
 * Healthy: torso height from 0.2 to 1, and no infinity or NaN.
 */
#include <stdlib.h>
#include <string.h>

#include "envs/mujoco/task.h"
#include "envs/tasks.h"

/* Which of the base's bodies is the main one. */
enum { MAIN };

/* Six numbers a body, limited. */
static double *put_forces(const sg_mujoco *env, double *obs, int first_body)
{
    const sg_mujoco_config *c = &env->config;
    return sg_mujoco_put_clipped(obs, env->data->cfrc_ext + 6 * first_body,
                                 6 * (env->model->nbody - first_body), c->contact_force_range);
}

/* Every body, if at all. */
static double *observe_v4(const sg_mujoco *env, double *obs)
{
    obs = sg_mujoco_put_positions(env, obs, 2);
    obs = sg_mujoco_put(obs, env->data->qvel, env->model->nv);
    return env->config.use_contact_forces ? put_forces(env, obs, 0) : obs;
}

/* Without the world's row, which is always zero. */
static double *observe_v5(const sg_mujoco *env, double *obs)
{
    obs = sg_mujoco_put_positions(env, obs, 2);
    obs = sg_mujoco_put(obs, env->data->qvel, env->model->nv);
    return env->config.include_cfrc_ext ? put_forces(env, obs, 1) : obs;
}

/* The body whose speed counts: a number if it reads as one, or else a name. */
static bool find_main_body(sg_mujoco *env, sg_error *error)
{
    const char *body = env->config.main_body;
    char *end;
    long number = strtol(body, &end, 10);
    if (*end != '\0')
        return sg_mujoco_find_body(env, body, &env->body[MAIN], error);
    env->body[MAIN] = (int)number;
    return (number >= 0 && number < env->model->nbody) ||
           sg_fail(error, "%s: option main_body is %s; the model has bodies 0 to %lld",
                   env->env.spec.id, body, (long long)env->model->nbody - 1);
}

/* Where MuJoCo last computed the main body to be, which is not quite where qpos has it. */
static void remember(const sg_mujoco *env, double now[SG_MUJOCO_MEMORY])
{
    now[0] = env->data->xpos[3 * env->body[MAIN]];
}

/* The base has refused positions and velocities that are not finite. */
static bool healthy(const sg_mujoco *env)
{
    double z = env->data->qpos[2];
    return env->config.healthy_z_range.low <= z && z <= env->config.healthy_z_range.high;
}

/* Over all bodies, the world included. */
static double contact_cost(const sg_mujoco *env)
{
    const sg_mujoco_config *c = &env->config;
    if (!c->use_contact_forces)
        return 0;
    return c->contact_cost_weight * sg_mujoco_contact_squares(env, c->contact_force_range);
}

/* Speed forward and staying up, less effort and bumps. */
static void reward(const sg_mujoco *env, sg_transition *t)
{
    double forward = sg_mujoco_forward_reward(env);
    double costs = sg_mujoco_ctrl_cost(env) + contact_cost(env);
    t->reward = forward + sg_mujoco_healthy(env, healthy(env), t) - costs;
}

static const char *const options_v4[] = {"xml_file",
                                         "ctrl_cost_weight",
                                         "contact_cost_weight",
                                         "use_contact_forces",
                                         "contact_force_range",
                                         "healthy_reward",
                                         "healthy_z_range",
                                         "reset_noise_scale",
                                         "terminate_when_unhealthy",
                                         "exclude_current_positions_from_observation",
                                         "numpy",
                                         NULL};

static const char *const options_v5[] = {"forward_reward_weight",
                                         "main_body",
                                         "ctrl_cost_weight",
                                         "contact_cost_weight",
                                         "contact_force_range",
                                         "healthy_reward",
                                         "healthy_z_range",
                                         "reset_noise_scale",
                                         "terminate_when_unhealthy",
                                         "include_cfrc_ext_in_observation",
                                         "exclude_current_positions_from_observation",
                                         "numpy",
                                         NULL};

static const sg_mujoco_task v4 = {.time_limit = 1000,
                                  .least_nq = 3,
                                  .least_nv = 2,
                                  .normal_velocity_noise = true,
                                  .pays_when_unhealthy = true,
                                  .options = options_v4,
                                  .prepare = find_main_body,
                                  .observe = observe_v4,
                                  .remember = remember,
                                  .reward = reward,
                                  .defaults = {.xml_file = "ant.xml",
                                               .frame_skip = 5,
                                               .reset_noise_scale = 0.1,
                                               .forward_reward_weight = 1,
                                               .ctrl_cost_weight = 0.5,
                                               .contact_cost_weight = 5e-4,
                                               .contact_force_range = {-1, 1},
                                               .healthy_reward = 1,
                                               .healthy_z_range = {0.2, 1},
                                               .main_body = "torso",
                                               .terminate_when_unhealthy = true,
                                               .exclude_current_positions = true}};

/* v5 observes and pays for contact forces, and pays nothing on the step that ends the episode. */
sg_env *sg_ant_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = v4;
    if (sg_mujoco_version(id) == 5) {
        task.pays_when_unhealthy = false;
        task.options = options_v5;
        task.observe = observe_v5;
        task.defaults.use_contact_forces = true;
        task.defaults.include_cfrc_ext = true;
        strcpy(task.defaults.main_body, "1");
    }
    return sg_mujoco_make(&task, id, text, error);
}
