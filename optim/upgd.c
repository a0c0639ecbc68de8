/* upgd.c - utility-based perturbed gradient descent (Elsayed & Mahmood, ICLR 2024), first order:
 * weights of use change little, the others take the gradient and noise. */
#include <stdio.h>

#include "autograd/ops.h"
#include "optim/optim.h"

/* Floors: of the largest utility, and of the norm of a row's. */
static const double least_utility = 1e-30, least_norm = 1e-12;

sg_upgd_config sg_upgd_config_default(void)
{
    return (sg_upgd_config){
        .lr = 1e-2, .beta = 0.99, .sigma = 0.05, .weight_decay = 1e-3, .protecting = true};
}

/* ---- utilities ---- */

/* U = beta U + (1 - beta)(-g p): what taking a weight away would cost, to first order. */
static sg_node utility_of(sg_node p, sg_node g, double beta, sg_updates *updates)
{
    sg_node U = sg_state_of(p, "avg_utility");
    sg_node next = sg_add(sg_scale(U, beta), sg_scale(sg_mul(g, p), beta - 1));
    *updates = sg_join(*updates, sg_assign(U, next));
    return next;
}

static sg_node largest(sg_node x)
{
    return sg_max_last(sg_reshape(x, sg_vector((int)sg_shape_size(sg_node_shape(x)))));
}

static sg_node largest_of_all(sg_nodes list)
{
    sg_node most = largest(sg_nodes_at(list, 0));
    for (int k = 1; k < list.count; k++)
        most = sg_maximum(most, largest(sg_nodes_at(list, k)));
    return most;
}

/* ---- one parameter ---- */

static sg_node at_least(sg_node x, double least)
{
    return sg_maximum(x, sg_constant_of(x.graph, sg_node_dtype(x), least));
}

/* 1 - s, s = sigmoid(U / size): the share of a step that a weight takes. size is the largest
 * utility of all, or the norm of the row's own. */
static sg_node openness(sg_node U, sg_node correction, sg_node top)
{
    sg_node u = sg_mul(U, sg_cast(correction, sg_node_dtype(U)));
    sg_node size = top.graph ? at_least(top, least_utility)
                             : at_least(sg_sqrt(sg_sum_last(sg_square(u))), least_norm);
    return sg_one_minus(sg_sigmoid(sg_div(u, size)));
}

static sg_node noise_of(sg_node p, double sigma)
{
    char name[SG_NAME_SIZE];
    snprintf(name, sizeof name, "%s.noise", sg_node_name(p));
    return sg_scale(sg_normal(p.graph, name, sg_node_shape(p)), sigma);
}

static sg_node moved(sg_node p, sg_node g, sg_node open, const sg_upgd_config *c)
{
    sg_node noise = noise_of(p, c->sigma);
    sg_node step = c->protecting ? sg_mul(sg_add(g, noise), open) : sg_add(g, sg_mul(noise, open));
    step = sg_add(step, sg_scale(p, c->weight_decay));
    return sg_add_scaled(p, -c->lr, sg_at_rate(step, c->rate));
}

sg_updates sg_upgd(sg_nodes parameters, sg_nodes gradients, sg_upgd_config config)
{
    sg_updates updates = {0};
    sg_nodes U = {0};
    sg_require_gradients("upgd", parameters, gradients);
    sg_node correction = sg_bias_correction(sg_step_count(parameters, &updates), config.beta);
    for (int k = 0; k < parameters.count; k++)
        U = sg_nodes_append(U, utility_of(sg_nodes_at(parameters, k), sg_nodes_at(gradients, k),
                                          config.beta, &updates));
    sg_node top = config.local ? (sg_node){0} : largest_of_all(U);
    for (int k = 0; k < parameters.count; k++) {
        sg_node p = sg_nodes_at(parameters, k);
        sg_node open = openness(sg_nodes_at(U, k), correction, top);
        updates =
            sg_join(updates, sg_assign(p, moved(p, sg_nodes_at(gradients, k), open, &config)));
    }
    return updates;
}
