/* action_box.c - the bounds of continuous actions, as nodes. */
#include "rl/action_box.h"

#include <math.h>

#include "autograd/ops.h"

bool sg_actions_are_bounded(const sg_env_spec *spec)
{
    for (int i = 0; i < spec->action_size; i++) {
        sg_action_bounds b = sg_action_bounds_of(spec, i);
        if (!isfinite(b.low) || !isfinite(b.high))
            return false;
    }
    return true;
}

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
