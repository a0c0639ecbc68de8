/* ops_shape.c - ops that move numbers or rename them: no arithmetic but sums in scatter. */
#include <limits.h>
#include <string.h>

#include "autograd/op.h"

static const sg_attributes none = {.integer = {0}};

static size_t bytes_of(const sg_call *call) { return sg_dtype_size(call->kernels->dtype); }

static sg_node example_shape(sg_graph *g, int variant, int cols)
{
    if (variant > 1)
        return (sg_node){0};
    sg_shape shape = variant == SG_BENCH ? sg_matrix(64, cols)
                     : variant           ? sg_matrix(3, cols)
                                         : sg_vector(cols);
    return sg_example_input(g, shape, SG_DOMAIN_REAL);
}

/* Copies `cols` elements of each row from one row length and start to another. */
static void copy_columns(const sg_call *call, const void *from, size_t from_cols, size_t from_start,
                         void *to, size_t to_cols, size_t to_start, size_t cols)
{
    size_t rows = (size_t)sg_shape_rows(*call->out_shape), b = bytes_of(call);
    for (size_t r = 0; r < rows; r++)
        memcpy((char *)to + b * (r * to_cols + to_start),
               (const char *)from + b * (r * from_cols + from_start), b * cols);
}

/* stop_grad: y = x; gradients end here. The plan lets y be x's memory. */
SG_EVAL(stop_grad) { memcpy(call->out[0], call->in[0], (size_t)call->size * bytes_of(call)); }
SG_EXAMPLE(stop_grad)
{
    sg_node x = example_shape(g, variant, 6);
    return x.graph ? sg_stop_grad(x) : x;
}
sg_node sg_stop_grad(sg_node x) { return sg_apply_like(SG_OP_stop_grad, x, none); }

/* reshape: y = x under another shape. The plan lets y be x's memory. */
SG_EVAL(reshape) { memcpy(call->out[0], call->in[0], (size_t)call->size * bytes_of(call)); }
SG_VJP(reshape) { dx[0] = sg_reshape(dy, sg_node_shape(x[0])); }
SG_EXAMPLE(reshape)
{
    sg_node x = example_shape(g, variant, 6);
    return x.graph ? sg_reshape(x, sg_matrix(3, (int)sg_shape_size(sg_node_shape(x)) / 3)) : x;
}
sg_node sg_reshape(sg_node x, sg_shape shape)
{
    char from[64], to[64];
    sg_require_node("reshape", x);
    if (sg_shape_size(shape) != sg_shape_size(sg_node_shape(x)))
        sg_misuse("reshape: %s has not as many elements as %s",
                  sg_shape_text(sg_node_shape(x), from), sg_shape_text(shape, to));
    if (sg_shape_equal(shape, sg_node_shape(x)))
        return x;
    return sg_apply(SG_OP_reshape, &x, 1, shape, sg_node_dtype(x), none);
}
sg_node sg_flatten(sg_node x)
{
    return sg_reshape(x, sg_vector((int)sg_shape_size(sg_node_shape(x))));
}

/* cast: y = x in another type;  dx = dy in x's */
SG_EVAL(cast)
{
    if (call->in_dtype[0] == SG_F32)
        for (int i = 0; i < call->size; i++)
            ((double *)call->out[0])[i] = ((const float *)call->in[0])[i];
    else
        for (int i = 0; i < call->size; i++)
            ((float *)call->out[0])[i] = (float)((const double *)call->in[0])[i];
}
SG_VJP(cast) { dx[0] = sg_cast(dy, sg_node_dtype(x[0])); }
SG_EXAMPLE(cast)
{
    sg_node x = example_shape(g, variant, 6);
    sg_dtype other = sg_graph_dtype(g) == SG_F32 ? SG_F64 : SG_F32;
    return x.graph ? sg_cast(sg_cast(x, other), sg_graph_dtype(g)) : x;
}
sg_node sg_cast(sg_node x, sg_dtype dtype)
{
    sg_require_node("cast", x);
    if (sg_node_dtype(x) == dtype)
        return x;
    return sg_apply(SG_OP_cast, &x, 1, sg_node_shape(x), dtype, none);
}

