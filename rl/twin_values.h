/* twin_values.h - two critics that start apart, whose smaller value is believed (Fujimoto et al.
 * 2018). */
#ifndef SG_TWIN_VALUES_H
#define SG_TWIN_VALUES_H

#include "rl/network.h"

/* q1(S, A) and q2(S, A); parameters are called "<name>1....", "<name>2....". */
typedef struct {
    sg_value first, second;
    sg_nodes params; /* of both */
} sg_twin_values;
sg_twin_values sg_twin_action_values(sg_graph *g, const char *name, const sg_env_spec *spec,
                                     sg_mlp_config config);
/* min(q1, q2)(S, A), [..., 1] */
sg_node sg_twin_q(const sg_twin_values *q, sg_node S, sg_node A);
/* mean (q1 - y)^2 + mean (q2 - y)^2 */
sg_node sg_twin_loss(const sg_twin_values *q, sg_node S, sg_node A, sg_node y);

#endif
