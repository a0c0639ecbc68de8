/* test_stream_ac.c - Stream AC(lambda) against the recorded traces of the published code: action,
 * TD error, value, probability and entropy of every step, and the parameters at the end. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/program_internal.h"
#include "rl/algorithm.h"
#include "tests/trace.h"

static trace_names names[] = {
    {"actor.phi.0", "policy_net.fc_layer"}, {"actor.phi.2", "policy_net.hidden_layer"},
    {"actor.mu", "policy_net.linear_mu"},   {"actor.std", "policy_net.linear_std"},
    {"critic.phi.0", "value_net.fc_layer"}, {"critic.phi.2", "value_net.hidden_layer"},
    {"critic.v", "value_net.linear_layer"}, {NULL, NULL}};

/* Of Stream Q, recorded with everything, and the size before wrappers. */
static const char *const others[] = {"epsilon_start", "epsilon_target", "exploration_fraction",
                                     "total_steps",   "obs_dim",        NULL};

static sg_program *compiled(const sg_algorithm *a, const golden *g, sg_dtype dtype)
{
    static trace_pair pairs[] = {{"lr", "hp/lr"},
                                 {"gamma", "hp/gamma"},
                                 {"lambda", "hp/lamda"},
                                 {"actor_kappa", "hp/kappa_policy"},
                                 {"critic_kappa", "hp/kappa_value"},
                                 {"entropy", "hp/entropy_coeff"},
                                 {"hidden", "hp/hidden_size"},
                                 {"beta2", "hp/beta2"},
                                 {"eps", "hp/eps"},
                                 {NULL, NULL}};
    const char *adaptive = "optimizer=adaptive_obgd";
    bool is_adaptive = golden_has(g, "hp/adaptive") && golden_number(g, "hp/adaptive") != 0;
    void *config = sg_algorithm_config(a, NULL, &adaptive, is_adaptive, NULL);
    trace_settings(a, config, g, pairs);
    sg_program *p = trace_program(a, config, (int)golden_number(g, "hp/n_obs"),
                                  (int)golden_number(g, "hp/n_actions"), dtype);
    free(config);
    return p;
}

/* done = terminated or truncated, as the published code has it. */
static double episode_end(const golden *g, size_t t)
{
    return golden_array(g, "step/terminated", NULL, NULL, NULL)[t] != 0 ||
           golden_array(g, "step/truncated", NULL, NULL, NULL)[t] != 0;
}

static void replay_step(sg_program *p, const golden *g, size_t t, trace_series *series)
{
    double end = episode_end(g, t);
    trace_set(p, sg_find(p, "obs"), g, "obs", t);
    trace_set(p, sg_find(p, "actor.noise"), g, "eps", t);
    sg_run(p, 0);
    trace_compare(&series[0], p, sg_phase_first_value(p->source, 0), g, t);
    trace_set(p, sg_find(p, "reward"), g, "reward", t);
    trace_set(p, sg_find(p, "next_obs"), g, "next_obs", t);
    sg_set(p, sg_find(p, "episode_end"), &end);
    sg_run(p, 1);
    trace_compare(&series[1], p, trace_report(p, "losses/td_error"), g, t);
    trace_compare(&series[2], p, trace_report(p, "losses/value"), g, t);
    trace_compare(&series[3], p, trace_report(p, "losses/entropy"), g, t);
}

/* Every step of a recorded run, and where it ended. */
static void replay(const char *file)
{
    size_t steps;
    golden *g = golden_open(file);
    bool single = golden_is_float32(g);
    sg_program *p = compiled(sg_algorithm_find("stream_ac", NULL), g, single ? SG_F32 : SG_F64);
    trace_start_as(p, g, names);
    trace_expect_settings_read(g, others);
    trace_series series[] = {
        {"action", 0, 0}, {"delta", 0, 0}, {"v", 0, 0}, {"entropy", 0, 0}, {"parameters", 0, 0}};
    golden_array(g, "step/reward", &steps, NULL, NULL);
    for (size_t t = 0; t < steps; t++)
        replay_step(p, g, t, series);
    int compared = trace_compare_parameters_as(&series[4], p, g, "final", names);
    cr_expect(compared == 14 - trace_left_out(g, "final"), "%s: %d parameters", file, compared);
    for (int i = 0; i < 5; i++)
        trace_expect(&series[i], single ? 2e-3 : 1e-9, file);
    trace_free(p);
    golden_close(g);
}

/* With both optimisers; those in float32 loosely. */
Test(stream_ac, follows_every_recorded_trace)
{
    const char *file;
    for (int i = 0; (file = golden_recording("stream_ac_cont", i)); i++)
        replay(file);
}
