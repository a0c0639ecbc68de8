/* op.h - what an op is, for those who add one (docs/new-op.md) and for the passes over the graph.
 */
#ifndef SG_OP_H
#define SG_OP_H

#include <math.h> /* for the expressions of SG_EVAL_LOOP */

#include "autograd/graph.h"
#include "autograd/ops.h"
#include "tensor/kernels.h"

enum { SG_MAX_INPUTS = 6, SG_MAX_OUTPUTS = 3 };

/* The numbers that belong to a node beside its inputs. */
typedef struct {
    double number[6];
    int integer[4];
} sg_attributes;

/* A matrix input left unformed by the plan: constant * factor[0] * scale[i] * row[i * row_step +
 * j]. */
typedef struct {
    double constant;
    const void *factor; /* one number of the graph's type, or NULL for 1 */
    const void *scale;  /* or NULL for 1 */
    const void *row;
    size_t row_step;
} sg_rows_operand;

/* One kernel call, resolved to memory: all that an eval sees. */
typedef struct sg_call sg_call;
typedef struct sg_block sg_block;
struct sg_call {
    void (*eval)(const sg_call *call);
    const sg_kernels *kernels; /* of the first output's type */
    const void *in[SG_MAX_INPUTS];
    void *out[SG_MAX_OUTPUTS];
    const sg_shape *in_shape[SG_MAX_INPUTS];
    const sg_shape *out_shape;
    int in_size[SG_MAX_INPUTS];
    int size;         /* of the output */
    int first_column; /* of a linear_t that the plan lets make `size` columns: the first of them */
    int threads;
    const sg_attributes *attr;
    sg_random *random;      /* of a random node */
    sg_rows_operand rows;   /* of the op's rows_input */
    const void *also_in[2]; /* of a second product with the matrix: its vector, its bias or NULL */
    void *also_out;         /* where the second product goes; NULL: there is none */
    struct sg_block *block; /* the steps that this call runs together; NULL: just itself */
    int node;
    sg_dtype in_dtype[SG_MAX_INPUTS];
};

typedef enum {
    SG_GRADIENT_SMOOTH,
    SG_GRADIENT_KINKED,
    SG_GRADIENT_ZERO,
    SG_GRADIENT_NONE
} sg_gradient;
typedef enum { SG_DOMAIN_REAL, SG_DOMAIN_POSITIVE, SG_DOMAIN_AWAY } sg_domain;

/* Builds example number `variant` of an op from parameters of `g` for tests (0, 1, ...), or a large
 * one (SG_BENCH) for timing. A node with graph NULL: no such variant. */
typedef sg_node sg_example(sg_graph *g, int op, int variant);
enum { SG_BENCH = -1 };

typedef struct {
    const char *name;
    const char *what;
    sg_gradient gradient;
    sg_domain domain;
    void (*eval)(const sg_call *call);
    /* Given y = op(x...) and dy, sets dx[k] (leave graph NULL for no gradient). Linear in dy. A
     * dx[k] of the broadcast shape is summed to x[k]'s shape by the caller. */
    void (*vjp)(sg_node y, sg_node dy, const sg_node *x, sg_node *dx);
    sg_example *example;
    bool is_source;
    bool elementwise; /* element i of the result depends on element i of the inputs alone */
} sg_op_info;

/* ids: SG_OP_add, SG_OP_tanh, ... */
typedef enum {
#define SG_OP_SOURCE(name, what) SG_OP_##name,
#define SG_OP_UNARY(name, gradient, domain, what) SG_OP_##name,
#define SG_OP_BINARY(name, gradient, domain, what) SG_OP_##name,
#define SG_OP_FULL(name, parameters, gradient, what) SG_OP_##name,
#include "autograd/ops_list.h"
#undef SG_OP_SOURCE
#undef SG_OP_UNARY
#undef SG_OP_BINARY
#undef SG_OP_FULL
    SG_OP_COUNT
} sg_op;

/* The entry of an op. */
const sg_op_info *sg_op_get(int op);

/* ---- writing an op: the section of an ops_*.c file ---- */
/* void sg_eval_<name>(const sg_call *call) and void sg_vjp_<name>(y, dy, x, dx). */
#define SG_EVAL(name)                         \
    void sg_eval_##name(const sg_call *call); \
    void sg_eval_##name(const sg_call *call)
