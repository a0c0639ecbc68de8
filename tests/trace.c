/* trace.c - see trace.h. */
#include "tests/trace.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/program_internal.h"

sg_program *trace_program(const sg_algorithm *algorithm, const void *config, int obs_size,
                          int action_size, sg_dtype dtype)
{
    sg_env_spec spec = {.id = "trace",
                        .obs_rank = 1,
                        .obs_size = obs_size,
                        .obs_dim = {obs_size},
                        .action_size = action_size};
    return trace_program_for(algorithm, config, &spec, dtype);
}

sg_program *trace_program_for(const sg_algorithm *algorithm, const void *config,
                              const sg_env_spec *spec, sg_dtype dtype)
{
    sg_graph *graph = sg_graph_new(dtype);
    algorithm->build(graph, spec, config);
    sg_program *program = sg_compile(graph, sg_compile_options_default());
    sg_program_hold_draws(program, true);
    return program;
}

void trace_free(sg_program *program)
{
    sg_graph *graph = (sg_graph *)program->source;
    sg_program_free(program);
    sg_graph_free(graph);
}

void trace_setting(const sg_settings *settings, void *config, const char *name, double value)
{
    char text[64];
    sg_error error = {""};
    snprintf(text, sizeof text, "%.17g", value);
    cr_assert(sg_settings_set(settings, config, name, text, &error), "%s", error.text);
}

void trace_settings(const sg_algorithm *algorithm, void *config, const golden *g, trace_pair *pairs)
{
    for (; (*pairs)[0]; pairs++) {
        char text[64];
        sg_error error = {""};
        if (!golden_has(g, (*pairs)[1]))
            continue;
        snprintf(text, sizeof text, "%.17g", golden_number(g, (*pairs)[1]));
        cr_assert(sg_settings_set(&algorithm->settings, config, (*pairs)[0], text, &error),
                  "%s, %s: %s", golden_file(g), (*pairs)[1], error.text);
    }
}

void trace_hidden(const sg_algorithm *algorithm, void *config, const golden *g)
{
    static trace_pair pairs[] = {
        {"hidden", "hp/nhid_actor"}, {"critic_hidden", "hp/nhid_critic"}, {NULL, NULL}};
    trace_settings(algorithm, config, g, pairs);
}

void *trace_incremental_config(const sg_algorithm *algorithm, const golden *g)
{
    static trace_pair pairs[] = {{"actor_lr", "hp/actor_lr"},
                                 {"critic_lr", "hp/critic_lr"},
                                 {"beta1", "hp/beta1"},
                                 {"alpha", "hp/alpha_lr"},
                                 {"gamma", "hp/gamma"},
                                 {"actor_l2", "hp/l2_actor"},
                                 {"critic_l2", "hp/l2_critic"},
                                 {"normalize_features", "hp/pnorm"},
                                 {"scale_td_error", "hp/scaled_td"},
                                 {NULL, NULL}};
    void *config = sg_algorithm_config(algorithm, NULL, NULL, 0, NULL);
    trace_settings(algorithm, config, g, pairs);
    trace_hidden(algorithm, config, g);
    return config;
}

void trace_only(const golden *g, const char *name, double value)
{
    double recorded = golden_has(g, name) ? golden_number(g, name) : value;
    cr_assert(recorded == value, "%s: %s is %g, and only %g can be followed", golden_file(g), name,
              recorded, value);
}

void trace_expect_settings_read(const golden *g, const char *const *others)
{
    static const char *const of_stream[] = {"seed",          "rscale",   "p_term",
                                            "normalize_obs", "wrappers", "max_episode_steps",
                                            "obs_trace_beta"};
    enum { MOST = 32, OF_STREAM = sizeof of_stream / sizeof of_stream[0] };
    const char *names[MOST + 1] = {NULL};
    int count = 0;
    for (; count < OF_STREAM; count++)
        names[count] = of_stream[count];
    for (; *others && count < MOST; others++)
        names[count++] = *others;
    const char *unread = golden_unread_setting(g, names);
    cr_expect(!unread, "%s: the recorded setting %s is not read by this test", golden_file(g),
              unread);
}

sg_node trace_report(const sg_program *program, const char *name)
{
    for (int i = 0; i < sg_report_count(program); i++)
        if (!strcmp(sg_report_name(program, i), name))
            return sg_report_node(program, i);
    cr_assert_fail("no report '%s'", name);
    return (sg_node){0};
}

/* The recorded array of a name made of two parts. */
static const double *array(const golden *g, const char *prefix, const char *name, size_t *count)
{
    char full[256];
    snprintf(full, sizeof full, "%s/%s", prefix, name);
    return golden_array(g, full, count, NULL, NULL);
}

static const double *row(const golden *g, const char *name, size_t t, size_t n, size_t *count)
{
    const double *values = array(g, "step", name, count);
    cr_assert((t + 1) * n <= *count, "%s: %s has no row %zu of %zu values", golden_file(g), name, t,
              n);
    return values + t * n;
}

