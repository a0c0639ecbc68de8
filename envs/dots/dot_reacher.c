/* dot_reacher.c - DotReacherEasy-v0, DotReacherHard-v0: bring a dot to rest in the middle of the
 * square, as fast as possible (Vasan et al. 2024).
 *
 * Observation: position, velocity. Reward: -1 a step. Ends where both coordinates of both are
 * within the tolerances of 0, or after `timeout` steps; as published, the timeout counts as
 * termination besides truncation. Arithmetic and draws are float32, as in PyTorch: an episode
 * starts at rest where torch.rand says, and a seed is a torch.manual_seed.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/dots/dots.h"
#include "envs/tasks.h"
#include "tensor/mt19937.h"

/* How near is near enough. */
typedef struct {
    const char *id;
    float position, velocity;
} tolerance;

static const tolerance tolerances[] = {{"DotReacherEasy-v0", 0.25f, 0.1f},
                                       {"DotReacherHard-v0", 0.1f, 0.05f}};

typedef struct {
    sg_env env;
    const tolerance *tolerance;
    int timeout;
    int elapsed; /* steps since the reset */
    sg_dot dot;
    sg_mt19937 random;
} dot_reacher;

/* Anywhere in the square, at rest. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    (void)error;
    dot_reacher *self = (dot_reacher *)env;
    self->dot = (sg_dot){{0}, {0}};
    for (int i = 0; i < SG_DOT_DIM; i++) {
        float unit = sg_mt19937_unit_float(&self->random);
        self->dot.position[i] = unit * 2 - 1;
    }
    self->elapsed = 0;
    sg_dot_observe(&self->dot, obs);
    return true;
}

/* The tolerances are float32, too: a speed of 0.1f is slow enough. */
static bool reached(const dot_reacher *self)
{
    bool near = true;
    for (int i = 0; i < SG_DOT_DIM; i++) {
        near = near && fabs(self->dot.position[i]) <= self->tolerance->position;
        near = near && fabs(self->dot.velocity[i]) <= self->tolerance->velocity;
    }
    return near;
}

/* Truncation at the timeout is the time limit's around this task. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    (void)error;
    dot_reacher *self = (dot_reacher *)env;
    sg_dot_move(&self->dot, action, (sg_dot_precision){.state = true, .action = true});
    if (self->elapsed < self->timeout)
        self->elapsed++;
    *t = (sg_transition){.reward = -1};
    t->terminated = reached(self) || self->elapsed >= self->timeout;
    sg_dot_observe(&self->dot, obs);
    return true;
}

static void seed(sg_env *env, uint64_t number)
{
    sg_mt19937_seed(&((dot_reacher *)env)->random, number);
}

/* The draws go on over episodes. */
static void state(sg_env *env, sg_archive *archive)
{
    dot_reacher *self = (dot_reacher *)env;
    sg_mt19937_state(&self->random, "random", archive);
    sg_dot_state(&self->dot, archive);
    sg_archive_int(archive, "elapsed", &self->elapsed);
}

static bool render(sg_env *env, sg_picture *picture, sg_error *error)
{
    const dot_reacher *self = (const dot_reacher *)env;
    (void)error;
    sg_dot_render(&self->dot, (double[SG_DOT_DIM]){0}, self->tolerance->position, picture);
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

/* The registry lists no other ids. */
static const tolerance *tolerance_of(const char *id)
{
    return &tolerances[strcmp(id, tolerances[0].id) == 0 ? 0 : 1];
}

sg_env *sg_dot_reacher_make(const char *id, const char *options, sg_error *error)
{
    static const sg_option known[] = {SG_DOTS_TIMEOUT};
    sg_dots_config config = {.timeout = 20000};
    if (!sg_options_parse(id, known, 1, &config, options, error))
        return NULL;
    dot_reacher *self = sg_alloc(sizeof *self);
    self->env.functions = &functions;
    self->tolerance = tolerance_of(id);
    self->timeout = config.timeout;
    sg_dots_spec(&self->env.spec, id, 2 * SG_DOT_DIM, self->timeout);
    seed(&self->env, 0);
    return &self->env;
}
