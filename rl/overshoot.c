/* overshoot.c - the TD error before and after the update. */
#include "rl/overshoot.h"

#include <stdio.h>
#include <stdlib.h>

#include "autograd/ops.h"
#include "autograd/substitute.h"

/* A state that has the value of this step when "learn" is over. */
static sg_node remembered(sg_node value, const char *name, int index, sg_updates *updates)
{
    char full[SG_NAME_SIZE];
    snprintf(full, sizeof full, "overshoot.%s.%d", name, index);
    sg_node state = sg_state(value.graph, full, sg_node_shape(value), sg_node_dtype(value), 0);
    *updates = sg_join(*updates, sg_assign(state, value));
    return state;
}

/* delta with what is held as it was, and the parameters as they will be. */
static sg_node recomputed(sg_node delta, sg_nodes held, sg_updates *updates)
{
    if (!held.count)
        return delta;
    sg_node *states = sg_alloc((size_t)held.count * sizeof *states);
    for (int k = 0; k < held.count; k++)
        states[k] = remembered(sg_nodes_at(held, k), "held", k, updates);
    sg_node after = sg_substitute(delta, held, sg_nodes_of(states, held.count));
    free(states);
    return after;
}

void sg_report_overshoot(sg_node delta, sg_nodes held)
{
    sg_graph *g = delta.graph;
    sg_updates updates = {0};
    sg_node before = remembered(delta, "delta", 0, &updates);
    sg_node after = recomputed(delta, held, &updates);
    if (sg_is_random(after))
        sg_misuse("overshoot: the TD error needs draws that are not held");

    sg_node zero = sg_constant_of(g, sg_node_dtype(delta), 0);
    sg_node sides = sg_mul(sg_sign(before), sg_sign(after));
    sg_node none = sg_equal(before, zero);
    sg_node step = sg_div(sg_sub(before, after), sg_add(before, none)); /* never by 0 */
    sg_phase_updates(g, "learn", updates);
    sg_phase_alone(g, "after_learn");
    sg_report(g, "after_learn", "overshoot/sign_change", sg_greater(zero, sides));
    sg_report(g, "after_learn", "overshoot/effective_step", sg_select(none, zero, step));
}