/* A parameter's array at some time, under the name that the recording has for it. */
static const double *parameter_array(const golden *g, const char *when, const char *name,
                                     const trace_names *names, size_t *count)
{
    char prefix[64], full[160];
    snprintf(prefix, sizeof prefix, "param/%s", when);
    for (; names && (*names)[0]; names++) {
        size_t length = strlen((*names)[0]);
        if (strncmp(name, (*names)[0], length) || (name[length] && name[length] != '.'))
            continue;
        snprintf(full, sizeof full, "%s%s", (*names)[1], name + length);
        return array(g, prefix, full, count);
    }
    return array(g, prefix, name, count);
}

static void expect_size(const golden *g, sg_node parameter, size_t recorded)
{
    size_t size = sg_shape_size(sg_node_shape(parameter));
    cr_assert(size == recorded, "%s: %s has %zu values, and %zu were recorded", golden_file(g),
              sg_node_name(parameter), size, recorded);
}

/* The copy of a parameter in a target network; graph NULL: it has none. */
static sg_node target_of(const sg_program *program, sg_node parameter)
{
    char name[160];
    snprintf(name, sizeof name, "target.%s", sg_node_name(parameter));
    return sg_find(program, name);
}

void trace_start(sg_program *program, const golden *g) { trace_start_as(program, g, NULL); }

void trace_start_as(sg_program *program, const golden *g, const trace_names *names)
{
    sg_nodes parameters = sg_parameters((sg_graph *)program->source);
    for (int k = 0; k < parameters.count; k++) {
        size_t count;
        sg_node p = sg_nodes_at(parameters, k);
        const double *values = parameter_array(g, "init", sg_node_name(p), names, &count);
        expect_size(g, p, count);
        sg_set(program, p, values);
        if (target_of(program, p).graph)
            sg_set(program, target_of(program, p), values);
    }
}

void trace_set(sg_program *program, sg_node node, const golden *g, const char *name, size_t t)
{
    size_t count;
    sg_set(program, node, row(g, name, t, sg_shape_size(sg_node_shape(node)), &count));
}

/* What is zero but for rounding, as the loss of standardized advantages before the first update, is
 * compared with 1. */
static void compare(trace_series *series, const double *values, const double *recorded, size_t n,
                    double scale)
{
    scale = scale > 1e-14 ? scale : 1;
    for (size_t i = 0; i < n; i++) {
        double error = fabs(values[i] - recorded[i]) / scale;
        if (!(error <= series->worst))
            series->worst = isnan(error) ? INFINITY : error;
    }
    series->compared += n;
}

static double largest(const double *values, size_t n)
{
    double most = 0;
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

void trace_compare_values(trace_series *series, const double *values, const double *recorded,
                          size_t n)
{
    compare(series, values, recorded, n, largest(recorded, n));
}

void trace_compare(trace_series *series, const sg_program *program, sg_node node, const golden *g,
                   size_t t)
{
    size_t count, n = sg_shape_size(sg_node_shape(node));
    const double *recorded = row(g, series->name, t, n, &count);
    double *values = malloc(n * sizeof *values);
    sg_get(program, node, values);
    compare(series, values, recorded, n, largest(recorded - t * n, count));
    free(values);
}

/* A file may say, under "left_out", which of its arrays were too large to be kept with it. */
static bool is_left_out(const golden *g, const char *when, const char *name)
{
    char full[160];
    const char *names = golden_text(g, "left_out");
    snprintf(full, sizeof full, "param/%s/%s", when, name);
    return names && strstr(names, full);
}

int trace_left_out(const golden *g, const char *when)
{
    char prefix[64];
    int count = 0;
    const char *names = golden_text(g, "left_out");
    snprintf(prefix, sizeof prefix, "param/%s/", when);
    while (names && (names = strstr(names, prefix))) {
        names += strlen(prefix);
        count++;
    }
    return count;
}

static int compare_parameter(trace_series *series, const sg_program *program, sg_node p,
                             const golden *g, const char *when, const trace_names *names)
{
    size_t count;
    if (is_left_out(g, when, sg_node_name(p)))
        return 0;
    const double *recorded = parameter_array(g, when, sg_node_name(p), names, &count);
    double *values = malloc(count * sizeof *values);
    expect_size(g, p, count);
    sg_get(program, p, values);
    trace_compare_values(series, values, recorded, count);
    free(values);
    return 1;
}

int trace_compare_parameters(trace_series *series, const sg_program *program, const golden *g,
                             const char *when)
{
    return trace_compare_parameters_as(series, program, g, when, NULL);
}

int trace_compare_parameters_as(trace_series *series, const sg_program *program, const golden *g,
                                const char *when, const trace_names *names)
{
    sg_nodes parameters = sg_parameters((sg_graph *)program->source);
    int compared = 0;
    for (int k = 0; k < parameters.count; k++) {
        sg_node p = sg_nodes_at(parameters, k), target = target_of(program, p);
        compared += compare_parameter(series, program, p, g, when, names);
        if (target.graph)
            compared += compare_parameter(series, program, target, g, when, names);
    }
    return compared;
}

void trace_expect(const trace_series *series, double tolerance, const char *file)
{
    cr_expect(series->compared > 0, "%s: nothing compared for %s", file, series->name);
    cr_expect(series->worst <= tolerance,
              "%s: %s is off by %.3g of its largest value (allowed %.3g)", file, series->name,
              series->worst, tolerance);
}
