/* ops_linear.c - matrix products. linear, linear_t and outer are each other's gradients, so they
 * are closed under differentiation; at batch 1 they are matrix-vector kernels. */
#include "autograd/op.h"
#include "autograd/parallel.h"

static const sg_attributes none = {.integer = {0}};

/* ---- shapes ---- */

static void require_matrix(const char *op, sg_shape W)
{
    char text[64];
    if (W.rank != 2)
        sg_misuse("%s: W must be a matrix [out, in], not %s", op, sg_shape_text(W, text));
}

/* W's dimension `d` must be the last of x. */
static void require_fit(const char *op, sg_node W, int d, sg_node x)
{
    char tw[128], tx[128];
    int want = sg_node_shape(W).dim[d], cols = sg_shape_cols(sg_node_shape(x));
    require_matrix(op, sg_node_shape(W));
    if (want != cols)
        sg_misuse("%s: W %s does not fit %s: %d is not %d", op, sg_operand_text(W, tw),
                  sg_operand_text(x, tx), want, cols);
}

/* ---- products shared by threads: rows of the matrix, or of the result ---- */

static void matvec_part(const void *context, size_t begin, size_t end)
{
    const sg_call *call = context;
    size_t cols = (size_t)call->in_shape[0]->dim[1];
    const void *W = sg_call_at(call, call->in[0], begin * cols);
    const void *bias[] = {call->in[2] ? sg_call_at(call, call->in[2], begin) : NULL,
                          call->also_in[1] ? sg_call_at(call, call->also_in[1], begin) : NULL};
    void *y = sg_call_at(call, call->out[0], begin);
    if (!call->also_out) {
        call->kernels->matvec(end - begin, cols, W, call->in[1], bias[0], y);
        return;
    }
    call->kernels->matvec_pair(end - begin, cols, W,
                               (const void *[]){call->in[1], call->also_in[0]}, bias,
                               (void *[]){y, sg_call_at(call, call->also_out, begin)});
}

/* Each row adds to all of the result: in turn. */
static void matvec_t_part(const void *context, size_t begin, size_t end)
{
    const sg_call *call = context;
    size_t cols = (size_t)call->in_shape[0]->dim[1];
    const void *W = sg_call_at(call, call->in[0], begin * cols + (size_t)call->first_column);
    call->kernels->matvec_t(end - begin, (size_t)call->size, W, cols,
                            sg_call_at(call, call->in[1], begin), begin ? call->out[0] : NULL,
                            call->out[0]);
}

static void matmul_part(const void *context, size_t begin, size_t end)
{
    const sg_call *call = context;
    bool transpose_w = call->attr->integer[0];
    size_t out = (size_t)sg_shape_cols(*call->out_shape),
           in = (size_t)sg_shape_cols(*call->in_shape[1]);
    call->kernels->gemm(false, transpose_w, end - begin, out, in,
                        sg_call_at(call, call->in[1], begin * in), in, call->in[0],
                        sg_call_at(call, call->out[0], begin * out));
}

/* Rows of a sum of outer products: columns of the first factor. */
static void outer_part(const void *context, size_t begin, size_t end)
{
    const sg_call *call = context;
    size_t batch = (size_t)sg_shape_rows(*call->in_shape[0]),
           m = (size_t)sg_shape_cols(*call->in_shape[0]),
           n = (size_t)sg_shape_cols(*call->in_shape[1]);
    call->kernels->gemm(true, false, end - begin, n, batch, sg_call_at(call, call->in[0], begin), m,
                        call->in[1], sg_call_at(call, call->out[0], begin * n));
}

/* At batch 1 the plan may have put in a bias (the third input) and a second product. */
/* linear: y = x W^T;  dW = outer(dy, x), dx = linear_t(W, dy) */
SG_EVAL(linear)
{
    size_t batch = (size_t)sg_shape_rows(*call->in_shape[1]),
           work = (size_t)call->in_size[0] * batch;
    if (batch == 1)
        sg_parallel(call->threads, (size_t)call->size, work, matvec_part, call);
    else
        sg_parallel(call->threads, batch, work, matmul_part, call);
}
SG_VJP(linear)
{
    dx[0] = sg_outer(dy, x[1]);
    dx[1] = sg_linear_t(x[0], dy);
}

static sg_node example_linear(sg_graph *g, int variant, bool transposed)
{
    sg_shape W[] = {sg_matrix(4, 3), sg_matrix(1, 5), sg_matrix(4, 3), sg_matrix(2, 1)};
    int batch[] = {0, 0, 5, 2};
    if (variant > 3)
        return (sg_node){0};
    sg_shape shape = variant == SG_BENCH ? sg_matrix(256, 256) : W[variant];
    int n = shape.dim[transposed ? 0 : 1], rows = variant == SG_BENCH ? 0 : batch[variant];
    sg_node w = sg_example_input(g, shape, SG_DOMAIN_REAL);
    sg_node x = sg_example_input(g, rows ? sg_matrix(rows, n) : sg_vector(n), SG_DOMAIN_REAL);
    return transposed ? sg_linear_t(w, x) : sg_linear(w, x);
}
SG_EXAMPLE(linear) { return example_linear(g, variant, false); }

sg_node sg_linear(sg_node W, sg_node x)
{
    sg_require_same_type("linear", W, x);
    sg_shape shape = sg_node_shape(x), matrix = sg_node_shape(W);
    require_fit("linear", W, 1, x);
    return sg_apply(SG_OP_linear, (sg_node[]){W, x}, 2, sg_shape_with_cols(shape, matrix.dim[0]),
                    sg_node_dtype(x), (sg_attributes){.integer = {1}});
}

