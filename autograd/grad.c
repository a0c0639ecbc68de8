/* grad.c - reverse mode over the node list, from the loss down.
 *
 * An adjoint is kept as scale * tensor, the scale being a node of one number. Vector-Jacobian
 * products are linear in the adjoint, so the scale travels along untouched; two losses whose
 * adjoints at some node differ by a number (AVG's -q and delta^2 at q) then share the tensors below
 * it, because equal nodes are one node. While the path from the loss has been through single
 * numbers only, each node starts a new scale, its whole adjoint; from the first larger node on the
 * scale stays as it is.
 */
#include "autograd/grad.h"

#include <stdlib.h>

#include "autograd/graph_internal.h"

/* scale.graph NULL: 1; tensor.graph NULL: no adjoint (yet). */
typedef struct {
    sg_node scale, tensor;
    bool inner; /* the path from the loss has been through a node of several elements */
} adjoint;

/* The adjoint as one node. */
static sg_node whole(adjoint a) { return a.scale.graph ? sg_mul(a.tensor, a.scale) : a.tensor; }

static void accumulate(adjoint *sum, adjoint term)
{
    if (!sum->tensor.graph)
        *sum = term;
    else if (sum->scale.graph == term.scale.graph && sum->scale.id == term.scale.id)
        *sum = (adjoint){sum->scale, sg_add(sum->tensor, term.tensor), sum->inner || term.inner};
    else
        *sum = (adjoint){{0}, sg_add(whole(*sum), whole(term)), sum->inner || term.inner};
}

/* Marks the nodes up to `last` that depend on one of wrt. */
static bool *depends_on(sg_nodes wrt, int last)
{
    const sg_graph *g = wrt.graph;
    bool *depends = sg_alloc((size_t)last + 1);
    for (int k = 0; k < wrt.count; k++)
        if (wrt.ids[k] <= last)
            depends[wrt.ids[k]] = true;
    for (int id = 0; id <= last; id++)
        for (int k = 0; k < g->nodes[id].input_count; k++)
            depends[id] |= depends[g->nodes[id].inputs[k]];
    return depends;
}

/* True if the scale may pass through: all inputs have the node's type. */
static bool same_type_inputs(sg_node y)
{
    for (int k = 0; k < sg_node_input_count(y); k++)
        if (sg_node_dtype(sg_node_input(y, k)) != sg_node_dtype(y))
            return false;
    return true;
}

/* The form in which a node's adjoint enters its vjp. */
static adjoint prepare(sg_node y, adjoint a)
{
    if (!same_type_inputs(y))
        return (adjoint){{0}, whole(a), true};
    if (a.inner || sg_info(y)->size > 1)
        return (adjoint){a.scale, a.tensor, true};
    sg_node number = whole(a);
    if (sg_is_constant(number, 1))
        return (adjoint){{0}, number, false};
    return (adjoint){sg_flatten(number), sg_constant_like(y, sg_node_shape(y), 1), false};
}

/* Adds to the inputs' adjoints what the adjoint of y sends them. */
static void propagate(sg_node y, adjoint a, const bool *depends, adjoint *adjoints)
{
    char text[160];
    const sg_op_info *op = sg_op_get(sg_node_op(y));
    int count = sg_node_input_count(y);
    sg_node x[SG_MAX_INPUTS], dx[SG_MAX_INPUTS] = {{0}};
    if (op->gradient == SG_GRADIENT_ZERO)
        return;
    if (op->gradient == SG_GRADIENT_NONE || !op->vjp)
        sg_misuse("gradient: %s is not differentiable", sg_node_text(y.graph, y.id, text));
    for (int k = 0; k < count; k++)
        x[k] = sg_node_input(y, k);
    a = prepare(y, a);
    op->vjp(y, a.tensor, x, dx);
    for (int k = 0; k < count; k++)
        if (dx[k].graph && depends[x[k].id])
            accumulate(&adjoints[x[k].id],
                       (adjoint){a.scale, sg_sum_to(dx[k], sg_node_shape(x[k])), a.inner});
}

sg_nodes sg_vector_jacobian(sg_node y, sg_node cotangent, sg_nodes wrt)
{
    char text[64], other[64];
    if (!y.graph || y.graph != wrt.graph || y.graph != cotangent.graph)
        sg_misuse("gradient: loss, cotangent and parameters must be nodes of one graph");
    sg_require_same_type("gradient", y, cotangent);
    if (!sg_shape_equal(sg_node_shape(y), sg_node_shape(cotangent)))
        sg_misuse("gradient: cotangent %s for a value %s",
                  sg_shape_text(sg_node_shape(cotangent), text),
                  sg_shape_text(sg_node_shape(y), other));
    bool *depends = depends_on(wrt, y.id);
    adjoint *adjoints = sg_alloc(((size_t)y.id + 1) * sizeof *adjoints);
    sg_node *gradients = sg_alloc((size_t)(wrt.count + 1) * sizeof *gradients);
    adjoints[y.id].tensor = cotangent;
    for (int id = y.id; id >= 0; id--)
        if (adjoints[id].tensor.graph && depends[id] &&
            !sg_op_get(y.graph->nodes[id].op)->is_source)
            propagate((sg_node){y.graph, id}, adjoints[id], depends, adjoints);
    for (int k = 0; k < wrt.count; k++) {
        sg_node p = sg_nodes_at(wrt, k);
        bool reached = p.id <= y.id && adjoints[p.id].tensor.graph;
        gradients[k] = reached ? whole(adjoints[p.id]) : sg_constant_like(p, sg_node_shape(p), 0);
    }
    sg_nodes list = sg_nodes_make(y.graph, gradients, wrt.count);
    free(depends);
    free(adjoints);
    free(gradients);
    return list;
}

sg_nodes sg_grad(sg_node loss, sg_nodes wrt)
{
    char text[160];
    sg_graph *g = loss.graph;
    if (!g || sg_info(loss)->size != 1)
        sg_misuse("gradient: a loss is one number, not %s",
                  g ? sg_node_text(g, loss.id, text) : "nothing");
    sg_node one = sg_constant_like(loss, sg_node_shape(loss), 1);
    sg_nodes gradients = sg_vector_jacobian(loss, one, wrt);
    for (int k = 0; k < wrt.count; k++)
        if (sg_is_constant(sg_nodes_at(gradients, k), 0))
            sg_misuse("gradient: the loss does not depend on %s",
                      sg_node_text(g, wrt.ids[k], text));
    g->gradients =
        sg_grow(g->gradients, g->gradient_count, &g->gradient_capacity, sizeof *g->gradients);
    g->gradients[g->gradient_count++] = (sg_gradient_record){loss, wrt, gradients};
    return gradients;
}
