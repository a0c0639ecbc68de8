/* ops_image.c - patches of images as rows of a matrix, so that convolution is a matrix product.
 * unfold and fold are each other's adjoints. */
#include <string.h>

#include "autograd/op.h"

/* An image and the patches in it. */
typedef struct {
    int channels, height, width, kernel, stride, rows, cols;
} patches;

static patches patches_of(sg_shape image, int kernel, int stride)
{
    patches p = {image.dim[0], image.dim[1], image.dim[2], kernel, stride, 0, 0};
    p.rows = (p.height - kernel) / stride + 1;
    p.cols = (p.width - kernel) / stride + 1;
    return p;
}

/* Calls each(patch element, image element, length, context) for each row of each patch. */
typedef void run_taker(size_t in_patches, size_t in_image, size_t length, const sg_call *call);

static void each_run(const patches *p, const sg_call *call, run_taker *take)
{
    size_t k = (size_t)p->kernel, at = 0;
    for (int r = 0; r < p->rows; r++)
        for (int q = 0; q < p->cols; q++)
            for (int c = 0; c < p->channels; c++)
                for (int i = 0; i < p->kernel; i++, at += k)
                    take(at,
                         ((size_t)c * (size_t)p->height + (size_t)(r * p->stride + i)) *
                                 (size_t)p->width +
                             (size_t)(q * p->stride),
                         k, call);
}

static void copy_run(size_t in_patches, size_t in_image, size_t length, const sg_call *call)
{
    size_t b = sg_dtype_size(call->kernels->dtype);
    memcpy((char *)call->out[0] + b * in_patches, (const char *)call->in[0] + b * in_image,
           b * length);
}

static void add_run(size_t in_patches, size_t in_image, size_t length, const sg_call *call)
{
    for (size_t j = 0; j < length; j++)
        if (call->kernels->dtype == SG_F32)
            ((float *)call->out[0])[in_image + j] += ((const float *)call->in[0])[in_patches + j];
        else
            ((double *)call->out[0])[in_image + j] += ((const double *)call->in[0])[in_patches + j];
}

static void require_image(const char *op, sg_shape image, int kernel, int stride)
{
    char text[64];
    if (image.rank != 3 || kernel < 1 || stride < 1 || image.dim[1] < kernel ||
        image.dim[2] < kernel)
        sg_misuse("%s: no patches of %d x %d at stride %d in %s [channels, height, width]", op,
                  kernel, kernel, stride, sg_shape_text(image, text));
}

/* unfold: y[r, q; c, i, j] = x[c, r stride + i, q stride + j];  dx = fold(dy) */
SG_EVAL(unfold)
{
    patches p = patches_of(*call->in_shape[0], call->attr->integer[0], call->attr->integer[1]);
    each_run(&p, call, copy_run);
}
SG_VJP(unfold)
{
    const sg_attributes *a = sg_node_attributes(y);
    dx[0] = sg_fold(dy, sg_node_shape(x[0]), a->integer[0], a->integer[1]);
}
SG_EXAMPLE(unfold)
{
    sg_shape images[] = {sg_image(2, 4, 5), sg_image(1, 3, 3), sg_image(3, 7, 6)};
    if (variant > 2)
        return (sg_node){0};
    sg_shape image = variant == SG_BENCH ? sg_image(4, 10, 10) : images[variant];
    return sg_unfold(sg_example_input(g, image, SG_DOMAIN_REAL), variant == 1 ? 1 : 3,
                     variant == 2 ? 2 : 1);
}
sg_node sg_unfold(sg_node x, int kernel, int stride)
{
    sg_shape image = x.graph ? sg_node_shape(x) : sg_vector(0);
    require_image("unfold", image, kernel, stride);
    patches p = patches_of(image, kernel, stride);
    return sg_apply(SG_OP_unfold, &x, 1, sg_matrix(p.rows * p.cols, p.channels * kernel * kernel),
                    sg_node_dtype(x), (sg_attributes){.integer = {kernel, stride}});
}

/* fold: patches added up where they lie;  dx = unfold(dy) */
SG_EVAL(fold)
{
    patches p = patches_of(*call->out_shape, call->attr->integer[0], call->attr->integer[1]);
    memset(call->out[0], 0, (size_t)call->size * sg_dtype_size(call->kernels->dtype));
    each_run(&p, call, add_run);
}
SG_VJP(fold)
{
    const sg_attributes *a = sg_node_attributes(y);
    dx[0] = sg_unfold(dy, a->integer[0], a->integer[1]);
}
SG_EXAMPLE(fold)
{
    if (variant > 1)
        return (sg_node){0};
    int stride = variant == 1 ? 2 : 1, side = variant == 1 ? 7 : 5;
    int across = (side - 3) / stride + 1;
    return sg_fold(sg_example_input(g, sg_matrix(across * across, 2 * 9), SG_DOMAIN_REAL),
                   sg_image(2, side, side), 3, stride);
}
sg_node sg_fold(sg_node x, sg_shape image, int kernel, int stride)
{
    char text[64];
    require_image("fold", image, kernel, stride);
    patches p = patches_of(image, kernel, stride);
    sg_shape whole = sg_matrix(p.rows * p.cols, p.channels * kernel * kernel);
    if (!x.graph || !sg_shape_equal(sg_node_shape(x), whole))
        sg_misuse("fold: %s are not the patches of the image",
                  x.graph ? sg_shape_text(sg_node_shape(x), text) : "nothing");
    return sg_apply(SG_OP_fold, &x, 1, image, sg_node_dtype(x),
                    (sg_attributes){.integer = {kernel, stride}});
}
