/* test_ppo.c - PPO against the recorded updates of the published code, in float64 to 1e-9:
 * rollouts, advantages, every quantity of every minibatch, parameters and moments. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/graph_internal.h"
#include "autograd/program_internal.h"
#include "rl/algorithm.h"
#include "rl/rollout_learner.h"
#include "tests/trace.h"

static trace_names names[] = {{"actor.phi.0", "actor_mean.0"}, {"actor.phi.2", "actor_mean.2"},
                              {"actor.mu", "actor_mean.4"},    {"actor.log_std", "actor_logstd"},
                              {"critic.phi.0", "critic.0"},    {"critic.phi.2", "critic.2"},
                              {"critic.v", "critic.4"},        {NULL, NULL}};
static trace_names names_discrete[] = {{"actor.phi.0", "actor.0"},
                                       {"actor.phi.2", "actor.2"},
                                       {"actor.logits", "actor.4"},
                                       {"critic.phi.0", "critic.0"},
                                       {"critic.phi.2", "critic.2"},
                                       {"critic.v", "critic.4"},
                                       {NULL, NULL}};

/* What is recorded of each minibatch as one number, and the report that it is. */
static const char *const reports[][2] = {{"pg_loss", "losses/policy_loss"},
                                         {"v_loss", "losses/value_loss"},
                                         {"entropy_loss", "losses/entropy"},
                                         {"loss", "losses/loss"},
                                         {"old_approx_kl", "losses/old_approx_kl"},
                                         {"approx_kl", "losses/approx_kl"},
                                         {"clipfrac", "losses/clipfrac"},
                                         {"grad_norm", "losses/grad_norm"},
                                         {"lr", "charts/learning_rate"}};
enum { REPORTS = sizeof reports / sizeof reports[0] };
/* What is recorded of each sample of it, and the name of the node. */
static const char *const samples[][2] = {{"newlogprob", "new log_prob"},
                                         {"ratio", "ratio"},
                                         {"newvalue", "new value"},
                                         {"mb_advantages", "standardized"},
                                         {"entropy", "entropy"}};
enum { SAMPLES = sizeof samples / sizeof samples[0] };

typedef struct {
    const golden *g;
    sg_program *program;
    sg_rollout_learner *learner;
    bool discrete, keep_all;
    const trace_names *names;
    int envs, steps, rows;
    int iteration, update; /* from 0 */
    trace_series of_report[REPORTS], of_sample[SAMPLES];
    trace_series action, log_prob, value, advantage, return_, parameters, moments;
} replay;

static int hp(const golden *g, const char *name)
{
    char full[64];
    snprintf(full, sizeof full, "hp/%s", name);
    return (int)golden_number(g, full);
}

static const double *recorded(const replay *r, const char *name)
{
    return golden_array(r->g, name, NULL, NULL, NULL);
}

/* ---- the recorded run's settings ---- */

/* The batch is num_steps times num_envs; an algorithm knows one environment with as many steps. */
static void *config_of(const sg_algorithm *ppo, const golden *g)
{
    static trace_pair pairs[] = {{"lr", "hp/learning_rate"},
                                 {"eps", "hp/adam_eps"},
                                 {"num_steps", "hp/batch_size"},
                                 {"update_epochs", "hp/update_epochs"},
                                 {"num_minibatches", "hp/num_minibatches"},
                                 {"gae_lambda", "hp/gae_lambda"},
                                 {"gamma", "hp/gamma"},
                                 {"clip_coef", "hp/clip_coef"},
                                 {"ent_coef", "hp/ent_coef"},
                                 {"vf_coef", "hp/vf_coef"},
                                 {"max_grad_norm", "hp/max_grad_norm"},
                                 {"normalize_advantages", "hp/norm_adv"},
                                 {"clip_values", "hp/clip_vloss"},
                                 {NULL, NULL}};
    size_t hidden;
    void *config = sg_algorithm_config(ppo, NULL, NULL, 0, NULL);
    trace_settings(ppo, config, g, pairs);
    golden_array(g, "param/init/critic.0.bias", &hidden, NULL, NULL);
    trace_setting(&ppo->settings, config, "hidden", (double)hidden);
    double target = golden_has(g, "hp/target_kl") ? golden_number(g, "hp/target_kl") : 0;
    trace_setting(&ppo->settings, config, "target_kl", target > 0 ? target : 0);
    double anneal = hp(g, "anneal_lr") ? golden_number(g, "hp/total_timesteps") : 0;
    trace_setting(&ppo->settings, config, "anneal_steps", anneal);
    return config;
}

