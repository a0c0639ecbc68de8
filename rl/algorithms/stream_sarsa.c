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

static const sg_preset presets[] = {
    SG_CLASSIC_CONTROL_PRESETS,
    {"MinAtar/*", SG_WITHOUT_TIME "," SG_MINATAR_EPSILON},
    {NULL, NULL},
};

static const sg_network_slot networks[] = SG_VALUE_ALONE(sg_stream_sarsa_config);

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_stream_sarsa_config *c = config;
    sg_updates counting = {0};
    sg_value q =
        sg_discrete_action_value(g, "critic", spec, sg_stream_mlp(spec, c->hidden, c->sparsity));
    sg_spread_zeros(q.params, c->sparsity);

    /* act: the action chosen a step ago for this S; where there is none, a choice now */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_node q_values = sg_named(sg_q_values(&q, S), "q values");
    sg_node t = sg_offset(sg_act_count(g, &counting), 1);
    sg_choice first = sg_epsilon_greedy("critic.first", q_values, sg_epsilon_at(t, c->epsilon));
    sg_node chosen = sg_state(g, "chosen_action", sg_vector(1), sg_graph_dtype(g), 0);
    sg_node chosen_for = sg_state(g, "chosen_for", sg_node_shape(S), sg_graph_dtype(g), 0);
    sg_node is_chosen = sg_state(g, "action_is_chosen", sg_vector(1), sg_graph_dtype(g), 0);
    sg_node is_here = sg_equal(sg_sum(sg_equal(S, chosen_for)), sg_constant(g, spec->obs_size));
    sg_node holds = c->carry_action ? is_chosen : sg_mul(is_chosen, is_here);
    sg_node A = sg_select(holds, chosen, first.action);

    /* what the environment answered */
    sg_node R = sg_input(g, "reward", 1);
    sg_node S_next = sg_input(g, "next_obs", spec->obs_size);
    sg_node terminated = sg_input(g, "terminated", 1); /* not set by truncation */
    sg_node episode_end = sg_input(g, "episode_end", 1);
    sg_ending end = sg_ending_of(terminated, episode_end, c->time_limits);

    /* A', with the parameters from before the update */
    sg_node q_next = sg_q_values(&q, S_next);
    sg_node epsilon = sg_epsilon_at(sg_offset(t, 1), c->epsilon);
    sg_choice A_next = sg_epsilon_greedy("critic", q_next, epsilon);
    sg_node goes_on = c->carry_action ? sg_constant(g, 1) : sg_one_minus(episode_end);
    sg_updates choosing = sg_join(sg_assign(chosen, A_next.action), sg_assign(chosen_for, S_next),
                                  sg_assign(is_chosen, goes_on));

    /* TD error against the action that will be taken */
    sg_node q_now = sg_gather(q_values, A);
    sg_node discount = sg_scale(sg_one_minus(end.final), c->gamma);
    sg_node target = sg_add(R, sg_mul(discount, sg_gather(q_next, A_next.action)));
    sg_node delta = sg_named(sg_stop_grad(sg_sub(target, q_now)), "delta");

    /* the traces follow q(S, A) */
    sg_td td = {delta, end.cut, c->gamma * c->lambda};
    sg_lesson predict = {SG_VALUE, .output = q_now, .td = td};
    sg_updates critic = sg_optimize(&c->critic, q.params, predict);

    sg_phase_values(g, "act", A);
    sg_phase_updates(g, "act", sg_assign(is_chosen, sg_constant(g, 0))); /* taken once */
    sg_phase_updates(g, "learn", sg_join(counting, choosing, critic));
    if (c->overshoot)
        sg_report_overshoot(delta, sg_list(A, A_next.action));
    sg_act_greedy(first.greedy);

    sg_report(g, "learn", "losses/td_error", delta);
    sg_report(g, "learn", "losses/value", q_now);
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
#define CLASSIC "optimizer=sgd,lr=3e-3"
static const sg_preset classic[] = {
    {"MinAtar/*", CLASSIC "," SG_WITHOUT_TIME "," SG_MINATAR_EPSILON},
    {"*", CLASSIC},
    {NULL, NULL},
};

const sg_algorithm sg_sarsa_algorithm = {
    .name = "sarsa",
    .summary = "SARSA(lambda) with accumulating traces (Rummery & Niranjan 1994)",
    .presets = classic,
    STREAM_SARSA,
};
