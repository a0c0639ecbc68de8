/* td3.c - twin delayed DDPG (Fujimoto, van Hoof & Meger, ICML 2018) as CleanRL has it, and td3_1,
 * the same with a buffer of one.
 *
 * DDPG with the smaller of two critics, noise on the target's action, and an actor that waits. The
 * published code cuts target actions off at the bounds of the first dimension, in every dimension;
 * here each has its own, and first_bounds=on does as published.
 */
#include "autograd/ops.h"
#include "rl/answer.h"
#include "rl/deterministic.h"
#include "rl/exploration.h"
#include "rl/policy.h"
#include "rl/target.h"
#include "rl/twin_values.h"

typedef struct {
    sg_pipeline pipeline;
    sg_replay_config replay;
    sg_optimizer actor, critic;
    double gamma, tau, exploration_noise, policy_noise, noise_clip;
    int policy_every, hidden;
    bool first_bounds;
} sg_td3_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_td3_config, actor, "actor_", "adam", "3e-4", "0.9", "3"),
    SG_OPTIMIZER_SETTINGS(sg_td3_config, critic, "critic_", "adam", "3e-4", "0.9", "2"),
    SG_REAL(sg_td3_config, gamma, "0.99", 0, 1, "discount factor"),
    SG_TAU_SETTING(sg_td3_config, "0.005"),
    SG_REAL(sg_td3_config, exploration_noise, "0.1", 0, 100,
            "deviation of the exploration noise, in half widths of the action's range"),
    SG_REAL_IDLE("gamma=0 or noise_clip=0", sg_td3_config, policy_noise, "0.2", 0, 100,
                 "deviation of the noise on the target's action, in the same unit"),
    SG_REAL_IDLE("gamma=0 or policy_noise=0", sg_td3_config, noise_clip, "0.5", 0, 100,
                 "c: policy_noise is clipped to +- this"),
    SG_INT(sg_td3_config, policy_every, "2", 1, 1000000,
           "d: steps between updates of actor and targets"),
    SG_INT(sg_td3_config, hidden, "256", 1, 4096, "units in each of the two hidden layers"),
    SG_SWITCH_IDLE("gamma=0", sg_td3_config, first_bounds, "false",
                   "target actions within the first dimension's bounds, as published"),
    SG_REPLAY_SETTINGS(sg_td3_config, "1000000", "256", "25000"),
    SG_PIPELINE_SETTINGS(sg_td3_config, "none", "none", "none", "false"),
};

/* The incremental limit: each step learns from its own transition. */
static const sg_preset one[] = {{"*", SG_LAST_TRANSITION}, {NULL, NULL}};

static const sg_network_slot networks[] =
    SG_ACTOR_CRITIC(sg_td3_config, "td3's actor follows dq/dA", "a batch has no one TD error");

static const sg_timetable_line timetable[] = SG_DELAYED_TIMETABLE(sg_td3_config);

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_td3_config *c = config;
    sg_mlp_config mlp = sg_relu_mlp(c->hidden);
    sg_deterministic_policy mu = sg_deterministic_policy_new(g, "actor", spec, mlp);
    sg_twin_values q = sg_twin_action_values(g, "critic", spec, mlp);
    sg_target target = sg_target_of(sg_nodes_join(mu.params, q.params));

    /* act: mu(S) and noise */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_node centre = sg_deterministic_action(&mu, S);
    sg_node noisy = sg_deterministic_explore(&mu, centre, c->exploration_noise);
    sg_node A = sg_random_start(spec, noisy, c->replay.learning_starts);

    /* both critics learn R + gamma min q(S', mu(S') + clipped noise), at the targets: similar
     * actions have similar values */
    sg_batch b = sg_batch_inputs(g, spec, &c->replay);
    sg_node A_next = sg_deterministic_action(&mu, b.S_next);
    sg_node noise = sg_policy_noise("target", A_next);
    A_next = sg_box_noise(&mu.box, A_next, noise, c->policy_noise, c->noise_clip);
    A_next = c->first_bounds ? sg_clamp(A_next, spec->action_low[0], spec->action_high[0])
                             : sg_box_clip(&mu.box, A_next);
    sg_node v_next = sg_at_target(&target, sg_twin_q(&q, b.S_next, A_next));
    sg_node y = sg_td_target(b.R, sg_discount(b.terminated, c->gamma), v_next);
    sg_node critic_loss = sg_named(sg_twin_loss(&q, b.S, b.A, y), "critic loss");

    /* then the actor climbs the first critic as it is now */
    sg_node value = sg_q(&q.first, b.S, sg_deterministic_action(&mu, b.S));
    sg_node actor_loss = sg_named(sg_neg(sg_mean(value)), "actor loss");

    sg_phase_values(g, "act", A);
    sg_descend_alone(critic_loss, "learn", SG_VALUE, &c->critic, q.params);
    sg_descend_alone(actor_loss, "learn_actor", SG_POLICY, &c->actor, mu.params);
    sg_update_alone(g, "update_targets", sg_soft_update(&target, c->tau));
    sg_act_greedy(centre);

    sg_report(g, "learn", "losses/critic", critic_loss);
    sg_report(g, "learn", "losses/value", sg_mean(sg_q(&q.first, b.S, b.A)));
    sg_report(g, "learn_actor", "losses/actor", actor_loss);
}

#define TD3                                                                                        \
    SG_ALGORITHM_SETTINGS(settings, sg_td3_config), SG_ALGORITHM_REPLAY(timetable, sg_td3_config), \
        .networks = networks, .suits = sg_suits_bounded, .build = build

const sg_algorithm sg_td3_algorithm = {
    .name = "td3",
    .summary = "twin delayed DDPG (Fujimoto et al., ICML 2018; CleanRL's settings)",
    TD3,
};

const sg_algorithm sg_td3_1_algorithm = {
    .name = "td3_1",
    .summary = "TD3 from the last transition alone (a buffer of one)",
    .presets = one,
    TD3,
};
