/* test_isac.c - the SAC programs of AVG's authors against their recorded traces, every quantity of
 * every step and the parameters at the end, targets included, in float64 to 1e-9: isac, which
 * learns from each sample, and sac with their settings, which learns from a replay. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/program_internal.h"
#include "rl/agent.h"
#include "tests/trace.h"

/* ---- isac ---- */

#define CRITIC(ours, recorded)                                              \
    {ours ".phi.0", recorded ".fc1.0"}, {ours ".phi.2", recorded ".fc2.0"}, \
    {                                                                       \
        ours ".q", recorded ".q"                                            \
    }

static trace_names isac_names[] = {{"actor.phi.0", "actor.fc1.0"},
                                   {"actor.phi.2", "actor.fc2.0"},
                                   CRITIC("critic1", "critic.Q1"),
                                   CRITIC("critic2", "critic.Q2"),
                                   CRITIC("target.critic1", "critic_target.Q1"),
                                   CRITIC("target.critic2", "critic_target.Q2"),
                                   {NULL, NULL}};

/* What both recorded programs have. */
static trace_pair common[] = {{"actor_lr", "hp/actor_lr"},
                              {"critic_lr", "hp/critic_lr"},
                              {"alpha_lr", "hp/alpha_lr"},
                              {"alpha_start", "hp/init_temperature"},
                              {"gamma", "hp/gamma"},
                              {"tau", "hp/critic_tau"},
                              {"actor_beta1", "hp/beta1"},
                              {"critic_beta1", "hp/beta1"},
                              {NULL, NULL}};

static void *config_of(const sg_algorithm *a, const golden *g, const char *set, trace_pair *pairs)
{
    sg_error error = {""};
    void *config = sg_algorithm_config(a, NULL, &set, 1, &error);
    cr_assert(config, "%s", error.text);
    trace_settings(a, config, g, common);
    trace_settings(a, config, g, pairs);
    trace_hidden(a, config, g);
    return config;
}

/* A recorded quantity: after which phase it is there, and what it is called here. */
typedef struct {
    const char *phase, *report;
} place;
static const place isac_places[] = {
    {"learn", "losses/temperature"}, {"learn", "losses/critic"},
    {"learn", "losses/value"},       {"learn", "losses/return_spread"},
    {"after_learn", "losses/actor"}, {"after_learn", "losses/log_prob"},
    {"after_learn", "losses/alpha"}};
enum { PLACES = sizeof isac_places / sizeof isac_places[0] };

static void run(sg_program *p, const golden *g, size_t t, const char *phase, trace_series *series)
{
    sg_run(p, sg_phase_find(p, phase));
    for (int i = 0; i < PLACES; i++)
        if (!strcmp(isac_places[i].phase, phase))
            trace_compare(&series[i], p, trace_report(p, isac_places[i].report), g, t);
}

/* One recorded step in. */
static void isac_step(sg_program *p, const golden *g, size_t t, trace_series *series)
{
    trace_set(p, sg_find(p, "obs"), g, "obs", t);
    trace_set(p, sg_find(p, "actor.noise"), g, "eps_act", t);
    run(p, g, t, "act", series);
    trace_compare(&series[PLACES], p, sg_phase_first_value(p->source, 0), g, t);
    trace_set(p, sg_find(p, "reward"), g, "reward", t);
    trace_set(p, sg_find(p, "next_obs"), g, "next_obs", t);
    trace_set(p, sg_find(p, "terminated"), g, "terminated", t);
    trace_set(p, sg_find(p, "actor.noise.2"), g, "eps_next", t);
    run(p, g, t, "learn", series);
    trace_set(p, sg_find(p, "actor.noise.3"), g, "eps_pi", t);
    run(p, g, t, "after_learn", series);
}

static void isac_replay(const char *file)
{
    static trace_pair pairs[] = {{"actor_l2", "hp/l2_actor"},
                                 {"critic_l2", "hp/l2_critic"},
                                 {"normalize_features", "hp/pnorm"},
                                 {"scale_td_error", "hp/scaled_td"},
                                 {NULL, NULL}};
    golden *g = golden_open(file);
    bool single = golden_is_float32(g);
    const sg_algorithm *isac = sg_algorithm_find("isac", NULL);
    void *config = config_of(isac, g, "alpha_beta1=0.5", pairs);
    sg_program *p = trace_program(isac, config, (int)golden_number(g, "hp/obs_dim"),
                                  (int)golden_number(g, "hp/action_dim"), single ? SG_F32 : SG_F64);
    trace_start_as(p, g, isac_names);
    trace_expect_settings_read(g, (const char *const[]){NULL});

    trace_series series[PLACES + 2] = {
        {"alpha", 0, 0},      {"critic_loss", 0, 0}, {"q1", 0, 0},
        {"sigma", 0, 0},      {"ploss", 0, 0},       {"pi_lprob", 0, 0},
        {"alpha_loss", 0, 0}, {"action", 0, 0},      {"parameters", 0, 0}};
    size_t steps;
    golden_array(g, "step/reward", &steps, NULL, NULL);
    for (size_t t = 0; t < steps; t++)
        isac_step(p, g, t, series);
    trace_series *parameters = &series[PLACES + 1];
    int compared = trace_compare_parameters_as(parameters, p, g, "final", isac_names);
    cr_expect(compared == 33 - trace_left_out(g, "final"), "%s: %d parameters", file, compared);
    for (size_t i = 0; i < PLACES + 2; i++)
        trace_expect(&series[i], single ? 2e-3 : 1e-9, file);
    trace_free(p);
    free(config);
    golden_close(g);
}

