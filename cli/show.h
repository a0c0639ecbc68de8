/* show.h - an environment with somebody who acts in it: a trained agent, or chance. */
#ifndef SG_SHOW_H
#define SG_SHOW_H

#include "rl/training/experiment.h"

typedef struct {
    sg_env *env;     /* with its wrappers, frozen */
    sg_agent *agent; /* NULL: random actions within the bounds */
    sg_random random;
    double *obs, *action;
    const double *task_obs; /* as the task observed it, before any wrapper */
} sg_show;

/* Random actions, drawn from `seed`. False with a line; nothing is left to close then. */
bool sg_show_open(sg_show *show, const char *id, const char *options, uint64_t seed,
                  sg_error *error);
/* The agent of a run's folder, which takes its deterministic actions; with `id` NULL in the run's
 * own environment. `id` may say where its plugin is now; any other environment is refused. */
bool sg_show_open_run(sg_show *show, const char *folder, const char *id, sg_error *error);
void sg_show_close(sg_show *show);

/* A new episode; seed NULL: go on with the stream. */
bool sg_show_reset(sg_show *show, const uint64_t *seed, sg_error *error);
/* One action. */
bool sg_show_step(sg_show *show, sg_transition *t, sg_error *error);
bool sg_show_render(sg_show *show, sg_picture *picture, sg_error *error);

#endif
