/* test_stream_discrete.c - Stream Q, SARSA, TD(lambda) and Stream AC(lambda) for discrete actions
 * against the recorded traces of the published code: choices, TD errors and values of every step,
 * and the parameters at the end. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/program_internal.h"
#include "rl/algorithm.h"
#include "tests/trace.h"

/* ---- what the recordings call things ---- */

static const trace_names value_names[] = {{"critic.phi.0", "fc1_v"},
                                          {"critic.phi.2", "hidden_v"},
                                          {"critic.q", "fc_v"},
                                          {"critic.v", "fc_v"},
                                          {NULL, NULL}};
static const trace_names ac_names[] = {{"actor.phi.0", "policy_net.fc_layer"},
                                       {"actor.phi.2", "policy_net.hidden_layer"},
                                       {"actor.logits", "policy_net.fc_pi"},
                                       {"critic.phi.0", "value_net.fc_layer"},
                                       {"critic.phi.2", "value_net.hidden_layer"},
                                       {"critic.v", "value_net.linear_layer"},
                                       {NULL, NULL}};

static const trace_names image_names[] = {{"critic.phi.0", "network.0"},
                                          {"critic.phi.2", "network.4"},
                                          {"critic.q", "network.7"},
                                          {NULL, NULL}};
static const trace_names ac_image_names[] = {{"actor.phi.0", "network_policy.0"},
                                             {"actor.phi.2", "network_policy.4"},
                                             {"actor.logits", "network_policy.7"},
                                             {"critic.phi.0", "network_value.0"},
                                             {"critic.phi.2", "network_value.4"},
                                             {"critic.v", "network_value.7"},
                                             {NULL, NULL}};

typedef struct {
    const char *file, *algorithm;
    const trace_names *names;
    int parameters;
} recording;

/* ---- a replay ---- */

enum { SIDE = 10 }; /* of images */

typedef struct {
    golden *g;
    sg_program *p;
    sg_graph *graph;
    size_t steps;
    int actions, channels; /* channels 0: vectors */
    const char *obs, *next_obs;
} replay;

/* What the optimisers take. */
static void take_numbers(const golden *g, const sg_algorithm *a, void *config, bool ac)
{
    static const char *const pairs[][2] = {{"lr", "hp/eta_value"},
                                           {"beta2", "hp/beta2"},
                                           {"clip", "hp/clip_mult"},
                                           {"beta_clip", "hp/beta_clip"},
                                           {"clip_start", "hp/clip_ema_sq_init"}};
    if (!sg_settings_find(&a->settings, "clip")) {
        trace_setting(&a->settings, config, "lr", golden_number(g, "hp/lr"));
        trace_setting(&a->settings, config, ac ? "critic_kappa" : "kappa",
                      golden_number(g, "hp/kappa_value"));
        return;
    }
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++)
        trace_setting(&a->settings, config, pairs[i][0], golden_number(g, pairs[i][1]));
    bool carries = golden_number(g, "hp/done_is_terminated") != 0;
    cr_assert(
        sg_settings_set(&a->settings, config, "time_limits", carries ? "carry" : "end", NULL));
}

static void take_settings(const recording *r, const golden *g, const sg_algorithm *a, void *config)
{
    bool ac = r->names == ac_names || r->names == ac_image_names;
    trace_setting(&a->settings, config, "gamma", golden_number(g, "hp/gamma"));
    trace_setting(&a->settings, config, "lambda", golden_number(g, "hp/lamda"));
    trace_setting(&a->settings, config, "hidden", golden_number(g, "hp/hidden_size"));
    take_numbers(g, a, config, ac);
    if (ac) {
        trace_setting(&a->settings, config, "actor_kappa", golden_number(g, "hp/kappa_policy"));
        trace_setting(&a->settings, config, "entropy", golden_number(g, "hp/entropy_coeff"));
    } else if (sg_settings_find(&a->settings, "epsilon_end")) {
        double share = golden_number(g, "hp/exploration_fraction");
        trace_setting(&a->settings, config, "epsilon_start", golden_number(g, "hp/epsilon_start"));
        trace_setting(&a->settings, config, "epsilon_end", golden_number(g, "hp/epsilon_target"));
        trace_setting(&a->settings, config, "epsilon_steps",
                      share * golden_number(g, "hp/total_steps"));
    }
}

