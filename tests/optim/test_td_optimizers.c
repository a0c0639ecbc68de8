/* test_td_optimizers.c - optimisers that follow a TD error along eligibility traces: ObGD,
 * AdaptiveObGD and intentional updates against recorded traces of the published code, the
 * per-coordinate rule of Stream-X against numbers worked out by hand. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "autograd/ops.h"
#include "autograd/program.h"
#include "optim/optim.h"
#include "tests/optim/recorded.h"

static const char *const none[] = {NULL};

/* ---- ObGD and AdaptiveObGD, whose recorded gradients are of the negative ---- */

static void replay_obgd(const char *file)
{
    recorded r = recorded_open(file, -1);
    sg_obgd_config config = {golden_number(r.g, "hp/lr"), golden_number(r.g, "hp/gamma"),
                             golden_number(r.g, "hp/lamda"), golden_number(r.g, "hp/kappa")};
    recorded_start(&r, sg_obgd(r.parameters, r.gradients, r.delta, r.reset, config), true, NULL);
    for (size_t t = 0; t < r.steps; t++)
        recorded_step(&r, t);
    recorded_close(&r, 1e-12, none);
}

Test(optim, obgd_follows_every_recorded_trace)
{
    const char *file;
    for (int i = 0; (file = golden_recording("optim_obgd", i)); i++)
        replay_obgd(file);
}

static void replay_adaptive(const char *file)
{
    recorded r = recorded_open(file, -1);
    sg_adaptive_obgd_config c = {.lr = golden_number(r.g, "hp/lr"),
                                 .gamma = golden_number(r.g, "hp/gamma"),
                                 .lambda = golden_number(r.g, "hp/lamda"),
                                 .kappa = golden_number(r.g, "hp/kappa"),
                                 .beta2 = golden_number(r.g, "hp/beta2"),
                                 .eps = golden_number(r.g, "hp/eps")};
    recorded_start(&r, sg_adaptive_obgd(r.parameters, r.gradients, r.delta, r.reset, c), true,
                   NULL);
    for (size_t t = 0; t < r.steps; t++)
        recorded_step(&r, t);
    recorded_close(&r, 1e-10, none);
}

Test(optim, adaptive_obgd_follows_every_recorded_trace)
{
    const char *file;
    for (int i = 0; (file = golden_recording("optim_adaptive_obgd", i)); i++)
        replay_adaptive(file);
}

/* ---- intentional updates ---- */

static bool recorded_switch(const golden *g, const char *name)
{
    return !golden_has(g, name) || golden_number(g, name) != 0;
}

static sg_intentional_config recorded_config(const golden *g)
{
    return (sg_intentional_config){
        .eta = golden_number(g, "hp/eta"),
        .gamma = golden_number(g, "hp/gamma"),
        .lambda = golden_number(g, "hp/lamda"),
        .beta2 = golden_number(g, "hp/beta2"),
        .eps = golden_has(g, "hp/eps") ? golden_number(g, "hp/eps") : 1e-8,
        .clip = golden_number(g, "hp/clip_mult"),
        .beta_clip = golden_number(g, "hp/beta_clip"),
        .beta_norm = golden_number(g, "hp/beta_norm"),
        .clip_start = golden_number(g, "hp/clip_ema_sq_init"),
        .normalize_delta = golden_number(g, "hp/normalize_delta") != 0,
        .rmsprop = recorded_switch(g, "hp/use_rmsprop"),
        .sigma = recorded_switch(g, "hp/use_sigma"),
        .adaptive_clip = recorded_switch(g, "hp/use_adaptive_clip"),
    };
}

/* The numbers that the optimiser keeps, by their names here and in the recordings. */
static const char *const kept[][2] = {
    {"sigma", "sigma"}, {"delta_squared", "clip_ema_sq"}, {"delta_size", "delta_abs_ema"}};
enum { KEPT = sizeof kept / sizeof kept[0] };

/* One of them, which lies with the first parameter. */
static sg_node kept_node(const recorded *r, int i)
{
    char name[160];
    snprintf(name, sizeof name, "%s.%s", r->tensors[0].name, kept[i][0]);
    return sg_find(r->program, name);
}

/* Parameters, and every number that the optimiser keeps, at every step. */
static void replay_intentional(const char *file)
{
    recorded r = recorded_open(file, 1);
    sg_intentional_config config = recorded_config(r.g);
    recorded_start(&r, sg_intentional(r.parameters, r.gradients, r.delta, r.reset, config), true,
                   NULL);
    trace_series series[KEPT];
    for (int i = 0; i < KEPT; i++)
        series[i] = (trace_series){kept[i][1], 0, 0};
    for (size_t t = 0; t < r.steps; t++) {
        recorded_step(&r, t);
        for (int i = 0; i < KEPT; i++)
            if (kept_node(&r, i).graph)
                trace_compare(&series[i], r.program, kept_node(&r, i), r.g, t);
    }
    bool is_kept[] = {config.sigma, config.adaptive_clip, config.normalize_delta};
    for (int i = 0; i < KEPT; i++)
        if (is_kept[i])
            trace_expect(&series[i], 1e-10, file);
    recorded_close(&r, 1e-10, none);
}

/* Of actors and critics; v1: the first published code, v2: the corrected one; long: 1200 steps with
 * outliers; others with a switch off. */
Test(optim, intentional_follows_every_recorded_trace)
{
    const char *file;
    for (int i = 0; (file = golden_recording("intentional_opt", i)); i++)
        replay_intentional(file);
}

/* ---- AdaMax without first moment ---- */

/* u = delta z, v = max(beta v, |u|), w += lr u / (v + eps), on paper: lr 0.1, beta 0.5, eps 1,
 * gamma lambda 0.5. */
