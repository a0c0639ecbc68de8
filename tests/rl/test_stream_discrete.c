/* test_stream_discrete.c - Stream Q, SARSA, TD(lambda) and Stream AC(lambda) for discrete actions
 * against the recorded traces of the published code: choices, TD errors and values of every step,
 * and the parameters at the end. */
#include <criterion/criterion.h>
#include <math.h>
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
                                          {"critic.v", "network.7"},
                                          {NULL, NULL}};
static const trace_names ac_image_names[] = {{"actor.phi.0", "network_policy.0"},
                                             {"actor.phi.2", "network_policy.4"},
                                             {"actor.logits", "network_policy.7"},
                                             {"critic.phi.0", "network_value.0"},
                                             {"critic.phi.2", "network_value.4"},
                                             {"critic.v", "network_value.7"},
                                             {NULL, NULL}};

/* ---- a replay ---- */

typedef struct {
    const char *file;
    golden *g;
    sg_program *p;
    sg_graph *graph;
    const trace_names *names;
    size_t steps;
    int actions, height, width, channels; /* channels 0: vectors */
    const char *obs, *next_obs;
    bool ac;
} replay;

static trace_pair pairs[] = {
    {"gamma", "hp/gamma"}, {"lambda", "hp/lamda"}, {"hidden", "hp/hidden_size"}, {NULL, NULL}};

/* What the optimisers take: of Stream-X with an actor and without, and of Intentional Q. */
static trace_pair ac_pairs[] = {{"lr", "hp/lr"},
                                {"actor_kappa", "hp/kappa_policy"},
                                {"critic_kappa", "hp/kappa_value"},
                                {"entropy", "hp/entropy_coeff"},
                                {"beta2", "hp/beta2"},
                                {"eps", "hp/eps"},
                                {NULL, NULL}};
static trace_pair value_pairs[] = {{"lr", "hp/lr"},
                                   {"kappa", "hp/kappa_value"},
                                   {"beta2", "hp/beta2"},
                                   {"eps", "hp/eps"},
                                   {NULL, NULL}};
static trace_pair intentional_pairs[] = {{"lr", "hp/eta_value"},
                                         {"beta2", "hp/beta2"},
                                         {"clip", "hp/clip_mult"},
                                         {"beta_clip", "hp/beta_clip"},
                                         {"clip_start", "hp/clip_ema_sq_init"},
                                         {"rmsprop", "hp/use_rmsprop"},
                                         {"sigma", "hp/use_sigma"},
                                         {"adaptive_clip", "hp/use_adaptive_clip"},
                                         {NULL, NULL}};
/* Recorded with everything, and not a word to the others: numbers of an actor, of exploration by
 * epsilon; and the size before wrappers. */
static const char *const no_actor[] = {"kappa_policy", "entropy_coeff", "eta_policy",
                                       "beta_norm",    "obs_dim",       NULL};
static const char *const no_epsilon[] = {"epsilon_start", "epsilon_target", "exploration_fraction",
                                         "total_steps",   "obs_dim",        NULL};
static const char *const only_value[] = {
    "kappa_policy",         "entropy_coeff", "epsilon_start", "epsilon_target",
    "exploration_fraction", "total_steps",   "obs_dim",       NULL};

/* The published epsilon is the larger of a line and its target: one that rises begins there and
 * goes on past it. */
static void take_epsilon(const sg_algorithm *a, void *config, const golden *g)
{
    double start = golden_number(g, "hp/epsilon_start"),
           end = golden_number(g, "hp/epsilon_target");
    double share = golden_number(g, "hp/exploration_fraction");
    cr_assert(start >= end, "%s: epsilon rises, from %g to %g, which is not offered",
              golden_file(g), start, end);
    trace_setting(&a->settings, config, "epsilon_start", start);
    trace_setting(&a->settings, config, "epsilon_end", end);
    trace_setting(&a->settings, config, "epsilon_steps",
                  share * golden_number(g, "hp/total_steps"));
}

