/* test_box_policy.c - policies within bounds: the probabilities that come with their actions are
 * densities, and actions stay within the box. */
#include <criterion/criterion.h>
#include <math.h>

#include "autograd/ops.h"
#include "autograd/program.h"
#include "rl/box_policy.h"

/* A policy of one action within [-3, 0.5], drawn at one state. */
typedef struct {
    sg_graph *graph;
    sg_program *program;
    sg_box_draw draw;
} one_action;

static one_action make(sg_log_std kind)
{
    sg_env_spec spec = {
        .obs_rank = 1, .obs_size = 2, .action_size = 1, .action_low = {-3}, .action_high = {0.5}};
    one_action p = {.graph = sg_graph_new(SG_F64)};
    sg_box_policy pi = sg_box_policy_new(p.graph, "actor", &spec, sg_relu_mlp(8), kind);
    p.draw = sg_box_policy_draw(&pi, sg_input(p.graph, "obs", 2));
    sg_phase_values(p.graph, "act", p.draw.action, p.draw.log_prob);
    p.program = sg_compile(p.graph, sg_compile_options_default());
    sg_program_hold_draws(p.program, true);
    sg_set(p.program, sg_find(p.program, "obs"), (double[]){0.3, -0.7});
    return p;
}

/* The trapezoids of exp(log_prob) over the actions that noise from -9 to 9 gives. */
static double probability(const one_action *p)
{
    enum { POINTS = 6000 };
    double total = 0, action[2], density[2] = {0};
    for (int i = 0; i <= POINTS; i++) {
        double noise = -9 + 18.0 * i / POINTS;
        sg_set(p->program, p->draw.noise, &noise);
        sg_run(p->program, 0);
        action[i % 2] = sg_get_number(p->program, p->draw.action);
        density[i % 2] = exp(sg_get_number(p->program, p->draw.log_prob));
        cr_assert(action[i % 2] >= -3 && action[i % 2] <= 0.5);
        if (i > 0)
            total += fabs(action[1] - action[0]) * (density[0] + density[1]) / 2;
    }
    return total;
}

Test(box_policy, log_prob_is_a_density_over_the_box)
{
    static const sg_log_std kinds[] = {SG_LOG_STD_SMOOTH, SG_LOG_STD_CLAMPED};
    for (int k = 0; k < 2; k++) {
        one_action p = make(kinds[k]);
        double total = probability(&p);
        cr_expect(fabs(total - 1) < 1e-4, "kind %d: %.9g", k, total);
        sg_program_free(p.program);
        sg_graph_free(p.graph);
    }
}