static sg_program *compile(const sg_algorithm *ppo, const void *config, const replay *r)
{
    int obs_size = hp(r->g, "obs_dim"), actions = hp(r->g, "act_dim");
    sg_env_spec spec = {.obs_rank = 1,
                        .obs_size = obs_size,
                        .obs_dim = {obs_size},
                        .discrete = r->discrete,
                        .action_count = actions,
                        .action_size = r->discrete ? 1 : actions};
    sg_graph *graph = sg_graph_new(SG_F64);
    sg_compile_options options = sg_compile_options_default();
    options.keep_all = r->keep_all;
    ppo->build(graph, &spec, config);
    sg_program *program = sg_compile(graph, options);
    sg_program_hold_draws(program, true);
    return program;
}

/* ---- a minibatch ---- */

/* A computed node by its name. */
static sg_node named(const sg_program *p, const char *name)
{
    const sg_graph *g = p->source;
    for (int id = 0; id < g->node_count; id++)
        if (g->nodes[id].name && !strcmp(g->nodes[id].name, name))
            return (sg_node){(sg_graph *)g, id};
    cr_assert_fail("no node '%s'", name);
    return (sg_node){0};
}

static void compare_samples(replay *r, int rows)
{
    double *values = malloc((size_t)r->rows * sizeof *values);
    for (int k = 0; k < SAMPLES; k++) {
        char full[64];
        const char *name = samples[k][1];
        if (!strcmp(name, "standardized") && !hp(r->g, "norm_adv"))
            name = "batch.advantage";
        snprintf(full, sizeof full, "step/%s", samples[k][0]);
        sg_get(r->program, named(r->program, name), values);
        trace_compare_values(&r->of_sample[k], values,
                             recorded(r, full) + (size_t)r->update * (size_t)r->rows, (size_t)rows);
    }
    free(values);
}

/* Parameters that were recorded after this many updates, or under another name of the moment. */
static void compare_parameters(replay *r, const char *when)
{
    char first[96];
    snprintf(first, sizeof first, "param/%s/critic.0.bias", when);
    if (golden_has(r->g, first))
        trace_compare_parameters_as(&r->parameters, r->program, r->g, when, r->names);
}

static void learnt(void *context, int rows)
{
    char when[32];
    replay *r = context;
    size_t u = (size_t)r->update;
    cr_assert(recorded(r, "step/mb_size")[u] == rows, "%s: minibatch %zu has %d rows",
              golden_file(r->g), u, rows);
    for (int k = 0; k < REPORTS; k++)
        trace_compare(&r->of_report[k], r->program, trace_report(r->program, reports[k][1]), r->g,
                      u);
    if (r->keep_all)
        compare_samples(r, rows);
    r->update++;
    snprintf(when, sizeof when, "t%d", r->update);
    compare_parameters(r, when);
}

/* ---- an iteration ---- */

static void compare_estimates(replay *r)
{
    const sg_rollout *rollout = sg_rollout_learner_rollout(r->learner);
    size_t n = (size_t)rollout->samples, from = n * (size_t)r->iteration;
    trace_compare_values(&r->advantage, rollout->arrays[SG_ROLLOUT_ADVANTAGE],
                         recorded(r, "gae/advantages") + from, n);
    trace_compare_values(&r->return_, rollout->arrays[SG_ROLLOUT_RETURN],
                         recorded(r, "gae/returns") + from, n);
}

/* The recorded order of the epoch: the minibatches' indices one after the other. */
static void order(void *context, int epoch, int64_t *to)
{
    replay *r = context;
    size_t updates, n = 0;
    const double *iteration = golden_array(r->g, "step/iteration", &updates, NULL, NULL);
    const double *of_epoch = recorded(r, "step/epoch"), *size = recorded(r, "step/mb_size");
    const double *index = recorded(r, "step/mb_inds");
    if (epoch == 0)
        compare_estimates(r);
    for (size_t u = 0; u < updates; u++)
        for (int i = 0; iteration[u] == r->iteration + 1 && of_epoch[u] == epoch && i < size[u];
             i++)
            to[n++] = (int64_t)index[u * (size_t)r->rows + (size_t)i];
    cr_assert(n == (size_t)(r->envs * r->steps), "%s: iteration %d has no epoch %d",
              golden_file(r->g), r->iteration, epoch);
}