#define SG_VJP(name)                                                                          \
    void sg_vjp_##name(sg_node y, sg_node dy, const sg_node *x, sg_node *dx);                 \
    void sg_vjp_##name(__attribute__((unused)) sg_node y, __attribute__((unused)) sg_node dy, \
                       __attribute__((unused)) const sg_node *x, sg_node *dx)
#define SG_EXAMPLE(name)                                         \
    sg_node sg_example_##name(sg_graph *g, int op, int variant); \
    sg_node sg_example_##name(sg_graph *g, __attribute__((unused)) int op, int variant)

/* The eval of an element-wise op of one input from a plain C expression in x, for ops that need no
 * kernel of their own. x is a float in float32 graphs and a double in float64 ones; number[0..5]
 * are the node's numbers, doubles; what <math.h> has may be called. */
#define SG_EVAL_LOOP(name, expression)                                           \
    SG_EVAL(name)                                                                \
    {                                                                            \
        __attribute__((unused)) const double *const number = call->attr->number; \
        if (call->in_dtype[0] == SG_F32) {                                       \
            for (int i = 0; i < call->size; i++) {                               \
                float x = ((const float *)call->in[0])[i];                       \
                ((float *)call->out[0])[i] = (float)(expression);                \
            }                                                                    \
        } else {                                                                 \
            for (int i = 0; i < call->size; i++) {                               \
                double x = ((const double *)call->in[0])[i];                     \
                ((double *)call->out[0])[i] = (expression);                      \
            }                                                                    \
        }                                                                        \
    }
/* And the builder of one without numbers: SG_UNARY_LOOP(cube, x * x * x). */
#define SG_UNARY_LOOP(name, expression)                                         \
    SG_EVAL_LOOP(name, expression)                                              \
    sg_node sg_##name(sg_node x)                                                \
    {                                                                           \
        return sg_apply_like(SG_OP_##name, x, (sg_attributes){.integer = {0}}); \
    }

/* Appends a node, or finds the equal one that is there. All inputs of one graph (misuse otherwise).
 */
sg_node sg_apply(int op, const sg_node *inputs, int count, sg_shape shape, sg_dtype dtype,
                 sg_attributes attr);
/* One input, output of the same shape and type. */
sg_node sg_apply_like(int op, sg_node x, sg_attributes attr);
/* The op of a node, its inputs and its numbers. */
int sg_node_op(sg_node node);
int sg_node_input_count(sg_node node);
sg_node sg_node_input(sg_node node, int index);
const sg_attributes *sg_node_attributes(sg_node node);
/* True for a constant that is `value` everywhere. */
bool sg_is_constant(sg_node node, double value);
/* A constant of the shape and type of `like`, folded from one. */
sg_node sg_constant_like(sg_node like, sg_shape shape, double value);
/* "actor.phi.0.weight [32, 5]", for messages; the shape alone of a node without a name. */
const char *sg_operand_text(sg_node x, char text[128]);
/* Misuse, naming the op, unless x is a node. */
void sg_require_node(const char *op, sg_node x);
/* Misuse unless x is a node of one number, whatever its rank. */
void sg_require_number(const char *op, sg_node x);
/* Misuse unless both are of one graph and type. */
void sg_require_same_type(const char *op, sg_node a, sg_node b);
/* Misuse unless both are of one graph, type and shape. */
void sg_require_alike(const char *op, sg_node a, sg_node b);
/* The shape that a and b broadcast to; misuse if they do not. */
sg_shape sg_broadcast_shape(const char *op, sg_shape a, sg_shape b);

/* True if an array is so large that sums over it are taken block by block: always, so that they do
 * not depend on what else the plan does meanwhile (plan_block.c). Rows of such a block. */
bool sg_is_summed_by_block(int size);
int sg_block_rows(int cols);

/* So many elements behind `base`, in the type of the output. */
static inline char *sg_call_at(const sg_call *call, const void *base, size_t elements)
{
    return (char *)base + elements * sg_dtype_size(call->kernels->dtype);
}
/* A number input of either type. */
double sg_call_number(const sg_call *call, int input);
/* The rows operand with its factor read. */
sg_rows sg_call_rows(const sg_call *call);

/* A fresh parameter "x<k>" of an example, drawn from the domain. */
sg_node sg_example_input(sg_graph *g, sg_shape shape, sg_domain domain);

#endif