Test(optim, adamax_does_what_is_worked_out_by_hand)
{
    static const struct {
        double g, delta, reset, w;
    } steps[] = {
        {1, 3, 0, 0.075},             /* z 1, u 3, v 3: + 0.1 * 3 / 4 */
        {0.5, -1, 0, 0.035},          /* z 1, u -1, v 1.5: - 0.1 * 1 / 2.5 */
        {-0.5, 1, 1, 0.035},          /* z 0, u 0, v 0.75; traces end */
        {0, 5, 0, 0.035},             /* z 0, u 0, v 0.375: v was kept, z was not */
        {-2, 2, 0, 0.035 - 0.08},     /* z -2, u -4, v 4: - 0.1 * 4 / 5 */
        {1, 0.5, 0, 0.035 - 0.08},    /* z 0, u 0, v 2 */
        {0.25, -2, 0, -0.045 - 0.025} /* z 0.25, u -0.5, v 1: - 0.1 * 0.5 / 2 */
    };
    sg_graph *graph = sg_graph_new(SG_F64);
    sg_node w = sg_parameter(graph, "w", sg_vector(1), sg_init_constant(0));
    sg_node g = sg_input(graph, "g", 1), delta = sg_input(graph, "delta", 1);
    sg_node reset = sg_input(graph, "reset", 1);
    sg_updates updates = {0};
    sg_nodes z = sg_traces(sg_list(w), sg_list(g), 0.5, reset, &updates);
    sg_node descent = sg_neg(sg_mul(sg_nodes_at(z, 0), delta));
    sg_adamax_config config = {.lr = 0.1, .beta2 = 0.5, .eps = 1};
    sg_phase_updates(graph, "learn",
                     sg_join(updates, sg_adamax(sg_list(w), sg_list(descent), config)));
    sg_program *p = sg_compile(graph, sg_compile_options_default());
    for (size_t t = 0; t < sizeof steps / sizeof steps[0]; t++) {
        sg_set(p, g, &steps[t].g);
        sg_set(p, delta, &steps[t].delta);
        sg_set(p, reset, &steps[t].reset);
        sg_run(p, 0);
        cr_expect(fabs(sg_get_number(p, w) - steps[t].w) < 1e-15, "step %zu: %.17g, not %.17g", t,
                  sg_get_number(p, w), steps[t].w);
    }
    trace_free(p);
}

/* ---- directions divided by root mean squares ---- */

enum { ROWS = 35, COLS = 9 };

/* Ten steps of the op, of the chain of element-wise ops that it stands for, and the largest
 * difference of what both make: directions, mean squares, the three sums. */
static double difference_to_chain(const sg_rms_numbers *c, bool fuse, bool outer)
{
    sg_graph *graph = sg_graph_new(SG_F64);
    sg_shape shape = sg_matrix(ROWS, COLS);
    sg_node z = sg_normal(graph, "z", shape), t = sg_constant(graph, 1.3);
    sg_node g = outer ? sg_outer(sg_normal(graph, "dy", sg_vector(ROWS)),
                                 sg_normal(graph, "x", sg_vector(COLS)))
                      : sg_mul(sg_normal(graph, "g", shape), sg_normal(graph, "d", sg_vector(1)));
    sg_node v[] = {sg_state(graph, "v", shape, SG_F64, 0), sg_state(graph, "w", shape, SG_F64, 0)};
    sg_node along = sg_rms_direction(v[0], z, g, t, c);
    sg_node sums = sg_sum_to(sg_output(along, 2), sg_vector(SG_RMS_SUMS));

    sg_node w = sg_add(sg_scale(v[1], c->beta2), sg_scale(sg_square(g), 1 - c->beta2));
    sg_node rho = sg_reciprocal(sg_offset(sg_sqrt(sg_offset(sg_mul(w, t), c->eps_inside)), c->eps));
    sg_node chain = sg_mul(z, rho);
    sg_node of_chain[] = {sg_sum(sg_mul(sg_square(g), rho)), sg_sum(sg_mul(z, chain)),
                          sg_sum(sg_abs(chain))};
    sg_node worst = sg_sum(sg_abs(sg_sub(along, chain)));
    worst = sg_maximum(worst, sg_sum(sg_abs(sg_sub(sg_output(along, 1), w))));
    for (int i = 0; i < SG_RMS_SUMS; i++)
        worst = sg_maximum(worst, sg_abs(sg_sub(sg_slice(sums, i, 1), of_chain[i])));
    sg_phase_values(graph, "step", worst);
    sg_phase_updates(graph, "step",
                     sg_join(sg_assign(v[0], sg_output(along, 1)), sg_assign(v[1], w)));

    sg_compile_options options = sg_compile_options_default();
    options.without = fuse ? 0 : SG_REWRITE_ALL;
    sg_program *p = sg_compile(graph, options);
    double largest = 0, value;
    for (int i = 0; i < 10; i++) {
        sg_run(p, sg_phase_find(p, "step"));
        sg_get(p, worst, &value);
        largest = fmax(largest, value);
    }
    sg_program_free(p);
    sg_graph_free(graph);
    return largest;
}

Test(optim, rms_directions_equal_the_chain_of_plain_ops)
{
    static const sg_rms_numbers kinds[] = {{.beta2 = 0.999, .eps = 1e-3},
                                           {.beta2 = 0.9, .eps_inside = 1e-3}};
    for (int i = 0; i < 8; i++) {
        double d = difference_to_chain(&kinds[i % 2], i & 2, i & 4);
        cr_expect(d < 1e-10, "case %d: %g", i, d);
    }
}
