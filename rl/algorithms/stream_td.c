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
    sg_value v = sg_stream_v_network(g, spec, c->hidden, c->sparsity);

    /* act: anything */
    sg_node S = sg_input(g, "obs", spec->obs_size);
    sg_node A = sg_random_action(g, spec);

    /* what the environment answered */
    sg_answer e = sg_answer_inputs(g, spec);
    sg_ending end = sg_ending_of(&e, c->time_limits);

    /* TD error: R + gamma v(S') - v(S) */
    sg_node v_now = sg_v(&v, S);
    sg_node discount = sg_discount(end.final, c->gamma);
    sg_node delta = sg_td_error(e.R, discount, sg_v(&v, e.S_next), v_now);

    /* the traces follow v */
    sg_td td = {delta, end.cut, c->gamma * c->lambda};
    sg_lesson predict = {SG_VALUE, .output = v_now, .td = td};

    sg_phase_values(g, "act", A);
    sg_phase_updates(g, "learn", sg_optimize(&c->critic, v.params, predict));
    if (c->overshoot)
        sg_report_overshoot(delta, (sg_nodes){0});

    sg_report_prediction(delta, v_now);
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