static replay open_replay(const recording *r)
{
    const char *sets[] = {"optimizer=adaptive_obgd", "carry_action=on"};
    replay y = {.g = golden_open(r->file)};
    bool adaptive = golden_has(y.g, "hp/adaptive") && golden_number(y.g, "hp/adaptive") != 0;
    const sg_algorithm *a = sg_algorithm_find(r->algorithm, NULL);
    bool carries = sg_settings_find(&a->settings, "carry_action") != NULL;
    void *config =
        sg_algorithm_config(a, NULL, adaptive ? sets : sets + 1, adaptive + carries, NULL);
    cr_assert(config, "%s", r->file);
    take_settings(r, y.g, a, config);
    bool image = r->names == image_names || r->names == ac_image_names;
    y.actions = strcmp(r->algorithm, "stream_td") ? (int)golden_number(y.g, "hp/n_actions") : 2;
    y.channels = image ? (int)golden_number(y.g, "hp/n_channels") : 0;
    bool raw = image && golden_number(y.g, "hp/wrappers") == 0;
    y.obs = raw ? "raw_obs" : "obs";
    y.next_obs = raw ? "raw_next_obs" : "next_obs";
    sg_env_spec spec = {.id = "trace",
                        .obs_rank = image ? 3 : 1,
                        .obs_dim = {y.channels, SIDE, SIDE},
                        .obs_size =
                            image ? y.channels * SIDE * SIDE : (int)golden_number(y.g, "hp/n_obs"),
                        .discrete = true,
                        .action_count = y.actions,
                        .action_size = 1};
    y.p = trace_program_for(a, config, &spec, SG_F64);
    y.graph = (sg_graph *)y.p->source;
    trace_start_as(y.p, y.g, r->names);
    golden_array(y.g, "step/reward", &y.steps, NULL, NULL);
    free(config);
    return y;
}

static double at(const replay *y, const char *name, size_t t)
{
    return golden_array(y->g, name, NULL, NULL, NULL)[t];
}

/* Images are recorded as [height, width, channel]. */
static void set_obs(const replay *y, const char *input, const char *name, size_t t)
{
    char full[64];
    double image[10 * SIDE * SIDE];
    if (!y->channels) {
        trace_set(y->p, sg_find(y->p, input), y->g, name, t);
        return;
    }
    snprintf(full, sizeof full, "step/%s", name);
    size_t size = (size_t)y->channels * SIDE * SIDE;
    const double *recorded = golden_array(y->g, full, NULL, NULL, NULL) + t * size;
    for (size_t i = 0; i < size; i++)
        image[i % (size_t)y->channels * SIDE * SIDE + i / (size_t)y->channels] = recorded[i];
    sg_set(y->p, sg_find(y->p, input), image);
}

static void set_number(const replay *y, const char *name, double value)
{
    sg_set(y->p, sg_find(y->p, name), &value);
}

/* Both draws of an epsilon-greedy choice: the middle of the range that gives the recorded action.
 */
static void set_choice(const replay *y, const char *name, double u, double random_action)
{
    char full[64];
    snprintf(full, sizeof full, "%s.explore", name);
    set_number(y, full, u);
    snprintf(full, sizeof full, "%s.random", name);
    set_number(y, full, (random_action + 0.5) / y->actions);
}

static void run_learn(const replay *y, size_t t)
{
    bool end = at(y, "step/terminated", t) != 0 || at(y, "step/truncated", t) != 0;
    trace_set(y->p, sg_find(y->p, "reward"), y->g, "reward", t);
    set_obs(y, "next_obs", y->next_obs, t);
    if (sg_find(y->p, "terminated").graph)
        set_number(y, "terminated", at(y, "step/terminated", t));
    if (sg_find(y->p, "episode_end").graph)
        set_number(y, "episode_end", end);
    sg_run(y->p, 1);
}

static void close_replay(replay *y, const recording *r)
{
    trace_series finals = {"parameters", 0, 0};
    cr_assert_eq(trace_compare_parameters_as(&finals, y->p, y->g, "final", r->names),
                 r->parameters);
    trace_expect(&finals, 1e-9, r->file);
    trace_free(y->p);
    golden_close(y->g);
}

/* ---- the algorithms ---- */

static void replay_q(const recording *r)
{
    replay y = open_replay(r);
    trace_series series[] = {{"action", 0, 0}, {"delta", 0, 0}, {"q", 0, 0}, {"epsilon", 0, 0}};
    for (size_t t = 0; t < y.steps; t++) {
        set_obs(&y, "obs", y.obs, t);
        set_choice(&y, "critic", at(&y, "step/u", t), at(&y, "step/rand_action", t));
        sg_run(y.p, 0);
        trace_compare(&series[0], y.p, sg_phase_first_value(y.graph, 0), y.g, t);
        run_learn(&y, t);
        for (int i = 0; i < 3; i++)
            trace_compare(&series[1 + i], y.p, sg_report_node(y.p, i), y.g, t);
    }
    for (int i = 0; i < 4; i++)
        trace_expect(&series[i], 1e-9, r->file);
    close_replay(&y, r);
}

Test(stream_discrete, q_follows_the_recorded_traces)
{
    replay_q(&(recording){"algos/stream_q.safetensors", "stream_q", value_names, 6});
    replay_q(&(recording){"algos/stream_q_lowlr.safetensors", "stream_q", value_names, 6});
    replay_q(
        &(recording){"algos/stream_q_zero_first_layer.safetensors", "stream_q", value_names, 6});
}

