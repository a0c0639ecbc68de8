/* task.h - what a MuJoCo task is: a model, a few numbers and a few functions.
 *
 * The base (mujoco_env.c) does the rest: it loads the model, resets with noise, steps, watches for
 * an unstable simulation, and saves the state. Reset and step make MuJoCo's calls in exactly the
 * order of Gymnasium's tasks, because their last bit matters: mj_resetData, write positions and
 * velocities, mj_forward; then per step write the controls, mj_step frame_skip times,
 * mj_rnePostConstraint.
 */
#ifndef SG_MUJOCO_TASK_H
#define SG_MUJOCO_TASK_H

#include "envs/mujoco/mujoco_env.h"
#include "envs/options.h"

enum { SG_MUJOCO_MAX_OPTIONS = 24, SG_MUJOCO_MEMORY = 6, SG_MUJOCO_OBSERVATION = 1 << 16 };

/* Gymnasium's keyword arguments, of all tasks together; a (low, high) pair is two numbers. */
typedef struct {
    double reset_noise_scale;
    double forward_reward_weight;
    double ctrl_cost_weight;
    double contact_cost_weight;
    double contact_cost_min, contact_cost_max;
    double contact_force_min, contact_force_max;
    double reward_dist_weight, reward_near_weight;
    double healthy_reward;
    double healthy_z_min, healthy_z_max;
    double healthy_angle_min, healthy_angle_max;
    double healthy_state_min, healthy_state_max;
    bool terminate_when_unhealthy;
    bool exclude_current_positions;
    bool use_contact_forces; /* cfrc_ext is read: mj_rnePostConstraint runs after every step */
    bool include_cinert, include_cvel, include_qfrc_actuator, include_cfrc_ext;
} sg_mujoco_config;

typedef struct sg_mujoco sg_mujoco;

typedef struct {
    /* File name of one of the library's MJCF models; with a '/' ("./mine.xml") a file, where a
     * relative path starts at the folder of the plugin, or program, that `observe` is part of. */
    const char *model;
    int frame_skip;
    int time_limit;
    bool normal_velocity_noise; /* qvel noise: normal instead of uniform */
    bool rewards_old_distance;  /* distances from before the step: v4 */
    bool pays_when_unhealthy;   /* the healthy reward on the step that ends the episode, too: v4 */
    sg_mujoco_config defaults;
    const char *const *options; /* names of those that may be set; NULL at the end */

    /* What this version changes in the model; NULL: nothing. */
    bool (*adjust)(mjModel *model, sg_error *error);
    /* Writes the first positions and velocities over the model's own; NULL: noise on all of them.
     */
    void (*draw)(sg_mujoco *env);
    /* Writes the observation, of at most SG_MUJOCO_OBSERVATION values, and returns the address past
     * its end. */
    double *(*observe)(const sg_mujoco *env, double *obs);
    /* Keeps what the next step's reward needs to know of the present state; NULL: nothing. */
    void (*remember)(const sg_mujoco *env, double now[SG_MUJOCO_MEMORY]);
    /* Fills reward and terminated after a step. */
    void (*reward)(const sg_mujoco *env, sg_transition *t);
} sg_mujoco_task;

struct sg_mujoco {
    sg_env env;
    sg_mujoco_task task; /* its own copy: versions differ in a field or two */
    sg_mujoco_config config;
    mjModel *model;
    mjData *data;
    struct sg_mujoco_painter *painter; /* of pictures; NULL until the first */
    sg_random random;
    double dt;                       /* seconds per environment step */
    double before[SG_MUJOCO_MEMORY]; /* what `remember` kept before this step, */
    double now[SG_MUJOCO_MEMORY];    /* and after it */
    float action[SG_MAX_ACTIONS];    /* Gymnasium's actions are float32 */
};

/* An environment of that task (copied), known as `id`, with options as text. */
sg_env *sg_mujoco_make(const sg_mujoco_task *task, const char *id, const char *options,
                       sg_error *error);
/* 5 of "Ant-v5". */
int sg_mujoco_version(const char *id);

/* The task's defaults with `options` on top (mujoco_options.c). */
bool sg_mujoco_configure(const sg_mujoco_task *task, const char *id, sg_mujoco_config *config,
                         const char *options, sg_error *error);

/* ---- parts that tasks share (parts.c) ---- */

/* Adds uniform noise of +-scale to each value. */
void sg_mujoco_add_uniform(sg_mujoco *env, double *values, int count, double scale);
/* Where a body is; the way from body b to body a; the length of a way. As the last step left them.
 */
const double *sg_mujoco_body(const sg_mujoco *env, const char *name);
void sg_mujoco_between_bodies(const sg_mujoco *env, const char *a, const char *b, double way[3]);
double sg_mujoco_length(const double way[3]);

/* Copies values to the observation and returns the address past them. */
double *sg_mujoco_put(double *obs, const double *values, int count);
double *sg_mujoco_put_clipped(double *obs, const double *values, int count, double low,
                              double high);
/* qpos without its first `hidden` coordinates, unless all are to be seen. */
double *sg_mujoco_put_positions(const sg_mujoco *env, double *obs, int hidden);
/* The rate of change of what was remembered, per second. */
double sg_mujoco_velocity(const sg_mujoco *env, int i);
/* weight * sum of squared actions, the sum in float32 as NumPy adds it. */
double sg_mujoco_ctrl_cost(const sg_mujoco *env);
/* Sum of squares of the external contact forces, each limited to [low, high]. */
double sg_mujoco_contact_squares(const sg_mujoco *env, double low, double high);
/* The lower bound, the upper bound, or x between them. */
double sg_mujoco_clip(double x, double low, double high);
/* low < x < high: false for NaN. */
bool sg_mujoco_between(double x, double low, double high);
/* The reward for being healthy, and the end of the episode for not being. */
double sg_mujoco_healthy(const sg_mujoco *env, bool healthy, sg_transition *t);

#endif
