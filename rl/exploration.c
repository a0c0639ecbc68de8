/* exploration.c - epsilon-greedy choices, random actions at the start, noise within bounds, actions
 * chosen a step ahead. */
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
    char full[SG_NAME_SIZE];
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

sg_node sg_random_start(const sg_env_spec *spec, sg_node A, int steps)
{
    sg_graph *g = A.graph;
    sg_updates counting = {0};
    sg_node early = sg_greater(sg_constant_of(g, SG_F64, steps), sg_act_count(g, &counting));
    sg_node explore = sg_broadcast_to(sg_cast(early, sg_graph_dtype(g)), sg_node_shape(A));
    sg_phase_updates(g, "act", counting);
    return sg_select(explore, sg_random_action(g, spec), A);
}

sg_node sg_box_noise(const sg_action_box *box, sg_node A, sg_node draws, double deviation,
                     double limit)
{
    sg_node noise = sg_scale(draws, deviation);
    sg_node within = isinf(limit) ? noise : sg_clamp(noise, -limit, limit);
    return sg_add(A, sg_mul(within, box->half_width));
}

/* ---- a step ahead ---- */

sg_ahead sg_ahead_new(sg_node S, bool carry)
{
    sg_dtype dtype = sg_graph_dtype(S.graph);
    return (sg_ahead){.action = sg_state(S.graph, "chosen_action", sg_vector(1), dtype, 0),
                      .S = sg_state(S.graph, "chosen_for", sg_node_shape(S), dtype, 0),
                      .waits = sg_state(S.graph, "action_is_chosen", sg_vector(1), dtype, 0),
                      .carry = carry};
}

sg_node sg_ahead_take(const sg_ahead *chosen, sg_node S, sg_node otherwise)
{
    int size = (int)sg_shape_size(sg_node_shape(S));
    sg_node holds = chosen->waits, none = sg_constant(S.graph, 0);
    if (!chosen->carry) {
        sg_node is_for_S = sg_equal(sg_sum(sg_equal(S, chosen->S)), sg_constant(S.graph, size));
        holds = sg_mul(holds, is_for_S);
    }
    sg_phase_updates(S.graph, "act", sg_assign(chosen->waits, none));
    return sg_select(holds, chosen->action, otherwise);
}

sg_updates sg_ahead_choose(const sg_ahead *chosen, sg_node A, sg_node S, sg_node episode_end)
{
    sg_node waits = chosen->carry ? sg_constant(S.graph, 1) : sg_one_minus(episode_end);
    return sg_join(sg_assign(chosen->action, A), sg_assign(chosen->S, S),
                   sg_assign(chosen->waits, waits));
}
