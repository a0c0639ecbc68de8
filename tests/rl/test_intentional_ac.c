/* test_intentional_ac.c - Intentional AC(lambda) against the recorded traces of the published code,
 * in both its versions: action, TD error, value, probability, entropy and the optimisers' numbers
 * at every step, and the parameters at the end. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/program_internal.h"
#include "rl/algorithm.h"
#include "tests/trace.h"
#include "tests/trial.h"

static trace_names names[] = {
    {"actor.phi.0", "policy_net.fc_layer"}, {"actor.phi.2", "policy_net.hidden_layer"},
    {"actor.mu", "policy_net.linear_mu"},   {"actor.std", "policy_net.linear_std"},
    {"critic.phi.0", "value_net.fc_layer"}, {"critic.phi.2", "value_net.hidden_layer"},
    {"critic.v", "value_net.linear_layer"}, {NULL, NULL},
};

/* The recorded run's settings; ablations record their switches. */
static void *config_of(const sg_algorithm *a, const golden *g)
{
    static trace_pair pairs[] = {{"gamma", "hp/gamma"},
                                 {"lambda", "hp/lamda"},
                                 {"actor_lr", "hp/eta_policy"},
                                 {"critic_lr", "hp/eta_value"},
                                 {"entropy", "hp/entropy_coeff"},
                                 {"hidden", "hp/hidden_size"},
                                 {"beta2", "hp/beta2"},
                                 {"clip", "hp/clip_mult"},
                                 {"beta_clip", "hp/beta_clip"},
                                 {"beta_norm", "hp/beta_norm"},
                                 {"rmsprop", "hp/use_rmsprop"},
                                 {"sigma", "hp/use_sigma"},
                                 {"adaptive_clip", "hp/use_adaptive_clip"},
                                 {"clip_start", "hp/clip_ema_sq_init"},
                                 {NULL, NULL}};
    void *config = sg_algorithm_config(a, NULL, NULL, 0, NULL);
    trace_settings(a, config, g, pairs);
    bool cut = golden_number(g, "hp/reset_trace_on_truncation") != 0;
    cr_assert(
        sg_settings_set(&a->settings, config, "time_limits", cut ? "bootstrap" : "carry", NULL));
    return config;
}

/* Of Intentional Q, recorded with everything, and the size before wrappers. */
static const char *const others[] = {"epsilon_start",
                                     "epsilon_target",
                                     "exploration_fraction",
                                     "total_steps",
                                     "done_is_terminated",
                                     "obs_dim",
                                     NULL};

/* Quantities of a step: reports, and states of the optimisers where these exist. */
static const char *const reports[][2] = {{"losses/td_error", "delta"},
                                         {"losses/value", "v"},
                                         {"losses/log_prob", "log_prob"},
                                         {"losses/entropy", "entropy"}};
static const char *const states[][2] = {{"actor.phi.0.weight.sigma", "policy_sigma"},
                                        {"critic.phi.0.weight.sigma", "value_sigma"},
                                        {"actor.phi.0.weight.delta_squared", "policy_clip_ema_sq"},
                                        {"critic.phi.0.weight.delta_squared", "value_clip_ema_sq"},
                                        {"actor.phi.0.weight.delta_size", "policy_delta_abs_ema"}};
enum { REPORTS = 4, STATES = 5, SERIES = REPORTS + STATES + 1 };

static void replay_step(sg_program *p, const golden *g, size_t t, trace_series *series)
{
    double terminated = golden_array(g, "step/terminated", NULL, NULL, NULL)[t];
    double truncated = golden_array(g, "step/truncated", NULL, NULL, NULL)[t];
    double end = terminated != 0 || truncated != 0;
    trace_set(p, sg_find(p, "obs"), g, "obs", t);
    trace_set(p, sg_find(p, "actor.noise"), g, "eps", t);
    sg_run(p, sg_phase_find(p, "act"));
    trace_compare(&series[0], p, sg_phase_first_value(p->source, 0), g, t);
    trace_set(p, sg_find(p, "reward"), g, "reward", t);
    trace_set(p, sg_find(p, "next_obs"), g, "next_obs", t);
    sg_set(p, sg_find(p, "terminated"), &terminated);
    sg_set(p, sg_find(p, "episode_end"), &end);
    sg_run(p, sg_phase_find(p, "learn"));
    for (int i = 0; i < REPORTS; i++)
        trace_compare(&series[1 + i], p, trace_report(p, reports[i][0]), g, t);
    for (int i = 0; i < STATES; i++)
        if (sg_find(p, states[i][0]).graph)
            trace_compare(&series[1 + REPORTS + i], p, sg_find(p, states[i][0]), g, t);
}

