/* render.c - the picture of an environment: its own, or what it observes if that is an image. */
#include "envs/call.h"
#include "envs/env.h"

/* The task at the bottom of a stack of wrappers. */
static const sg_env *innermost(const sg_env *env)
{
    while (env->inner)
        env = env->inner;
    return env;
}

bool sg_env_render(sg_env *env, const double *obs, sg_picture *picture, sg_error *error)
{
    if (!env || !picture || !picture->rgb)
        sg_misuse("sg_env_render: %s is NULL", env ? "picture" : "env");
    if (picture->width < 1 || picture->height < 1)
        sg_misuse("sg_env_render: a picture of %d x %d", picture->width, picture->height);
    for (sg_env *layer = env; layer; layer = layer->inner) {
        if (!layer->functions->render)
            continue;
        sg_env_call call;
        sg_env_call_begin(&call, env->spec.id, "render", error);
        return sg_env_call_end(&call, layer->functions->render(layer, picture, error), error);
    }
    /* no picture of its own */
    const sg_env_spec *spec = &innermost(env)->spec;
    if (spec->obs_rank == 3 && obs) {
        sg_draw_channels(picture, obs, spec->obs_dim);
        return true;
    }
    return sg_fail(error, "%s has no pictures: it has no render function, and %s", spec->id,
                   spec->obs_rank == 3 ? "its observation is not known"
                                       : "its observation is no image");
}