Test(stream_discrete, q_on_images_follows_the_recorded_traces)
{
    replay_q(
        &(recording){"algos/stream_q_minatar_wrapped.safetensors", "stream_q", image_names, 6});
    replay_q(&(recording){"algos/stream_q_minatar.safetensors", "stream_q", image_names, 6});
}

Test(stream_discrete, intentional_q_follows_the_recorded_traces)
{
    static const char *const vectors[] = {"v1",      "v2",          "clip_v1",
                                          "clip_v2", "termonly_v2", "zero_first_layer_v2"};
    static const char *const images[] = {"minatar_v1", "minatar_v2", "minatar_wrapped_v2"};
    char file[96];
    for (size_t i = 0; i < sizeof vectors / sizeof vectors[0]; i++) {
        snprintf(file, sizeof file, "algos/intentional_q_%s.safetensors", vectors[i]);
        replay_q(&(recording){file, "intentional_q", value_names, 6});
    }
    for (size_t i = 0; i < sizeof images / sizeof images[0]; i++) {
        snprintf(file, sizeof file, "algos/intentional_q_%s.safetensors", images[i]);
        replay_q(&(recording){file, "intentional_q", image_names, 6});
    }
}

static void replay_sarsa(const recording *r)
{
    replay y = open_replay(r);
    trace_series series[] = {
        {"action", 0, 0}, {"delta", 0, 0}, {"q", 0, 0}, {"next_epsilon", 0, 0}};
    set_choice(&y, "critic.first", at(&y, "init/u", 0), at(&y, "init/rand_action", 0));
    for (size_t t = 0; t < y.steps; t++) {
        set_obs(&y, "obs", y.obs, t);
        sg_run(y.p, 0);
        trace_compare(&series[0], y.p, sg_phase_first_value(y.graph, 0), y.g, t);
        set_choice(&y, "critic", at(&y, "step/next_u", t), at(&y, "step/next_rand_action", t));
        run_learn(&y, t);
        for (int i = 0; i < 3; i++)
            trace_compare(&series[1 + i], y.p, sg_report_node(y.p, i), y.g, t);
    }
    for (int i = 0; i < 4; i++)
        trace_expect(&series[i], 1e-9, r->file);
    close_replay(&y, r);
}

Test(stream_discrete, sarsa_follows_the_recorded_traces)
{
    replay_sarsa(&(recording){"algos/stream_sarsa.safetensors", "stream_sarsa", value_names, 6});
    replay_sarsa(
        &(recording){"algos/stream_sarsa_minatar.safetensors", "stream_sarsa", image_names, 6});
}

static void replay_td(const recording *r)
{
    replay y = open_replay(r);
    trace_series series[] = {{"delta", 0, 0}, {"v", 0, 0}};
    for (size_t t = 0; t < y.steps; t++) {
        set_obs(&y, "obs", y.obs, t);
        sg_run(y.p, 0);
        run_learn(&y, t);
        for (int i = 0; i < 2; i++)
            trace_compare(&series[i], y.p, sg_report_node(y.p, i), y.g, t);
    }
    for (int i = 0; i < 2; i++)
        trace_expect(&series[i], 1e-9, r->file);
    close_replay(&y, r);
}

Test(stream_discrete, td_follows_the_recorded_traces)
{
    replay_td(&(recording){"algos/stream_td.safetensors", "stream_td", value_names, 6});
    replay_td(&(recording){"algos/stream_td_adaptive.safetensors", "stream_td", value_names, 6});
}

static void replay_ac(const recording *r)
{
    replay y = open_replay(r);
    trace_series series[] = {{"action", 0, 0}, {"delta", 0, 0}, {"v", 0, 0}, {"entropy", 0, 0}};
    for (size_t t = 0; t < y.steps; t++) {
        set_obs(&y, "obs", y.obs, t);
        set_number(&y, "actor.noise", at(&y, "step/u", t));
        sg_run(y.p, 0);
        trace_compare(&series[0], y.p, sg_phase_first_value(y.graph, 0), y.g, t);
        run_learn(&y, t);
        trace_compare(&series[1], y.p, trace_report(y.p, "losses/td_error"), y.g, t);
        trace_compare(&series[2], y.p, trace_report(y.p, "losses/value"), y.g, t);
        trace_compare(&series[3], y.p, trace_report(y.p, "losses/entropy"), y.g, t);
    }
    for (int i = 0; i < 4; i++)
        trace_expect(&series[i], 1e-9, r->file);
    close_replay(&y, r);
}

Test(stream_discrete, ac_follows_the_recorded_traces)
{
    replay_ac(&(recording){"algos/stream_ac_disc.safetensors", "stream_ac", ac_names, 12});
    replay_ac(&(recording){"algos/stream_ac_minatar.safetensors", "stream_ac", ac_image_names, 12});
}
