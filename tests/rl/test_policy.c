/* test_policy.c - Gaussian and softmax policies: draws, probabilities, entropies, gradients. */
#include <criterion/criterion.h>
#include <math.h>

#include "autograd/check.h"
#include "autograd/ops.h"
#include "rl/policy.h"
#include "tests/misuse.h"

enum { STATES = 3, OBS = 4, ACTIONS = 5 };

/* A policy at some states, and what it says of given actions; at: mu, or log probabilities. */
typedef struct {
    sg_graph *graph;
    sg_policy pi;
    sg_program *program;
    sg_node at, S, A, draw, log_prob, entropy, mode;
} subject;

static void start(subject *s, bool discrete, int actions)
{
    sg_graph *g = s->graph = sg_graph_new(SG_F64);
    sg_env_spec spec = {.obs_size = OBS,
                        .discrete = discrete,
                        .action_count = actions,
                        .action_size = discrete ? 1 : actions};
    sg_mlp_config mlp = sg_mlp_config_default();
    mlp.hidden[0] = mlp.hidden[1] = 6;
    mlp.head_gain = 2;
    s->pi = sg_policy_new(g, "pi", &spec, SG_GAUSSIAN_FREE_STD, mlp);
    double states[STATES * OBS];
    for (int i = 0; i < STATES * OBS; i++)
        states[i] = sin(3 * i + 1);
    sg_node S = s->S = sg_constant_array(g, sg_matrix(STATES, OBS), states);
    sg_node out = sg_linear_layer_apply(s->pi.head, sg_mlp_apply(&s->pi.trunk, S));
    s->at = discrete ? sg_log_softmax(out) : out;
    s->A = sg_input_shaped(g, "A", sg_matrix(STATES, spec.action_size));
    s->draw = sg_policy_sample(&s->pi, S).action;
    s->log_prob = sg_policy_log_prob(&s->pi, S, s->A);
    s->entropy = sg_policy_entropy(&s->pi, S);
    s->mode = sg_policy_mode(&s->pi, S);
    sg_phase_values(g, "p", s->at, s->draw, s->log_prob, s->entropy, s->mode);
    s->program = sg_compile(g, sg_compile_options_default());
}

static void finish(subject *s)
{
    sg_program_free(s->program);
    sg_graph_free(s->graph);
}

/* Each index is drawn on its own part of [0, 1), and nowhere else. */
Test(policy, an_index_is_drawn_where_its_probability_lies)
{
    subject s;
    double at[STATES * ACTIONS], draw[STATES], u[STATES];
    start(&s, true, ACTIONS);
    sg_program_hold_draws(s.program, true);
    sg_run(s.program, 0);
    sg_get(s.program, s.at, at);
    for (int k = 0; k < ACTIONS; k++)
        for (int side = 0; side < 2; side++) {
            for (int i = 0; i < STATES; i++) {
                double below = 0;
                for (int j = 0; j < k; j++)
                    below += exp(at[i * ACTIONS + j]);
                u[i] = below + (side ? 1 - 1e-9 : 1e-9) * exp(at[i * ACTIONS + k]);
            }
            sg_set(s.program, sg_find(s.program, "pi.noise"), u);
            sg_run(s.program, 0);
            sg_get(s.program, s.draw, draw);
            for (int i = 0; i < STATES; i++)
                cr_expect_eq(draw[i], k, "state %d: %g, not %d", i, draw[i], k);
        }
    finish(&s);
}

Test(policy, probabilities_of_indices)
{
    subject s;
    double at[STATES * ACTIONS], log_prob[STATES], entropy[STATES], mode[STATES];
    start(&s, true, ACTIONS);
    sg_set(s.program, s.A, (double[]){4, 0, 2});
    sg_run(s.program, 0);
    sg_get(s.program, s.at, at);
    sg_get(s.program, s.log_prob, log_prob);
    sg_get(s.program, s.entropy, entropy);
    sg_get(s.program, s.mode, mode);
    static const int chosen[] = {4, 0, 2};
    for (int i = 0; i < STATES; i++) {
        double total = 0, H = 0;
        for (int k = 0; k < ACTIONS; k++) {
            total += exp(at[i * ACTIONS + k]);
            H -= exp(at[i * ACTIONS + k]) * at[i * ACTIONS + k];
            cr_expect(at[i * ACTIONS + (int)mode[i]] >= at[i * ACTIONS + k]);
        }
        cr_expect(fabs(total - 1) < 1e-14 && fabs(entropy[i] - H) < 1e-14);
        cr_expect_eq(log_prob[i], at[i * ACTIONS + chosen[i]]);
    }
    finish(&s);
}

