/* stream_td.c - Stream TD(lambda): prediction of the return under random actions (Elsayed, Vasan &
 * Mahmood 2024, arXiv 2410.14606, algorithm 3).
 *
 * Actions are drawn with equal chances, whatever is observed: what is learned is v of that
 * behaviour. A stream of data is an environment that takes no notice of its actions. As published
 * for such data, running averages of observations are what v sees.
 */
#include "autograd/ops.h"
#include "rl/stream.h"

typedef struct {
    sg_pipeline pipeline;
    sg_optimizer critic;
    double gamma, lambda;
    sg_sparsity sparsity;
    int hidden, time_limits;
    bool overshoot;
} sg_stream_td_config;

static const sg_setting settings[] = {
    SG_OPTIMIZER_SETTINGS(sg_stream_td_config, critic, "", "obgd", "1", "0", "2"),
    SG_STREAM_SETTINGS(sg_stream_td_config, "end"),
    SG_PIPELINE_SETTINGS_TRACED(sg_stream_td_config, "none", "streaming", "streaming", "false",
                                "0.999"),
};

static const sg_preset presets[] = {
    SG_CLASSIC_CONTROL_PRESETS, {"MinAtar/*", "observation_traces=0"}, {NULL, NULL}};

static const sg_network_slot networks[] = SG_VALUE_ALONE(sg_stream_td_config);

static void build(sg_graph *g, const sg_env_spec *spec, const void *config)
{
    const sg_stream_td_config *c = config;
    sg_value v = sg_state_value(g, "critic", spec, sg_stream_mlp(spec, c->hidden, c->sparsity));
    sg_spread_zeros(v.params, c->sparsity);

    /* act: anything */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_node A = sg_random_action(g, spec);

    /* what the environment answered */
    sg_node R = sg_input(g, "reward", 1);
    sg_node S_next = sg_input(g, "next_obs", spec->obs_size);
    sg_node terminated = sg_input(g, "terminated", 1); /* not set by truncation */
    sg_node episode_end = sg_input(g, "episode_end", 1);
    sg_ending end = sg_ending_of(terminated, episode_end, c->time_limits);

    /* TD error */
    sg_node v_now = sg_v(&v, S);
    sg_node discount = sg_scale(sg_one_minus(end.final), c->gamma);
    sg_node target = sg_add(R, sg_mul(discount, sg_v(&v, S_next)));
    sg_node delta = sg_named(sg_stop_grad(sg_sub(target, v_now)), "delta");

    /* the traces follow v */
    sg_td td = {delta, end.cut, c->gamma * c->lambda};
    sg_lesson predict = {SG_VALUE, .output = v_now, .td = td};

    sg_phase_values(g, "act", A);
    sg_phase_updates(g, "learn", sg_optimize(&c->critic, v.params, predict));
    if (c->overshoot)
        sg_report_overshoot(delta, (sg_nodes){0});

    sg_report(g, "learn", "losses/td_error", delta);
    sg_report(g, "learn", "losses/value", v_now);
}

#define STREAM_TD \
    SG_ALGORITHM_SETTINGS(settings, sg_stream_td_config), .networks = networks, .build = build

const sg_algorithm sg_stream_td_algorithm = {
    .name = "stream_td",
    .summary = "Stream TD(lambda) with ObGD: prediction under random actions (Elsayed et al. 2024)",
    .presets = presets,
    STREAM_TD,
};

/* The classic form: the step lr delta z, whatever may come of it. */
#define CLASSIC "optimizer=sgd,lr=1e-3"
static const sg_preset classic[] = {
    {"MinAtar/*", CLASSIC ",observation_traces=0"},
    {"*", CLASSIC},
    {NULL, NULL},
};

const sg_algorithm sg_td_algorithm = {
    .name = "td",
    .summary = "TD(lambda) with accumulating traces (Sutton 1988): prediction under random actions",
    .presets = classic,
    STREAM_TD,
};
