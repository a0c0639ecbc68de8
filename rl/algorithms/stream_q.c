/* stream_q.c - Stream Q(lambda) for discrete actions (Elsayed, Vasan & Mahmood 2024, arXiv
 * 2410.14606, algorithm 4).
 *
 * Watkins's Q(lambda): traces end at an episode's end and after an action that is not the greedy
 * one. As published there is no bootstrapping through time limits: the time feature makes up for
 * it.
 */
#include "autograd/ops.h"
#include "rl/stream.h"

typedef struct {
    sg_pipeline pipeline;
    sg_optimizer critic;
    sg_epsilon_schedule epsilon;
    double gamma, lambda;
    sg_sparsity sparsity;
    int hidden, time_limits;
    bool overshoot;
} sg_stream_q_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_stream_q_config, critic, "", "obgd", "1", "0", "2"),
    SG_STREAM_EPSILON(sg_stream_q_config),
    SG_STREAM_SETTINGS(sg_stream_q_config, "end"),
    SG_PIPELINE_SETTINGS(sg_stream_q_config, "none", "streaming", "streaming", "true"),
};

static const sg_preset presets[] = SG_STREAM_Q_PRESETS;

static const sg_network_slot networks[] = SG_VALUE_ALONE(sg_stream_q_config);

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_stream_q_config *c = config;
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

    sg_phase_values(g, "act", A.action);
    sg_phase_updates(g, "learn", sg_join(counting, sg_optimize(&c->critic, q.params, predict)));
    if (c->overshoot)
        sg_report_overshoot(delta, sg_list(A.action));
    sg_act_greedy(A.greedy);

    sg_report_prediction(delta, q_now);
    sg_report(g, "learn", "charts/epsilon", epsilon);
}

#define STREAM_Q                                         \
    SG_ALGORITHM_SETTINGS(settings, sg_stream_q_config), \
        .networks = networks, .suits = sg_suits_discrete, .build = build

const sg_algorithm sg_stream_q_algorithm = {
    .name = "stream_q",
    .summary = "Stream Q(lambda) with ObGD (Elsayed, Vasan & Mahmood 2024)",
    .presets = presets,
    STREAM_Q,
};

/* The classic form: the step lr delta z, whatever may come of it. */
static const sg_preset classic[] = SG_CLASSIC_Q_PRESETS("optimizer=sgd,lr=3e-3");

const sg_algorithm sg_q_algorithm = {
    .name = "q",
    .summary = "Q(lambda) with accumulating traces, cut where exploring (Watkins 1989)",
    .presets = classic,
    STREAM_Q,
};
