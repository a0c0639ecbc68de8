/* stream_sarsa.c - Stream SARSA(lambda) for discrete actions (Elsayed, Vasan & Mahmood 2024, arXiv
 * 2410.14606).
 *
 * The next action A' is chosen before the update, serves as the target, and is then taken, if it is
 * at S' that the agent acts next; elsewhere, as in a new episode or while it is evaluated, a new
 * one is chosen. The published program takes the action it chose at an episode's last state as the
 * first one of the next episode: carry_action does so.
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
    bool carry_action, overshoot;
} sg_stream_sarsa_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_stream_sarsa_config, critic, "", "obgd", "1", "0", "2"),
    SG_STREAM_EPSILON(sg_stream_sarsa_config),
    SG_STREAM_SETTINGS(sg_stream_sarsa_config, "end"),
    SG_SWITCH(sg_stream_sarsa_config, carry_action, "false",
              "as published: the action chosen at an episode's end begins the next"),
    SG_PIPELINE_SETTINGS(sg_stream_sarsa_config, "none", "streaming", "streaming", "true"),
};

static const sg_preset presets[] = SG_STREAM_Q_PRESETS;

static const sg_network_slot networks[] = SG_VALUE_ALONE(sg_stream_sarsa_config);

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_stream_sarsa_config *c = config;
    sg_updates counting = {0};
    sg_value q = sg_stream_q_network(g, spec, c->hidden, c->sparsity);

    /* act: the action chosen a step ago for this S; where there is none, a choice now */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_node q_values = sg_named(sg_q_values(&q, S), "q values");
    sg_node t = sg_offset(sg_act_count(g, &counting), 1);
    sg_choice first = sg_epsilon_greedy("critic.first", q_values, sg_epsilon_at(t, c->epsilon));
    sg_ahead chosen = sg_ahead_new(S, c->carry_action);
    sg_node A = sg_ahead_take(&chosen, S, first.action);

    /* what the environment answered */
    sg_answer e = sg_answer_inputs(g, spec);
    sg_ending end = sg_ending_of(&e, c->time_limits);

    /* A', with the parameters from before the update */
    sg_node q_next = sg_q_values(&q, e.S_next);
    sg_node epsilon = sg_epsilon_at(sg_offset(t, 1), c->epsilon);
    sg_choice A_next = sg_epsilon_greedy("critic", q_next, epsilon);
    sg_updates choosing = sg_ahead_choose(&chosen, A_next.action, e.S_next, e.episode_end);

    /* TD error against the action that will be taken */
    sg_node q_now = sg_gather(q_values, A);
    sg_node discount = sg_discount(end.final, c->gamma);
    sg_node delta = sg_td_error(e.R, discount, sg_gather(q_next, A_next.action), q_now);

    /* the traces follow q(S, A) */
    sg_td td = {delta, end.cut, c->gamma * c->lambda};
    sg_lesson predict = {SG_VALUE, .output = q_now, .td = td};

    sg_phase_values(g, "act", A);
    sg_phase_updates(g, "learn", sg_join(counting, choosing));
    sg_phase_updates(g, "learn", sg_optimize(&c->critic, q.params, predict));
    if (c->overshoot)
        sg_report_overshoot(delta, sg_list(A, A_next.action));
    sg_act_greedy(first.greedy);

    sg_report_prediction(delta, q_now);
    sg_report(g, "learn", "charts/epsilon", epsilon);
}

#define STREAM_SARSA                                         \
    SG_ALGORITHM_SETTINGS(settings, sg_stream_sarsa_config), \
        .networks = networks, .suits = sg_suits_discrete, .build = build

const sg_algorithm sg_stream_sarsa_algorithm = {
    .name = "stream_sarsa",
    .summary = "Stream SARSA(lambda) with ObGD (Elsayed, Vasan & Mahmood 2024)",
    .presets = presets,
    STREAM_SARSA,
};

/* The classic form: the step lr delta z, whatever may come of it. */
static const sg_preset classic[] = SG_CLASSIC_Q_PRESETS("optimizer=sgd,lr=3e-3");

const sg_algorithm sg_sarsa_algorithm = {
    .name = "sarsa",
    .summary = "SARSA(lambda) with accumulating traces (Rummery & Niranjan 1994)",
    .presets = classic,
    STREAM_SARSA,
};
