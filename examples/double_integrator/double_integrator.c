/* double_integrator.c - an environment of one's own, from nothing: push a mass on a line to rest at
 * the origin, with a force of at most 1.
 *
 *   make && streamgrad check-env ./double_integrator.so
 *   streamgrad train avg --env ./double_integrator.so --steps 100k --env-set noise=0.01
 */
#include "envs/plugin.h"

#include <math.h>
#include <stdlib.h>

typedef struct {
    double noise; /* standard deviation of a gust, per step */
    double mass;
} config;

typedef struct {
    sg_env env; /* first: an sg_env * is one of these */
    config config;
    sg_random random;
    double x, v;
} double_integrator;

static void observe(const double_integrator *self, double *obs)
{
    obs[0] = self->x;
    obs[1] = self->v;
}

static bool reset(sg_env *env, double *obs, sg_error *error)
{
    double_integrator *self = (double_integrator *)env;
    (void)error; /* nothing can go wrong here */
    self->x = sg_random_uniform(&self->random, -1, 1);
    self->v = 0;
    observe(self, obs);
    return true;
}

/* Terminated is the task's own end; the time limit in the spec truncates by itself. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    double_integrator *self = (double_integrator *)env;
    const double dt = 0.1;
    double force = fmax(-1, fmin(1, action[0]));
    (void)error;
    self->v += dt * force / self->config.mass;
    self->v += self->config.noise * sg_random_normal(&self->random);
    self->x += dt * self->v;

    t->reward = 1 / (1 + self->x * self->x + 0.1 * self->v * self->v) - 0.01 * force * force;
    t->terminated = fabs(self->x) > 5;
    t->truncated = false;
    observe(self, obs);
    return true;
}

static void seed(sg_env *env, uint64_t number)
{
    sg_random_seed(&((double_integrator *)env)->random, number);
}

/* Saves and restores: everything that the next step depends on. */
static void state(sg_env *env, sg_archive *archive)
{
    double_integrator *self = (double_integrator *)env;
    sg_archive_random(archive, "random", &self->random);
    sg_archive_f64(archive, "x", &self->x, 1);
    sg_archive_f64(archive, "v", &self->v, 1);
}

static void close_task(sg_env *env) { free(env); }

static const sg_env_functions functions = {
    .reset = reset, .step = step, .seed = seed, .state = state, .close = close_task};

/* What --env-set may set, with its limits. */
static const sg_option options[] = {
    {"noise", SG_OPTION_NUMBER, offsetof(config, noise), 0, 1},
    {"mass", SG_OPTION_NUMBER, offsetof(config, mass), 0.1, 10},
};

static sg_env *make(const char *id, const char *text, sg_error *error)
{
    config c = {.noise = 0, .mass = 1};
    if (!sg_options_parse(id, options, 2, &c, text, error))
        return NULL;

    double_integrator *self = sg_alloc(sizeof *self);
    self->env.functions = &functions;
    self->env.spec = (sg_env_spec){
        .obs_size = 2, .action_size = 1, .action_low = {-1}, .action_high = {1}, .time_limit = 200};
    self->config = c;
    seed(&self->env, 0);
    return &self->env;
}

SG_ENV_PLUGIN("DoubleIntegrator-v0", "a mass on a line is brought to rest at the origin", make)
