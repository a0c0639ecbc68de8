/* dot_seeker.c - DotSeeker-v0: catch a goal that wanders about the square (Vasan et al. 2024; here
 * with states, where the paper also has a version with images).
 *
 * Observation: position, velocity, goal's position. Reward: -1 a step. Ends where both coordinates
 * are within 0.05 of the goal's, at any speed; truncated after `timeout` steps. Arithmetic is
 * double, but what is made from a float32 action alone is float32, as in NumPy.
 *
 * The goal follows half the changes of an autoregressive process of third order, stopping at the
 * walls: x' = 3r x - 3r^2 x_-1 + r^3 x_-2 + sigma z with r = 0.8 three times the characteristic
 * root, and sigma such that x has a variance of 1 in the long run (smooth exploration: Korenkevych
 * et al. 2019).
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/arithmetic.h"
#include "envs/dots/dots.h"
#include "envs/tasks.h"
#include "tensor/mt19937.h"

enum { ORDER = 3 };

/* Newest first: 3r, -3r^2, r^3 as computed in double; sigma. */
static const double phi[ORDER] = {2.4000000000000004, -1.9200000000000004, 0.5120000000000001};
static const double sigma = 0.03902859151007647;
static const double tolerance = 0.05;

typedef struct {
    sg_env env;
    sg_dot_precision precision;
    sg_dot dot;
    double goal[SG_DOT_DIM];
    double past[ORDER][SG_DOT_DIM]; /* of the goal's process, newest first */
    sg_random random;               /* where episodes start, and how the noise is seeded */
    sg_mt19937 noise;               /* of the goal's process */
} dot_seeker;

/* ---- the goal ---- */

/* One more value of the process, and its noise with it. */
static void advance(dot_seeker *self)
{
    double(*past)[SG_DOT_DIM] = self->past;
    for (int i = 0; i < SG_DOT_DIM; i++) {
        double next = phi[0] * past[0][i] + phi[1] * past[1][i] + phi[2] * past[2][i];
        next += sigma * sg_mt19937_normal(&self->noise);
        past[2][i] = past[1][i];
        past[1][i] = past[0][i];
        past[0][i] = next;
    }
}

/* At the walls the goal waits until the process turns. */
static void move_goal(dot_seeker *self)
{
    advance(self);
    for (int i = 0; i < SG_DOT_DIM; i++) {
        double change = (self->past[0][i] - self->past[1][i]) * 0.5;
        self->goal[i] = sg_limit(self->goal[i] + change, -1, 1);
    }
}

/* ---- the task ---- */

static void observe(const dot_seeker *self, double *obs)
{
    sg_dot_observe(&self->dot, obs);
    memcpy(obs + 2 * SG_DOT_DIM, self->goal, sizeof self->goal);
}

/* A point anywhere in the square. */
static void draw_point(sg_random *random, double point[SG_DOT_DIM])
{
    for (int i = 0; i < SG_DOT_DIM; i++)
        point[i] = sg_random_uniform(random, -1, 1);
}

/* Draws in the published order: the dot, the seed of the goal's noise, the goal. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    (void)error;
    dot_seeker *self = (dot_seeker *)env;
    self->dot = (sg_dot){{0}, {0}};
    draw_point(&self->random, self->dot.position);
    sg_mt19937_seed(&self->noise, (uint64_t)sg_random_integer(&self->random, 0, 1000000));
    memset(self->past, 0, sizeof self->past);
    advance(self);
    draw_point(&self->random, self->goal);
    observe(self, obs);
    return true;
}

/* In both coordinates. */
static bool caught(const dot_seeker *self)
{
    bool near = true;
    for (int i = 0; i < SG_DOT_DIM; i++)
        near = near && fabs(self->dot.position[i] - self->goal[i]) <= tolerance;
    return near;
}

/* The dot moves first, then the goal. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    (void)error;
    dot_seeker *self = (dot_seeker *)env;
    sg_dot_move(&self->dot, action, self->precision);
    move_goal(self);
    *t = (sg_transition){.reward = -1, .terminated = caught(self)};
    observe(self, obs);
    return true;
}

/* As Gymnasium's reset(seed=...). */
static void seed(sg_env *env, uint64_t number)
{
    sg_random_seed(&((dot_seeker *)env)->random, number);
}

static void state(sg_env *env, sg_archive *archive)
{
    dot_seeker *self = (dot_seeker *)env;
    sg_archive_random(archive, "random", &self->random);
    sg_mt19937_state(&self->noise, "noise", archive);
    sg_dot_state(&self->dot, archive);
    sg_archive_f64(archive, "goal", self->goal, SG_DOT_DIM);
    sg_archive_f64(archive, "past", self->past[0], ORDER * SG_DOT_DIM);
}

static bool render(sg_env *env, sg_picture *picture, sg_error *error)
{
    const dot_seeker *self = (const dot_seeker *)env;
    (void)error;
    sg_dot_render(&self->dot, self->goal, tolerance, picture);
    return true;
}

static void close_task(sg_env *env) { free(env); }

static const sg_env_functions functions = {.name = "dots",
                                           .reset = reset,
                                           .step = step,
                                           .seed = seed,
                                           .state = state,
                                           .close = close_task,
                                           .render = render};

sg_env *sg_dot_seeker_make(const char *id, const char *options, sg_error *error)
{
    static const sg_option known[] = {
        SG_DOTS_TIMEOUT,
        {"float32_actions", SG_OPTION_SWITCH, offsetof(sg_dots_config, float32_actions), 0, 0},
    };
    sg_dots_config config = {.timeout = 10000, .float32_actions = true};
    if (!sg_options_parse(id, known, 2, &config, options, error))
        return NULL;
    dot_seeker *self = sg_alloc(sizeof *self);
    self->env.functions = &functions;
    self->precision.action = config.float32_actions;
    sg_dots_spec(&self->env.spec, id, 3 * SG_DOT_DIM, config.timeout);
    seed(&self->env, 0);
    return &self->env;
}
