/* classic.h - what a classic control task is: a start region and three functions.
 *
 * The base (classic.c) draws the start, rounds observations to float32 as Gymnasium does, and saves
 * the state. The state itself is kept in double.
 */
#ifndef SG_CLASSIC_H
#define SG_CLASSIC_H

#include "envs/arithmetic.h"
#include "envs/env.h"
#include "envs/options.h"

enum { SG_CLASSIC_STATE = 4 };

typedef struct sg_classic sg_classic;

/* The options of all these tasks, by Gymnasium's names. */
typedef struct {
    double g;                 /* Pendulum: gravity */
    double goal_velocity;     /* MountainCar: the least speed at the goal */
    bool sutton_barto_reward; /* CartPole: -1 where an episode ends, 0 elsewhere */
    int numpy;                /* Pendulum, MountainCarContinuous: whose arithmetic */
} sg_classic_config;

typedef struct {
    int state_size, obs_size;
    int action_count;    /* discrete actions, 0 for one continuous action */
    double action_bound; /* continuous: -bound to bound */
    int time_limit;
    int drawn; /* how many of the state's first values are drawn; the rest start at 0 */
    double start_low[SG_CLASSIC_STATE], start_high[SG_CLASSIC_STATE];
    sg_classic_config defaults;
    const sg_option *options; /* those that may be set */
    int option_count;

    void (*begin)(sg_classic *env); /* after the draw; may be NULL */
    void (*observe)(const sg_classic *env, double *obs);
    void (*step)(sg_classic *env, double action, sg_transition *t);
    void (*picture)(const sg_classic *env, sg_picture *picture);
    double step_seconds; /* of a step; 0 where time has no unit */
} sg_classic_task;

struct sg_classic {
    sg_env env;
    const sg_classic_task *task;
    sg_classic_config config;
    sg_random random;
    double s[SG_CLASSIC_STATE];
    bool over; /* the episode was terminated before this step */
};

/* An environment of that task (which must outlive it), known as `id`. NULL with a line if the
 * options are wrong. */
sg_env *sg_classic_make(const sg_classic_task *task, const char *id, const char *options,
                        sg_error *error);

/* The option `numpy`, for a task's table. */
#define SG_CLASSIC_NUMPY                                                                       \
    {                                                                                          \
        "numpy", SG_OPTION_INTEGER, offsetof(sg_classic_config, numpy), SG_NUMPY_1, SG_NUMPY_2 \
    }

/* What the tasks look like (pictures.c). */
void sg_cartpole_picture(const sg_classic *env, sg_picture *picture);
void sg_acrobot_picture(const sg_classic *env, sg_picture *picture);
void sg_mountain_car_picture(const sg_classic *env, sg_picture *picture);
void sg_pendulum_picture(const sg_classic *env, sg_picture *picture);

#endif
