/* check.c - central differences. One phase of its own computes the losses and their gradients; a
 * parameter's element, or that of another node asked about, is moved up and down and the phase run
 * again. */
#include "autograd/check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/grad.h"
#include "autograd/graph_internal.h"
#include "autograd/ops.h"

sg_check_config sg_check_config_default(void)
{
    return (sg_check_config){.step = 1e-5, .tolerance = 1e-5, .order = 1};
}

bool sg_check_passed(const sg_check_report *report)
{
    return report->checked > 0 && report->failed == 0;
}

/* A loss with the gradients that are claimed for it. */
typedef struct {
    sg_node loss;
    sg_nodes wrt, gradients;
} claim;

typedef struct {
    sg_program *program;
    int phase;
    sg_check_config config;
} checker;

/* ---- one element ---- */

/* The loss with element `index` of a node moved by `by`. */
static double loss_moved(const checker *c, sg_node loss, sg_node wrt, double *values, int index,
                         double by)
{
    double before = values[index];
    values[index] = before + by;
    sg_set(c->program, wrt, values);
    sg_run(c->program, c->phase);
    values[index] = before;
    return sg_get_number(c->program, loss);
}

static double central_difference(const checker *c, sg_node loss, sg_node wrt, double *values,
                                 int index, double step)
{
    double h = step * fmax(1, fabs(values[index]));
    double up = loss_moved(c, loss, wrt, values, index, h);
    double down = loss_moved(c, loss, wrt, values, index, -h);
    return (up - down) / (2 * h);
}

static double error_of(double gradient, double difference, double floor)
{
    return fabs(gradient - difference) / (fmax(fabs(gradient), fabs(difference)) + floor);
}

/* A kink (ReLU) may lie within a step: an element that fails is tried again with smaller ones. */
enum { TRIES = 4 };

static void check_element(const checker *c, sg_node loss, sg_node wrt, double *values, int index,
                          double gradient, double floor, sg_check_report *report)
{
    char text[160];
    double tolerance = c->config.tolerance;
    double difference = 0, error = NAN, step = c->config.step;
    for (int i = 0; i < TRIES && !(error <= tolerance); i++, step /= 10) {
        difference = central_difference(c, loss, wrt, values, index, step);
        error = error_of(gradient, difference, floor);
    }
    report->checked++;
    report->failed += !(error <= tolerance);
    if (report->checked > 1 && !(error > report->worst) && !isnan(error))
        return;
    report->worst = error;
    report->gradient = gradient;
    report->difference = difference;
    const char *name = sg_node_name(wrt);
    snprintf(report->where, sizeof report->where, "%.140s[%d]",
             name ? name : sg_node_text(wrt.graph, wrt.id, text), index);
}

/* ---- one tensor, one claim ---- */

/* Of those that are finite: infinity would let everything else pass. */
static double largest(const double *values, int n)
{
    double most = 0;
    for (int i = 0; i < n; i++)
        most = isfinite(values[i]) ? fmax(most, fabs(values[i])) : most;
    return most;
}

static void check_tensor(const checker *c, sg_node loss, sg_node wrt, const double *gradients,
                         double scale, sg_check_report *report)
{
    int n = (int)sg_shape_size(sg_node_shape(wrt));
    int count = c->config.max_elements && c->config.max_elements < n ? c->config.max_elements : n;
    double *values = sg_alloc((size_t)n * sizeof *values);
    sg_get(c->program, wrt, values);
    sg_program_pin(c->program, wrt);
    /* differences of a loss of this size cannot see less than its rounding over the step */
    double floor =
        1e-3 * largest(gradients, n) + 1e-15 * (1 + scale) / (c->config.step * c->config.tolerance);
    for (int k = 0; k < count; k++) {
        int index = (int)((int64_t)k * n / count);
        check_element(c, loss, wrt, values, index, gradients[index], floor, report);
    }
    sg_set(c->program, wrt, values);
    sg_program_pin(c->program, (sg_node){0});
    sg_run(c->program, c->phase);
    free(values);
}

static void add_report(sg_check_report *total, const sg_check_report *part)
{
    bool first = !total->checked;
    total->checked += part->checked;
    total->failed += part->failed;
    if (first || part->worst > total->worst || isnan(part->worst)) {
        total->worst = part->worst;
        total->gradient = part->gradient;
        total->difference = part->difference;
        memcpy(total->where, part->where, sizeof total->where);
    }
}

static void check_claim(const checker *c, const claim *claimed, sg_check_listener *listener,
                        void *context, sg_check_report *total)
{
    for (int k = 0; k < claimed->wrt.count; k++) {
        sg_check_report report = {0};
        sg_node wrt = sg_nodes_at(claimed->wrt, k);
        int n = (int)sg_shape_size(sg_node_shape(wrt));
        double *gradients = sg_alloc((size_t)n * sizeof *gradients);
        sg_get(c->program, sg_nodes_at(claimed->gradients, k), gradients);
        check_tensor(c, claimed->loss, wrt, gradients,
                     fabs(sg_get_number(c->program, claimed->loss)), &report);
        if (listener)
            listener(context, claimed->loss, wrt, &report);
        add_report(total, &report);
        free(gradients);
    }
}

/* ---- the checking program ---- */

