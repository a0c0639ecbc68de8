/* exploration.c - epsilon-greedy choices, random actions at the start, noise within bounds. */
#include "rl/exploration.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- when ---- */

sg_node sg_act_count(sg_graph *g, sg_updates *updates)
{
    sg_node steps = sg_state(g, "steps", sg_vector(1), SG_F64, 0);
    *updates = sg_join(*updates, sg_assign(steps, sg_offset(steps, 1)));
    return steps;
}

sg_node sg_epsilon_at(sg_node step, sg_epsilon_schedule s)
{
    double slope = (s.end - s.start) / s.steps;
    sg_node line = sg_affine(step, slope, s.start);
    sg_node end = sg_constant_of(step.graph, SG_F64, s.end);
    sg_node epsilon = slope < 0 ? sg_maximum(line, end) : sg_minimum(line, end);
    return sg_cast(epsilon, sg_graph_dtype(step.graph));
}

/* ---- what instead ---- */

static sg_node uniform(sg_graph *g, const char *name, const char *what)
{
    char full[160];
    snprintf(full, sizeof full, "%s.%s", name, what);
    return sg_uniform(g, full, sg_vector(1));
}

/* An index below n with equal chances: how many of 1/n, 2/n, ... a uniform draw has reached. */
static sg_node random_index(sg_node u, int n)
{
    double *edges = sg_alloc((size_t)n * sizeof *edges);
    for (int i = 0; i < n - 1; i++)
        edges[i] = (double)(i + 1) / n;
    sg_node reached =
        n == 1 ? sg_constant(u.graph, 0)
               : sg_sum(sg_greater_equal(u, sg_constant_array(u.graph, sg_vector(n - 1), edges)));
    free(edges);
    return reached;
}

sg_choice sg_epsilon_greedy(const char *name, sg_node q, sg_node epsilon)
{
    sg_graph *g = q.graph;
    sg_node explore = sg_greater(epsilon, uniform(g, name, "explore"));
    sg_choice c = {.greedy = sg_argmax_last(q)};
    sg_node random = random_index(uniform(g, name, "random"), sg_shape_cols(sg_node_shape(q)));
    c.action = sg_select(explore, random, c.greedy);
    c.exploratory = sg_one_minus(sg_equal(c.action, c.greedy));
    return c;
}

sg_node sg_random_action(sg_graph *g, const sg_env_spec *spec)
{
    sg_shape shape = sg_vector(spec->action_size);
    double range[SG_MAX_ACTIONS];
    if (spec->discrete)
        return random_index(sg_uniform(g, "random_action", shape), spec->action_count);
    if (!sg_actions_are_bounded(spec))
        return sg_normal(g, "random_action", shape);
    for (int i = 0; i < spec->action_size; i++)
        range[i] = spec->action_high[i] - spec->action_low[i];
    sg_node u = sg_uniform(g, "random_action", shape);
    return sg_add(sg_constant_array(g, shape, spec->action_low),
                  sg_mul(u, sg_constant_array(g, shape, range)));
}

sg_choice sg_random_start(const sg_env_spec *spec, sg_node A, int steps, sg_updates *counting)
{
    sg_graph *g = A.graph;
    sg_node early = sg_greater(sg_constant_of(g, SG_F64, steps), sg_act_count(g, counting));
    sg_choice c = {.greedy = A, .exploratory = sg_cast(early, sg_graph_dtype(g))};
    sg_node explore = sg_broadcast_to(c.exploratory, sg_node_shape(A));
    c.action = sg_select(explore, sg_random_action(g, spec), A);
    return c;
}

sg_node sg_box_noise(const sg_action_box *box, sg_node A, const char *name, double deviation,
                     double limit)
{
    sg_node noise = sg_scale(sg_normal(A.graph, name, sg_node_shape(A)), deviation);
    sg_node within = isinf(limit) ? noise : sg_clamp(noise, -limit, limit);
    return sg_add(A, sg_mul(within, box->half_width));
}
