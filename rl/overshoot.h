/* overshoot.h - did the update overshoot? (Elsayed, Vasan & Mahmood 2024, section 3.) */
#ifndef SG_OVERSHOOT_H
#define SG_OVERSHOOT_H

#include "autograd/graph.h"
#include "rl/settings.h"

/* A switch of an algorithm's settings: `bool overshoot` in its config. */
#define SG_OVERSHOOT_SETTING(config)      \
    SG_SWITCH(config, overshoot, "false", \
              "report how far updates overshoot (one more forward pass)")

/* Has the TD error [1] computed once more after the phase "learn", with the parameters as they then
 * are, in a phase of its own, "after_learn", which the agent runs. Reports
 *   overshoot/sign_change     1 where the TD error has the other sign now, else 0
 *   overshoot/effective_step  (delta - delta') / delta: the share of the error that the update took
 *                             away (over 1: too far; below 0: the wrong way); 0 where delta is 0
 * `held` are nodes that keep this step's values in delta', or {0}: draws, and the action taken.
 * Misuse if delta would need new draws. What has to be remembered is updated in "learn". */
void sg_report_overshoot(sg_node delta, sg_nodes held);

#endif
