/* test_stream_ac.c - Stream AC(lambda) against the recorded traces of the published code: action,
 * TD error, value, probability and entropy of every step, and the parameters at the end. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/program_internal.h"
#include "rl/algorithm.h"
#include "tests/trace.h"

/* Our names and the published ones, part by part. */
static const char *const names[][2] = {
    {"actor.phi.0", "policy_net.fc_layer"}, {"actor.phi.2", "policy_net.hidden_layer"},
    {"actor.mu", "policy_net.linear_mu"},   {"actor.std", "policy_net.linear_std"},
    {"critic.phi.0", "value_net.fc_layer"}, {"critic.phi.2", "value_net.hidden_layer"},
    {"critic.v", "value_net.linear_layer"},
};

/* "param/<when>/<published name>" of one of our parameters. */
static const double *recorded(const golden *g, const char *when, const char *name, size_t *count)
{
    char full[256] = "";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        size_t length = strlen(names[i][0]);
        if (!strncmp(name, names[i][0], length) && name[length] == '.')
            snprintf(full, sizeof full, "param/%s/%s%s", when, names[i][1], name + length);
    }
    return golden_array(g, full, count, NULL, NULL);
}

static void set_setting(const sg_algorithm *a, void *config, const char *name, double value)
{
    char text[64];
    sg_error error;
    snprintf(text, sizeof text, "%.17g", value);
    cr_assert(sg_settings_set(&a->settings, config, name, text, &error), "%s", error.text);
}

static sg_program *compiled(const sg_algorithm *a, const golden *g, sg_dtype dtype)
{
    const char *pairs[][2] = {{"lr", "hp/lr"},
                              {"gamma", "hp/gamma"},
                              {"lambda", "hp/lamda"},
                              {"actor_kappa", "hp/kappa_policy"},
                              {"critic_kappa", "hp/kappa_value"},
                              {"entropy", "hp/entropy_coeff"},
                              {"hidden", "hp/hidden_size"}};
    const char *adaptive = "optimizer=adaptive_obgd";
    bool is_adaptive = golden_number(g, "hp/adaptive") != 0;
    void *config = sg_algorithm_config(a, NULL, &adaptive, is_adaptive, NULL);
    for (int i = 0; i < 7; i++)
        set_setting(a, config, pairs[i][0], golden_number(g, pairs[i][1]));
    sg_env_spec spec = {.id = "trace",
                        .obs_rank = 1,
                        .obs_size = (int)golden_number(g, "hp/n_obs"),
                        .action_size = (int)golden_number(g, "hp/n_actions")};
    sg_graph *graph = sg_graph_new(dtype);
    a->build(graph, &spec, config);
    free(config);
    return sg_compile(graph, sg_compile_options_default());
}

/* done = terminated or truncated, as the published code has it. */
static double episode_end(const golden *g, size_t t)
{
    return golden_array(g, "step/terminated", NULL, NULL, NULL)[t] != 0 ||
           golden_array(g, "step/truncated", NULL, NULL, NULL)[t] != 0;
}

/* The parameters after the last step. */
static void compare_final_parameters(sg_program *p, sg_nodes parameters, golden *g,
                                     double tolerance, const char *file)
{
    double values[4096];
    size_t count;
    trace_series finals = {"parameters", 0, 0};
    for (int k = 0; k < parameters.count; k++) {
        sg_node w = sg_nodes_at(parameters, k);
        const double *final = recorded(g, "final", sg_node_name(w), &count);
        cr_assert(count <= 4096 && count == sg_shape_size(sg_node_shape(w)));
        sg_get(p, w, values);
        trace_compare_values(&finals, values, final, count);
    }
    trace_expect(&finals, tolerance, file);
}

/* Every step of a recorded run, and where it ended. */
static void replay(const char *file, sg_dtype dtype, double tolerance)
{
    size_t steps, count;
    golden *g = golden_open(file);
    sg_program *p = compiled(sg_algorithm_find("stream_ac", NULL), g, dtype);
    sg_graph *graph = (sg_graph *)p->source;
    sg_nodes parameters = sg_parameters(graph);
    cr_assert_eq(parameters.count, 14);
    for (int k = 0; k < 14; k++) {
        sg_node w = sg_nodes_at(parameters, k);
        sg_set(p, w, recorded(g, "init", sg_node_name(w), &count));
    }
    sg_program_hold_draws(p, true);
    trace_series series[] = {{"action", 0, 0}, {"delta", 0, 0}, {"v", 0, 0}, {"entropy", 0, 0}};
    golden_array(g, "step/reward", &steps, NULL, NULL);
    for (size_t t = 0; t < steps; t++) {
        trace_set(p, sg_find(p, "obs"), g, "obs", t);
        trace_set(p, sg_find(p, "actor.noise"), g, "eps", t);
        sg_run(p, 0);
        trace_compare(&series[0], p, sg_phase_first_value(graph, 0), g, t);
        trace_set(p, sg_find(p, "reward"), g, "reward", t);
        trace_set(p, sg_find(p, "next_obs"), g, "next_obs", t);
        sg_set(p, sg_find(p, "episode_end"), (double[]){episode_end(g, t)});
        sg_run(p, 1);
        trace_compare(&series[1], p, sg_report_node(p, 0), g, t);
        trace_compare(&series[2], p, sg_report_node(p, 1), g, t);
        trace_compare(&series[3], p, sg_report_node(p, 3), g, t);
    }
    for (int i = 0; i < 4; i++)
        trace_expect(&series[i], tolerance, file);
    compare_final_parameters(p, parameters, g, tolerance, file);
    sg_program_free(p);
    sg_graph_free(graph);
    golden_close(g);
}

Test(stream_ac, follows_the_recorded_traces)
{
    replay("algos/stream_ac_cont.safetensors", SG_F64, 1e-9);
    replay("algos/stream_ac_cont_lowlr.safetensors", SG_F64, 1e-9);
}

Test(stream_ac, with_adaptive_obgd_follows_the_recorded_traces)
{
    replay("algos/stream_ac_cont_adaptive.safetensors", SG_F64, 1e-9);
    replay("algos/stream_ac_cont_adaptive_lowlr.safetensors", SG_F64, 1e-9);
}

Test(stream_ac, follows_the_float32_traces_loosely)
{
    replay("algos/stream_ac_cont_f32.safetensors", SG_F32, 2e-3);
    replay("algos/stream_ac_cont_adaptive_f32.safetensors", SG_F32, 2e-3);
}
