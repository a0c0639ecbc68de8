/* answer.c - the environment's answer as inputs, and the targets it gives. */
#include "rl/answer.h"

#include "autograd/ops.h"

sg_answer sg_answer_inputs(sg_graph *g, const sg_env_spec *spec)
{
    return (sg_answer){.R = sg_input(g, "reward", 1),
                       .S_next = sg_input(g, "next_obs", spec->obs_size),
                       .terminated = sg_input(g, "terminated", 1),
                       .episode_end = sg_input(g, "episode_end", 1)};
}

sg_ending sg_ending_of(const sg_answer *e, int time_limits)
{
    bool ends = time_limits == SG_TIME_LIMITS_END, carries = time_limits == SG_TIME_LIMITS_CARRY;
    return (sg_ending){.final = ends ? e->episode_end : e->terminated,
                       .cut = carries ? e->terminated : e->episode_end};
}

sg_node sg_discount(sg_node final, double gamma) { return sg_scale(sg_one_minus(final), gamma); }

sg_node sg_td_target(sg_node R, sg_node discount, sg_node v_next)
{
    return sg_stop_grad(sg_add(R, sg_mul(discount, v_next)));
}

sg_node sg_td_error(sg_node R, sg_node discount, sg_node v_next, sg_node v_now)
{
    sg_node target = sg_add(R, sg_mul(discount, v_next));
    return sg_named(sg_stop_grad(sg_sub(target, v_now)), "delta");
}