/* One environment's part of a step. */
static void act(replay *r, size_t at, int env)
{
    sg_node action = sg_phase_first_value(r->program->source, 0);
    size_t width = sg_shape_size(sg_node_shape(action));
    double *values = malloc(width * sizeof *values);
    size_t obs = (size_t)hp(r->g, "obs_dim");
    sg_set(r->program, sg_find(r->program, "obs"), recorded(r, "roll/obs") + at * obs);
    if (!r->discrete || hp(r->g, "act_dim") > 1) /* one action is no choice, and no draw */
        sg_set(r->program, sg_find(r->program, "actor.noise"),
               recorded(r, r->discrete ? "roll/u" : "roll/eps") + at * width);
    sg_run(r->program, sg_phase_find(r->program, "act"));
    sg_get(r->program, action, values);
    trace_compare_values(&r->action, values, recorded(r, "roll/action") + at * width, width);
    free(values);
    sg_rollout_learner_acted(r->learner, env);
    sg_rollout_learner_answered(r->learner, env, recorded(r, "roll/reward")[at],
                                recorded(r, "roll/terminated")[at] != 0 ||
                                    recorded(r, "roll/truncated")[at] != 0);
}

static void iterate(replay *r)
{
    const sg_rollout *rollout = sg_rollout_learner_rollout(r->learner);
    size_t obs = (size_t)hp(r->g, "obs_dim"), at = (size_t)(r->iteration * r->steps * r->envs);
    for (int s = 0; s < r->steps; s++) {
        bool learnt_now;
        const double *next = recorded(r, "roll/next_obs") + at * obs;
        for (int env = 0; env < r->envs; env++, at++)
            act(r, at, env);
        cr_assert(sg_rollout_learner_advance(r->learner, next, &learnt_now));
        cr_assert_eq(learnt_now, s == r->steps - 1);
    }
    at -= (size_t)rollout->samples;
    trace_compare_values(&r->log_prob, rollout->arrays[SG_ROLLOUT_LOG_PROB],
                         recorded(r, "roll/logprob") + at, (size_t)rollout->samples);
    trace_compare_values(&r->value, rollout->arrays[SG_ROLLOUT_VALUE],
                         recorded(r, "roll/value") + at, (size_t)rollout->samples);
    cr_assert(recorded(r, "iter/n_updates")[r->iteration] == r->update,
              "%s: %d updates after iteration %d", golden_file(r->g), r->update, r->iteration);
}

/* ---- a recording ---- */

/* Adam's moments at the end, under the names that the recording has for the parameters. */
static void compare_moments(replay *r)
{
    static const char *const moments[] = {"exp_avg", "exp_avg_sq"};
    sg_nodes all = sg_parameters((sg_graph *)r->program->source);
    for (int k = 0; k < 2 * all.count; k++) {
        char ours[96], theirs[96];
        const char *name = sg_node_name(sg_nodes_at(all, k / 2));
        size_t count, n = 0;
        const trace_names *t = r->names;
        while (strncmp(name, (*t)[0], strlen((*t)[0])))
            t++;
        n = strlen((*t)[0]);
        snprintf(ours, sizeof ours, "%s.%s", name, moments[k % 2]);
        snprintf(theirs, sizeof theirs, "opt/final/%s%s.%s", (*t)[1], name + n, moments[k % 2]);
        const double *expected = golden_array(r->g, theirs, &count, NULL, NULL);
        sg_node moment = sg_find(r->program, ours);
        cr_assert(count == sg_shape_size(sg_node_shape(moment)), "%s: %s has %zu values",
                  golden_file(r->g), theirs, count);
        double *values = malloc(count * sizeof *values);
        sg_get(r->program, moment, values);
        trace_compare_values(&r->moments, values, expected, count);
        free(values);
    }
}

static void expect_all(const replay *r, const char *file)
{
    const trace_series *whole[] = {&r->action,  &r->log_prob,   &r->value,  &r->advantage,
                                   &r->return_, &r->parameters, &r->moments};
    for (size_t i = 0; i < sizeof whole / sizeof whole[0]; i++)
        trace_expect(whole[i], 1e-9, file);
    for (int k = 0; k < REPORTS; k++)
        trace_expect(&r->of_report[k], 1e-9, file);
    for (int k = 0; r->keep_all && k < SAMPLES; k++)
        trace_expect(&r->of_sample[k], 1e-9, file);
}

