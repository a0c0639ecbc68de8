/* humanoid.c - Humanoid: a human figure walks forward; HumanoidStandup: it gets up from the floor.
 *
 * Observation: qpos without x and y (22), qvel (23), then per body the inertia (10) and velocity
 * (6) about the centre of mass, the forces of the actuators (23), and per body the contact forces
 * (6); v5 leaves out the world's rows and the six forces on the root, which are always zero.
 * Reward: 1.25 forward velocity of the centre of mass + 5 while healthy - 0.1 |control|^2, and in
 * v5 - 5e-7 |contact forces|^2, that cost at most 10. Healthy: torso height between 1 and 2.
 * Standup: the same observation; reward: torso height / 0.003 + 1 - 0.1 |control|^2 - 5e-7 |contact
 * forces|^2, that cost at most 10. Never ends by itself.
 */
#include <math.h>
#include <string.h>

#include "envs/mujoco/task.h"
#include "envs/tasks.h"

/* Values of every body from `first` on, `width` each. */
static double *put_bodies(const sg_mujoco *env, double *obs, const double *values, int width,
                          int first)
{
    return sg_mujoco_put(obs, values + width * first, width * (env->model->nbody - first));
}

/* first_body, first_force: what v5 leaves out at the front. */
static double *put_all(const sg_mujoco *env, double *obs, int first_body, int first_force)
{
    const sg_mujoco_config *c = &env->config;
    const mjData *d = env->data;
    int nv = env->model->nv;
    obs = sg_mujoco_put_positions(env, obs, 2);
    obs = sg_mujoco_put(obs, d->qvel, nv);
    if (c->include_cinert)
        obs = put_bodies(env, obs, d->cinert, 10, first_body);
    if (c->include_cvel)
        obs = put_bodies(env, obs, d->cvel, 6, first_body);
    if (c->include_qfrc_actuator && nv > first_force)
        obs = sg_mujoco_put(obs, d->qfrc_actuator + first_force, nv - first_force);
    if (c->include_cfrc_ext)
        obs = put_bodies(env, obs, d->cfrc_ext, 6, first_body);
    return obs;
}

/* Everything. */
static double *observe_v4(const sg_mujoco *env, double *obs) { return put_all(env, obs, 0, 0); }

/* Without what is always zero. */
static double *observe_v5(const sg_mujoco *env, double *obs) { return put_all(env, obs, 1, 6); }

static double body_mass(const void *context, int i)
{
    const sg_mujoco *env = context;
    return env->model->body_mass[i];
}

/* The x of the centre of mass, from where MuJoCo last computed the bodies to be. */
static void remember(const sg_mujoco *env, double now[SG_MUJOCO_MEMORY])
{
    double moment = 0;
    for (int i = 0; i < env->model->nbody; i++)
        moment += env->model->body_mass[i] * env->data->xipos[3 * i];
    now[0] = moment / sg_numpy_sum(env->model->nbody, body_mass, env, sg_double);
}

static double ctrl_squared(const void *context, int i)
{
    const sg_mujoco *env = context;
    return env->data->ctrl[i] * env->data->ctrl[i];
}

/* In double, from the controls: unlike the other tasks'. */
static double ctrl_cost(const sg_mujoco *env)
{
    double squares = sg_numpy_sum(env->model->nu, ctrl_squared, env, sg_double);
    return env->config.ctrl_cost_weight * squares;
}

/* Kept within its range. Of weight 0, as in v4, it is 0. */
static double contact_cost(const sg_mujoco *env)
{
    const sg_mujoco_config *c = &env->config;
    double cost =
        c->contact_cost_weight * sg_mujoco_contact_squares(env, (sg_range){-INFINITY, INFINITY});
    return sg_mujoco_clip(cost, c->contact_cost_range);
}

/* Speed forward and staying up, less effort and bumps. */
static void reward(const sg_mujoco *env, sg_transition *t)
{
    const sg_mujoco_config *c = &env->config;
    bool healthy = sg_mujoco_within(env->data->qpos[2], c->healthy_z_range);
    double forward = sg_mujoco_forward_reward(env);
    double costs = ctrl_cost(env) + contact_cost(env);
    t->reward = forward + sg_mujoco_healthy(env, healthy, t) - costs;
}

