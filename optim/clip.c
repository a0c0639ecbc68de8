/* clip.c - gradients limited by their common length, before an optimiser sees them. */
#include "autograd/grad.h"
#include "autograd/ops.h"
#include "optim/optim.h"

sg_node sg_global_norm(sg_nodes list) { return sg_sqrt(sg_sum_of_squares(list)); }

/* The factor is 1 where the norm is small enough; 1e-6 keeps a norm of 0 from dividing. */
sg_nodes sg_clip_to_norm(sg_nodes gradients, sg_node norm, double max_norm)
{
    sg_node allowed = sg_scale(sg_reciprocal(sg_offset(norm, 1e-6)), max_norm);
    sg_node factor = sg_clamp(allowed, 0, 1);
    return sg_scale_all(gradients, factor);
}

sg_clipped sg_clipped_grad(sg_node loss, sg_nodes parameters, double max_norm)
{
    sg_nodes gradients = sg_grad(loss, parameters);
    sg_node norm = sg_global_norm(gradients);
    return (sg_clipped){sg_clip_to_norm(gradients, norm, max_norm), norm};
}
