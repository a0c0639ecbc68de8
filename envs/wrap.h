/* wrap.h - what all wrappers share. A wrapper is a struct that begins with an sg_env. */
#ifndef SG_WRAP_H
#define SG_WRAP_H

#include "envs/env.h"

/* A zeroed wrapper of `bytes` around `inner`, with the inner environment's spec. */
void *sg_wrap_new(size_t bytes, const sg_env_functions *functions, sg_env *inner);

/* For the tables of wrappers that change only one direction: reset and step of the inner one, and
 * free. */
bool sg_wrap_reset(sg_env *env, double *obs, sg_error *error);
bool sg_wrap_step(sg_env *env, const double *action, double *obs, sg_transition *t,
                  sg_error *error);
void sg_wrap_close(sg_env *env);

#endif