static const char *const options_v4[] = {"forward_reward_weight",
                                         "ctrl_cost_weight",
                                         "healthy_reward",
                                         "terminate_when_unhealthy",
                                         "healthy_z_range",
                                         "reset_noise_scale",
                                         "exclude_current_positions_from_observation",
                                         NULL};

static const char *const options_v5[] = {"forward_reward_weight",
                                         "ctrl_cost_weight",
                                         "contact_cost_weight",
                                         "contact_cost_range",
                                         "healthy_reward",
                                         "terminate_when_unhealthy",
                                         "healthy_z_range",
                                         "reset_noise_scale",
                                         "exclude_current_positions_from_observation",
                                         "include_cinert_in_observation",
                                         "include_cvel_in_observation",
                                         "include_qfrc_actuator_in_observation",
                                         "include_cfrc_ext_in_observation",
                                         NULL};

static const sg_mujoco_task v4 = {.time_limit = 1000,
                                  .least_nq = 3,
                                  .least_nv = 1,
                                  .pays_when_unhealthy = true,
                                  .options = options_v4,
                                  .observe = observe_v4,
                                  .remember = remember,
                                  .reward = reward,
                                  .defaults = {.xml_file = "humanoid.xml",
                                               .frame_skip = 5,
                                               .reset_noise_scale = 1e-2,
                                               .forward_reward_weight = 1.25,
                                               .ctrl_cost_weight = 0.1,
                                               .contact_cost_range = {-INFINITY, 10},
                                               .uph_cost_weight = 1,
                                               .healthy_reward = 5,
                                               .healthy_z_range = {1, 2},
                                               .terminate_when_unhealthy = true,
                                               .exclude_current_positions = true,
                                               .use_contact_forces = true,
                                               .include_cinert = true,
                                               .include_cvel = true,
                                               .include_qfrc_actuator = true,
                                               .include_cfrc_ext = true}};

/* v5 pays for contact forces, and pays nothing on the step that ends the episode. */
sg_env *sg_humanoid_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = v4;
    if (sg_mujoco_version(id) == 5) {
        task.pays_when_unhealthy = false;
        task.options = options_v5;
        task.observe = observe_v5;
        task.defaults.contact_cost_weight = 5e-7;
    }
    return sg_mujoco_make(&task, id, text, error);
}

/* ---- getting up ---- */

/* The height counts as if it had been climbed in one physics step. Gymnasium documents the weight
 * of that term and leaves it out; here it works. */
static void reward_standup(const sg_mujoco *env, sg_transition *t)
{
    double height = env->data->qpos[2];
    double up = env->config.uph_cost_weight * (height / env->model->opt.timestep);
    t->reward = up - ctrl_cost(env) - contact_cost(env) + 1;
}

static const char *const none[] = {NULL};

static const char *const options_standup[] = {"uph_cost_weight",
                                              "ctrl_cost_weight",
                                              "impact_cost_weight",
                                              "impact_cost_range",
                                              "reset_noise_scale",
                                              "exclude_current_positions_from_observation",
                                              "include_cinert_in_observation",
                                              "include_cvel_in_observation",
                                              "include_qfrc_actuator_in_observation",
                                              "include_cfrc_ext_in_observation",
                                              NULL};

/* The versions differ in the observation, as above, and v4 has no options. */
sg_env *sg_humanoid_standup_make(const char *id, const char *text, sg_error *error)
{
    sg_mujoco_task task = v4;
    strcpy(task.defaults.xml_file, "humanoidstandup.xml");
    task.options = none;
    task.reward = reward_standup;
    task.defaults.contact_cost_weight = 5e-7;
    if (sg_mujoco_version(id) == 5) {
        task.observe = observe_v5;
        task.options = options_standup;
    }
    return sg_mujoco_make(&task, id, text, error);
}
