/* ops_image.c - patches of images as rows of a matrix, so that convolution is a matrix product.
 * unfold and fold are each other's adjoints. */
#include <string.h>

#include "autograd/op.h"

/* Images [..., channels, height, width], and the patches [..., rows cols, channels kernel kernel]
 * that lie in them and in `padding` zeros around each. */
typedef struct {
    int images, channels, height, width;
    sg_window window;
    int rows, cols;
} patches;

static patches patches_of(sg_shape shape, sg_window w)
{
    const int *dim = &shape.dim[shape.rank - 3];
    patches p = {.channels = dim[0], .height = dim[1], .width = dim[2], .window = w};
    p.images = (int)sg_shape_size(shape) / (dim[0] * dim[1] * dim[2]);
    p.rows = sg_window_count(w, p.height);
    p.cols = sg_window_count(w, p.width);
    return p;
}

/* The same place in patches that lie side by side: what one line of windows reads of one line of an
 * image. In elements; `step` from one patch to the next, `stride` in the image. */
typedef struct {
    size_t in_patches, step, in_images, stride, count;
} run;
typedef void run_taker(const sg_call *call, const run *r);

/* The windows of a line whose place j, one of `kernel`, lies in the image: from .. to - 1. */
static void inside_line(const patches *p, int j, int *from, int *to)
{
    int stride = p->window.stride, x = j - p->window.padding;
    *from = x < 0 ? (-x + stride - 1) / stride : 0;
    *to = p->width > x ? (p->width - x + stride - 1) / stride : 0;
    *to = *to < p->cols ? *to : p->cols;
}

/* Place `at` of a patch, in all lines of windows of image n; what lies in the padding is left out.
 */
static void take_place(const patches *p, int n, int at, const sg_call *call, run_taker *take)
{
    int k = p->window.kernel, stride = p->window.stride, patch = p->channels * k * k;
    int i = at / k % k, j = at % k, from, to;
    inside_line(p, j, &from, &to);
    if (from >= to)
        return;
    run line = {.step = (size_t)patch, .stride = (size_t)stride, .count = (size_t)(to - from)};
    size_t first = (size_t)(n * p->rows * p->cols * patch + at);
    size_t channel = (size_t)((n * p->channels + at / (k * k)) * p->height * p->width);
    for (int r = 0; r < p->rows; r++) {
        int y = r * stride + i - p->window.padding;
        if (y < 0 || y >= p->height)
            continue;
        line.in_patches = first + line.step * (size_t)(r * p->cols + from);
        line.in_images = channel + (size_t)(y * p->width + j - p->window.padding + from * stride);
        take(call, &line);
    }
}

static void each_run(const patches *p, const sg_call *call, run_taker *take)
{
    int patch = p->channels * p->window.kernel * p->window.kernel;
    for (int n = 0; n < p->images; n++)
        for (int at = 0; at < patch; at++)
            take_place(p, n, at, call, take);
}

static void copy_run(const sg_call *call, const run *r)
{
    if (call->kernels->dtype == SG_F32) {
        const float *x = (const float *)call->in[0] + r->in_images;
        float *y = (float *)call->out[0] + r->in_patches;
        for (size_t q = 0; q < r->count; q++)
            y[q * r->step] = x[q * r->stride];
    } else {
        const double *x = (const double *)call->in[0] + r->in_images;
        double *y = (double *)call->out[0] + r->in_patches;
        for (size_t q = 0; q < r->count; q++)
            y[q * r->step] = x[q * r->stride];
    }
}

static void add_run(const sg_call *call, const run *r)
{
    if (call->kernels->dtype == SG_F32) {
        const float *x = (const float *)call->in[0] + r->in_patches;
        float *y = (float *)call->out[0] + r->in_images;
        for (size_t q = 0; q < r->count; q++)
            y[q * r->stride] += x[q * r->step];
    } else {
        const double *x = (const double *)call->in[0] + r->in_patches;
        double *y = (double *)call->out[0] + r->in_images;
        for (size_t q = 0; q < r->count; q++)
            y[q * r->stride] += x[q * r->step];
    }
}

static void clear_output(const sg_call *call)
{
    memset(call->out[0], 0, (size_t)call->size * sg_dtype_size(call->kernels->dtype));
}

/* ---- windows ---- */

int sg_window_count(sg_window w, int size)
{
    if (w.kernel < 1 || w.stride < 1 || w.padding < 0 || w.padding >= w.kernel)
        sg_misuse("window: kernel %d, stride %d, padding %d; allowed are kernels and strides from "
                  "1 on, and a padding smaller than the kernel",
                  w.kernel, w.stride, w.padding);
    int64_t room = (int64_t)size + 2 * (int64_t)w.padding - w.kernel;
    return room < 0 ? 0 : (int)(room / w.stride) + 1;
}

