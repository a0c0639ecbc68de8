/* sac.c - soft actor-critic with a learned temperature (Haarnoja et al. 2018, arXiv 1812.05905) as
 * CleanRL has it, and sac_1, the same with a buffer of one.
 *
 * Twin critics learn the soft value that their target networks give of S'; the actor descends
 * alpha log pi - min q; alpha keeps log pi near minus the target entropy. Every policy_every steps,
 * after the critics, actor and alpha make policy_every updates each, in turn, all on that step's
 * batch. The batch program of AVG's authors is
 * log_std=clamped,fresh_alpha=off,random_start=off,policy_every=1,alpha_beta1=0.5.
 */
#include "autograd/ops.h"
#include "rl/algorithm.h"
#include "rl/answer.h"
#include "rl/exploration.h"
#include "rl/policy.h"
#include "rl/target.h"
#include "rl/temperature.h"
#include "rl/twin_values.h"

typedef struct {
    sg_pipeline pipeline;
    sg_replay_config replay;
    sg_optimizer actor, critic, alpha;
    sg_temperature_config temperature;
    double gamma, tau;
    int policy_every, target_every, hidden, critic_hidden, log_std;
    bool fresh_alpha, random_start;
} sg_sac_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_sac_config, actor, "actor_", "adam", "3e-4", "0.9", "3"),
    SG_OPTIMIZER_SETTINGS(sg_sac_config, critic, "critic_", "adam", "1e-3", "0.9", "2"),
    SG_REAL(sg_sac_config, gamma, "0.99", 0, 1, "discount factor"),
    SG_TAU_SETTING(sg_sac_config, "0.005"),
    SG_TEMPERATURE_SETTINGS(sg_sac_config, "1", "1e-3", "0.9"),
    SG_SWITCH_IDLE(
        "tune_alpha=off", sg_sac_config, fresh_alpha, "true",
        "alpha learns from a draw of the new actor; off: from the one the actor learns from"),
    SG_CHOICE(sg_sac_config, log_std, "smooth", "smooth|clamped",
              "sigma: exp of a smooth map onto [-5, 2], or exp(x / 2), x clamped to [-20, 2]"),
    SG_SWITCH_IDLE("learning_starts=0", sg_sac_config, random_start, "true",
                   "random actions until learning_starts"),
    SG_INT(sg_sac_config, policy_every, "2", 1, 1000,
           "N: every N steps actor and alpha make N updates each"),
    SG_TARGET_EVERY_SETTING(sg_sac_config, "1"),
    SG_INT(sg_sac_config, hidden, "256", 1, 4096, "units in each of the two hidden layers"),
    SG_CRITIC_HIDDEN_SETTING(sg_sac_config),
    SG_REPLAY_SETTINGS(sg_sac_config, "1000000", "256", "5000"),
    SG_PIPELINE_SETTINGS(sg_sac_config, "none", "none", "none", "false"),
};

/* By log_std. */
static const sg_policy_kind policy_kinds[] = {SG_BOX_GAUSSIAN_SMOOTH, SG_BOX_GAUSSIAN};

/* The incremental limit: each step learns from its own transition. */
static const sg_preset one[] = {{"*", SG_LAST_TRANSITION}, {NULL, NULL}};

static const sg_network_slot networks[] =
    SG_SOFT_ACTOR_CRITIC(sg_sac_config, "sac's actor follows dq/dA", "a batch has no one TD error");

static const sg_timetable_line timetable[] = {
    {"learn", SG_EACH_STEP, false},
    {"learn_actor", SG_MEMBER(sg_sac_config, policy_every, int), true},
    {"learn_alpha", SG_MEMBER(sg_sac_config, policy_every, int), true},
    {"update_targets", SG_MEMBER(sg_sac_config, target_every, int), false},
    {NULL, 0, false},
};

/* Alpha learns from a draw of the actor as it is now, or from that of the actor's own loss. */
static void learn_alpha(const sg_sac_config *c, const sg_temperature *entropy, const sg_policy *pi,
                        sg_node S, sg_node log_prob)
{
    const char *phase = c->fresh_alpha ? "learn_alpha" : "learn_actor";
    sg_node fresh = c->fresh_alpha ? sg_policy_rsample(pi, S).log_prob : log_prob;
    sg_temperature_learn(entropy, phase, &c->alpha, fresh);
}

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_sac_config *c = config;
    sg_mlp_config mlp = sg_relu_mlp(c->hidden), critic = sg_critic_mlp(mlp, c->critic_hidden);
    sg_policy pi = sg_policy_new(g, "actor", spec, policy_kinds[c->log_std], mlp);
    sg_twin_values q = sg_twin_action_values(g, "critic", spec, critic);
    sg_target target = sg_target_of(q.params);
    sg_temperature entropy = sg_temperature_new(g, spec, &c->temperature);
    sg_node alpha = entropy.alpha;

    /* act: A ~ pi(.|S) */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_node drawn = sg_policy_rsample(&pi, S).action;
    int random_steps = c->random_start ? c->replay.learning_starts : 0;
    sg_node A = sg_random_start(spec, drawn, random_steps);

    /* both critics learn R + gamma (min q(S', A') - alpha log pi(A'|S')), q at the targets */
    sg_batch b = sg_batch_inputs(g, spec, &c->replay);
    sg_sample next = sg_policy_rsample(&pi, b.S_next);
    sg_node q_next = sg_at_target(&target, sg_twin_q(&q, b.S_next, next.action));
    sg_node v_next = sg_sub(q_next, sg_mul(next.log_prob, alpha));
    sg_node y = sg_td_target(b.R, sg_discount(b.terminated, c->gamma), v_next);
    sg_node critic_loss = sg_named(sg_twin_loss(&q, b.S, b.A, y), "critic loss");

    /* then the actor follows the critics as they are now */
    sg_sample now = sg_policy_rsample(&pi, b.S);
    sg_node gap = sg_sub(sg_mul(now.log_prob, alpha), sg_twin_q(&q, b.S, now.action));
    sg_node actor_loss = sg_named(sg_mean(gap), "actor loss");

    sg_phase_values(g, "act", A);
    sg_descend_alone(critic_loss, "learn", SG_VALUE, &c->critic, q.params);
    sg_descend_alone(actor_loss, "learn_actor", SG_POLICY, &c->actor, pi.params);
    if (c->temperature.tune)
        learn_alpha(c, &entropy, &pi, b.S, now.log_prob);
    sg_update_alone(g, "update_targets", sg_soft_update(&target, c->tau));
    sg_act_greedy(sg_policy_mode(&pi, S));

    sg_report(g, "learn", "losses/critic", critic_loss);
    sg_report(g, "learn", "losses/value", sg_mean(sg_q(&q.first, b.S, b.A)));
    sg_report(g, "learn", "losses/temperature", alpha);
    sg_report(g, "learn_actor", "losses/actor", actor_loss);
    sg_report(g, "learn_actor", "losses/log_prob", sg_mean(now.log_prob));
}

#define SAC                                                                                        \
    SG_ALGORITHM_SETTINGS(settings, sg_sac_config), SG_ALGORITHM_REPLAY(timetable, sg_sac_config), \
        .networks = networks, .suits = sg_suits_bounded, .build = build

const sg_algorithm sg_sac_algorithm = {
    .name = "sac",
    .summary = "soft actor-critic (Haarnoja et al. 2018; CleanRL's settings)",
    SAC,
};

const sg_algorithm sg_sac_1_algorithm = {
    .name = "sac_1",
    .summary = "SAC from the last transition alone (a buffer of one)",
    .presets = one,
    SAC,
};
