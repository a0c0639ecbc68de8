/* ppo.c - Proximal Policy Optimization (Schulman et al. 2017, arXiv 1707.06347), clipped surrogate.
 *
 * The policy collects num_steps, then actor and critic learn from them in minibatches
 * (rl/rollout_learner.h). Settings and details are those of CleanRL: for continuous actions the
 * defaults, for discrete ones the presets. With num_steps=1, num_minibatches=1 and
 * normalize_advantages=off it is PPO-1, the incremental limit: learning from each step alone.
 */
#include <math.h>

#include "autograd/grad.h"
#include "autograd/ops.h"
#include "rl/algorithm.h"
#include "rl/distribution.h"
#include "rl/rollout_learner.h"

typedef struct {
    sg_pipeline pipeline;
    sg_optimizer networks;
    sg_rollout_config rollout;
    double gamma, clip_coef, ent_coef, vf_coef, max_grad_norm;
    int hidden;
    bool normalize_advantages, clip_values;
} sg_ppo_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_LINES(sg_ppo_config, networks, "", "adam", "3e-4", "0.9", "1e-5", "2"),
    SG_ROLLOUT_SETTINGS(sg_ppo_config, "2048", "10", "32", "0.95", "1000000"),
    SG_REAL(sg_ppo_config, gamma, "0.99", 0, 1, "discount factor"),
    SG_REAL(sg_ppo_config, clip_coef, "0.2", 0, 100, "epsilon: how far the ratio may go from 1"),
    SG_REAL(sg_ppo_config, ent_coef, "0", 0, 100, "c2: weight of the entropy bonus"),
    SG_REAL(sg_ppo_config, vf_coef, "0.5", 0, 100, "c1: weight of the value loss"),
    SG_REAL(sg_ppo_config, max_grad_norm, "0.5", 0, 1e9, "largest norm of all gradients together"),
    SG_INT(sg_ppo_config, hidden, "64", 1, 4096, "units in each of the two hidden layers"),
    SG_SWITCH(sg_ppo_config, normalize_advantages, "true",
              "advantages of a minibatch with mean 0 and deviation 1"),
    SG_SWITCH(sg_ppo_config, clip_values, "true", "values change by clip_coef at most, too"),
    SG_PIPELINE_SETTINGS_CLIPPED(sg_ppo_config, "clip", "gymnasium", "gymnasium", "false", "10"),
};

/* CleanRL's settings for discrete actions, with its 4 environments' steps from one. */
#define DISCRETE                                                                            \
    "lr=2.5e-4,num_steps=512,update_epochs=4,num_minibatches=4,ent_coef=0.01,anneal_steps=" \
    "500000,normalize_observation=none,scale_reward=none,clip_observation=0,clip_reward=0"
static const sg_preset presets[] = {
    {"CartPole-v*", DISCRETE},    {"Acrobot-v*", DISCRETE}, {"MountainCar-v*", DISCRETE},
    {"LunarLander-v*", DISCRETE}, {"MinAtar/*", DISCRETE},  {NULL, NULL},
};

static const sg_network_slot networks[] = {
    {"", offsetof(sg_ppo_config, networks), SG_POLICY, "ppo learns from losses"},
    {NULL, 0, 0, NULL},
};

/* -L^CLIP, eq. 7: nothing is gained by a ratio beyond 1 +- epsilon. */
static sg_node policy_loss(const sg_ppo_config *c, const sg_minibatch *b, sg_node ratio)
{
    sg_node A = c->normalize_advantages ? sg_minibatch_standardize(b, b->advantage) : b->advantage;
    sg_node clipped = sg_clamp(ratio, 1 - c->clip_coef, 1 + c->clip_coef);
    return sg_minibatch_mean(b, sg_maximum(sg_mul(sg_neg(A), ratio), sg_mul(sg_neg(A), clipped)));
}

/* L^VF, the larger of the errors with and without clipping the value's change. */
static sg_node value_loss(const sg_ppo_config *c, const sg_minibatch *b, sg_node v)
{
    sg_node error = sg_square(sg_sub(v, b->return_));
    sg_node change = sg_clamp(sg_sub(v, b->value), -c->clip_coef, c->clip_coef);
    sg_node clipped = sg_square(sg_sub(sg_add(b->value, change), b->return_));
    sg_node worse = c->clip_values ? sg_maximum(error, clipped) : error;
    return sg_scale(sg_minibatch_mean(b, worse), 0.5);
}