static void take_settings(const replay *y, const sg_algorithm *a, void *config)
{
    bool intentional = sg_settings_find(&a->settings, "clip") != NULL;
    bool explores = sg_settings_find(&a->settings, "epsilon_end") != NULL;
    trace_settings(a, config, y->g, pairs);
    trace_settings(a, config, y->g,
                   intentional ? intentional_pairs
                   : y->ac     ? ac_pairs
                               : value_pairs);
    if (explores)
        take_epsilon(a, config, y->g);
    if (golden_has(y->g, "hp/done_is_terminated")) {
        bool carries = golden_number(y->g, "hp/done_is_terminated") != 0;
        const char *at_limits = carries ? "carry" : "end";
        cr_assert(sg_settings_set(&a->settings, config, "time_limits", at_limits, NULL));
    }
}

static void *config_of(const replay *y, const sg_algorithm *a)
{
    const char *sets[] = {"optimizer=adaptive_obgd", "carry_action=on"};
    bool adaptive = golden_has(y->g, "hp/adaptive") && golden_number(y->g, "hp/adaptive") != 0;
    bool carries = sg_settings_find(&a->settings, "carry_action") != NULL;
    void *config =
        sg_algorithm_config(a, NULL, adaptive ? sets : sets + 1, adaptive + carries, NULL);
    cr_assert(config, "%s", y->file);
    take_settings(y, a, config);
    return config;
}

/* Images are recorded as [step, height, width, channel]; without wrappers only the raw ones. */
static void take_sizes(replay *y)
{
    int rank;
    int64_t dim[GOLDEN_MAX_RANK];
    char full[64];
    bool image = golden_has(y->g, "hp/n_channels");
    bool raw = image && golden_number(y->g, "hp/wrappers") == 0;
    y->obs = raw ? "raw_obs" : "obs";
    y->next_obs = raw ? "raw_next_obs" : "next_obs";
    y->actions = golden_has(y->g, "hp/n_actions") ? (int)golden_number(y->g, "hp/n_actions") : 2;
    if (y->ac)
        y->names = image ? ac_image_names : ac_names;
    else
        y->names = image ? image_names : value_names;
    if (!image)
        return;
    snprintf(full, sizeof full, "step/%s", y->obs);
    golden_array(y->g, full, NULL, &rank, dim);
    cr_assert(rank == 4 && dim[3] == golden_number(y->g, "hp/n_channels"),
              "%s: %s is not [step, height, width, channel]", y->file, full);
    y->height = (int)dim[1];
    y->width = (int)dim[2];
    y->channels = (int)dim[3];
}

static sg_env_spec spec_of(const replay *y)
{
    sg_env_spec spec = {.id = "trace",
                        .obs_rank = y->channels ? 3 : 1,
                        .obs_dim = {y->channels, y->height, y->width},
                        .obs_size = y->channels * y->height * y->width,
                        .discrete = true,
                        .action_count = y->actions,
                        .action_size = 1};
    if (!y->channels)
        spec.obs_size = spec.obs_dim[0] = (int)golden_number(y->g, "hp/n_obs");
    return spec;
}

static replay open_replay(const char *file, const char *algorithm)
{
    replay y = {.file = file, .g = golden_open(file), .ac = !strcmp(algorithm, "stream_ac")};
    const sg_algorithm *a = sg_algorithm_find(algorithm, NULL);
    bool explores = sg_settings_find(&a->settings, "epsilon_end") != NULL;
    void *config = config_of(&y, a);
    take_sizes(&y);
    sg_env_spec spec = spec_of(&y);
    y.p = trace_program_for(a, config, &spec, SG_F64);
    y.graph = (sg_graph *)y.p->source;
    trace_start_as(y.p, y.g, y.names);
    trace_expect_settings_read(y.g, y.ac ? no_epsilon : explores ? no_actor : only_value);
    golden_array(y.g, "step/reward", &y.steps, NULL, NULL);
    free(config);
    return y;
}

static double at(const replay *y, const char *name, size_t t)
{
    return golden_array(y->g, name, NULL, NULL, NULL)[t];
}

