/* surrogate.c - clipped losses of policies and values, and how far a policy has come. */
#include "rl/surrogate.h"

#include <math.h>

#include "autograd/ops.h"

sg_policy_ratio sg_policy_ratio_of(sg_node log_prob, sg_node old_log_prob)
{
    sg_node log = sg_sub(log_prob, old_log_prob);
    return (sg_policy_ratio){.ratio = sg_named(sg_exp(log), "ratio"), .log = log};
}

sg_node sg_clipped_surrogate(sg_policy_ratio ratio, sg_node A, double epsilon)
{
    sg_node clipped = sg_clamp(ratio.ratio, 1 - epsilon, 1 + epsilon), loss = sg_neg(A);
    return sg_maximum(sg_mul(loss, ratio.ratio), sg_mul(loss, clipped));
}

sg_node sg_clipped_error(sg_node v, sg_node old, sg_node target, double epsilon)
{
    sg_node error = sg_square(sg_sub(v, target));
    if (isinf(epsilon))
        return error;
    sg_node near = sg_add(old, sg_clamp(sg_sub(v, old), -epsilon, epsilon));
    return sg_maximum(error, sg_square(sg_sub(near, target)));
}

sg_node sg_approximate_kl(sg_policy_ratio ratio)
{
    return sg_sub(sg_offset(ratio.ratio, -1), ratio.log);
}

sg_node sg_ratio_beyond(sg_policy_ratio ratio, double epsilon)
{
    return sg_one_minus(sg_inside(ratio.ratio, 1 - epsilon, 1 + epsilon));
}

sg_node sg_report_ratio(const sg_minibatch *batch, sg_policy_ratio ratio, double epsilon)
{
    sg_graph *g = ratio.ratio.graph;
    sg_node kl = sg_minibatch_mean(batch, sg_approximate_kl(ratio));
    sg_node beyond = sg_minibatch_mean(batch, sg_ratio_beyond(ratio, epsilon));
    sg_report(g, "learn", "losses/old_approx_kl", sg_neg(sg_minibatch_mean(batch, ratio.log)));
    sg_report(g, "learn", "losses/approx_kl", kl);
    sg_report(g, "learn", "losses/clipfrac", beyond);
    return kl;
}
