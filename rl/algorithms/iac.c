/* iac.c - incremental one-step actor-critic, the baseline of Vasan et al. (NeurIPS 2024, arXiv
 * 2411.15370).
 *
 * The likelihood-ratio counterpart of AVG: a critic v(S), an actor that ascends delta log pi(A|S),
 * and AVG's three normalisations, each with a switch. The return whose spread scales the TD error
 * is discounted here and has no entropy in it; the entropy bonus is that of the Gaussian before
 * tanh.
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
} sg_iac_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_iac_config, actor, "actor_", "adam", "2.2e-5", "0.9", "3"),
    SG_OPTIMIZER_SETTINGS(sg_iac_config, critic, "critic_", "adam", "3.9e-4", "0.9", "2"),
    SG_REAL(sg_iac_config, alpha, "0.8", 0, 100, "weight of the entropy bonus"),
    SG_REAL(sg_iac_config, gamma, "0.97", 0, 1, "discount factor"),
    SG_REAL_IDLE("gamma=0", sg_iac_config, lambda, "0", 0, 1,
                 "decay of eligibility traces; 0: none"),
    SG_INCREMENTAL_SETTINGS(sg_iac_config),
    SG_OVERSHOOT_SETTING(sg_iac_config),
    SG_PIPELINE_SETTINGS(sg_iac_config, "clip", "gymnasium", "none", "false"),
};

/* Found by the authors' search; the defaults are the same. */
static const sg_preset presets[] = {
    {"Hopper-v*", "actor_lr=2.2e-5,critic_lr=3.9e-4,beta1=0.9,alpha=0.8,gamma=0.97"},
    {NULL, NULL},
};

static const sg_network_slot networks[] = SG_ACTOR_CRITIC(sg_iac_config, NULL, NULL);

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_iac_config *c = config;
    sg_mlp_config mlp = sg_incremental_mlp(c->hidden, c->normalize_features);
    sg_policy pi = sg_policy_new(g, "actor", spec, SG_SQUASHED_GAUSSIAN, mlp);
    sg_value v = sg_state_value(g, "critic", spec, sg_critic_mlp(mlp, c->critic_hidden));

    /* act: A ~ pi(.|S), a plain number to the gradient (score function) */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_sample A = sg_policy_sample(&pi, S);

    /* what the environment answered: R, S', terminated (not set by truncation), episode_end */
    sg_answer e = sg_answer_inputs(g, spec);

    /* TD error, divided by the running spread of the discounted return */
    sg_node v_now = sg_v(&v, S);
    sg_node discount = sg_discount(e.terminated, c->gamma);
    sg_node td_error = sg_sub(sg_td_target(e.R, discount, sg_v(&v, e.S_next)), v_now);
    sg_stat sigma = sg_return_spread(g, e.R, discount, e.terminated, c->gamma);
    sg_node delta = sg_scaled_td_error(td_error, &sigma, c->scale_td_error);

    /* both gradients at the parameters from before the step */
    sg_node advantage = sg_stop_grad(delta), bonus = sg_scale(A.entropy, c->alpha);
    sg_node gain = sg_add(sg_mul(advantage, A.log_prob), bonus);
    sg_node actor_loss = sg_named(sg_neg(gain), "actor loss");
    sg_node critic_loss = sg_named(sg_square(delta), "critic loss");

    /* TD methods ask for an output that rises with delta: the bonus is then |delta| alpha H */
    sg_node objective = sg_add(A.log_prob, sg_mul(sg_sign(advantage), bonus));
    sg_td td = {advantage, e.episode_end, c->gamma * c->lambda};
    sg_lesson improve = {SG_POLICY, .loss = actor_loss, .output = objective, .td = td};
    sg_lesson predict = {SG_VALUE, .loss = critic_loss, .output = v_now, .td = td};
    sg_updates actor = sg_optimize(&c->actor, pi.params, improve);
    sg_updates critic = sg_optimize(&c->critic, v.params, predict);

    sg_phase_values(g, "act", A.action);
    sg_phase_updates(g, "learn", sg_join(sigma.updates, actor, critic));
    if (c->overshoot)
        sg_report_overshoot(td_error, (sg_nodes){0});
    sg_act_greedy(sg_policy_mode(&pi, S));
    sg_report_losses(actor_loss, critic_loss, td_error, A.log_prob, &sigma);
    sg_report(g, "learn", "losses/entropy", A.entropy);
}

const sg_algorithm sg_iac_algorithm = {
    .name = "iac",
    .summary = "incremental one-step actor-critic (baseline of Vasan et al., NeurIPS 2024)",
    SG_ALGORITHM_SETTINGS(settings, sg_iac_config),
    .presets = presets,
    .networks = networks,
    .suits = sg_suits_continuous,
    .build = build,
};
