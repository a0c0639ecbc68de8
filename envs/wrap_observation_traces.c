/* wrap_observation_traces.c - observations as exponential averages of the episode so far. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/wrap.h"
#include "envs/wrappers.h"
#include "tensor/tensor.h"

typedef struct {
    sg_env env;
    double beta;
    int64_t count; /* observations in the trace */
    double *trace; /* starts at 0, for which the output makes up */
} observation_traces;

static void clear(observation_traces *self)
{
    self->count = 0;
    memset(self->trace, 0, (size_t)self->env.spec.obs_size * sizeof *self->trace);
}

/* Divided by the weights so far, which would sum up to 1 in the long run. */
static void average(observation_traces *self, double *obs)
{
    self->count++;
    double weights = 1 - pow(self->beta, (double)self->count);
    for (int i = 0; i < self->env.spec.obs_size; i++) {
        self->trace[i] = self->beta * self->trace[i] + (1 - self->beta) * obs[i];
        obs[i] = self->trace[i] / weights;
    }
}

/* Also where the episode before was left unfinished. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    observation_traces *self = (observation_traces *)env;
    if (!sg_wrap_reset(env, obs, error))
        return false;
    clear(self);
    average(self, obs);
    return true;
}

/* The last observation still belongs to its episode. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    observation_traces *self = (observation_traces *)env;
    if (!sg_wrap_step(env, action, obs, t, error))
        return false;
    average(self, obs);
    if (t->terminated || t->truncated)
        clear(self);
    return true;
}

static void state(sg_env *env, sg_archive *archive)
{
    observation_traces *self = (observation_traces *)env;
    sg_archive_i64(archive, "count", &self->count, 1);
    sg_archive_f64(archive, "trace", self->trace, (size_t)env->spec.obs_size);
}

static void close_wrapper(sg_env *env)
{
    free(((observation_traces *)env)->trace);
    sg_wrap_close(env);
}

/* Nothing to freeze: like the time feature, a trace is about the episode and no statistic. */
static const sg_env_functions functions = {.name = "observation_traces",
                                           .reset = reset,
                                           .step = step,
                                           .state = state,
                                           .close = close_wrapper};

sg_env *sg_observation_traces(sg_env *inner, double beta)
{
    if (!(beta >= 0 && beta < 1))
        sg_misuse("sg_observation_traces: beta is %g, must be at least 0 and below 1", beta);
    observation_traces *self = sg_wrap_new(sizeof *self, &functions, inner);
    self->beta = beta;
    self->trace = sg_alloc((size_t)inner->spec.obs_size * sizeof *self->trace);
    return &self->env;
}
