/* twin_values.c - two critics that start apart. */
#include "rl/twin_values.h"

#include <stdio.h>

#include "autograd/ops.h"

sg_twin_values sg_twin_action_values(sg_graph *g, const char *name, const sg_env_spec *spec,
                                     sg_mlp_config config)
{
    char full[SG_NAME_SIZE];
    sg_twin_values q;
    snprintf(full, sizeof full, "%s1", name);
    q.first = sg_action_value(g, full, spec, config);
    snprintf(full, sizeof full, "%s2", name);
    q.second = sg_action_value(g, full, spec, config);
    q.params = sg_nodes_join(q.first.params, q.second.params);
    return q;
}

sg_node sg_twin_q(const sg_twin_values *q, sg_node S, sg_node A)
{
    return sg_minimum(sg_q(&q->first, S, A), sg_q(&q->second, S, A));
}

sg_node sg_twin_loss(const sg_twin_values *q, sg_node S, sg_node A, sg_node y)
{
    return sg_add(sg_mean(sg_square(sg_sub(sg_q(&q->first, S, A), y))),
                  sg_mean(sg_square(sg_sub(sg_q(&q->second, S, A), y))));
}
