/* walk.cpp - an environment of one's own in C++: a walk on a line, pushed left and right. */
#include <cmath>
#include <cstdlib>

#include "streamgrad.h"

namespace {

struct walk {
    sg_env env; /* first, as in C */
    double x;
    sg_random random;
};

walk *self(sg_env *env) { return reinterpret_cast<walk *>(env); }

bool reset(sg_env *env, double *obs, sg_error *)
{
    *obs = self(env)->x = sg_random_uniform(&self(env)->random, -1, 1);
    return true;
}

bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *)
{
    *obs = self(env)->x += 0.1 * std::fmin(std::fmax(*action, -1.0), 1.0);
    t->reward = -*obs * *obs;
    t->terminated = std::fabs(*obs) > 2;
    t->truncated = false;
    return true;
}

void seed(sg_env *env, uint64_t number) { sg_random_seed(&self(env)->random, number); }

void state(sg_env *env, sg_archive *archive)
{
    sg_archive_f64(archive, "x", &self(env)->x, 1);
    sg_archive_random(archive, "random", &self(env)->random);
}

void close(sg_env *env) { std::free(env); }

const sg_env_functions functions = {"walk", reset, step, seed, state, nullptr, close, nullptr};

/* It has no options: any is refused. */
sg_env *make(const char *id, const char *options, sg_error *error)
{
    if (!sg_options_parse(id, nullptr, 0, nullptr, options, error))
        return nullptr;
    walk *w = static_cast<walk *>(std::calloc(1, sizeof(walk)));
    sg_env_spec *spec = &w->env.spec;
    w->env.functions = &functions;
    spec->obs_size = spec->action_size = 1;
    spec->action_low[0] = -1;
    spec->action_high[0] = 1;
    spec->time_limit = 50;
    return &w->env;
}

} // namespace

SG_ENV_PLUGIN("Walk-v0", "a walk on a line", make)
