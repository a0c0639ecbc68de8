/* target.h - target networks: copies of parameters that follow them slowly (Mnih et al. 2015;
 * Lillicrap et al. 2016). A target network is no network of its own: it is the same expression,
 * read at the copies. */
#ifndef SG_TARGET_H
#define SG_TARGET_H

#include "autograd/graph.h"
#include "rl/settings.h"

/* Lines of a settings table: how far targets follow, `double tau`, and when, `int target_every`. */
#define SG_TAU_SETTING(config, initial)                 \
    SG_REAL_IDLE("gamma=0", config, tau, initial, 0, 1, \
                 "how far target networks follow at each update; 1: they are copies")
#define SG_TARGET_EVERY_SETTING(config, initial)                               \
    SG_INT_IDLE("gamma=0 or tau=0", config, target_every, initial, 1, 1000000, \
                "steps between updates of target networks")

typedef struct {
    sg_nodes params, copies;
} sg_target;

/* States "target.<parameter>" that start as copies. */
sg_target sg_target_of(sg_nodes params);
/* y as the target network has it: with the copies wherever y has the parameters. */
sg_node sg_at_target(const sg_target *target, sg_node y);
/* copy = tau parameter + (1 - tau) copy, for each; tau 1 copies. */
sg_updates sg_soft_update(const sg_target *target, double tau);

#endif
