/* clip.c - gradients limited by their common length, before an optimiser sees them. */
#include "autograd/grad.h"
#include "autograd/ops.h"
#include "optim/optim.h"

sg_node sg_global_norm(sg_nodes list)
{
    sg_nodes squares = {0};
    for (int k = 0; k < list.count; k++)
        squares = sg_nodes_append(squares, sg_square(sg_nodes_at(list, k)));
    return sg_sqrt(sg_total(squares));
}

/* The factor is 1 where the norm is small enough; 1e-6 keeps a norm of 0 from dividing. */
sg_nodes sg_clip_to_norm(sg_nodes gradients, sg_node norm, double max_norm)
{
    sg_nodes clipped = {0};
    sg_node allowed = sg_scale(sg_reciprocal(sg_offset(norm, 1e-6)), max_norm);
    sg_node factor = sg_clamp(allowed, 0, 1);
    for (int k = 0; k < gradients.count; k++)
        clipped = sg_nodes_append(clipped, sg_mul(sg_nodes_at(gradients, k), factor));
    return clipped;
}

sg_clipped sg_clipped_grad(sg_node loss, sg_nodes parameters, double max_norm)
{
    sg_nodes gradients = sg_grad(loss, parameters);
    sg_node norm = sg_global_norm(gradients);
    return (sg_clipped){sg_clip_to_norm(gradients, norm, max_norm), norm};
}