/* Inputs and state as in another program of the graph. */
static void copy_values(sg_graph *g, const sg_program *from, sg_program *to)
{
    for (int id = 0; id < g->node_count; id++) {
        const sg_node_info *n = &g->nodes[id];
        if (n->op != SG_OP_input && n->op != SG_OP_parameter && n->op != SG_OP_state)
            continue;
        double *values = sg_alloc((size_t)n->size * sizeof *values);
        sg_get(from, (sg_node){g, id}, values);
        sg_set(to, (sg_node){g, id}, values);
        free(values);
    }
}

/* Inputs from a standard normal: at 0 many a graph stands on its kinks. */
static void draw_inputs(sg_graph *g, uint64_t seed, sg_program *to)
{
    sg_nodes inputs = sg_inputs(g);
    for (int i = 0; i < inputs.count; i++) {
        sg_node input = sg_nodes_at(inputs, i);
        sg_random random;
        double *values = sg_alloc((size_t)sg_info(input)->size * sizeof *values);
        sg_random_seed_named(&random, seed, sg_node_name(input));
        sg_init_fill(sg_init_normal(0, 1), sg_node_shape(input), &random, values);
        sg_set(to, input, values);
        free(values);
    }
}

/* With step or tolerance 0 all would pass or nothing could. */
static void require_config(sg_check_config c)
{
    if (!(c.step > 0 && c.step < INFINITY) || !(c.tolerance > 0 && c.tolerance < INFINITY))
        sg_misuse("gradcheck: step %g and tolerance %g must be above 0", c.step, c.tolerance);
    if (c.max_elements < 0 || c.order < 1 || c.order > 2)
        sg_misuse("gradcheck: %d elements (allowed: 0 for all, or more), order %d (1 or 2)",
                  c.max_elements, c.order);
}

static sg_check_report check_claims(sg_graph *g, const claim *claims, int count,
                                    const sg_program *program, sg_check_config config,
                                    sg_check_listener *listener, void *context)
{
    sg_check_report report = {0};
    char phase[32];
    require_config(config);
    if (g->dtype != SG_F64)
        sg_misuse("gradcheck: the graph must be float64");
    snprintf(phase, sizeof phase, "gradcheck %d", g->phase_count);
    sg_phase_alone(g, phase);
    for (int i = 0; i < count; i++) {
        sg_phase_values(g, phase, claims[i].loss);
        sg_phase_add_values(g, phase, claims[i].gradients);
        sg_phase_add_values(g, phase, claims[i].wrt);
    }
    sg_compile_options options = sg_compile_options_default();
    options.seed = config.seed;
    options.keep_all = true;
    options.without = SG_REWRITE_ROWS; /* what is moved has to be read */
    checker c = {.program = sg_compile(g, options), .config = config};
    c.phase = sg_phase_find(c.program, phase);
    if (program)
        copy_values(g, program, c.program);
    else
        draw_inputs(g, config.seed, c.program);
    sg_run(c.program, c.phase);
    sg_program_freeze(c.program, true);
    for (int i = 0; i < count; i++)
        check_claim(&c, &claims[i], listener, context, &report);
    sg_program_free(c.program);
    return report;
}

/* ---- public ---- */

/* sum(y c) for a random constant c of either sign. */
static sg_node against_random(sg_node y, sg_random *random, sg_node *cotangent)
{
    int n = (int)sg_shape_size(sg_node_shape(y));
    double *values = sg_alloc((size_t)n * sizeof *values);
    for (int i = 0; i < n; i++)
        values[i] = sg_random_normal(random);
    *cotangent = sg_constant_array(y.graph, sg_node_shape(y), values);
    free(values);
    return sg_sum(sg_mul(y, *cotangent));
}

sg_check_report sg_gradcheck(sg_node y, sg_nodes wrt, sg_check_config config)
{
    claim claims[2];
    sg_random random;
    sg_node cotangent;
    sg_random_seed_named(&random, config.seed, "gradcheck");
    claims[0].loss = against_random(y, &random, &cotangent);
    claims[0].wrt = claims[1].wrt = wrt;
    claims[0].gradients = sg_vector_jacobian(y, cotangent, wrt);
    if (config.order > 1) {
        sg_node total = {0};
        for (int k = 0; k < wrt.count; k++) {
            sg_node part = against_random(sg_nodes_at(claims[0].gradients, k), &random, &cotangent);
            total = total.graph ? sg_add(total, part) : part;
        }
        claims[1].loss = total;
        claims[1].gradients = sg_vector_jacobian(total, sg_constant(y.graph, 1), wrt);
    }
    return check_claims(y.graph, claims, config.order > 1 ? 2 : 1, NULL, config, NULL, NULL);
}

sg_check_report sg_gradcheck_graph(sg_graph *graph, const sg_program *program,
                                   sg_check_config config, sg_check_listener *listener,
                                   void *context)
{
    int count = graph->gradient_count;
    claim *claims = sg_alloc((size_t)(count + 1) * sizeof *claims);
    for (int i = 0; i < count; i++)
        claims[i] = (claim){graph->gradients[i].loss, graph->gradients[i].wrt,
                            graph->gradients[i].gradients};
    sg_check_report report = check_claims(graph, claims, count, program, config, listener, context);
    free(claims);
    return report;
}
