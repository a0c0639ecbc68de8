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

#include "envs/arithmetic.h"
#include "envs/mujoco/mujoco_env.h"
#include "envs/options.h"

enum {
    SG_MUJOCO_MAX_OPTIONS = 24,
    SG_MUJOCO_MEMORY = 6,
    SG_MUJOCO_BODIES = 3,
    SG_MUJOCO_OBSERVATION = 1 << 16
};

/* Gymnasium's keyword arguments, of all tasks together. */
typedef struct {
    char xml_file[SG_OPTION_STRING_SIZE]; /* a model's name in the library, or a path */
    int frame_skip;
    double reset_noise_scale;
    double forward_reward_weight;
    double ctrl_cost_weight;    /* reward_control_weight, too */
    int numpy;                  /* whose arithmetic weighs the effort (envs/arithmetic.h); 0: 1's */
    double contact_cost_weight; /* impact_cost_weight, too */
    sg_range contact_cost_range;
    sg_range contact_force_range;
    double reward_dist_weight, reward_near_weight;
    double uph_cost_weight;
    double healthy_reward;
    sg_range healthy_z_range, healthy_angle_range, healthy_state_range;
    char main_body[SG_OPTION_STRING_SIZE]; /* a name or a number */
    bool terminate_when_unhealthy;
    bool exclude_current_positions;
    bool use_contact_forces; /* cfrc_ext is read: mj_rnePostConstraint runs after every step */
    bool include_cinert, include_cvel, include_qfrc_actuator, include_cfrc_ext;
} sg_mujoco_config;

typedef struct sg_mujoco sg_mujoco;

typedef struct {
    size_t size; /* of the task's own struct, which begins with an sg_mujoco; 0: it is just that */
    int time_limit;
    int least_nq, least_nv;     /* sizes below which a model cannot be this task's */
    bool normal_velocity_noise; /* qvel noise: normal instead of uniform */
    bool pays_when_unhealthy;   /* the healthy reward on the step that ends the episode, too: v4 */
    bool double_actions;        /* controls keep all bits of an action instead of float32's */
    sg_mujoco_config defaults;
    const char *const *options; /* names of those that may be set; NULL at the end */

    /* After the model is loaded: finds bodies, changes what this version changes. May be NULL. */
    bool (*prepare)(sg_mujoco *env, sg_error *error);
    /* Where an episode starts, written over the model's initial state. NULL: that with noise. Runs
     * in a guard; a start that cannot be found is written to env->failure. */
    void (*place)(sg_mujoco *env);
    /* Simulates one environment step, in a guard. NULL: mj_step frame_skip times. */
    void (*advance)(sg_mujoco *env);
    /* Writes the observation and returns the address past its end: at most as many values as mjData
     * holds, and SG_MUJOCO_OBSERVATION more. */
    double *(*observe)(const sg_mujoco *env, double *obs);
    /* Keeps what the next step's reward needs to know of the present state. May be NULL. */
    void (*remember)(const sg_mujoco *env, double now[SG_MUJOCO_MEMORY]);
    /* Fills reward and terminated after a step. */
    void (*reward)(const sg_mujoco *env, sg_transition *t);
    /* Visits what belongs to an episode besides, or follows from a loaded state. May be NULL. */
    void (*state)(sg_mujoco *env, sg_archive *archive);
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
    int body[SG_MUJOCO_BODIES];      /* numbers of the bodies that the task looked up */
    double before[SG_MUJOCO_MEMORY]; /* what `remember` kept before this step, */
    double now[SG_MUJOCO_MEMORY];    /* and after it */
    float action[SG_MAX_ACTIONS];    /* Gymnasium's actions are float32 */
    sg_error failure;                /* why the episode cannot go on; empty while it can */
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

/* The number of the body of that name; false if the model has none. */
bool sg_mujoco_find_body(const sg_mujoco *env, const char *name, int *body, sg_error *error);

/* Adds uniform noise within +-scale to each value. */
void sg_mujoco_add_uniform(sg_mujoco *env, double *values, int count, double scale);

/* Copies values to the observation and returns the address past them. */
double *sg_mujoco_put(double *obs, const double *values, int count);
double *sg_mujoco_put_clipped(double *obs, const double *values, int count, sg_range range);
/* Where MuJoCo last computed the centres of two bodies to be: a - b, and its length. */
void sg_mujoco_between_bodies(const sg_mujoco *env, int a, int b, double vector[3]);
double sg_mujoco_distance(const sg_mujoco *env, int a, int b);
/* qpos without its first `hidden` coordinates, unless all are to be seen. */
double *sg_mujoco_put_positions(const sg_mujoco *env, double *obs, int hidden);
/* The rate of change of what was remembered, per second. */
double sg_mujoco_velocity(const sg_mujoco *env, int i);
/* `remember` of what runs along x: now[0] is where it is. */
void sg_mujoco_remember_x(const sg_mujoco *env, double now[SG_MUJOCO_MEMORY]);
/* forward_reward_weight * the velocity of what was remembered first. */
double sg_mujoco_forward_reward(const sg_mujoco *env);
/* weight * sum of squared actions, the sum in float32 as NumPy adds it, the product as `numpy`. */
double sg_mujoco_ctrl_cost(const sg_mujoco *env);
/* Speed forward, less the effort. */
void sg_mujoco_reward_speed(const sg_mujoco *env, sg_transition *t);
/* Sum of squares of the external contact forces, each limited to the range. */
double sg_mujoco_contact_squares(const sg_mujoco *env, sg_range range);
/* The lower bound, the upper bound, or x between them. */
double sg_mujoco_clip(double x, sg_range range);
/* low < x < high: false for NaN. */
bool sg_mujoco_within(double x, sg_range range);
/* The reward for being healthy, and the end of the episode for not being. */
double sg_mujoco_healthy(const sg_mujoco *env, bool healthy, sg_transition *t);

/* What Hopper and Walker2d have in common: qpos without x, and qvel within +-10; speed forward and
 * staying up, less the effort. */
double *sg_mujoco_observe_legs(const sg_mujoco *env, double *obs);
void sg_mujoco_reward_legs(const sg_mujoco *env, bool healthy, sg_transition *t);

#endif