Test(isac, follows_every_recorded_trace)
{
    const char *file;
    for (int i = 0; (file = golden_recording("isac", i)); i++)
        isac_replay(file);
}

/* ---- the same authors' SAC with a replay ---- */

static trace_names replay_names[] = {{"critic1.q", "critic.Q1.value"},
                                     {"critic1", "critic.Q1"},
                                     {"critic2.q", "critic.Q2.value"},
                                     {"critic2", "critic.Q2"},
                                     {"target.critic1.q", "critic_target.Q1.value"},
                                     {"target.critic1", "critic_target.Q1"},
                                     {"target.critic2.q", "critic_target.Q2.value"},
                                     {"target.critic2", "critic_target.Q2"},
                                     {NULL, NULL}};

static const char replay_set[] = "log_std=clamped,fresh_alpha=off,random_start=off,"
                                 "policy_every=1,alpha_beta1=0.5";

/* The mean over the batch of what was recorded for each of its transitions. */
static const struct {
    const char *phase, *report, *recorded;
} replay_places[] = {{"learn", "losses/temperature", "step/alpha"},
                     {"learn", "losses/critic", "step/critic_loss"},
                     {"learn", "losses/value", "step/q1"},
                     {"learn_actor", "losses/actor", "step/actor_loss"},
                     {"learn_actor", "losses/log_prob", "step/pi_lprob"},
                     {"learn_actor", "losses/alpha", "step/alpha_loss"}};
enum { REPLAY_PLACES = sizeof replay_places / sizeof replay_places[0] };

typedef struct {
    golden *g;
    sg_agent *agent;
    sg_program *program;
    size_t t, steps;
    int *slots; /* what the next update draws */
    trace_series series[REPLAY_PLACES + 2];
} replay;

static const double *recorded_row(const replay *r, const char *name, size_t *width)
{
    const double *values = golden_array(r->g, name, width, NULL, NULL);
    *width /= r->steps;
    return values + r->t * *width;
}

static void compare_mean(replay *r, int k)
{
    size_t width;
    double mean = 0, most = 0;
    const double *recorded = recorded_row(r, replay_places[k].recorded, &width);
    for (size_t i = 0; i < width; i++)
        mean += recorded[i] / (double)width;
    const double *all = golden_array(r->g, replay_places[k].recorded, NULL, NULL, NULL);
    for (size_t i = 0; i < width * r->steps; i++)
        most = fmax(most, fabs(all[i]));
    double value = sg_get_number(r->program, trace_report(r->program, replay_places[k].report));
    double error = fabs(value - mean) / most;
    r->series[k].worst = isnan(error) ? INFINITY : fmax(error, r->series[k].worst);
    r->series[k].compared++;
}

static void around_phase(void *context, const char *phase, int repetition, bool done)
{
    replay *r = context;
    (void)repetition;
    if (!done && !strcmp(phase, "learn"))
        trace_set(r->program, sg_find(r->program, "actor.noise.2"), r->g, "eps_next", r->t);
    if (!done && !strcmp(phase, "learn_actor"))
        trace_set(r->program, sg_find(r->program, "actor.noise.3"), r->g, "eps_pi", r->t);
    for (int k = 0; k < REPLAY_PLACES; k++)
        if (done && !strcmp(phase, replay_places[k].phase))
            compare_mean(r, k);
}

