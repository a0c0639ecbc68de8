/* behaviour.c - random actions at the start, or now and then. */
#include "rl/behaviour.h"

#include "autograd/ops.h"

sg_node sg_box_noise(const sg_action_box *box, sg_node A, const char *name, double deviation)
{
    sg_node noise = sg_scale(sg_normal(A.graph, name, sg_node_shape(A)), deviation);
    return sg_box_clip(box, sg_add(A, sg_mul(noise, box->half_width)));
}

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
