/* monitor.h - an environment wrapper that sums up the episode as the task itself tells it.
 *
 * It sits directly around the task, below wrappers that change rewards, so that recorded returns
 * are those of the task whatever the agent is shown.
 */
#ifndef SG_MONITOR_H
#define SG_MONITOR_H

#include "envs/env.h"

/* Takes ownership of `inner`. */
sg_env *sg_monitor(sg_env *inner);
/* The current episode; after its last step and until the reset, the finished one. */
double sg_monitor_return(const sg_env *monitor);
int64_t sg_monitor_length(const sg_env *monitor);

#endif
