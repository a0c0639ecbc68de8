/* test_avg.c - AVG against the recorded traces of the published code: every quantity of every step,
 * and the parameters at the end; in float64 to 1e-9, in float32 loosely. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/check.h"
#include "autograd/program_internal.h"
#include "rl/algorithm.h"
#include "tests/golden.h"
#include "tests/trace.h"

/* AVG has no target network and no temperature that it learns. */
static const char *const others[] = {"critic_tau", "init_temperature", NULL};

static sg_env_spec spec_of(const golden *g)
{
    return (sg_env_spec){.id = "trace",
                         .obs_rank = 1,
                         .obs_size = (int)golden_number(g, "hp/obs_dim"),
                         .obs_dim = {(int)golden_number(g, "hp/obs_dim")},
                         .action_size = (int)golden_number(g, "hp/action_dim")};
}

/* One recorded step in, all that is recorded about it compared. */
static void replay_step(sg_program *p, const golden *g, size_t t, trace_series *series)
{
    trace_set(p, sg_find(p, "obs"), g, "obs", t);
    trace_set(p, sg_find(p, "actor.noise"), g, "eps_act", t);
    sg_run(p, sg_phase_find(p, "act"));
    trace_set(p, sg_find(p, "actor.noise.2"), g, "eps_next", t);
    trace_set(p, sg_find(p, "reward"), g, "reward", t);
    trace_set(p, sg_find(p, "next_obs"), g, "next_obs", t);
    trace_set(p, sg_find(p, "terminated"), g, "terminated", t);
    trace_compare(&series[0], p, sg_phase_first_value(p->source, 0), g, t);
    sg_run(p, sg_phase_find(p, "learn"));
    static const char *const reports[] = {"losses/actor", "losses/critic", "losses/td_error",
                                          "losses/log_prob", "losses/return_spread"};
    for (int i = 0; i < 5; i++)
        for (int k = 0; k < sg_report_count(p); k++)
            if (!strcmp(sg_report_name(p, k), reports[i]))
                trace_compare(&series[1 + i], p, sg_report_node(p, k), g, t);
}

/* Replays a whole file; the worst errors of all series must stay within the tolerance. */
static void replay(const char *file, bool fuse, sg_isa isa)
{
    golden *g = golden_open(file);
    bool single = golden_is_float32(g);
    const sg_algorithm *avg = sg_algorithm_find("avg", NULL);
    void *config = trace_incremental_config(avg, g);
    sg_env_spec spec = spec_of(g);
    sg_graph *graph = sg_graph_new(single ? SG_F32 : SG_F64);
    avg->build(graph, &spec, config);
    sg_compile_options options = sg_compile_options_default();
    options.without = fuse ? 0 : SG_REWRITE_ALL;
    options.isa = isa;
    sg_program *p = sg_compile(graph, options);
    sg_program_hold_draws(p, true);
    trace_start(p, g);
    trace_expect_settings_read(g, others);

    trace_series series[] = {{"action", 0, 0},    {"ploss", 0, 0}, {"qloss", 0, 0},
                             {"delta_raw", 0, 0}, {"lprob", 0, 0}, {"sigma", 0, 0},
                             {"parameters", 0, 0}};
    size_t steps;
    golden_array(g, "step/reward", &steps, NULL, NULL);
    for (size_t t = 0; t < steps; t++)
        replay_step(p, g, t, series);
    int compared = trace_compare_parameters(&series[6], p, g, "final");
    cr_expect(compared == 14 - trace_left_out(g, "final"), "%s: %d parameters", file, compared);
    for (size_t i = 0; i < sizeof series / sizeof series[0]; i++)
        trace_expect(&series[i], single ? 2e-3 : 1e-9, file);
    sg_program_free(p);
    sg_graph_free(graph);
    free(config);
    golden_close(g);
}

Test(avg, follows_every_recorded_trace)
{
    const char *file;
    for (int i = 0; (file = golden_recording("avg", i)); i++)
        replay(file, true, sg_isa_best());
}

Test(avg, unfused_plan_follows_the_traces)
{
    replay("algos/avg_b0.safetensors", false, sg_isa_best());
    replay("algos/avg_b09.safetensors", false, sg_isa_best());
}

Test(avg, every_instruction_set_follows_the_traces)
{
    for (int isa = 0; isa < SG_ISA_COUNT; isa++)
        if (sg_isa_usable((sg_isa)isa))
            replay("algos/avg_b0.safetensors", true, (sg_isa)isa);
}

/* Both losses' gradients against finite differences, on a small network. */
Test(avg, gradients_of_both_losses)
{
    const sg_algorithm *avg = sg_algorithm_find("avg", NULL);
    const char *sets[] = {"hidden=8"};
    void *config = sg_algorithm_config(avg, NULL, sets, 1, NULL);
    sg_env_spec spec = {
        .id = "test", .obs_rank = 1, .obs_size = 5, .obs_dim = {5}, .action_size = 2};
    sg_graph *graph = sg_graph_new(SG_F64);
    avg->build(graph, &spec, config);
    sg_program *p = sg_compile(graph, sg_compile_options_default());
    sg_set(p, sg_find(p, "obs"), (double[]){0.3, -1, 0.7, 1.2, -0.4});
    sg_set(p, sg_find(p, "next_obs"), (double[]){0.1, -0.8, 0.5, 1.5, -0.2});
    sg_set(p, sg_find(p, "reward"), (double[]){0.8});
    sg_check_report report = sg_gradcheck_graph(graph, p, sg_check_config_default(), NULL, NULL);
    cr_expect(sg_check_passed(&report), "%d of %d failed, worst %g at %s (%g, %g)", report.failed,
              report.checked, report.worst, report.where, report.gradient, report.difference);
    /* actor: 5x8 + 8 + 8x8 + 8 + 2(8x2 + 2); critic: 7x8 + 8 + 8x8 + 8 + 8 + 1 */
    cr_expect_eq(report.checked, 156 + 145);
    sg_program_free(p);
    sg_graph_free(graph);
    free(config);
}
