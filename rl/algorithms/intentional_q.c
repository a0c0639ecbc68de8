/* intentional_q.c - Intentional Q(lambda) for discrete actions (Sharifnassab et al., ICML 2026,
 * arXiv 2604.19033).
 *
 * Watkins's Q(lambda) with steps that change q(S, A) by a set fraction of the TD error. At time
 * limits the published programs differ: one takes them for the end (end), one bootstraps through
 * them and lets the traces live on into the next episode (carry); here they are bootstrapped
 * through and end the traces (bootstrap).
 */
#include "autograd/ops.h"
#include "rl/stream.h"

typedef struct {
    sg_pipeline pipeline;
    sg_optimizer critic;
    sg_intentional_config numbers; /* of the optimiser */
    sg_epsilon_schedule epsilon;
    double gamma, lambda;
    sg_sparsity sparsity;
    int hidden, time_limits;
    bool overshoot;
} sg_intentional_q_config;

static const sg_setting settings[] = {
    SG_INTENTIONAL_OPTIMIZER(sg_intentional_q_config, critic, "", "0.25", "2"),
    SG_INTENTIONAL_SETTINGS(sg_intentional_q_config, numbers),
    SG_STREAM_EPSILON(sg_intentional_q_config),
    SG_STREAM_SETTINGS(sg_intentional_q_config, "bootstrap"),
    SG_PIPELINE_SETTINGS(sg_intentional_q_config, "none", "streaming", "streaming_through",
                         "false"),
};

static const sg_preset presets[] = {
    SG_CLASSIC_CONTROL_PRESETS,
    {"MinAtar/*", "time_limits=end," SG_MINATAR_EPSILON},
    {NULL, NULL},
};

static const sg_network_slot networks[] = SG_VALUE_ALONE(sg_intentional_q_config);

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_intentional_q_config *c = config;
    sg_updates counting = {0};
    sg_value q = sg_stream_q_network(g, spec, c->hidden, c->sparsity);

    /* act: epsilon-greedy */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_node q_values = sg_named(sg_q_values(&q, S), "q values");
    sg_node t = sg_offset(sg_act_count(g, &counting), 1);
    sg_node epsilon = sg_epsilon_at(t, c->epsilon);
    sg_choice A = sg_epsilon_greedy("critic", q_values, epsilon);

    /* what the environment answered */
    sg_answer e = sg_answer_inputs(g, spec);
    sg_ending end = sg_ending_of(&e, c->time_limits);

    /* TD error against the best next action */
    sg_node q_now = sg_gather(q_values, A.action);
    sg_node discount = sg_discount(end.final, c->gamma);
    sg_node delta = sg_td_error(e.R, discount, sg_max_last(sg_q_values(&q, e.S_next)), q_now);

    /* the traces follow q(S, A) */
    sg_node reset = sg_maximum(end.cut, A.exploratory);
    sg_td td = {delta, reset, c->gamma * c->lambda};
    sg_lesson predict = {SG_VALUE, .output = q_now, .td = td};
    sg_optimizer optimizer = sg_optimizer_with(c->critic, &c->numbers);

    sg_phase_values(g, "act", A.action);
    sg_phase_updates(g, "learn", sg_join(counting, sg_optimize(&optimizer, q.params, predict)));
    if (c->overshoot)
        sg_report_overshoot(delta, sg_list(A.action));
    sg_act_greedy(A.greedy);

    sg_report_prediction(delta, q_now);
    sg_report(g, "learn", "charts/epsilon", epsilon);
}

const sg_algorithm sg_intentional_q_algorithm = {
    .name = "intentional_q",
    .summary = "Intentional Q(lambda) (Sharifnassab et al., ICML 2026)",
    SG_ALGORITHM_SETTINGS(settings, sg_intentional_q_config),
    .presets = presets,
    .networks = networks,
    .suits = sg_suits_discrete,
    .build = build,
};
