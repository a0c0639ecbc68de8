/* deterministic.h - policies without chance, of DDPG and TD3: mu(S) = centre + half_width
 * tanh(head "mu"), within the environment's bounds; and when those two learn. */
#ifndef SG_DETERMINISTIC_H
#define SG_DETERMINISTIC_H

#include "rl/action_box.h"
#include "rl/algorithm.h"
#include "rl/network.h"

/* clang-format off */
/* The timetable of a config with `int policy_every`: the critics learn at each step, the actor and
 * the targets wait. */
#define SG_DELAYED_TIMETABLE(config) { \
    {"learn", SG_EACH_STEP, false}, \
    {"learn_actor", SG_MEMBER(config, policy_every, int), false}, \
    {"update_targets", SG_MEMBER(config, policy_every, int), false}, \
    {NULL, 0, false}}
/* clang-format on */

typedef struct {
    const char *name;
    sg_action_box box;
    sg_mlp trunk;
    sg_linear_layer mu;
    sg_nodes params;
} sg_deterministic_policy;

/* Parameters are called "<name>.phi...", "<name>.mu...". S is [..., obs_size], actions [...,
 * action_size]. `name` is kept. */
sg_deterministic_policy sg_deterministic_policy_new(sg_graph *g, const char *name,
                                                    const sg_env_spec *spec, sg_mlp_config config);
/* mu(S) */
sg_node sg_deterministic_action(const sg_deterministic_policy *pi, sg_node S);
/* An action of it with Gaussian noise of `deviation` half widths, within the box. Draws are
 * "<name>.noise". */
sg_node sg_deterministic_explore(const sg_deterministic_policy *pi, sg_node A, double deviation);

#endif
