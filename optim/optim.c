/* optim.c - what optimisers share. */
#include "optim/optim.h"

#include <stdio.h>

#include "autograd/op.h"

void sg_require_gradients(const char *optimizer, sg_nodes parameters, sg_nodes gradients)
{
    char a[64], b[64];
    if (parameters.count < 1 || parameters.count != gradients.count)
        sg_misuse("%s: %d parameters and %d gradients", optimizer, parameters.count,
                  gradients.count);
    if (parameters.graph != gradients.graph)
        sg_misuse("%s: parameters and gradients are of different graphs", optimizer);
    for (int k = 0; k < parameters.count; k++) {
        sg_shape p = sg_node_shape(sg_nodes_at(parameters, k));
        sg_shape g = sg_node_shape(sg_nodes_at(gradients, k));
        if (!sg_shape_equal(p, g))
            sg_misuse("%s: parameter %s %s has a gradient %s", optimizer,
                      sg_node_name(sg_nodes_at(parameters, k)), sg_shape_text(p, a),
                      sg_shape_text(g, b));
    }
}

sg_node sg_at_rate(sg_node x, sg_node rate)
{
    if (!rate.graph)
        return x;
    sg_require_number("rate", rate);
    return sg_mul(x, sg_cast(rate, sg_node_dtype(x)));
}

static sg_node named_state(sg_node parameter, const char *suffix, sg_shape shape, sg_dtype dtype,
                           double initial)
{
    char name[SG_NAME_SIZE];
    snprintf(name, sizeof name, "%s.%s", sg_node_name(parameter), suffix);
    return sg_state(parameter.graph, name, shape, dtype, initial);
}

sg_node sg_state_of(sg_node parameter, const char *suffix)
{
    return named_state(parameter, suffix, sg_node_shape(parameter), sg_node_dtype(parameter), 0);
}

sg_nodes sg_states_of(sg_nodes parameters, const char *suffix)
{
    sg_nodes states = {0};
    for (int k = 0; k < parameters.count; k++)
        states = sg_nodes_append(states, sg_state_of(sg_nodes_at(parameters, k), suffix));
    return states;
}

sg_node sg_step_count(sg_nodes parameters, sg_updates *updates)
{
    sg_node count = sg_number_state(parameters, "step", 0);
    sg_node next = sg_offset(count, 1);
    *updates = sg_join(*updates, sg_assign(count, next));
    return next;
}

sg_node sg_number_state(sg_nodes parameters, const char *suffix, double initial)
{
    return named_state(sg_nodes_at(parameters, 0), suffix, sg_vector(1), SG_F64, initial);
}

sg_node sg_bias_correction(sg_node t, double beta)
{
    sg_node one = sg_constant_of(t.graph, SG_F64, 1);
    if (beta == 0)
        return one;
    return sg_reciprocal(sg_sub(one, sg_pow(sg_constant_of(t.graph, SG_F64, beta), t)));
}

sg_nodes sg_scale_all(sg_nodes list, sg_node number)
{
    sg_nodes scaled = {0};
    for (int k = 0; k < list.count; k++)
        scaled = sg_nodes_append(scaled, sg_mul(sg_nodes_at(list, k), number));
    return scaled;
}

sg_nodes sg_add_all(sg_nodes a, sg_nodes b)
{
    sg_nodes sums = {0};
    sg_require_gradients("add_all", a, b);
    for (int k = 0; k < a.count; k++)
        sums = sg_nodes_append(sums, sg_add(sg_nodes_at(a, k), sg_nodes_at(b, k)));
    return sums;
}

sg_node sg_dot_all(sg_nodes a, sg_nodes b)
{
    sg_nodes products = {0};
    sg_require_gradients("dot_all", a, b);
    for (int k = 0; k < a.count; k++)
        products = sg_nodes_append(products, sg_mul(sg_nodes_at(a, k), sg_nodes_at(b, k)));
    return sg_total(products);
}

sg_updates sg_add_scaled_all(sg_nodes parameters, sg_nodes x, sg_node scale)
{
    sg_updates updates = {0};
    for (int k = 0; k < parameters.count; k++) {
        sg_node p = sg_nodes_at(parameters, k);
        sg_node along = sg_mul(sg_nodes_at(x, k), scale);
        updates = sg_join(updates, sg_assign(p, sg_add_scaled(p, 1, along)));
    }
    return updates;
}
