/* statistics.c - running statistics as nodes. */
#include "rl/statistics.h"

#include <stdio.h>

#include "autograd/ops.h"

static sg_node number_state(sg_graph *g, const char *name, const char *part)
{
    char full[SG_NAME_SIZE];
    snprintf(full, sizeof full, "%s.%s", name, part);
    return sg_state(g, full, sg_vector(1), SG_F64, 0);
}

sg_moments sg_running_moments(sg_graph *g, const char *name, sg_node x, sg_node when)
{
    sg_node count = number_state(g, name, "count"), mean = number_state(g, name, "mean");
    sg_node squares = number_state(g, name, "squares");
    sg_node one = sg_constant_of(g, SG_F64, 1);

    /* Welford: n += 1; m' = m + (x - m) / n; s' = s + (x - m)(x - m') */
    sg_node n = sg_add(count, when);
    sg_node from_old = sg_mul(sg_sub(x, mean), when);
    sg_node m = sg_add(mean, sg_div(from_old, sg_maximum(n, one)));
    sg_node s = sg_add(squares, sg_mul(from_old, sg_sub(x, m)));
    return (sg_moments){
        .mean = m,
        .variance = sg_div(s, sg_maximum(n, one)),
        .count = n,
        .updates = sg_join(sg_assign(count, n), sg_assign(mean, m), sg_assign(squares, s))};
}

sg_stat sg_return_spread(sg_graph *g, sg_node reward, sg_node discount, sg_node terminated,
                         double return_decay)
{
    /* statistics of constants: nothing here is differentiated */
    sg_node R = sg_cast(sg_stop_grad(reward), SG_F64), gamma = sg_cast(discount, SG_F64);
    sg_node ended = sg_cast(terminated, SG_F64), one = sg_constant_of(g, SG_F64, 1);

    /* the return so far; closed and counted at termination */
    sg_node G_state = number_state(g, "spread", "return");
    sg_node G = sg_add(sg_scale(G_state, return_decay), R);
    sg_moments of_R = sg_running_moments(g, "spread.reward", R, one);
    sg_moments of_gamma = sg_running_moments(g, "spread.discount", gamma, one);
    sg_moments of_G2 = sg_running_moments(g, "spread.squared_return", sg_square(G), ended);

    sg_node variance = sg_add(of_R.variance, sg_mul(of_gamma.variance, of_G2.mean));
    sg_node sigma = sg_sqrt(sg_maximum(variance, sg_constant_of(g, SG_F64, 1e-4)));
    sg_node no_return = sg_equal(of_G2.count, sg_constant_of(g, SG_F64, 0));
    sg_node small = sg_greater_equal(sg_constant_of(g, SG_F64, 0.01), variance);
    sigma = sg_select(sg_mul(no_return, small), one, sigma);
    return (sg_stat){.value = sg_cast(sigma, sg_graph_dtype(g)),
                     .updates = sg_join(of_R.updates, of_gamma.updates, of_G2.updates,
                                        sg_assign(G_state, sg_mul(G, sg_one_minus(ended))))};
}
