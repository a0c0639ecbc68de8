/* isac.c - incremental soft actor-critic, SAC-1 as the authors of AVG wrote it for their comparison
 * (Vasan et al., NeurIPS 2024, arXiv 2411.15370).
 *
 * Soft actor-critic (Haarnoja et al. 2018) that learns from each sample once, as it comes: twin
 * critics with slow targets, and a learned alpha, on AVG's networks and with AVG's three
 * normalisations. The critics move first; the actor then follows them as they are now, with a fresh
 * A, and alpha learns from that draw. sac_1 is CleanRL's SAC with a buffer of one.
 */
#include "autograd/ops.h"
#include "rl/incremental.h"
#include "rl/target.h"
#include "rl/temperature.h"
#include "rl/twin_values.h"

typedef struct {
    sg_pipeline pipeline;
    sg_optimizer actor, critic, alpha;
    sg_temperature_config temperature;
    double gamma, tau;
    int hidden, critic_hidden;
    bool normalize_features, scale_td_error;
} sg_isac_config;

/* The defaults of the authors' program (incremental_rl/norm_isac.py), all normalisations on, but
 * for alpha_lr: 0.6 there, which that program describes as AVG's entropy coefficient and takes for
 * the step size of log alpha. Here log alpha has the critics' step size. */
static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_isac_config, actor, "actor_", "adam", "6e-5", "0.9", "3"),
    SG_OPTIMIZER_SETTINGS(sg_isac_config, critic, "critic_", "adam", "8.7e-4", "0.9", "2"),
    SG_TEMPERATURE_SETTINGS(sg_isac_config, "0.1", "8.7e-4", "0.5"),
    SG_REAL(sg_isac_config, gamma, "0.99", 0, 1, "discount factor"),
    SG_TAU_SETTING(sg_isac_config, "0.005"),
    SG_INCREMENTAL_SETTINGS(sg_isac_config),
    SG_PIPELINE_SETTINGS(sg_isac_config, "clip", "gymnasium", "none", "false"),
};

static const sg_network_slot networks[] = SG_SOFT_ACTOR_CRITIC(
    sg_isac_config, "isac's actor follows dq/dA", "two critics have a TD error each");

/* What learns, and from what it learns in a step. */
typedef struct {
    sg_policy pi;
    sg_twin_values q;
    sg_target slow; /* of q */
    sg_temperature entropy;
    sg_node S;
    sg_sample A;
    sg_answer e;
} parts;

static parts make_parts(sg_graph *g, const sg_env_spec *spec, const sg_isac_config *c)
{
    parts p;
    sg_mlp_config mlp = sg_incremental_mlp(c->hidden, c->normalize_features);
    p.pi = sg_policy_new(g, "actor", spec, SG_SQUASHED_GAUSSIAN, mlp);
    p.q = sg_twin_action_values(g, "critic", spec, sg_critic_mlp(mlp, c->critic_hidden));
    p.slow = sg_target_of(p.q.params);
    p.entropy = sg_temperature_new(g, spec, &c->temperature);
    p.S = sg_input(g, "obs", spec->obs_size);
    p.A = sg_policy_rsample(&p.pi, p.S); /* A ~ pi(.|S) */
    p.e = sg_answer_inputs(g, spec);
    return p;
}

/* Phase "learn": the critics, from the soft value of where we landed. */
static void learn_critics(sg_graph *g, const parts *p, const sg_isac_config *c)
{
    sg_node alpha = p->entropy.alpha, A = sg_stop_grad(p->A.action);

    /* with a fresh A', at the targets */
    sg_sample A_next = sg_policy_rsample(&p->pi, p->e.S_next);
    sg_node q_next = sg_at_target(&p->slow, sg_twin_q(&p->q, p->e.S_next, A_next.action));
    sg_node v_next = sg_sub(q_next, sg_mul(A_next.log_prob, alpha));
    sg_node discount = sg_discount(p->e.terminated, c->gamma);
    sg_node target = sg_td_target(p->e.R, discount, v_next);

    /* both TD errors, divided by the running spread of the entropy-augmented return */
    sg_node soft_R = sg_sub(p->e.R, sg_mul(p->A.log_prob, alpha));
    sg_stat sigma = sg_return_spread(g, soft_R, discount, p->e.terminated, 1);
    sg_node squares = sg_twin_loss(&p->q, p->S, A, target);
    sg_node variance = sg_stop_grad(sg_square(sigma.value));
    sg_node loss = sg_named(c->scale_td_error ? sg_div(squares, variance) : squares, "critic loss");

    sg_lesson predict = {SG_VALUE, .loss = loss};
    sg_updates critic = sg_optimize(&c->critic, p->q.params, predict);
    sg_phase_updates(g, "learn", sg_join(sigma.updates, critic));
    sg_report(g, "learn", "losses/critic", loss);
    sg_report(g, "learn", "losses/value", sg_q(&p->q.first, p->S, A));
    sg_report(g, "learn", "losses/temperature", alpha);
    sg_report(g, "learn", "losses/return_spread", sigma.value);
}

/* Phase "after_learn": the actor, at the new critics, with an A of its own; by the same draw alpha
 * keeps the entropy near its target. */
static void learn_actor(sg_graph *g, const parts *p, const sg_isac_config *c)
{
    sg_sample A = sg_policy_rsample(&p->pi, p->S);
    sg_node bonus = sg_mul(A.log_prob, p->entropy.alpha);
    sg_node gap = sg_sub(bonus, sg_twin_q(&p->q, p->S, A.action));
    sg_node loss = sg_named(gap, "actor loss");

    sg_lesson improve = {SG_POLICY, .loss = loss};
    sg_updates actor = sg_optimize(&c->actor, p->pi.params, improve);
    sg_phase_alone(g, "after_learn");
    sg_phase_updates(g, "after_learn", sg_join(actor, sg_soft_update(&p->slow, c->tau)));
    if (c->temperature.tune)
        sg_temperature_learn(&p->entropy, "after_learn", &c->alpha, A.log_prob);
    sg_report(g, "after_learn", "losses/actor", loss);
    sg_report(g, "after_learn", "losses/log_prob", A.log_prob);
}

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    parts p = make_parts(g, spec, config);
    sg_phase_values(g, "act", p.A.action);
    learn_critics(g, &p, config);
    learn_actor(g, &p, config);
    sg_act_greedy(sg_policy_mode(&p.pi, p.S));
}

const sg_algorithm sg_isac_algorithm = {
    .name = "isac",
    .summary = "incremental SAC, SAC-1 of AVG's authors (Vasan et al., NeurIPS 2024)",
    SG_ALGORITHM_SETTINGS(settings, sg_isac_config),
    .networks = networks,
    .suits = sg_suits_continuous,
    .build = build,
};
