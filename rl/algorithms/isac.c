/* isac.c - incremental soft actor-critic, SAC-1 as the authors of AVG wrote it for their comparison
 * (Vasan et al., NeurIPS 2024, arXiv 2411.15370).
 *
 * Soft actor-critic (Haarnoja et al. 2018) that learns from each sample once, as it comes: twin
 * critics with slow targets, and a learned alpha, on AVG's networks and with AVG's three
 * normalisations. The critics move first; the actor then follows them as they are now, with a fresh
 * A, and alpha learns from that draw. sac_1 is CleanRL's SAC with a buffer of one.
 */
#include "autograd/ops.h"
#include "rl/algorithm.h"
#include "rl/network.h"
#include "rl/statistics.h"
#include "rl/target.h"
#include "rl/temperature.h"
#include "rl/twin_values.h"

typedef struct {
    sg_pipeline pipeline;
    sg_optimizer actor, critic, alpha;
    sg_temperature_config temperature;
    double gamma, tau;
    int hidden;
    bool normalize_features, scale_td_error;
} sg_isac_config;

/* As published, but for alpha_lr, which is 0.6 there: what alpha itself is in AVG. */
static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_isac_config, actor, "actor_", "adam", "6e-5", "0.9", "3"),
    SG_OPTIMIZER_SETTINGS(sg_isac_config, critic, "critic_", "adam", "8.7e-4", "0.9", "2"),
    SG_TEMPERATURE_SETTINGS(sg_isac_config, "0.1", "8.7e-4", "0.5"),
    SG_REAL(sg_isac_config, gamma, "0.99", 0, 1, "discount factor"),
    SG_REAL(sg_isac_config, tau, "0.005", 0, 1, "how far target networks follow at each step"),
    SG_INT(sg_isac_config, hidden, "256", 1, 4096, "units in each of the two hidden layers"),
    SG_SWITCH(sg_isac_config, normalize_features, "true",
              "penultimate features divided by their norm"),
    SG_SWITCH(sg_isac_config, scale_td_error, "true", "TD errors divided by the spread of returns"),
    SG_PIPELINE_SETTINGS(sg_isac_config, "clip", "gymnasium", "none", "false"),
};

static const sg_network_slot networks[] = SG_SOFT_ACTOR_CRITIC(
    sg_isac_config, "isac's actor follows dq/dA", "two critics have a TD error each");

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_isac_config *c = config;
    sg_mlp_config mlp = sg_mlp_config_default();
    mlp.hidden[0] = mlp.hidden[1] = c->hidden;
    mlp.l2_normalize = c->normalize_features;
    sg_policy pi = sg_gaussian_policy(g, "actor", spec, mlp);
    sg_twin_values q = sg_twin_action_values(g, "critic", spec, mlp);
    sg_target slow = sg_target_of(q.params);
    sg_temperature entropy = sg_temperature_new(g, spec, &c->temperature);
    sg_node alpha = entropy.alpha;

    /* act: A ~ pi(.|S) */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_draw A = sg_policy_draw(&pi, S);

    /* what the environment answered */
    sg_node R = sg_input(g, "reward", 1);
    sg_node S_next = sg_input(g, "next_obs", spec->obs_size);
    sg_node terminated = sg_input(g, "terminated", 1); /* not set by truncation */

    /* soft value of where we landed, with a fresh A', at the targets */
    sg_draw A_next = sg_policy_draw(&pi, S_next);
    sg_node q_next = sg_at_target(&slow, sg_twin_q(&q, S_next, A_next.action));
    sg_node v_next = sg_sub(q_next, sg_mul(A_next.log_prob, alpha));
    sg_node discount = sg_scale(sg_one_minus(terminated), c->gamma);
    sg_node target = sg_stop_grad(sg_add(R, sg_mul(discount, v_next)));

    /* both TD errors, divided by the running spread of the entropy-augmented return */
    sg_node A_done = sg_stop_grad(A.action);
    sg_stat sigma =
        sg_return_spread(g, sg_sub(R, sg_mul(A.log_prob, alpha)), discount, terminated, 1);
    sg_node squares = sg_twin_loss(&q, S, A_done, target);
    sg_node variance = sg_stop_grad(sg_square(sigma.value));
    sg_node critic_loss =
        sg_named(c->scale_td_error ? sg_div(squares, variance) : squares, "critic loss");

    /* then the actor, at the new critics, with an A of its own */
    sg_draw A_now = sg_policy_draw(&pi, S);
    sg_node gap = sg_sub(sg_mul(A_now.log_prob, alpha), sg_twin_q(&q, S, A_now.action));
    sg_node actor_loss = sg_named(gap, "actor loss");

    sg_lesson predict = {SG_VALUE, .loss = critic_loss};
    sg_lesson improve = {SG_POLICY, .loss = actor_loss};
    sg_updates critic = sg_optimize(&c->critic, q.params, predict);
    sg_updates actor = sg_optimize(&c->actor, pi.params, improve);
    sg_phase_values(g, "act", A.action);
    sg_phase_updates(g, "learn", sg_join(sigma.updates, critic));
    sg_phase_alone(g, "after_learn");
    sg_phase_updates(g, "after_learn", sg_join(actor, sg_soft_update(&slow, c->tau)));

    /* alpha keeps the entropy near its target, by the same draw */
    if (c->temperature.tune) {
        sg_node loss = sg_named(sg_temperature_loss(&entropy, A_now.log_prob), "alpha loss");
        sg_lesson keep = {SG_VALUE, .loss = loss};
        sg_phase_updates(g, "after_learn", sg_optimize(&c->alpha, entropy.params, keep));
        sg_report(g, "after_learn", "losses/alpha", loss);
    }
    sg_act_greedy(sg_policy_centre(&pi, S));

    sg_report(g, "learn", "losses/critic", critic_loss);
    sg_report(g, "learn", "losses/value", sg_q(&q.first, S, A_done));
    sg_report(g, "learn", "losses/temperature", alpha);
    sg_report(g, "learn", "losses/return_spread", sigma.value);
    sg_report(g, "after_learn", "losses/actor", actor_loss);
    sg_report(g, "after_learn", "losses/log_prob", A_now.log_prob);
}

const sg_algorithm sg_isac_algorithm = {
    .name = "isac",
    .summary = "incremental SAC, SAC-1 of AVG's authors (Vasan et al., NeurIPS 2024)",
    SG_ALGORITHM_SETTINGS(settings, sg_isac_config),
    .networks = networks,
    .suits = sg_suits_continuous,
    .build = build,
};