/* A ~ pi(.|S); its probability and v(S) are kept for learning. */
static void act(sg_graph *g, const sg_env_spec *spec, const sg_action_policy *actor,
                const sg_value *critic)
{
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_distribution pi = sg_action_policy_at(actor, S);
    sg_node A = sg_distribution_draw(pi);
    sg_phase_values(g, "act", A, sg_distribution_log_prob(pi, A), sg_v(critic, S));
    sg_phase_alone(g, "next_value");
    sg_phase_values(g, "next_value", sg_v(critic, sg_input(g, "next_obs", spec->obs_size)));
    sg_phase_alone(g, "act_greedy");
    sg_phase_values(g, "act_greedy", sg_distribution_mode(pi));
}

/* One Adam step of actor and critic together, along the gradient of a minibatch's loss. */
static sg_node learn(const sg_ppo_config *c, sg_node loss, sg_nodes theta, sg_node rate)
{
    sg_nodes gradients = sg_grad(loss, theta);
    sg_node norm = sg_global_norm(gradients);
    gradients = sg_clip_to_norm(gradients, norm, c->max_grad_norm);
    sg_lesson lesson = {.gradients = gradients, .rate = rate};
    sg_phase_updates(loss.graph, "learn", sg_optimize(&c->networks, theta, lesson));
    return norm;
}

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_ppo_config *c = config;
    sg_mlp_config mlp = {2, {c->hidden, c->hidden}, SG_TANH, .init = sg_init_orthogonal(M_SQRT2)};
    mlp.head_gain = 0.01; /* nearly the same policy everywhere, at the start */
    sg_action_policy actor = sg_action_policy_new(g, "actor", spec, mlp);
    mlp.head_gain = 1;
    sg_value critic = sg_state_value(g, "critic", spec, mlp);
    act(g, spec, &actor, &critic);

    /* ratio = pi(A|S) / pi_old(A|S) in a minibatch */
    sg_phase_alone(g, "learn");
    sg_minibatch b = sg_minibatch_inputs(g, spec, &c->rollout);
    sg_distribution pi = sg_action_policy_at(&actor, b.obs);
    sg_node log_prob = sg_named(sg_distribution_log_prob(pi, b.action), "new log_prob");
    sg_node log_ratio = sg_sub(log_prob, b.log_prob);
    sg_node ratio = sg_named(sg_exp(log_ratio), "ratio");
    sg_node v = sg_named(sg_v(&critic, b.obs), "new value");

    /* eq. 9: L^CLIP - c1 L^VF + c2 S[pi] rises */
    sg_node L_clip = policy_loss(c, &b, ratio), L_vf = value_loss(c, &b, v);
    sg_node S = sg_minibatch_mean(&b, sg_named(sg_distribution_entropy(pi), "entropy"));
    sg_node bonus = sg_scale(S, c->ent_coef);
    sg_node loss = sg_named(sg_add(sg_sub(L_clip, bonus), sg_scale(L_vf, c->vf_coef)), "loss");

    /* how far pi is from pi_old: KL as the mean of (ratio - 1) - log ratio (Schulman 2020) */
    sg_node kl = sg_minibatch_mean(&b, sg_sub(sg_offset(ratio, -1), log_ratio));
    sg_node beyond = sg_one_minus(sg_inside(ratio, 1 - c->clip_coef, 1 + c->clip_coef));
    sg_phase_values(g, "learn", kl);
    sg_node norm = learn(c, loss, sg_nodes_join(actor.params, critic.params), b.rate);

    sg_report(g, "learn", "losses/policy_loss", L_clip);
    sg_report(g, "learn", "losses/value_loss", L_vf);
    sg_report(g, "learn", "losses/entropy", S);
    sg_report(g, "learn", "losses/loss", loss);
    sg_report(g, "learn", "losses/old_approx_kl", sg_neg(sg_minibatch_mean(&b, log_ratio)));
    sg_report(g, "learn", "losses/approx_kl", kl);
    sg_report(g, "learn", "losses/clipfrac", sg_minibatch_mean(&b, beyond));
    sg_report(g, "learn", "losses/grad_norm", norm);
    sg_report(g, "learn", "charts/learning_rate", sg_scale(b.rate, c->networks.lr));
}

/* A single advantage has no deviation to be divided by. */
static bool suits(const sg_env_spec *spec, const void *config, sg_error *error)
{
    const sg_ppo_config *c = config;
    (void)spec;
    return sg_rollout_suits(&c->rollout, c->normalize_advantages ? 2 : 1, error);
}

const sg_algorithm sg_ppo_algorithm = {
    .name = "ppo",
    .summary = "Proximal Policy Optimization (Schulman et al. 2017), as in CleanRL",
    SG_ALGORITHM_SETTINGS(settings, sg_ppo_config),
    SG_ALGORITHM_ROLLOUT(sg_ppo_config),
    .presets = presets,
    .networks = networks,
    .suits = suits,
    .build = build,
};