/* concat: y = a, b side by side;  da, db = slices of dy */
SG_EVAL(concat)
{
    size_t m = (size_t)sg_shape_cols(*call->in_shape[0]),
           n = (size_t)sg_shape_cols(*call->in_shape[1]);
    copy_columns(call, call->in[0], m, 0, call->out[0], m + n, 0, m);
    copy_columns(call, call->in[1], n, 0, call->out[0], m + n, m, n);
}
SG_VJP(concat)
{
    int m = sg_shape_cols(sg_node_shape(x[0])), n = sg_shape_cols(sg_node_shape(x[1]));
    dx[0] = sg_slice(dy, 0, m);
    dx[1] = sg_slice(dy, m, n);
}
SG_EXAMPLE(concat)
{
    sg_node a = example_shape(g, variant, 3);
    return a.graph ? sg_concat(a, example_shape(g, variant, 5)) : a;
}
sg_node sg_concat(sg_node a, sg_node b)
{
    char ta[64], tb[64];
    sg_require_same_type("concat", a, b);
    sg_shape sa = sg_node_shape(a), sb = sg_node_shape(b);
    if (!sg_shape_equal(sg_shape_with_cols(sa, 1), sg_shape_with_cols(sb, 1)))
        sg_misuse("concat: %s and %s differ before the last dimension", sg_shape_text(sa, ta),
                  sg_shape_text(sb, tb));
    if (sg_shape_cols(sa) > INT_MAX - sg_shape_cols(sb))
        sg_misuse("concat: %s and %s have more than %d columns", sg_shape_text(sa, ta),
                  sg_shape_text(sb, tb), INT_MAX);
    sg_shape shape = sg_shape_with_cols(sa, sg_shape_cols(sa) + sg_shape_cols(sb));
    return sg_apply(SG_OP_concat, (sg_node[]){a, b}, 2, shape, sg_node_dtype(a), none);
}

/* slice: y = x[..., start : start + count];  dx = pad(dy) */
SG_EVAL(slice)
{
    size_t from = (size_t)sg_shape_cols(*call->in_shape[0]),
           n = (size_t)sg_shape_cols(*call->out_shape);
    copy_columns(call, call->in[0], from, (size_t)call->attr->integer[0], call->out[0], n, 0, n);
}
SG_VJP(slice)
{
    dx[0] = sg_pad(dy, sg_node_attributes(y)->integer[0], sg_shape_cols(sg_node_shape(x[0])));
}
SG_EXAMPLE(slice)
{
    sg_node x = example_shape(g, variant, 7);
    return x.graph ? sg_slice(x, 2, 3) : x;
}
sg_node sg_slice(sg_node x, int start, int count)
{
    sg_require_node("slice", x);
    int n = sg_shape_cols(sg_node_shape(x));
    if (start < 0 || count < 1 || count > n - start)
        sg_misuse("slice: %d elements from %d do not lie in 0..%d", count, start, n - 1);
    if (count == n)
        return x;
    sg_shape shape = sg_shape_with_cols(sg_node_shape(x), count);
    return sg_apply(SG_OP_slice, &x, 1, shape, sg_node_dtype(x),
                    (sg_attributes){.integer = {start}});
}

/* pad: y = x at start among zeros;  dx = slice(dy) */
SG_EVAL(pad)
{
    size_t n = (size_t)sg_shape_cols(*call->in_shape[0]),
           total = (size_t)sg_shape_cols(*call->out_shape);
    memset(call->out[0], 0, (size_t)call->size * bytes_of(call));
    copy_columns(call, call->in[0], n, 0, call->out[0], total, (size_t)call->attr->integer[0], n);
}
SG_VJP(pad)
{
    dx[0] = sg_slice(dy, sg_node_attributes(y)->integer[0], sg_shape_cols(sg_node_shape(x[0])));
}
SG_EXAMPLE(pad)
{
    sg_node x = example_shape(g, variant, 3);
    return x.graph ? sg_pad(x, 2, 7) : x;
}
sg_node sg_pad(sg_node x, int start, int total)
{
    sg_require_node("pad", x);
    int n = sg_shape_cols(sg_node_shape(x));
    if (start < 0 || total < n || start > total - n)
        sg_misuse("pad: %d elements at %d do not fit into %d", n, start, total);
    if (total == n)
        return x;
    sg_shape shape = sg_shape_with_cols(sg_node_shape(x), total);
    return sg_apply(SG_OP_pad, &x, 1, shape, sg_node_dtype(x), (sg_attributes){.integer = {start}});
}

