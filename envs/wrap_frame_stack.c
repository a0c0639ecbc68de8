/* wrap_frame_stack.c - the latest observations together as one. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "envs/wrap.h"
#include "envs/wrappers.h"
#include "tensor/tensor.h"

typedef struct {
    sg_env env;
    int count;
    size_t size;    /* values of one observation */
    double *frames; /* [count, size], oldest first */
} frame_stack;

static double *frame(frame_stack *self, int i) { return self->frames + (size_t)i * self->size; }

static void show(const frame_stack *self, double *obs)
{
    memcpy(obs, self->frames, (size_t)self->count * self->size * sizeof *obs);
}

/* The past of an episode's start is its first observation over and over. `obs` holds the whole
 * stack, so the inner environment may write there. */
static bool reset(sg_env *env, double *obs, sg_error *error)
{
    frame_stack *self = (frame_stack *)env;
    if (!sg_wrap_reset(env, obs, error))
        return false;
    for (int i = 0; i < self->count; i++)
        memcpy(frame(self, i), obs, self->size * sizeof *obs);
    show(self, obs);
    return true;
}

/* The oldest goes; a step that failed leaves the stack alone. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    frame_stack *self = (frame_stack *)env;
    if (!sg_wrap_step(env, action, obs, t, error))
        return false;
    size_t kept = (size_t)(self->count - 1) * self->size;
    memmove(self->frames, self->frames + self->size, kept * sizeof *obs);
    memcpy(self->frames + kept, obs, self->size * sizeof *obs);
    show(self, obs);
    return true;
}

static void state(sg_env *env, sg_archive *archive)
{
    frame_stack *self = (frame_stack *)env;
    sg_archive_f64(archive, "frames", self->frames, (size_t)self->count * self->size);
}

static void close_wrapper(sg_env *env)
{
    free(((frame_stack *)env)->frames);
    sg_wrap_close(env);
}

static const sg_env_functions functions = {
    .name = "frame_stack", .reset = reset, .step = step, .state = state, .close = close_wrapper};

/* A vector gets longer, an image gets more channels: in memory both are [count, ...]. */
sg_env *sg_frame_stack(sg_env *inner, int count)
{
    if (count < 1 || (inner && count > INT_MAX / inner->spec.obs_size))
        sg_misuse("sg_frame_stack: count is %d, must be from 1 to what fits in an int", count);
    frame_stack *self = sg_wrap_new(sizeof *self, &functions, inner);
    self->count = count;
    self->size = (size_t)inner->spec.obs_size;
    self->frames = sg_alloc((size_t)count * self->size * sizeof *self->frames);
    self->env.spec.obs_size *= count;
    self->env.spec.obs_dim[0] *= count;
    return &self->env;
}
