/* op.c - the table of ops, made from the list, and the helpers that sections share. */
#include "autograd/op.h"

#include <stdio.h>
#include <string.h>

#include "autograd/graph_internal.h"

/* ---- declarations of every section's functions: a forgotten one does not link ---- */

typedef void vjp_function(sg_node y, sg_node dy, const sg_node *x, sg_node *dx);
#define VJP_SMOOTH(name) sg_vjp_##name
#define VJP_KINKED(name) sg_vjp_##name
#define VJP_ZERO(name) NULL
#define VJP_NONE(name) NULL

static sg_example example_unary, example_binary;

#define SG_OP_SOURCE(name, what)
#define SG_OP_UNARY(name, gradient, domain, what) \
    void sg_eval_##name(const sg_call *);         \
    vjp_function sg_vjp_##name;
#define SG_OP_BINARY(name, gradient, domain, what) \
    void sg_eval_##name(const sg_call *);          \
    vjp_function sg_vjp_##name;
#define SG_OP_FULL(name, parameters, gradient, what) \
    void sg_eval_##name(const sg_call *);            \
    vjp_function sg_vjp_##name;                      \
    sg_example sg_example_##name;
#include "autograd/ops_list.h"
#undef SG_OP_SOURCE
#undef SG_OP_UNARY
#undef SG_OP_BINARY
#undef SG_OP_FULL

/* ---- the table ---- */