Test(policy, a_single_index_is_certain)
{
    subject s;
    double draw[STATES], entropy[STATES];
    start(&s, true, 1);
    sg_run(s.program, 0);
    sg_get(s.program, s.draw, draw);
    sg_get(s.program, s.entropy, entropy);
    for (int i = 0; i < STATES; i++)
        cr_expect(draw[i] == 0 && entropy[i] == 0);
    finish(&s);
}

/* The density of a draw from its noise: independent normals of deviation e^log_std. */
Test(policy, densities_of_normal_actions)
{
    subject s;
    double mu[STATES * 2], z[STATES * 2], A[STATES * 2], log_prob[STATES], entropy[STATES];
    static const double log_std[2] = {0.3, -1.2};
    start(&s, false, 2);
    sg_set(s.program, s.pi.log_std, log_std);
    sg_run(s.program, 0);
    sg_get(s.program, s.draw, A);
    sg_get(s.program, sg_find(s.program, "pi.noise"), z);
    sg_program_hold_draws(s.program, true);
    sg_set(s.program, s.A, A);
    sg_run(s.program, 0);
    sg_get(s.program, s.mode, mu);
    sg_get(s.program, s.log_prob, log_prob);
    sg_get(s.program, s.entropy, entropy);
    for (int i = 0; i < STATES; i++) {
        double density = 0, H = 0;
        for (int k = 0; k < 2; k++) {
            double noise = z[2 * i + k];
            cr_expect(fabs(A[2 * i + k] - mu[2 * i + k] - exp(log_std[k]) * noise) < 1e-14);
            density -= noise * noise / 2 + log_std[k] + log(2 * M_PI) / 2;
            H += log_std[k] + (1 + log(2 * M_PI)) / 2;
        }
        cr_expect(fabs(log_prob[i] - density) < 1e-12, "%g, not %g", log_prob[i], density);
        cr_expect(fabs(entropy[i] - H) < 1e-14);
    }
    finish(&s);
}

/* Of probabilities and entropies, in all parameters. */
Test(policy, gradients)
{
    for (int discrete = 0; discrete < 2; discrete++) {
        subject s;
        start(&s, discrete, 3);
        /* a constant action: inputs of a check are random, indices must not be */
        sg_node A = sg_fill(s.graph, sg_node_shape(s.A), 1);
        sg_node y = sg_add(sg_policy_log_prob(&s.pi, s.S, A), s.entropy);
        sg_check_report report = sg_gradcheck(y, s.pi.params, sg_check_config_default());
        cr_expect(sg_check_passed(&report), "worst %g at %s", report.worst, report.where);
        cr_expect_eq(report.checked, OBS * 6 + 6 + 36 + 6 + 18 + 3 + (discrete ? 0 : 3));
        finish(&s);
    }
}

/* ---- what cannot be asked ---- */

static sg_policy unfit(bool discrete)
{
    sg_env_spec spec = {.obs_size = OBS, .discrete = discrete, .action_count = 3, .action_size = 1};
    sg_graph *g = sg_graph_new(SG_F64);
    return sg_policy_new(g, "pi", &spec, SG_SQUASHED_GAUSSIAN, sg_mlp_config_default());
}

static void differentiate_an_index(void)
{
    sg_policy pi = unfit(true);
    sg_policy_rsample(&pi, sg_input(pi.head.weight.graph, "obs", OBS));
}

static void judge_a_squashed_action(void)
{
    sg_policy pi = unfit(false);
    sg_graph *g = pi.head.weight.graph;
    sg_policy_log_prob(&pi, sg_input(g, "obs", OBS), sg_input(g, "A", 1));
}

Test(policy, what_cannot_be_asked_is_misuse)
{
    cr_expect_str_eq(misuse_of(differentiate_an_index),
                     "policy 'pi': a draw of discrete actions cannot be reparameterised");
    cr_expect_str_eq(misuse_of(judge_a_squashed_action),
                     "policy 'pi': log_prob of a recorded action needs a policy without tanh");
}