/* The series compared: a switch that is off leaves out what it would keep. */
static int kept_series(const golden *g)
{
    int kept = 0;
    static const char *const switches[] = {"hp/use_sigma", "hp/use_adaptive_clip"};
    for (int i = 0; i < 2; i++) /* of the actor and of the critic */
        kept += !golden_has(g, switches[i]) || golden_number(g, switches[i]) != 0 ? 2 : 0;
    return SERIES - 4 + kept;
}

static void expect_series(const trace_series *series, const sg_program *p, const golden *g,
                          double tolerance)
{
    int compared = 0;
    for (int i = 0; i < SERIES; i++)
        if (i <= REPORTS || sg_find(p, states[i - REPORTS - 1][0]).graph) {
            trace_expect(&series[i], tolerance, golden_file(g));
            compared++;
        }
    cr_expect(compared == kept_series(g), "%s: %d series", golden_file(g), compared);
}

static void replay(const char *file)
{
    golden *g = golden_open(file);
    bool single = golden_is_float32(g);
    const sg_algorithm *a = sg_algorithm_find("intentional_ac", NULL);
    void *config = config_of(a, g);
    sg_program *p = trace_program(a, config, (int)golden_number(g, "hp/n_obs"),
                                  (int)golden_number(g, "hp/n_actions"), single ? SG_F32 : SG_F64);
    trace_start_as(p, g, names);
    trace_expect_settings_read(g, others);
    trace_series series[SERIES] = {{"action", 0, 0}}, finals = {"parameters", 0, 0};
    for (int i = 0; i < REPORTS; i++)
        series[1 + i].name = reports[i][1];
    for (int i = 0; i < STATES; i++)
        series[1 + REPORTS + i].name = states[i][1];
    size_t steps;
    golden_array(g, "step/reward", &steps, NULL, NULL);
    for (size_t t = 0; t < steps; t++)
        replay_step(p, g, t, series);
    expect_series(series, p, g, single ? 2e-3 : 1e-9);
    int compared = trace_compare_parameters_as(&finals, p, g, "final", names);
    cr_expect(compared == 14 - trace_left_out(g, "final"), "%s: %d parameters", file, compared);
    trace_expect(&finals, single ? 2e-3 : 1e-9, file);
    trace_free(p);
    free(config);
    golden_close(g);
}

/* v1: as first published; clip: with clipped steps; base: every switch off; f32: loosely. */
Test(intentional_ac, follows_every_recorded_trace)
{
    const char *file;
    for (int i = 0; (file = golden_recording("intentional_ac", i)); i++)
        replay(file);
}

/* gamma lambda of 1 weighs all steps alike; one step less than that is nearly the same. */
Test(intentional_ac, traces_that_never_decay_are_the_limit_of_long_ones)
{
    const sg_algorithm *a = sg_algorithm_find("intentional_ac", NULL);
    static const char *const sets[] = {"hidden=8,sparsity=0,gamma=1,lambda=1",
                                       "hidden=8,sparsity=0,gamma=1,lambda=0.9999999"};
    double sums[2];
    for (int i = 0; i < 2; i++) {
        sg_error error = {""};
        void *config = sg_algorithm_config(a, NULL, &sets[i], 1, &error);
        trial t = trial_run(a, config, TRIAL_CONTINUOUS, 50, &error);
        cr_assert(t.ran, "%s: %s", sets[i], error.text);
        sums[i] = t.others_moved;
        free(config);
    }
    cr_expect(sums[0] > 0 && fabs(sums[0] - sums[1]) < 1e-3 * sums[0], "%g and %g", sums[0],
              sums[1]);
}
