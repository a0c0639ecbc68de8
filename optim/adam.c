/* adam.c - Adam and AdamW: one fused kernel a parameter, and the same in plain ops. */
#include "autograd/ops.h"
#include "optim/optim.h"

sg_adam_config sg_adam_config_default(void)
{
    return (sg_adam_config){.lr = 1e-3, .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
}

/* The two numbers of step k that correct for moments started at zero; float64. */
typedef struct {
    sg_node step_size, root_scale;
} corrections;

static corrections correct(sg_node k, const sg_adam_config *c)
{
    sg_graph *g = k.graph;
    sg_node beta1 = sg_constant_of(g, SG_F64, c->beta1);
    sg_node beta2 = sg_constant_of(g, SG_F64, c->beta2);
    sg_node one = sg_constant_of(g, SG_F64, 1);
    sg_node lr = sg_at_rate(sg_constant_of(g, SG_F64, c->lr), c->rate);
    /* 0^k is 0 from the first step on */
    sg_node step_size = c->beta1 == 0 ? lr : sg_div(lr, sg_sub(one, sg_pow(beta1, k)));
    return (corrections){step_size, sg_reciprocal(sg_sqrt(sg_sub(one, sg_pow(beta2, k))))};
}

/* Decoupled decay takes rate lr weight_decay off the parameter; with a constant rate the kernel
 * does.
 */
static sg_node decayed(sg_node p, const sg_adam_config *c)
{
    sg_node taken = sg_at_rate(sg_constant_of(p.graph, sg_node_dtype(p), c->lr), c->rate);
    return sg_mul(p, sg_one_minus(sg_scale(taken, c->weight_decay)));
}

/* ---- fused ---- */

static sg_updates adam_one(sg_node p, sg_node g, const sg_adam_config *c, corrections k)
{
    bool scheduled = c->decoupled && c->rate.graph;
    double decay = c->decoupled && !scheduled ? 1 - c->lr * c->weight_decay : 1;
    sg_adam_numbers numbers = {.beta1 = c->beta1,
                               .beta2 = c->beta2,
                               .eps = c->eps,
                               .l2 = c->decoupled ? 0 : c->weight_decay,
                               .decay = decay};
    sg_node m = c->beta1 == 0 ? (sg_node){0} : sg_state_of(p, "exp_avg");
    sg_node v = sg_state_of(p, "exp_avg_sq");
    sg_node from = scheduled ? decayed(p, c) : p;
    sg_node next = sg_adam_step(from, m, v, g, k.step_size, k.root_scale, &numbers);
    sg_updates updates = sg_join(sg_assign(p, next), sg_assign(v, sg_output(next, 1)));
    return m.graph ? sg_join(updates, sg_assign(m, sg_output(next, 2))) : updates;
}

sg_updates sg_adam(sg_nodes parameters, sg_nodes gradients, sg_adam_config config)
{
    sg_updates updates = {0};
    sg_require_gradients("adam", parameters, gradients);
    corrections k = correct(sg_step_count(parameters, &updates), &config);
    for (int i = 0; i < parameters.count; i++)
        updates = sg_join(
            updates, adam_one(sg_nodes_at(parameters, i), sg_nodes_at(gradients, i), &config, k));
    return updates;
}

/* ---- plain ---- */

static sg_updates plain_one(sg_node p, sg_node g, const sg_adam_config *c, corrections k)
{
    sg_dtype dtype = sg_node_dtype(p);
    sg_node m = sg_state_of(p, "exp_avg"), v = sg_state_of(p, "exp_avg_sq");
    if (!c->decoupled)
        g = sg_add(g, sg_scale(p, c->weight_decay));
    sg_node m_next = sg_add(sg_scale(m, c->beta1), sg_scale(g, 1 - c->beta1));
    sg_node v_next = sg_add(sg_scale(v, c->beta2), sg_scale(sg_square(g), 1 - c->beta2));
    sg_node root = sg_offset(sg_mul(sg_sqrt(v_next), sg_cast(k.root_scale, dtype)), c->eps);
    sg_node kept = c->decoupled ? decayed(p, c) : p;
    sg_node next = sg_sub(kept, sg_mul(sg_div(m_next, root), sg_cast(k.step_size, dtype)));
    return sg_join(sg_assign(p, next), sg_assign(m, m_next), sg_assign(v, v_next));
}

sg_updates sg_adam_plain(sg_nodes parameters, sg_nodes gradients, sg_adam_config config)
{
    sg_updates updates = {0};
    sg_require_gradients("adam", parameters, gradients);
    corrections k = correct(sg_step_count(parameters, &updates), &config);
    for (int i = 0; i < parameters.count; i++)
        updates = sg_join(
            updates, plain_one(sg_nodes_at(parameters, i), sg_nodes_at(gradients, i), &config, k));
    return updates;
}