static void start(replay *r)
{
    for (int k = 0; k < REPORTS; k++)
        r->of_report[k].name = reports[k][0];
    for (int k = 0; k < SAMPLES; k++)
        r->of_sample[k].name = samples[k][0];
    r->action.name = "action";
    r->log_prob.name = "logprob";
    r->value.name = "value";
    r->advantage.name = "advantages";
    r->return_.name = "returns";
    r->parameters.name = "parameters";
    r->moments.name = "moments";
    trace_start_as(r->program, r->g, r->names);
}

/* The batch and its share for an update are from the steps of all environments, and training ends
 * after num_iterations of them. */
static const char *const others[] = {"total_timesteps", NULL};

static void replay_file(const char *file, bool keep_all)
{
    const sg_algorithm *ppo = sg_algorithm_find("ppo", NULL);
    replay r = {.g = golden_open(file), .keep_all = keep_all};
    r.discrete = golden_has(r.g, "roll/u");
    r.names = r.discrete ? names_discrete : names;
    r.envs = hp(r.g, "num_envs");
    r.steps = hp(r.g, "num_steps");
    r.rows = hp(r.g, "minibatch_size");
    trace_only(r.g, "hp/batch_size", r.envs * r.steps);
    void *config = config_of(ppo, r.g);
    r.program = compile(ppo, config, &r);
    sg_rollout_config rollout =
        *(const sg_rollout_config *)((const char *)config + ppo->rollout_offset);
    rollout.num_steps = r.steps;
    r.learner = sg_rollout_learner_new(r.program, r.program->source, &rollout,
                                       golden_number(r.g, "hp/gamma"), r.envs, 0);
    sg_rollout_learner_watch(r.learner, (sg_rollout_watcher){order, learnt, &r});
    start(&r);
    for (; r.iteration < hp(r.g, "num_iterations"); r.iteration++) {
        char when[32];
        iterate(&r);
        snprintf(when, sizeof when, "iter%d", r.iteration + 1);
        compare_parameters(&r, when);
    }
    compare_parameters(&r, "final");
    compare_moments(&r);
    expect_all(&r, file);
    trace_expect_settings_read(r.g, others);
    sg_rollout_learner_free(r.learner);
    trace_free(r.program);
    free(config);
    golden_close((golden *)r.g);
}

/* ---- the start ---- */

/* The norm of a weight's first row: orthogonal rows have the gain as their norm. */
static double row_norm(const sg_program *p, const char *name)
{
    double values[1024], sum = 0;
    sg_node w = sg_find(p, name);
    cr_assert(w.graph && sg_shape_size(sg_node_shape(w)) <= 1024, "%s", name);
    sg_get(p, w, values);
    for (int i = 0; i < sg_node_shape(w).dim[sg_node_shape(w).rank - 1]; i++)
        sum += values[i] * values[i];
    return sqrt(sum);
}

Test(ppo, starts_with_the_published_gains)
{
    static const struct {
        const char *name;
        double norm;
    } weights[] = {{"actor.phi.2.weight", M_SQRT2},
                   {"critic.phi.2.weight", M_SQRT2},
                   {"actor.mu.weight", 0.01},
                   {"critic.v.weight", 1},
                   {"actor.mu.bias", 0},
                   {"critic.phi.0.bias", 0},
                   {"actor.log_std", 0}};
    const sg_algorithm *ppo = sg_algorithm_find("ppo", NULL);
    const char *set = "hidden=16";
    void *config = sg_algorithm_config(ppo, NULL, &set, 1, NULL);
    sg_program *p = trace_program(ppo, config, 5, 2, SG_F64);
    for (size_t i = 0; i < sizeof weights / sizeof weights[0]; i++)
        cr_expect(fabs(row_norm(p, weights[i].name) - weights[i].norm) < 1e-12, "%s: %g",
                  weights[i].name, row_norm(p, weights[i].name));
    trace_free(p);
    free(config);
}

/* ---- the recordings ---- */

/* Continuous and discrete actions, one environment and several, smaller last minibatches, early
 * stops. */
static void follow(bool keep_all)
{
    const char *file;
    for (int i = 0; (file = golden_recording("cleanrl_ppo", i)); i++)
        replay_file(file, keep_all);
}

Test(ppo, follows_every_recorded_run_as_training_runs_it) { follow(false); }
Test(ppo, follows_every_recorded_run_with_all_values_kept_to_look_at) { follow(true); }
