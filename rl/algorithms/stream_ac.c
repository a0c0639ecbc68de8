/* stream_ac.c - Stream AC(lambda) for continuous and discrete actions (Elsayed, Vasan & Mahmood
 * 2024, arXiv 2410.14606, algorithm 6).
 *
 * Actor and critic learn from each sample once, along eligibility traces, with steps that ObGD
 * keeps from overshooting. As published there is no bootstrapping through time limits: the time
 * feature makes up for it. The version of September 2026 is the same with other settings
 * (docs/optimizers.md).
 */
#include "autograd/ops.h"
#include "rl/stream.h"

typedef struct {
    sg_pipeline pipeline;
    sg_optimizer actor, critic;
    double gamma, lambda, entropy;
    sg_sparsity sparsity;
    int hidden, time_limits;
    bool overshoot;
} sg_stream_ac_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_stream_ac_config, actor, "actor_", "obgd", "1", "0", "3"),
    SG_OPTIMIZER_SETTINGS(sg_stream_ac_config, critic, "critic_", "obgd", "1", "0", "2"),
    SG_STREAM_SETTINGS(sg_stream_ac_config, "end"),
    SG_STREAM_ENTROPY(sg_stream_ac_config),
    SG_PIPELINE_SETTINGS(sg_stream_ac_config, "clip", "streaming", "streaming", "true"),
};

static const sg_preset presets[] = {
    SG_CLASSIC_CONTROL_PRESETS, {"MinAtar/*", SG_WITHOUT_TIME}, {NULL, NULL}};

static const sg_network_slot networks[] = SG_ACTOR_CRITIC(sg_stream_ac_config, NULL, NULL);

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_stream_ac_config *c = config;
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
    sg_updates actor = sg_optimize(&c->actor, n.pi.params, improve);
    sg_updates critic = sg_optimize(&c->critic, n.v.params, predict);

    sg_phase_values(g, "act", A.action);
    sg_phase_updates(g, "learn", sg_join(actor, critic));
    if (c->overshoot)
        sg_report_overshoot(delta, (sg_nodes){0});
    sg_act_greedy(sg_policy_mode(&n.pi, S));

    sg_report_prediction(delta, v_now);
    sg_report(g, "learn", "losses/log_prob", A.log_prob);
    sg_report(g, "learn", "losses/entropy", A.entropy);
}

#define STREAM_AC \
    SG_ALGORITHM_SETTINGS(settings, sg_stream_ac_config), .networks = networks, .build = build

const sg_algorithm sg_stream_ac_algorithm = {
    .name = "stream_ac",
    .summary = "Stream AC(lambda) with ObGD (Elsayed, Vasan & Mahmood 2024)",
    .presets = presets,
    STREAM_AC,
};

/* The classic form: the step lr delta z, whatever may come of it. */
#define CLASSIC "actor_optimizer=sgd,critic_optimizer=sgd,actor_lr=1e-4,critic_lr=1e-4"
static const sg_preset classic[] = {
    {"MinAtar/*", CLASSIC "," SG_WITHOUT_TIME},
    {"*", CLASSIC},
    {NULL, NULL},
};

const sg_algorithm sg_ac_algorithm = {
    .name = "ac",
    .summary = "AC(lambda): actor and critic with accumulating traces (Sutton & Barto 2018, 13.5)",
    .presets = classic,
    STREAM_AC,
};
