/* avg.c - Action Value Gradient (Vasan et al., NeurIPS 2024, arXiv 2411.15370, algorithm 1).
 *
 * An actor pi(.|S) and a critic q(S, A), each updated once from each sample. Three normalisations
 * make that stable, each with a switch: observations (a wrapper), penultimate features, and the TD
 * error. Settings follow the published code where it departs from the paper: the entropy bonus
 * enters the spread of returns, and A' is drawn afresh rather than being the next action.
 */
#include "autograd/ops.h"
#include "rl/incremental.h"
#include "rl/overshoot.h"

typedef struct {
    sg_pipeline pipeline;
    sg_optimizer actor, critic;
    double alpha, gamma, lambda;
    int hidden, critic_hidden;
    bool normalize_features, scale_td_error, overshoot;
} sg_avg_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_avg_config, actor, "actor_", "adam", "6.3e-3", "0", "3"),
    SG_OPTIMIZER_SETTINGS(sg_avg_config, critic, "critic_", "adam", "8.7e-3", "0", "2"),
    SG_REAL(sg_avg_config, alpha, "0.07", 0, 100, "weight of the entropy bonus"),
    SG_REAL(sg_avg_config, gamma, "0.99", 0, 1, "discount factor"),
    SG_REAL_IDLE("gamma=0", sg_avg_config, lambda, "0", 0, 1,
                 "decay of the critic's traces; 0: none"),
    SG_INCREMENTAL_SETTINGS(sg_avg_config),
    SG_OVERSHOOT_SETTING(sg_avg_config),
    SG_PIPELINE_SETTINGS(sg_avg_config, "clip", "gymnasium", "none", "false"),
};

/* Published settings (appendix of the paper and the authors' code). */
static const sg_preset presets[] = {
    {"Hopper-v*", "actor_lr=1.1e-5,critic_lr=7.7e-5,alpha=0.3"},
    {"Walker2d-v*", "actor_lr=1.1e-5,critic_lr=7.7e-5,alpha=0.3"},
    {"Ant-v*", "actor_lr=6.3e-3,critic_lr=8.7e-3,alpha=0.07"},
    {"HalfCheetah-v*", "actor_lr=6.3e-3,critic_lr=8.7e-3,alpha=0.07"},
    {"Humanoid-v*", "actor_lr=6.3e-3,critic_lr=8.7e-3,alpha=0.07"},
    {"dm_control/reacher-hard*", "actor_lr=3e-6,critic_lr=4.9e-3,alpha=0.05,gamma=0.97"},
    {"dm_control/dog-run*", "actor_lr=1.8e-5,critic_lr=4.8e-5,alpha=0.007,gamma=0.97"},
    {"dm_control/dog-*", "actor_lr=6e-6,critic_lr=8e-5,alpha=0.009,gamma=0.95"},
    {"dm_control/finger-spin*",
     "actor_lr=3.8e-4,critic_lr=8.7e-5,beta1=0.9,alpha=0.006,gamma=0.95"},
    {NULL, NULL},
};

static const sg_network_slot networks[] =
    SG_ACTOR_CRITIC(sg_avg_config, "avg's actor follows dq/dA", NULL);

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_avg_config *c = config;
    sg_mlp_config mlp = sg_incremental_mlp(c->hidden, c->normalize_features);
    sg_policy pi = sg_policy_new(g, "actor", spec, SG_SQUASHED_GAUSSIAN, mlp);
    sg_value q = sg_action_value(g, "critic", spec, sg_critic_mlp(mlp, c->critic_hidden));

    /* act: A ~ pi(.|S), reparameterised so that q(S, A) can be differentiated in theta */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_sample A = sg_policy_rsample(&pi, S);

    /* what the environment answered: R, S', terminated (not set by truncation), episode_end */
    sg_answer e = sg_answer_inputs(g, spec);

    /* soft value of where we landed, with a fresh A' */
    sg_sample A_next = sg_policy_rsample(&pi, e.S_next);
    sg_node v_next = sg_sub(sg_q(&q, e.S_next, A_next.action), sg_scale(A_next.log_prob, c->alpha));
    sg_node discount = sg_discount(e.terminated, c->gamma);
    sg_node target = sg_td_target(e.R, discount, v_next); /* R + discount v_next */

    /* TD error, divided by the running spread of the entropy-augmented return */
    sg_node q_now = sg_q(&q, S, A.action); /* built once, used by both losses */
    sg_node bonus = sg_scale(A.log_prob, c->alpha);
    sg_stat sigma = sg_return_spread(g, sg_sub(e.R, bonus), discount, e.terminated, 1);
    sg_node td_error = sg_sub(target, q_now);
    sg_node delta = sg_scaled_td_error(td_error, &sigma, c->scale_td_error);

    /* both gradients at the parameters from before the step */
    sg_node actor_loss = sg_named(sg_sub(bonus, q_now), "actor loss");
    sg_node critic_loss = sg_named(sg_square(delta), "critic loss");
    sg_td td = {delta, e.episode_end, c->gamma * c->lambda};
    sg_lesson improve = {SG_POLICY, .loss = actor_loss};
    sg_lesson predict = {SG_VALUE, .loss = critic_loss, .output = q_now, .td = td};
    sg_updates actor = sg_optimize(&c->actor, pi.params, improve);
    sg_updates critic = sg_optimize(&c->critic, q.params, predict);

    sg_phase_values(g, "act", A.action);
    sg_phase_updates(g, "learn", sg_join(sigma.updates, actor, critic));
    if (c->overshoot)
        sg_report_overshoot(td_error, sg_list(A.action, A_next.noise));
    sg_act_greedy(sg_policy_mode(&pi, S));
    sg_report_losses(actor_loss, critic_loss, td_error, A.log_prob, &sigma);
}

const sg_algorithm sg_avg_algorithm = {
    .name = "avg",
    .summary = "Action Value Gradient (Vasan et al., NeurIPS 2024)",
    SG_ALGORITHM_SETTINGS(settings, sg_avg_config),
    .presets = presets,
    .networks = networks,
    .suits = sg_suits_continuous,
    .build = build,
};