/* ---- by index; an index outside 0..n-1 counts as the nearest inside ---- */

static int index_at(const sg_call *call, size_t i, int n)
{
    double index;
    sg_load(call->in_dtype[1], (const char *)call->in[1] + i * sg_dtype_size(call->in_dtype[1]),
            &index, 1);
    return index >= n ? n - 1 : index > 0 ? (int)index : 0;
}

/* Index constants of an example: row r takes elements r, r + 2, ... of n. */
static sg_node example_index(sg_graph *g, sg_node x, int count, int n)
{
    sg_shape shape = sg_shape_with_cols(sg_node_shape(x), count);
    int size = (int)sg_shape_size(shape);
    double index[64 * 4];
    for (int i = 0; i < size; i++)
        index[i] = (i / count + 2 * (i % count)) % n;
    return sg_constant_array(g, shape, index);
}

/* gather: y[k] = x[index[k]];  dx = scatter(dy) */
SG_EVAL(gather)
{
    int n = sg_shape_cols(*call->in_shape[0]), k = sg_shape_cols(*call->out_shape);
    size_t b = bytes_of(call);
    for (int i = 0; i < call->size; i++) {
        int from = i / k * n + index_at(call, (size_t)i, n);
        memcpy((char *)call->out[0] + b * (size_t)i, (const char *)call->in[0] + b * (size_t)from,
               b);
    }
}
SG_VJP(gather) { dx[0] = sg_scatter(dy, x[1], sg_shape_cols(sg_node_shape(x[0]))); }
SG_EXAMPLE(gather)
{
    sg_node x = example_shape(g, variant, 6);
    return x.graph ? sg_gather(x, example_index(g, x, variant == 1 ? 4 : 2, 6)) : x;
}
sg_node sg_gather(sg_node x, sg_node index)
{
    char tx[64], ti[64];
    if (!x.graph || x.graph != index.graph)
        sg_misuse("gather: both inputs must be nodes of one graph");
    sg_shape sx = sg_node_shape(x), si = sg_node_shape(index);
    if (!sg_shape_equal(sg_shape_with_cols(sx, 1), sg_shape_with_cols(si, 1)))
        sg_misuse("gather: %s and index %s differ before the last dimension", sg_shape_text(sx, tx),
                  sg_shape_text(si, ti));
    return sg_apply(SG_OP_gather, (sg_node[]){x, index}, 2, si, sg_node_dtype(x), none);
}

/* scatter: y[index[k]] += x[k];  dx = gather(dy) */
SG_EVAL(scatter)
{
    int k = sg_shape_cols(*call->in_shape[0]), n = sg_shape_cols(*call->out_shape);
    size_t b = bytes_of(call);
    memset(call->out[0], 0, b * (size_t)call->size);
    for (int i = 0; i < call->in_size[0]; i++) {
        char *y = (char *)call->out[0] + b * (size_t)(i / k * n + index_at(call, (size_t)i, n));
        call->kernels->add(1, y, 1, (const char *)call->in[0] + b * (size_t)i, 1, y);
    }
}
SG_VJP(scatter) { dx[0] = sg_gather(dy, x[1]); }
SG_EXAMPLE(scatter)
{
    int k = variant == 1 ? 4 : 2;
    sg_node x = example_shape(g, variant, k);
    return x.graph ? sg_scatter(x, example_index(g, x, k, 6), 6) : x;
}
sg_node sg_scatter(sg_node x, sg_node index, int n)
{
    char tx[64], ti[64];
    if (!x.graph || x.graph != index.graph)
        sg_misuse("scatter: both inputs must be nodes of one graph");
    if (!sg_shape_equal(sg_node_shape(x), sg_node_shape(index)))
        sg_misuse("scatter: %s and index %s differ", sg_shape_text(sg_node_shape(x), tx),
                  sg_shape_text(sg_node_shape(index), ti));
    sg_shape shape = sg_shape_with_cols(sg_node_shape(x), n);
    return sg_apply(SG_OP_scatter, (sg_node[]){x, index}, 2, shape, sg_node_dtype(x), none);
}
sg_node sg_one_hot(sg_node index, int n)
{
    return sg_scatter(sg_fill(index.graph, sg_node_shape(index), 1), index, n);
}