static void replay_step(replay *r)
{
    size_t n;
    double action[SG_MAX_ACTIONS];
    sg_error error;
    trace_set(r->program, sg_find(r->program, "actor.noise"), r->g, "eps_act", r->t);
    sg_agent_act(r->agent, recorded_row(r, "step/obs", &n), action);
    int act = sg_phase_find(r->program, "act");
    sg_node taken = sg_phase_first_value(r->program->source, act);
    trace_compare(&r->series[REPLAY_PLACES], r->program, taken, r->g, r->t);
    const double *idx = recorded_row(r, "step/idx", &n);
    r->slots = realloc(r->slots, n * sizeof *r->slots);
    for (size_t b = 0; b < n; b++)
        r->slots[b] = (int)idx[b];
    size_t before = r->series[0].compared;
    sg_replay_learner_take_next(sg_agent_replay(r->agent), r->slots);
    sg_transition tr = {.reward = *recorded_row(r, "step/reward", &n),
                        .terminated = *recorded_row(r, "step/terminated", &n) != 0};
    cr_assert(sg_agent_learn(r->agent, &tr, recorded_row(r, "step/next_obs", &n), &error), "%s",
              error.text);
    /* as many updates as there were */
    size_t made = r->series[0].compared - before;
    double recorded = *recorded_row(r, "step/n_updates", &n);
    cr_assert((double)made == recorded, "%s, step %zu: %zu updates, not %g", golden_file(r->g),
              r->t, made, recorded);
}

static void *replay_config(const sg_algorithm *sac, const golden *g)
{
    static trace_pair pairs[] = {{"buffer", "hp/replay_buffer_capacity"},
                                 {"batch", "hp/batch_size"},
                                 {"target_every", "hp/update_critic_target_every"},
                                 {NULL, NULL}};
    void *config = config_of(sac, g, replay_set, pairs);
    int first = (int)golden_number(g, "hp/init_steps"); /* counted from 1 */
    cr_assert(first > 0, "%s: an update at the first step, before any that may be drawn",
              golden_file(g));
    trace_setting(&sac->settings, config, "learning_starts", first - 1);
    /* its targets move by the number of updates, those of sac by the number of steps */
    int every = (int)golden_number(g, "hp/update_critic_target_every");
    cr_assert(first % every == 0,
              "%s: targets that move every %d updates from step %d on; sac counts steps",
              golden_file(g), every, first);
    trace_only(g, "hp/update_every", 1);
    trace_only(g, "hp/update_epochs", 1);
    trace_only(g, "hp/bootstrap_terminal", 0);
    return config;
}

/* Settings of isac that its authors' SAC with a replay does not have: neither weight decay nor
 * normalised features nor a scaled TD error; it has no encoder either. */
static const char *const replay_others[] = {"l2_actor",  "l2_critic",   "pnorm",
                                            "scaled_td", "encoder_tau", NULL};

static sg_agent *replay_agent(const sg_algorithm *sac, const void *config, const golden *g)
{
    sg_agent_options options = sg_agent_options_default();
    sg_env_spec spec = {.id = "trace", .obs_rank = 1};
    options.dtype = SG_F64;
    spec.obs_size = spec.obs_dim[0] = (int)golden_number(g, "hp/obs_dim");
    spec.action_size = (int)golden_number(g, "hp/action_dim");
    cr_assert(spec.action_size <= SG_MAX_ACTIONS, "%s: %d actions", golden_file(g),
              spec.action_size);
    for (int i = 0; i < spec.action_size; i++) {
        spec.action_low[i] = -1;
        spec.action_high[i] = 1;
    }
    sg_error error = {""};
    sg_agent *agent = sg_agent_new(sac, config, &spec, options, &error);
    cr_assert(agent, "%s: %s", golden_file(g), error.text);
    return agent;
}

static void replay_batch(const char *file)
{
    const sg_algorithm *sac = sg_algorithm_find("sac", NULL);
    replay r = {.g = golden_open(file),
                .series[REPLAY_PLACES] = {"action", 0, 0},
                .series[REPLAY_PLACES + 1] = {"parameters", 0, 0}};
    for (int k = 0; k < REPLAY_PLACES; k++)
        r.series[k].name = replay_places[k].recorded;
    void *config = replay_config(sac, r.g);
    r.agent = replay_agent(sac, config, r.g);
    r.program = sg_agent_program(r.agent);
    sg_program_hold_draws(r.program, true);
    sg_replay_learner_listen(sg_agent_replay(r.agent), around_phase, &r);
    trace_start_as(r.program, r.g, replay_names);
    trace_expect_settings_read(r.g, replay_others);
    golden_array(r.g, "step/reward", &r.steps, NULL, NULL);
    for (r.t = 0; r.t < r.steps; r.t++)
        replay_step(&r);
    trace_series *parameters = &r.series[REPLAY_PLACES + 1];
    int compared = trace_compare_parameters_as(parameters, r.program, r.g, "final", replay_names);
    cr_expect(compared == 33 - trace_left_out(r.g, "final"), "%s: %d parameters", file, compared);
    for (size_t i = 0; i < REPLAY_PLACES + 2; i++)
        trace_expect(&r.series[i], 1e-9, file);
    sg_agent_free(r.agent);
    free(r.slots);
    free(config);
    golden_close(r.g);
}

Test(isac, sac_by_settings_follows_every_recorded_batch_program)
{
    const char *file;
    for (int i = 0; (file = golden_recording("sac_batch", i)); i++)
        replay_batch(file);
}