static void set_obs(const replay *y, const char *input, const char *name, size_t t)
{
    char full[64];
    if (!y->channels) {
        trace_set(y->p, sg_find(y->p, input), y->g, name, t);
        return;
    }
    snprintf(full, sizeof full, "step/%s", name);
    size_t channels = (size_t)y->channels, pixels = (size_t)(y->height * y->width);
    double *image = malloc(channels * pixels * sizeof *image);
    const double *recorded = golden_array(y->g, full, NULL, NULL, NULL) + t * channels * pixels;
    for (size_t i = 0; i < channels * pixels; i++)
        image[i % channels * pixels + i / channels] = recorded[i];
    sg_set(y->p, sg_find(y->p, input), image);
    free(image);
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

static void close_replay(replay *y, trace_series *series, int count)
{
    trace_series finals = {"parameters", 0, 0};
    int all = (y->ac ? 12 : 6) - trace_left_out(y->g, "final");
    int compared = trace_compare_parameters_as(&finals, y->p, y->g, "final", y->names);
    cr_expect(compared == all, "%s: %d parameters of %d", y->file, compared, all);
    trace_expect(&finals, 1e-9, y->file);
    for (int i = 0; i < count; i++)
        trace_expect(&series[i], 1e-9, y->file);
    trace_free(y->p);
    golden_close(y->g);
}

/* Every recording of a kind. */
static void follow(const char *kind, const char *algorithm,
                   void (*one)(const char *file, const char *algorithm))
{
    const char *file;
    for (int i = 0; (file = golden_recording(kind, i)); i++)
        one(file, algorithm);
}

/* ---- the algorithms ---- */

static void replay_q(const char *file, const char *algorithm)
{
    replay y = open_replay(file, algorithm);
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
    close_replay(&y, series, 4);
}

/* Vectors and images, with and without wrappers. */
Test(stream_discrete, q_follows_every_recorded_trace) { follow("stream_q", "stream_q", replay_q); }

Test(stream_discrete, intentional_q_follows_every_recorded_trace)
{
    follow("intentional_q", "intentional_q", replay_q);
}

static void replay_sarsa(const char *file, const char *algorithm)
{
    replay y = open_replay(file, algorithm);
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
    close_replay(&y, series, 4);
}

Test(stream_discrete, sarsa_follows_every_recorded_trace)
{
    follow("stream_sarsa", "stream_sarsa", replay_sarsa);
}

static void replay_td(const char *file, const char *algorithm)
{
    replay y = open_replay(file, algorithm);
    trace_series series[] = {{"delta", 0, 0}, {"v", 0, 0}};
    for (size_t t = 0; t < y.steps; t++) {
        set_obs(&y, "obs", y.obs, t);
        sg_run(y.p, 0);
        run_learn(&y, t);
        for (int i = 0; i < 2; i++)
            trace_compare(&series[i], y.p, sg_report_node(y.p, i), y.g, t);
    }
    close_replay(&y, series, 2);
}

Test(stream_discrete, td_follows_every_recorded_trace)
{
    follow("stream_td", "stream_td", replay_td);
}

static void replay_ac(const char *file, const char *algorithm)
{
    replay y = open_replay(file, algorithm);
    trace_series series[] = {{"action", 0, 0}, {"delta", 0, 0}, {"v", 0, 0}, {"entropy", 0, 0}};
    for (size_t t = 0; t < y.steps; t++) {
        set_obs(&y, "obs", y.obs, t);
        if (y.actions > 1) /* one action is no choice, and no draw */
            set_number(&y, "actor.noise", at(&y, "step/u", t));
        sg_run(y.p, 0);
        trace_compare(&series[0], y.p, sg_phase_first_value(y.graph, 0), y.g, t);
        run_learn(&y, t);
        trace_compare(&series[1], y.p, trace_report(y.p, "losses/td_error"), y.g, t);
        trace_compare(&series[2], y.p, trace_report(y.p, "losses/value"), y.g, t);
        trace_compare(&series[3], y.p, trace_report(y.p, "losses/entropy"), y.g, t);
    }
    close_replay(&y, series, 4);
}

Test(stream_discrete, ac_follows_every_recorded_trace)
{
    follow("stream_ac_disc", "stream_ac", replay_ac);
    follow("stream_ac_minatar", "stream_ac", replay_ac);
}
