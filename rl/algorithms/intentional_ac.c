/* intentional_ac.c - Intentional AC(lambda) for continuous and discrete actions (Sharifnassab et
 * al., ICML 2026, arXiv 2604.19033).
 *
 * Stream AC's networks and traces with steps that change each output by a set fraction of the TD
 * error: v by eta of it, log pi by eta of its usual size. Time limits are bootstrapped through, and
 * there is no time feature.
 */
#include "autograd/ops.h"
#include "rl/stream.h"

typedef struct {
    sg_pipeline pipeline;
    sg_optimizer actor, critic;
    sg_intentional_config numbers; /* of both networks' optimisers */
    double gamma, lambda, entropy;
    sg_sparsity sparsity;
    int hidden, time_limits;
    bool overshoot;
} sg_intentional_ac_config;

static const sg_setting settings[] = {
    SG_INTENTIONAL_OPTIMIZER(sg_intentional_ac_config, actor, "actor_", "0.05", "3"),
    SG_INTENTIONAL_OPTIMIZER(sg_intentional_ac_config, critic, "critic_", "0.5", "2"),
    SG_INTENTIONAL_SETTINGS(sg_intentional_ac_config, numbers),
    SG_INTENTIONAL_POLICY_SETTING(sg_intentional_ac_config, numbers),
    SG_STREAM_SETTINGS(sg_intentional_ac_config, "bootstrap"),
    SG_STREAM_ENTROPY(sg_intentional_ac_config),
    SG_PIPELINE_SETTINGS(sg_intentional_ac_config, "clip", "streaming", "streaming_through",
                         "false"),
};

/* Published with continuous actions alone. With discrete ones a share of 0.05 narrows the policy to
 * a single action within some thousand steps, whatever it returns (docs/results.md). */
#define DISCRETE "actor_lr=0.002"
static const sg_preset presets[] = {
    SG_CLASSIC_CONTROL_PRESETS_WITH("," DISCRETE), {"MinAtar/*", DISCRETE}, {NULL, NULL}};

static const sg_network_slot networks[] = SG_ACTOR_CRITIC(sg_intentional_ac_config, NULL, NULL);

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_intentional_ac_config *c = config;
    sg_stream_actor_critic n = sg_stream_networks(g, spec, c->hidden, c->sparsity);

    /* act: A ~ pi(.|S); the environment clips it, the update does not */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_sample A = sg_policy_sample(&n.pi, S);

    /* what the environment answered */
    sg_answer e = sg_answer_inputs(g, spec);
    sg_ending end = sg_ending_of(&e, c->time_limits);

    /* TD error: R + gamma v(S') - v(S) */
    sg_node v_now = sg_v(&n.v, S);
    sg_node discount = sg_discount(end.final, c->gamma);
    sg_node delta = sg_td_error(e.R, discount, sg_v(&n.v, e.S_next), v_now);

    /* the traces follow v and log pi + tau sign(delta) H */
    sg_node objective = sg_stream_objective(&A, delta, c->entropy);
    sg_td td = {delta, end.cut, c->gamma * c->lambda};
    sg_lesson improve = {SG_POLICY, .output = objective, .td = td};
    sg_lesson predict = {SG_VALUE, .output = v_now, .td = td};

    /* each network's step from its own statistics */
    sg_optimizer actor_optimizer = sg_optimizer_with(c->actor, &c->numbers);
    sg_optimizer critic_optimizer = sg_optimizer_with(c->critic, &c->numbers);
    sg_updates actor = sg_optimize(&actor_optimizer, n.pi.params, improve);
    sg_updates critic = sg_optimize(&critic_optimizer, n.v.params, predict);

    sg_phase_values(g, "act", A.action);
    sg_phase_updates(g, "learn", sg_join(actor, critic));
    if (c->overshoot)
        sg_report_overshoot(delta, (sg_nodes){0});
    sg_act_greedy(sg_policy_mode(&n.pi, S));

    sg_report_prediction(delta, v_now);
    sg_report(g, "learn", "losses/log_prob", A.log_prob);
    sg_report(g, "learn", "losses/entropy", A.entropy);
}

const sg_algorithm sg_intentional_ac_algorithm = {
    .name = "intentional_ac",
    .summary = "Intentional AC(lambda) (Sharifnassab et al., ICML 2026)",
    SG_ALGORITHM_SETTINGS(settings, sg_intentional_ac_config),
    .presets = presets,
    .networks = networks,
    .build = build,
};
