/* test_conv.c - convolutions against the sum that defines them, one image and several, and trunks
 * that read images one by one or side by side. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/layers.h"
#include "autograd/program.h"
#include "tests/misuse.h"

typedef struct {
    int images, in, height, width, out; /* images 0: one, without a dimension of its own */
    sg_window window;
} problem;

static const problem problems[] = {
    {0, 4, 10, 10, 16, {3, 1, 0}}, /* MinAtar's */
    {0, 1, 20, 20, 4, {8, 4, 0}},  {0, 2, 5, 7, 3, {3, 2, 1}}, {0, 3, 6, 5, 1, {1, 1, 0}},
    {3, 2, 5, 4, 3, {3, 1, 2}},    {2, 1, 9, 9, 5, {4, 3, 0}}, {1, 2, 4, 4, 2, {2, 1, 1}},
};
enum { PROBLEMS = sizeof problems / sizeof problems[0] };

/* x at a place that may be padding. */
static double pixel(const problem *p, const double *x, int n, int c, int y, int z)
{
    bool inside = y >= 0 && y < p->height && z >= 0 && z < p->width;
    return inside ? x[((n * p->in + c) * p->height + y) * p->width + z] : 0;
}

/* y[n, o, r, q] = sum W[o, c, i, j] x[n, c, r stride - padding + i, q stride - padding + j] */
static double defined(const problem *p, const double *W, const double *x, int n, int o, int r,
                      int q)
{
    int k = p->window.kernel, y = r * p->window.stride - p->window.padding;
    int z = q * p->window.stride - p->window.padding;
    double total = 0;
    for (int c = 0; c < p->in; c++)
        for (int i = 0; i < k; i++)
            for (int j = 0; j < k; j++)
                total += W[((o * p->in + c) * k + i) * k + j] * pixel(p, x, n, c, y + i, z + j);
    return total;
}

static size_t compare(const problem *p, const double *W, const double *x, const double *y)
{
    int rows = sg_window_count(p->window, p->height), cols = sg_window_count(p->window, p->width);
    size_t at = 0;
    for (int n = 0; n < (p->images ? p->images : 1); n++)
        for (int o = 0; o < p->out; o++)
            for (int r = 0; r < rows; r++)
                for (int q = 0; q < cols; q++, at++)
                    cr_assert_float_eq(y[at], defined(p, W, x, n, o, r, q), 1e-12,
                                       "problem %d, image %d, filter %d, (%d, %d)",
                                       (int)(p - problems), n, o, r, q);
    return at;
}

static sg_shape image_shape(const problem *p)
{
    sg_shape one = sg_image(p->in, p->height, p->width);
    return p->images ? sg_shape_make(4, (int[]){p->images, p->in, p->height, p->width}) : one;
}

Test(conv, equals_the_sum_that_defines_it)
{
    size_t compared = 0;
    for (int i = 0; i < PROBLEMS; i++) {
        const problem *p = &problems[i];
        int k = p->window.kernel;
        sg_graph *g = sg_graph_new(SG_F64);
        sg_node W = sg_parameter(g, "W", sg_shape_make(4, (int[]){p->out, p->in, k, k}),
                                 sg_init_normal(0, 1));
        sg_node x = sg_parameter(g, "x", image_shape(p), sg_init_normal(0, 1));
        sg_node y = sg_conv2d(W, x, p->window);
        cr_assert_eq(sg_node_shape(y).rank, p->images ? 4 : 3);
        sg_phase_values(g, "run", y);
        sg_program *program = sg_compile(g, sg_compile_options_default());
        static double w_values[4096], x_values[4096], y_values[4096];
        sg_run(program, 0);
        sg_get(program, W, w_values);
        sg_get(program, x, x_values);
        sg_get(program, y, y_values);
        size_t n = compare(p, w_values, x_values, y_values);
        cr_assert_eq(n, sg_shape_size(sg_node_shape(y)));
        compared += n;
        sg_program_free(program);
        sg_graph_free(g);
    }
    cr_expect_eq(compared, 1024 + 64 + 36 + 30 + 3 * 3 * 7 * 6 + 2 * 5 * 4 + 2 * 25);
}

/* A trunk with layer norm, over images side by side, is the trunk over each. */
Test(conv, a_batch_of_images_is_each_of_them)
{
    enum { IMAGES = 3, SIZE = 2 * 6 * 5, FEATURES = 7 };
    sg_graph *g = sg_graph_new(SG_F64);
    sg_mlp_config config = sg_mlp_config_default();
    config.depth = 1;
    config.hidden[0] = FEATURES;
    config.layer_norm = true;
    config.image = (sg_image_config){2, 6, 5, 4, {3, 1, 1}};
    sg_mlp mlp = sg_mlp_new(g, "trunk", SIZE, config);
    sg_node all = sg_normal(g, "images", sg_matrix(IMAGES, SIZE)), one = sg_input(g, "one", SIZE);
    sg_node of_all = sg_mlp_apply(&mlp, all), of_one = sg_mlp_apply(&mlp, one);
    sg_phase_values(g, "run", of_all, of_one, all);
    sg_program *program = sg_compile(g, sg_compile_options_default());
    double images[IMAGES * SIZE], together[IMAGES * FEATURES], alone[FEATURES];
    sg_run(program, 0);
    sg_get(program, all, images);
    sg_get(program, of_all, together);
    for (int n = 0; n < IMAGES; n++) {
        sg_set(program, one, images + n * SIZE);
        sg_run(program, 0);
        sg_get(program, of_one, alone);
        for (int i = 0; i < FEATURES; i++)
            cr_expect_float_eq(together[n * FEATURES + i], alone[i], 1e-13);
    }
    cr_expect_gt(fabs(alone[0]), 0);
    sg_program_free(program);
    sg_graph_free(g);
}

/* ---- mistakes are named ---- */

static sg_window wrong_window;
static int wrong_channels;

static void build_wrong(void)
{
    sg_graph *g = sg_graph_new(SG_F64);
    int k = wrong_window.kernel;
    sg_conv2d(sg_fill(g, sg_shape_make(4, (int[]){2, wrong_channels, k, k}), 1),
              sg_normal(g, "x", sg_image(3, 4, 5)), wrong_window);
}

Test(conv, misfits_are_named)
{
    wrong_channels = 2;
    wrong_window = (sg_window){3, 1, 0};
    cr_expect(strstr(misuse_of(build_wrong), "conv2d: W [2, 2, 3, 3]"));
    wrong_channels = 3;
    wrong_window = (sg_window){5, 1, 0};
    cr_expect(strstr(misuse_of(build_wrong), "no windows of 5 x 5"));
    wrong_window = (sg_window){3, 0, 0};
    cr_expect(strstr(misuse_of(build_wrong), "stride 0"));
    wrong_window = (sg_window){3, 1, 3};
    cr_expect(strstr(misuse_of(build_wrong), "padding 3"));
    wrong_window = (sg_window){3, 1, 0};
    cr_expect_str_empty(misuse_of(build_wrong));
    cr_expect_eq(sg_window_count((sg_window){5, 4, 0}, 4), 0, "none fits");
    cr_expect_eq(sg_window_count((sg_window){5, 4, 1}, 4), 1);
}