static const sg_op_info ops[SG_OP_COUNT] = {
#define SG_OP_SOURCE(name_, what_) \
    [SG_OP_##name_] = {.name = #name_, .what = what_, .is_source = true},
#define SG_OP_UNARY(name_, gradient_, domain_, what_)       \
    [SG_OP_##name_] = {.name = #name_,                      \
                       .what = what_,                       \
                       .gradient = SG_GRADIENT_##gradient_, \
                       .domain = SG_DOMAIN_##domain_,       \
                       .eval = sg_eval_##name_,             \
                       .vjp = VJP_##gradient_(name_),       \
                       .example = example_unary,            \
                       .elementwise = true},
#define SG_OP_BINARY(name_, gradient_, domain_, what_)      \
    [SG_OP_##name_] = {.name = #name_,                      \
                       .what = what_,                       \
                       .gradient = SG_GRADIENT_##gradient_, \
                       .domain = SG_DOMAIN_##domain_,       \
                       .eval = sg_eval_##name_,             \
                       .vjp = VJP_##gradient_(name_),       \
                       .example = example_binary,           \
                       .elementwise = true},
#define SG_OP_NUMBERS(name_, parameters_, gradient_, what_) SG_OP_ROW(name_, gradient_, what_, true)
#define SG_OP_FULL(name_, parameters_, gradient_, what_) SG_OP_ROW(name_, gradient_, what_, false)
#define SG_OP_ROW(name_, gradient_, what_, elementwise_)    \
    [SG_OP_##name_] = {.name = #name_,                      \
                       .what = what_,                       \
                       .gradient = SG_GRADIENT_##gradient_, \
                       .eval = sg_eval_##name_,             \
                       .vjp = VJP_##gradient_(name_),       \
                       .example = sg_example_##name_,       \
                       .elementwise = elementwise_},
#include "autograd/ops_list.h"
#undef SG_OP_SOURCE
#undef SG_OP_UNARY
#undef SG_OP_BINARY
#undef SG_OP_FULL
#undef SG_OP_ROW
};

const sg_op_info *sg_op_get(int op)
{
    if (op < 0 || op >= SG_OP_COUNT)
        sg_misuse("op %d of %d", op, SG_OP_COUNT);
    return &ops[op];
}

/* ---- checks that builders share ---- */

const char *sg_operand_text(sg_node x, char text[128])
{
    char shape[64];
    const char *name = sg_node_name(x);
    snprintf(text, 128, "%.60s%s%s", name ? name : "", name ? " " : "",
             sg_shape_text(sg_node_shape(x), shape));
    return text;
}

void sg_require_node(const char *op, sg_node x)
{
    if (!x.graph)
        sg_misuse("%s: the input is not a node", op);
}

void sg_require_number(const char *op, sg_node x)
{
    char text[128];
    if (!x.graph || sg_shape_size(sg_node_shape(x)) != 1)
        sg_misuse("%s: one number is needed, not %s", op,
                  x.graph ? sg_operand_text(x, text) : "nothing");
}

void sg_require_same_type(const char *op, sg_node a, sg_node b)
{
    if (!a.graph || a.graph != b.graph)
        sg_misuse("%s: both inputs must be nodes of one graph", op);
    if (sg_node_dtype(a) != sg_node_dtype(b))
        sg_misuse("%s: inputs are %s and %s; sg_cast one of them", op,
                  sg_dtype_name(sg_node_dtype(a)), sg_dtype_name(sg_node_dtype(b)));
}

void sg_require_alike(const char *op, sg_node a, sg_node b)
{
    char ta[128], tb[128];
    sg_require_same_type(op, a, b);
    if (!sg_shape_equal(sg_node_shape(a), sg_node_shape(b)))
        sg_misuse("%s: shapes of %s and %s must be equal", op, sg_operand_text(a, ta),
                  sg_operand_text(b, tb));
}

sg_shape sg_broadcast_shape(const char *op, sg_shape a, sg_shape b)
{
    char text_a[64], text_b[64];
    sg_shape out = a.rank >= b.rank ? a : b;
    for (int d = 1; d <= out.rank; d++) {
        int na = d <= a.rank ? a.dim[a.rank - d] : 1;
        int nb = d <= b.rank ? b.dim[b.rank - d] : 1;
        if (na != nb && na != 1 && nb != 1)
            sg_misuse("%s: shapes %s and %s do not broadcast", op, sg_shape_text(a, text_a),
                      sg_shape_text(b, text_b));
        out.dim[out.rank - d] = na > nb ? na : nb;
    }
    return out;
}

/* ---- what evals share ---- */

double sg_call_number(const sg_call *call, int input)
{
    double value;
    sg_load(call->in_dtype[input], call->in[input], &value, 1);
    return value;
}

sg_rows sg_call_rows(const sg_call *call)
{
    const sg_rows_operand *r = &call->rows;
    double factor = r->constant;
    if (r->factor) {
        double value;
        sg_load(call->kernels->dtype, r->factor, &value, 1);
        factor *= value;
    }
    return (sg_rows){factor, r->scale, r->row, r->row_step};
}

/* ---- examples ---- */

sg_node sg_example_input(sg_graph *g, sg_shape shape, sg_domain domain)
{
    static const sg_init inits[] = {
        [SG_DOMAIN_REAL] = {SG_INIT_NORMAL, 0, 1},
        [SG_DOMAIN_POSITIVE] = {SG_INIT_UNIFORM, 0.3, 2},
        [SG_DOMAIN_AWAY] = {SG_INIT_UNIFORM, 0.2, 1.5},
    };
    char name[32];
    snprintf(name, sizeof name, "x%d", sg_graph_node_count(g));
    sg_node x = sg_parameter(g, name, shape, inits[domain]);
    if (domain != SG_DOMAIN_AWAY)
        return x;
    /* both signs, none near zero: every other element changes sign */
    int n = (int)sg_shape_size(shape);
    double *signs = sg_graph_alloc(g, (size_t)n * sizeof *signs);
    for (int i = 0; i < n; i++)
        signs[i] = i % 2 ? -1 : 1;
    return sg_mul(x, sg_constant_array(g, shape, signs));
}

/* The builders of ops with one and two inputs, to be called by op. */
typedef sg_node unary_builder(sg_node x);
typedef sg_node binary_builder(sg_node a, sg_node b);

static unary_builder *const unary_builders[SG_OP_COUNT] = {
#define SG_OP_SOURCE(name, what)
#define SG_OP_UNARY(name, gradient, domain, what) [SG_OP_##name] = sg_##name,
#define SG_OP_BINARY(name, gradient, domain, what)
#define SG_OP_FULL(name, parameters, gradient, what)
#include "autograd/ops_list.h"
#undef SG_OP_UNARY
#undef SG_OP_BINARY
#define SG_OP_UNARY(name, gradient, domain, what)
#define SG_OP_BINARY(name, gradient, domain, what) [SG_OP_##name] = sg_##name,
};
static binary_builder *const binary_builders[SG_OP_COUNT] = {
#include "autograd/ops_list.h"
#undef SG_OP_SOURCE
#undef SG_OP_UNARY
#undef SG_OP_BINARY
#undef SG_OP_FULL
#undef SG_OP_ROW
};

static sg_node example_unary(sg_graph *g, int op, int variant)
{
    sg_shape shapes[] = {sg_vector(1), sg_vector(7), sg_matrix(3, 5)};
    if (variant >= (int)(sizeof shapes / sizeof shapes[0]))
        return (sg_node){0};
    sg_shape shape = variant == SG_BENCH ? sg_vector(4096) : shapes[variant];
    return unary_builders[op](sg_example_input(g, shape, ops[op].domain));
}

/* Equal shapes and every kind of broadcast. */
static sg_node example_binary(sg_graph *g, int op, int variant)
{
    sg_shape block = sg_shape_make(3, (int[]){2, 3, 4}),
             middle = sg_shape_make(3, (int[]){2, 1, 4});
    sg_shape pairs[][2] = {
        {sg_vector(6), sg_vector(6)},       {sg_vector(1), sg_vector(5)},
        {sg_vector(5), sg_vector(1)},       {sg_matrix(3, 4), sg_vector(4)},
        {sg_matrix(3, 1), sg_matrix(3, 4)}, {sg_matrix(3, 1), sg_matrix(1, 4)},
        {block, sg_matrix(3, 1)},           {middle, block},
    };
    if (variant >= (int)(sizeof pairs / sizeof pairs[0]))
        return (sg_node){0};
    sg_shape a = variant == SG_BENCH ? sg_vector(4096) : pairs[variant][0];
    sg_shape b = variant == SG_BENCH ? sg_vector(4096) : pairs[variant][1];
    return binary_builders[op](sg_example_input(g, a, ops[op].domain),
                               sg_example_input(g, b, ops[op].domain));
}
