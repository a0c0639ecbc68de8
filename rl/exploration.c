/* exploration.c - random actions at the start, or now and then. */
#include "rl/exploration.h"

#include "autograd/ops.h"

/* ---- the box ---- */

sg_action_box sg_action_box_of(sg_graph *g, const sg_env_spec *spec)
{
    sg_shape shape = sg_vector(spec->action_size);
    double centre[SG_MAX_ACTIONS], half_width[SG_MAX_ACTIONS];
    for (int i = 0; i < spec->action_size; i++) {
        centre[i] = (spec->action_high[i] + spec->action_low[i]) / 2;
        half_width[i] = (spec->action_high[i] - spec->action_low[i]) / 2;
    }
    return (sg_action_box){.low = sg_constant_array(g, shape, spec->action_low),
                           .high = sg_constant_array(g, shape, spec->action_high),
                           .centre = sg_constant_array(g, shape, centre),
                           .half_width = sg_constant_array(g, shape, half_width)};
}

sg_node sg_box_scale(const sg_action_box *box, sg_node y)
{
    return sg_add(sg_mul(y, box->half_width), box->centre);
}

sg_node sg_box_clip(const sg_action_box *box, sg_node A)
{
    return sg_minimum(sg_maximum(A, box->low), box->high);
}

/* ---- exploring ---- */

/* The number of acts before this one, and its assign. */
static sg_node count_steps(sg_graph *g, sg_updates *updates)
{
    sg_node steps = sg_state(g, "steps", sg_vector(1), SG_F64, 0);
    *updates = sg_assign(steps, sg_offset(steps, 1));
    return steps;
}

sg_explored sg_random_start(const sg_action_box *box, sg_node A, int steps)
{
    sg_explored e;
    sg_graph *g = A.graph;
    sg_node step = count_steps(g, &e.updates);
    sg_node early = sg_greater(sg_constant_of(g, SG_F64, steps), step);
    sg_node u = sg_uniform(g, "explore.action", sg_node_shape(A));
    sg_node anywhere = sg_box_scale(box, sg_affine(u, 2, -1));
    e.explored = sg_cast(early, sg_graph_dtype(g));
    e.action = sg_select(sg_broadcast_to(e.explored, sg_node_shape(A)), anywhere, A);
    return e;
}

sg_explored sg_random_sometimes(sg_node greedy, int n, sg_epsilon_line line, sg_node *epsilon)
{
    sg_explored e;
    sg_graph *g = greedy.graph;
    double slope = (line.end - line.start) / line.steps;
    sg_node step = count_steps(g, &e.updates);
    sg_node last = sg_constant_of(g, SG_F64, line.end);
    sg_node falling = sg_affine(step, slope, line.start);
    sg_node now = slope < 0 ? sg_maximum(falling, last) : sg_minimum(falling, last);
    sg_node chance = sg_cast(now, sg_graph_dtype(g));
    e.explored = sg_greater(chance, sg_uniform(g, "explore.coin", sg_vector(1)));
    sg_node any = sg_argmax_last(sg_uniform(g, "explore.action", sg_vector(n)));
    e.action = sg_select(e.explored, any, greedy);
    if (epsilon)
        *epsilon = chance;
    return e;
}
