/* test_policy_density.c - the probabilities that come with the draws of Gaussian policies of every
 * kind are densities, and squashed actions stay within their bounds. */
#include <criterion/criterion.h>
#include <math.h>

#include "autograd/ops.h"
#include "autograd/program.h"
#include "rl/policy.h"

/* A policy of one action, in a box [-3, 0.5], drawn at one state. */
typedef struct {
    sg_graph *graph;
    sg_program *program;
    sg_sample draw;
} one_action;

static one_action make(sg_policy_kind kind, bool constant)
{
    sg_env_spec spec = {
        .obs_rank = 1, .obs_size = 2, .action_size = 1, .action_low = {-3}, .action_high = {0.5}};
    one_action p = {.graph = sg_graph_new(SG_F64)};
    sg_policy pi = sg_policy_new(p.graph, "actor", &spec, kind, sg_relu_mlp(8));
    sg_node S = sg_input(p.graph, "obs", 2);
    p.draw = constant ? sg_policy_sample(&pi, S) : sg_policy_rsample(&pi, S);
    sg_phase_values(p.graph, "act", p.draw.action, p.draw.log_prob);
    p.program = sg_compile(p.graph, sg_compile_options_default());
    sg_program_hold_draws(p.program, true);
    sg_set(p.program, sg_find(p.program, "obs"), (double[]){0.3, -0.7});
    return p;
}

typedef struct {
    double low, high;
} bounds;

/* The trapezoids of exp(log_prob) over the actions that noise from -9 to 9 gives. */
static double probability(const one_action *p, const bounds *within)
{
    enum { POINTS = 6000 };
    double total = 0, action[2], density[2] = {0};
    for (int i = 0; i <= POINTS; i++) {
        double noise = -9 + 18.0 * i / POINTS;
        sg_set(p->program, p->draw.noise, &noise);
        sg_run(p->program, 0);
        action[i % 2] = sg_get_number(p->program, p->draw.action);
        density[i % 2] = exp(sg_get_number(p->program, p->draw.log_prob));
        cr_assert(action[i % 2] >= within->low && action[i % 2] <= within->high);
        if (i > 0)
            total += fabs(action[1] - action[0]) * (density[0] + density[1]) / 2;
    }
    return total;
}

Test(policy_density, of_draws_of_every_kind)
{
    static const bounds kinds[] = {[SG_GAUSSIAN] = {-INFINITY, INFINITY},
                                   [SG_GAUSSIAN_FREE_STD] = {-INFINITY, INFINITY},
                                   [SG_SQUASHED_GAUSSIAN] = {-1, 1},
                                   [SG_BOX_GAUSSIAN] = {-3, 0.5},
                                   [SG_BOX_GAUSSIAN_SMOOTH] = {-3, 0.5}};
    for (int k = 0; k < 10; k++) {
        one_action p = make((sg_policy_kind)(k / 2), k % 2);
        double total = probability(&p, &kinds[k / 2]);
        cr_expect(fabs(total - 1) < 1e-4, "kind %d: %.9g", k / 2, total);
        sg_program_free(p.program);
        sg_graph_free(p.graph);
    }
}
