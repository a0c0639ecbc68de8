/* monitor.c - return and length of the current episode, unchanged by other wrappers. */
#include "rl/training/monitor.h"

#include "envs/wrap.h"

typedef struct {
    sg_env env; /* first, so that an sg_env * is a monitor * */
    double episode_return;
    int64_t episode_length;
} monitor;

/* A new episode starts from nothing. */
static bool monitor_reset(sg_env *env, double *obs, sg_error *error)
{
    monitor *self = (monitor *)env;
    self->episode_return = 0;
    self->episode_length = 0;
    return sg_wrap_reset(env, obs, error);
}

/* The reward as the task gave it. */
static bool monitor_step(sg_env *env, const double *action, double *obs, sg_transition *t,
                         sg_error *error)
{
    monitor *self = (monitor *)env;
    if (!sg_wrap_step(env, action, obs, t, error))
        return false;
    self->episode_return += t->reward;
    self->episode_length++;
    return true;
}

/* In the checkpoint, since a run may be saved in mid-episode. */
static void monitor_state(sg_env *env, sg_archive *archive)
{
    monitor *self = (monitor *)env;
    sg_archive_f64(archive, "return", &self->episode_return, 1);
    sg_archive_i64(archive, "length", &self->episode_length, 1);
}

sg_env *sg_monitor(sg_env *inner)
{
    static const sg_env_functions functions = {
        .name = "monitor",
        .reset = monitor_reset,
        .step = monitor_step,
        .state = monitor_state,
        .close = sg_wrap_close,
    };
    monitor *self = sg_wrap_new(sizeof *self, &functions, inner);
    return &self->env;
}

double sg_monitor_return(const sg_env *env) { return ((const monitor *)env)->episode_return; }

int64_t sg_monitor_length(const sg_env *env) { return ((const monitor *)env)->episode_length; }
