/* dqn.c - deep Q-networks (Mnih et al., Nature 2015) as CleanRL has them, and dqn_1, the same with
 * a buffer of one.
 *
 * q(S, .) learns R + gamma max_a q_target(S', a) from a replay; Adam on the mean squared error, no
 * clipping. Epsilon-greedy actions from the first step on.
 */
#include "autograd/ops.h"
#include "rl/algorithm.h"
#include "rl/answer.h"
#include "rl/exploration.h"
#include "rl/network.h"
#include "rl/target.h"

typedef struct {
    sg_pipeline pipeline;
    sg_replay_config replay;
    sg_optimizer q;
    sg_epsilon_schedule epsilon;
    double gamma, tau;
    int train_every, target_every, hidden_1, hidden_2;
} sg_dqn_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_dqn_config, q, "", "adam", "2.5e-4", "0.9", "2"),
    SG_REAL(sg_dqn_config, gamma, "0.99", 0, 1, "discount factor"),
    SG_TAU_SETTING(sg_dqn_config, "1"),
    SG_EPSILON_SETTINGS(sg_dqn_config, epsilon, "0.05", "250000",
                        "steps from the first to the last (published: half of 500k)"),
    SG_INT(sg_dqn_config, train_every, "10", 1, 1000000, "steps from update to update"),
    SG_TARGET_EVERY_SETTING(sg_dqn_config, "500"),
    SG_INT(sg_dqn_config, hidden_1, "120", 1, 4096, "units in the first hidden layer"),
    SG_INT(sg_dqn_config, hidden_2, "84", 1, 4096, "units in the second"),
    SG_REPLAY_SETTINGS(sg_dqn_config, "10000", "128", "10000"),
    SG_PIPELINE_SETTINGS(sg_dqn_config, "none", "none", "none", "false"),
};

/* The incremental limit: each step learns from its own transition. */
static const sg_preset one[] = {
    {"*", SG_LAST_TRANSITION ",train_every=1"},
    {NULL, NULL},
};

static const sg_network_slot networks[] = {
    {"", offsetof(sg_dqn_config, q), SG_VALUE, "a batch has no one TD error"},
    {NULL, 0, 0, NULL},
};

static const sg_timetable_line timetable[] = {
    {"learn", SG_MEMBER(sg_dqn_config, train_every, int), false},
    {"update_targets", SG_MEMBER(sg_dqn_config, target_every, int), false},
    {NULL, 0, false},
};

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_dqn_config *c = config;
    sg_updates counting = {0};
    sg_mlp_config mlp = {.depth = 2,
                         .hidden = {c->hidden_1, c->hidden_2},
                         .activation = SG_RELU,
                         .init = sg_init_fan_in_uniform()};
    sg_value q = sg_discrete_action_value(g, "q", spec, mlp);
    sg_target q_target = sg_target_of(q.params);

    /* act: epsilon-greedy */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_node epsilon = sg_epsilon_at(sg_act_count(g, &counting), c->epsilon);
    sg_choice A = sg_epsilon_greedy("q", sg_q_values(&q, S), epsilon);

    /* the mean squared TD error of a batch */
    sg_batch b = sg_batch_inputs(g, spec, &c->replay);
    sg_node best = sg_max_last(sg_at_target(&q_target, sg_q_values(&q, b.S_next)));
    sg_node y = sg_td_target(b.R, sg_discount(b.terminated, c->gamma), best);
    sg_node q_now = sg_gather(sg_q_values(&q, b.S), b.A);
    sg_node loss = sg_named(sg_mean(sg_square(sg_sub(y, q_now))), "q loss");

    sg_phase_values(g, "act", A.action, epsilon);
    sg_phase_updates(g, "act", counting);
    sg_descend_alone(loss, "learn", SG_VALUE, &c->q, q.params);
    sg_update_alone(g, "update_targets", sg_soft_update(&q_target, c->tau));
    sg_act_greedy(A.greedy);

    sg_report(g, "learn", "losses/q", loss);
    sg_report(g, "learn", "losses/value", sg_mean(q_now));
    sg_report(g, "act", "charts/epsilon", epsilon);
}

#define DQN                                                                                        \
    SG_ALGORITHM_SETTINGS(settings, sg_dqn_config), SG_ALGORITHM_REPLAY(timetable, sg_dqn_config), \
        .networks = networks, .suits = sg_suits_discrete, .build = build

const sg_algorithm sg_dqn_algorithm = {
    .name = "dqn",
    .summary = "deep Q-network (Mnih et al., Nature 2015; CleanRL's settings)",
    DQN,
};

const sg_algorithm sg_dqn_1_algorithm = {
    .name = "dqn_1",
    .summary = "DQN from the last transition alone (a buffer of one)",
    .presets = one,
    DQN,
};
