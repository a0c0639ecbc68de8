/* test_iac.c - IAC against the recorded traces of the published code: every quantity of every step
 * and the parameters at the end, in float64 to 1e-9. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/program_internal.h"
#include "rl/algorithm.h"
#include "tests/trace.h"

static trace_names names[] = {{"actor.phi.0", "actor.fc1.0"},   {"actor.phi.2", "actor.fc2.0"},
                              {"critic.phi.0", "critic.fc1.0"}, {"critic.phi.2", "critic.fc2.0"},
                              {"critic.v", "critic.value"},     {NULL, NULL}};

/* IAC has no target network and no temperature that it learns. */
static const char *const others[] = {"critic_tau", "init_temperature", NULL};

/* One recorded step in; `reports` are compared in the order of the series after the first. */
static void replay_step(sg_program *p, const golden *g, size_t t, trace_series *series,
                        const char *const *reports)
{
    trace_set(p, sg_find(p, "obs"), g, "obs", t);
    trace_set(p, sg_find(p, "actor.noise"), g, "eps_act", t);
    sg_run(p, sg_phase_find(p, "act"));
    trace_compare(&series[0], p, sg_phase_first_value(p->source, 0), g, t);
    trace_set(p, sg_find(p, "reward"), g, "reward", t);
    trace_set(p, sg_find(p, "next_obs"), g, "next_obs", t);
    trace_set(p, sg_find(p, "terminated"), g, "terminated", t);
    sg_run(p, sg_phase_find(p, "learn"));
    for (int i = 0; reports[i]; i++)
        trace_compare(&series[1 + i], p, trace_report(p, reports[i]), g, t);
}

static void replay(const char *file)
{
    golden *g = golden_open(file);
    bool single = golden_is_float32(g);
    const sg_algorithm *iac = sg_algorithm_find("iac", NULL);
    void *config = trace_incremental_config(iac, g);
    sg_program *p = trace_program(iac, config, (int)golden_number(g, "hp/obs_dim"),
                                  (int)golden_number(g, "hp/action_dim"), single ? SG_F32 : SG_F64);
    trace_start_as(p, g, names);
    trace_expect_settings_read(g, others);

    static const char *const reports[] = {"losses/actor",
                                          "losses/critic",
                                          "losses/td_error",
                                          "losses/log_prob",
                                          "losses/entropy",
                                          "losses/return_spread",
                                          NULL};
    trace_series series[] = {{"action", 0, 0},    {"ploss", 0, 0},     {"closs", 0, 0},
                             {"delta_raw", 0, 0}, {"lprob", 0, 0},     {"entropy", 0, 0},
                             {"sigma", 0, 0},     {"parameters", 0, 0}};
    size_t steps;
    golden_array(g, "step/reward", &steps, NULL, NULL);
    for (size_t t = 0; t < steps; t++)
        replay_step(p, g, t, series, reports);
    int compared = trace_compare_parameters_as(&series[7], p, g, "final", names);
    cr_expect(compared == 14 - trace_left_out(g, "final"), "%s: %d parameters", file, compared);
    for (size_t i = 0; i < sizeof series / sizeof series[0]; i++)
        trace_expect(&series[i], single ? 2e-3 : 1e-9, file);
    trace_free(p);
    free(config);
    golden_close(g);
}

Test(iac, follows_every_recorded_trace)
{
    const char *file;
    for (int i = 0; (file = golden_recording("iac", i)); i++)
        replay(file);
}