/* linear_t: y = u W;  dW = outer(u, dy), du = linear(W, dy) */
SG_EVAL(linear_t)
{
    size_t batch = (size_t)sg_shape_rows(*call->in_shape[1]),
           work = (size_t)call->in_size[1] * (size_t)sg_shape_cols(*call->out_shape);
    /* sums of the reference are in double and cannot be handed on */
    int threads = call->kernels->isa == SG_ISA_SCALAR ? 1 : call->threads;
    if (batch == 1)
        sg_parallel_in_turn(threads, (size_t)call->in_size[1], work, matvec_t_part, call);
    else
        sg_parallel(call->threads, batch, work, matmul_part, call);
}
SG_VJP(linear_t)
{
    dx[0] = sg_outer(x[1], dy);
    dx[1] = sg_linear(x[0], dy);
}
SG_EXAMPLE(linear_t) { return example_linear(g, variant, true); }

sg_node sg_linear_t(sg_node W, sg_node u)
{
    sg_require_same_type("linear_t", W, u);
    sg_shape shape = sg_node_shape(u), matrix = sg_node_shape(W);
    require_fit("linear_t", W, 0, u);
    return sg_apply(SG_OP_linear_t, (sg_node[]){W, u}, 2, sg_shape_with_cols(shape, matrix.dim[1]),
                    sg_node_dtype(u), none);
}

/* outer: y = u^T x;  du = linear(dy, x), dx = linear_t(dy, u) */
SG_EVAL(outer)
{
    size_t batch = (size_t)sg_shape_rows(*call->in_shape[0]);
    size_t m = (size_t)sg_shape_cols(*call->in_shape[0]),
           n = (size_t)sg_shape_cols(*call->in_shape[1]);
    sg_rows product = {.factor = 1, .scale = call->in[0], .row = call->in[1], .row_step = 0};
    if (batch == 1)
        call->kernels->materialize(m, n, &product, call->out[0]);
    else
        sg_parallel(call->threads, m, m * n * batch, outer_part, call);
}
SG_VJP(outer)
{
    dx[0] = sg_linear(dy, x[1]);
    dx[1] = sg_linear_t(dy, x[0]);
}
SG_EXAMPLE(outer)
{
    sg_shape u[] = {sg_vector(4), sg_vector(1), sg_matrix(5, 2)};
    sg_shape x[] = {sg_vector(3), sg_vector(6), sg_matrix(5, 3)};
    if (variant > 2)
        return (sg_node){0};
    return sg_outer(
        sg_example_input(g, variant == SG_BENCH ? sg_vector(256) : u[variant], SG_DOMAIN_REAL),
        sg_example_input(g, variant == SG_BENCH ? sg_vector(256) : x[variant], SG_DOMAIN_REAL));
}

sg_node sg_outer(sg_node u, sg_node x)
{
    char tu[64], tx[64];
    sg_require_same_type("outer", u, x);
    sg_shape su = sg_node_shape(u), sx = sg_node_shape(x);
    if (!sg_shape_equal(sg_shape_with_cols(su, 1), sg_shape_with_cols(sx, 1)))
        sg_misuse("outer: batches of %s and %s differ", sg_shape_text(su, tu),
                  sg_shape_text(sx, tx));
    return sg_apply(SG_OP_outer, (sg_node[]){u, x}, 2,
                    sg_matrix(sg_shape_cols(su), sg_shape_cols(sx)), sg_node_dtype(u), none);
}

/* transpose of each matrix: dx = transpose(dy) */
static void transpose_one(const sg_call *call, size_t at, size_t rows, size_t cols)
{
    if (call->kernels->dtype == SG_F32) {
        const float *x = (const float *)call->in[0] + at;
        float *y = (float *)call->out[0] + at;
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < cols; j++)
                y[j * rows + i] = x[i * cols + j];
    } else {
        const double *x = (const double *)call->in[0] + at;
        double *y = (double *)call->out[0] + at;
        for (size_t i = 0; i < rows; i++)
            for (size_t j = 0; j < cols; j++)
                y[j * rows + i] = x[i * cols + j];
    }
}
SG_EVAL(transpose)
{
    const sg_shape *x = call->in_shape[0];
    size_t rows = (size_t)x->dim[x->rank - 2], cols = (size_t)x->dim[x->rank - 1];
    for (size_t at = 0; at < (size_t)call->size; at += rows * cols)
        transpose_one(call, at, rows, cols);
}
SG_VJP(transpose) { dx[0] = sg_transpose(dy); }
SG_EXAMPLE(transpose)
{
    if (variant > 2)
        return (sg_node){0};
    sg_shape shape = variant == SG_BENCH ? sg_matrix(256, 256) : sg_matrix(variant ? 1 : 3, 4);
    if (variant == 2)
        shape = sg_shape_make(3, (int[]){2, 3, 4});
    return sg_transpose(sg_example_input(g, shape, SG_DOMAIN_REAL));
}

sg_node sg_transpose(sg_node x)
{
    char text[64];
    sg_require_node("transpose", x);
    sg_shape shape = sg_node_shape(x);
    if (shape.rank < 2)
        sg_misuse("transpose: %s is not a matrix [..., m, n]", sg_shape_text(shape, text));
    int rows = shape.dim[shape.rank - 2];
    shape.dim[shape.rank - 2] = shape.dim[shape.rank - 1];
    shape.dim[shape.rank - 1] = rows;
    return sg_apply(SG_OP_transpose, &x, 1, shape, sg_node_dtype(x), none);
}

/* a b = linear_t with b as the matrix */
sg_node sg_matmul(sg_node a, sg_node b) { return sg_linear_t(b, a); }
