/* ppo.c - Proximal Policy Optimization (Schulman et al. 2017, arXiv 1707.06347), clipped surrogate.
 *
 * The policy collects num_steps, then actor and critic learn from them in minibatches
 * (rl/rollout_learner.h). Settings and details are those of CleanRL: for continuous actions the
 * defaults, for discrete ones the presets. ppo_1 is the incremental limit: a rollout of one step.
 */
#include <math.h>

#include "autograd/ops.h"
#include "rl/algorithm.h"
#include "rl/policy.h"
#include "rl/rollout_learner.h"
#include "rl/surrogate.h"

typedef struct {
    sg_pipeline pipeline;
    sg_optimizer networks;
    sg_rollout_config rollout;
    double gamma, clip_coef, ent_coef, vf_coef, max_grad_norm;
    int hidden;
    bool clip_values;
} sg_ppo_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS_MOMENTS(sg_ppo_config, networks, "", "adam", "3e-4", "0.9", "0.999",
                                  "1e-5", "2"),
    SG_ROLLOUT_SETTINGS(sg_ppo_config, "2048", "10", "32", "0.95", "1000000"),
    SG_REAL(sg_ppo_config, gamma, "0.99", 0, 1, "discount factor"),
    SG_REAL(sg_ppo_config, clip_coef, "0.2", 0, 100, "epsilon: how far the ratio may go from 1"),
    SG_REAL(sg_ppo_config, ent_coef, "0", 0, 100, "c2: weight of the entropy bonus"),
    SG_REAL(sg_ppo_config, vf_coef, "0.5", 0, 100, "c1: weight of the value loss"),
    SG_REAL(sg_ppo_config, max_grad_norm, "0.5", 0, 1e9, "largest norm of all gradients together"),
    SG_INT(sg_ppo_config, hidden, "64", 1, 4096, "units in each of the two hidden layers"),
    SG_SWITCH(sg_ppo_config, clip_values, "true", "values change by clip_coef at most, too"),
    SG_PIPELINE_SETTINGS_CLIPPED(sg_ppo_config, "clip", "gymnasium", "gymnasium", "false", "10"),
};

/* CleanRL's settings for discrete actions; num_steps are the 4 x 128 steps of its four
 * environments, taken in one. */
#define DISCRETE                                                                            \
    "lr=2.5e-4,num_steps=512,update_epochs=4,num_minibatches=4,ent_coef=0.01,anneal_steps=" \
    "500000,normalize_observation=none,scale_reward=none,clip_observation=0,clip_reward=0"
static const sg_preset presets[] = {
    {"CartPole-v*", DISCRETE},
    {"Acrobot-v*", DISCRETE},
    {"MountainCar-v*", DISCRETE},
    {"MinAtar/*", DISCRETE},
    {NULL, NULL},
};

static const sg_network_slot networks[] = {
    {"", offsetof(sg_ppo_config, networks), SG_POLICY, "ppo learns from losses"},
    {NULL, 0, 0, NULL},
};

/* A ~ pi(.|S); its probability and v(S) are kept for learning. */
static void act(sg_graph *g, const sg_env_spec *spec, const sg_policy *actor,
                const sg_value *critic)
{
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_sample A = sg_policy_sample(actor, S);
    sg_phase_values(g, "act", A.action, A.log_prob, sg_v(critic, S));
    sg_phase_alone(g, "next_value");
    sg_phase_values(g, "next_value", sg_v(critic, sg_input(g, "next_obs", spec->obs_size)));
    sg_act_greedy(sg_policy_mode(actor, S));
}

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_ppo_config *c = config;
    sg_mlp_config mlp = {2, {c->hidden, c->hidden}, SG_TANH, .init = sg_init_orthogonal(M_SQRT2)};
    mlp.head_gain = 0.01; /* nearly the same policy everywhere, at the start */
    sg_policy actor = sg_policy_new(g, "actor", spec, SG_GAUSSIAN_FREE_STD, mlp);
    mlp.head_gain = 1;
    sg_value critic = sg_state_value(g, "critic", spec, mlp);
    act(g, spec, &actor, &critic);

    /* ratio = pi(A|S) / pi_old(A|S) in a minibatch */
    sg_minibatch b = sg_minibatch_inputs(g, spec, &c->rollout);
    sg_node log_prob = sg_named(sg_policy_log_prob(&actor, b.obs, b.action), "new log_prob");
    sg_policy_ratio ratio = sg_policy_ratio_of(log_prob, b.log_prob);

    /* eq. 9: L^CLIP - c1 L^VF + c2 S[pi] rises, L^CLIP having the other sign here */
    sg_node L_clip = sg_minibatch_mean(&b, sg_clipped_surrogate(ratio, b.advantage, c->clip_coef));
    sg_node v = sg_named(sg_v(&critic, b.obs), "new value");
    double reach = c->clip_values ? c->clip_coef : INFINITY;
    sg_node error = sg_minibatch_mean(&b, sg_clipped_error(v, b.value, b.return_, reach));
    sg_node L_vf = sg_scale(error, 0.5);
    sg_node entropy = sg_named(sg_policy_entropy(&actor, b.obs), "entropy");
    sg_node S = sg_minibatch_mean(&b, entropy), bonus = sg_scale(S, c->ent_coef);
    sg_node loss = sg_named(sg_add(sg_sub(L_clip, bonus), sg_scale(L_vf, c->vf_coef)), "loss");

    /* one step of actor and critic together */
    sg_nodes theta = sg_nodes_join(actor.params, critic.params);
    sg_clipped slope = sg_clipped_grad(loss, theta, c->max_grad_norm);
    sg_lesson lesson = {.gradients = slope.gradients, .rate = b.rate};
    sg_phase_alone(g, "learn");
    sg_phase_values(g, "learn", sg_report_ratio(&b, ratio, c->clip_coef));
    sg_phase_updates(g, "learn", sg_optimize(&c->networks, theta, lesson));

    sg_report(g, "learn", "losses/policy_loss", L_clip);
    sg_report(g, "learn", "losses/value_loss", L_vf);
    sg_report(g, "learn", "losses/entropy", S);
    sg_report(g, "learn", "losses/loss", loss);
    sg_report(g, "learn", "losses/grad_norm", slope.norm);
    sg_report(g, "learn", "charts/learning_rate", sg_scale(b.rate, c->networks.lr));
}

#define PPO                                                                              \
    SG_ALGORITHM_SETTINGS(settings, sg_ppo_config), SG_ALGORITHM_ROLLOUT(sg_ppo_config), \
        .networks = networks, .build = build

const sg_algorithm sg_ppo_algorithm = {
    .name = "ppo",
    .summary = "Proximal Policy Optimization (Schulman et al. 2017), as in CleanRL",
    .presets = presets,
    PPO,
};

static const sg_preset one[] = {{"*", SG_LAST_STEP}, {NULL, NULL}};

const sg_algorithm sg_ppo_1_algorithm = {
    .name = "ppo_1",
    .summary = "PPO from each step alone (a rollout of one)",
    .presets = one,
    PPO,
};
