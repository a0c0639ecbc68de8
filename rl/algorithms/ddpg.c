/* ddpg.c - deep deterministic policy gradient (Lillicrap et al., ICLR 2016) as CleanRL has it.
 *
 * A critic q(S, A) and a deterministic actor mu(S) that ascends it, both learned from a replay with
 * target networks; exploration by Gaussian noise on the action. As published there, the actor and
 * the targets move at every second step only, which the paper does not do (policy_every=1 is its).
 */
#include "autograd/ops.h"
#include "rl/answer.h"
#include "rl/deterministic.h"
#include "rl/exploration.h"
#include "rl/target.h"

typedef struct {
    sg_pipeline pipeline;
    sg_replay_config replay;
    sg_optimizer actor, critic;
    double gamma, tau, exploration_noise;
    int policy_every, hidden;
} sg_ddpg_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_ddpg_config, actor, "actor_", "adam", "3e-4", "0.9", "3"),
    SG_OPTIMIZER_SETTINGS(sg_ddpg_config, critic, "critic_", "adam", "3e-4", "0.9", "2"),
    SG_REAL(sg_ddpg_config, gamma, "0.99", 0, 1, "discount factor"),
    SG_TAU_SETTING(sg_ddpg_config, "0.005"),
    SG_REAL(sg_ddpg_config, exploration_noise, "0.1", 0, 100,
            "deviation of the exploration noise, in half widths of the action's range"),
    SG_INT(sg_ddpg_config, policy_every, "2", 1, 1000000,
           "steps between updates of actor and targets"),
    SG_INT(sg_ddpg_config, hidden, "256", 1, 4096, "units in each of the two hidden layers"),
    SG_REPLAY_SETTINGS(sg_ddpg_config, "1000000", "256", "25000"),
    SG_PIPELINE_SETTINGS(sg_ddpg_config, "none", "none", "none", "false"),
};

static const sg_network_slot networks[] =
    SG_ACTOR_CRITIC(sg_ddpg_config, "ddpg's actor follows dq/dA", "a batch has no one TD error");

static const sg_timetable_line timetable[] = SG_DELAYED_TIMETABLE(sg_ddpg_config);

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_ddpg_config *c = config;
    sg_mlp_config mlp = sg_relu_mlp(c->hidden);
    sg_deterministic_policy mu = sg_deterministic_policy_new(g, "actor", spec, mlp);
    sg_value q = sg_action_value(g, "critic", spec, mlp);
    sg_target target = sg_target_of(sg_nodes_join(mu.params, q.params));

    /* act: mu(S) and noise */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_node centre = sg_deterministic_action(&mu, S);
    sg_node noisy = sg_deterministic_explore(&mu, centre, c->exploration_noise);
    sg_node A = sg_random_start(spec, noisy, c->replay.learning_starts);

    /* the critic learns R + gamma q(S', mu(S')), at the targets */
    sg_batch b = sg_batch_inputs(g, spec, &c->replay);
    sg_node v_next = sg_q(&q, b.S_next, sg_deterministic_action(&mu, b.S_next));
    sg_node discount = sg_discount(b.terminated, c->gamma);
    sg_node y = sg_td_target(b.R, discount, sg_at_target(&target, v_next));
    sg_node q_now = sg_q(&q, b.S, b.A);
    sg_node critic_loss = sg_named(sg_mean(sg_square(sg_sub(q_now, y))), "critic loss");

    /* then the actor climbs the critic as it is now */
    sg_node value = sg_q(&q, b.S, sg_deterministic_action(&mu, b.S));
    sg_node actor_loss = sg_named(sg_neg(sg_mean(value)), "actor loss");

    sg_phase_values(g, "act", A);
    sg_descend_alone(critic_loss, "learn", SG_VALUE, &c->critic, q.params);
    sg_descend_alone(actor_loss, "learn_actor", SG_POLICY, &c->actor, mu.params);
    sg_update_alone(g, "update_targets", sg_soft_update(&target, c->tau));
    sg_act_greedy(centre);

    sg_report(g, "learn", "losses/critic", critic_loss);
    sg_report(g, "learn", "losses/value", sg_mean(q_now));
    sg_report(g, "learn_actor", "losses/actor", actor_loss);
}

const sg_algorithm sg_ddpg_algorithm = {
    .name = "ddpg",
    .summary =
        "deep deterministic policy gradient (Lillicrap et al., ICLR 2016; CleanRL's settings)",
    SG_ALGORITHM_SETTINGS(settings, sg_ddpg_config),
    SG_ALGORITHM_REPLAY(timetable, sg_ddpg_config),
    .networks = networks,
    .suits = sg_suits_bounded,
    .build = build,
};