static sg_attributes attributes_of(sg_window w)
{
    return (sg_attributes){.integer = {w.kernel, w.stride, w.padding}};
}

static sg_window window_of(const sg_attributes *a)
{
    return (sg_window){a->integer[0], a->integer[1], a->integer[2]};
}

static void require_image(const char *op, sg_shape image, sg_window w)
{
    char text[64];
    bool fits = image.rank >= 3;
    for (int d = image.rank - 2; fits && d < image.rank; d++)
        fits = sg_window_count(w, image.dim[d]) > 0;
    if (!fits)
        sg_misuse("%s: no windows of %d x %d, stride %d, padding %d in %s [..., channels, height, "
                  "width]",
                  op, w.kernel, w.kernel, w.stride, w.padding, sg_shape_text(image, text));
}

/* [..., channels, height, width] -> [..., rows cols, channels kernel kernel] */
static sg_shape patches_shape(sg_shape image, sg_window w)
{
    patches p = patches_of(image, w);
    sg_shape shape = image;
    shape.rank = image.rank - 1;
    shape.dim[shape.rank - 2] = p.rows * p.cols;
    shape.dim[shape.rank - 1] = p.channels * w.kernel * w.kernel;
    return shape;
}

/* Images and windows that tests and benchmarks run: plain, 1 x 1, strided, padded, several. */
static const struct {
    sg_shape image;
    sg_window window;
} examples[] = {
    {{3, {2, 4, 5}}, {3, 1, 0}}, {{3, {1, 3, 3}}, {1, 1, 0}},    {{3, {3, 7, 6}}, {3, 2, 0}},
    {{3, {2, 4, 3}}, {3, 1, 1}}, {{4, {2, 2, 5, 4}}, {3, 2, 2}}, {{3, {4, 10, 10}}, {3, 1, 0}},
};
enum { EXAMPLES = sizeof examples / sizeof examples[0] };

/* unfold: y[r, q; c, i, j] = x[c, r stride - padding + i, q stride - padding + j], 0 outside;
 * dx = fold(dy) */
SG_EVAL(unfold)
{
    patches p = patches_of(*call->in_shape[0], window_of(call->attr));
    if (p.window.padding)
        clear_output(call);
    each_run(&p, call, copy_run);
}
SG_VJP(unfold) { dx[0] = sg_fold(dy, sg_node_shape(x[0]), window_of(sg_node_attributes(y))); }
SG_EXAMPLE(unfold)
{
    int k = variant == SG_BENCH ? EXAMPLES - 1 : variant;
    if (k >= EXAMPLES)
        return (sg_node){0};
    return sg_unfold(sg_example_input(g, examples[k].image, SG_DOMAIN_REAL), examples[k].window);
}
sg_node sg_unfold(sg_node x, sg_window window)
{
    sg_require_node("unfold", x);
    sg_shape image = sg_node_shape(x);
    require_image("unfold", image, window);
    return sg_apply(SG_OP_unfold, &x, 1, patches_shape(image, window), sg_node_dtype(x),
                    attributes_of(window));
}

/* fold: patches added up where they lie, those of padding dropped;  dx = unfold(dy) */
SG_EVAL(fold)
{
    patches p = patches_of(*call->out_shape, window_of(call->attr));
    clear_output(call);
    each_run(&p, call, add_run);
}
SG_VJP(fold) { dx[0] = sg_unfold(dy, window_of(sg_node_attributes(y))); }
SG_EXAMPLE(fold)
{
    int k = variant == SG_BENCH ? EXAMPLES - 1 : variant;
    if (k >= EXAMPLES)
        return (sg_node){0};
    sg_shape shape = patches_shape(examples[k].image, examples[k].window);
    return sg_fold(sg_example_input(g, shape, SG_DOMAIN_REAL), examples[k].image,
                   examples[k].window);
}
sg_node sg_fold(sg_node x, sg_shape image, sg_window window)
{
    char text[64];
    require_image("fold", image, window);
    if (!x.graph || !sg_shape_equal(sg_node_shape(x), patches_shape(image, window)))
        sg_misuse("fold: %s are not the patches of the image",
                  x.graph ? sg_shape_text(sg_node_shape(x), text) : "nothing");
    return sg_apply(SG_OP_fold, &x, 1, image, sg_node_dtype(x), attributes_of(window));
}
