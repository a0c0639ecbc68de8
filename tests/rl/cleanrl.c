/* cleanrl.c - see cleanrl.h. */
#include "tests/rl/cleanrl.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/trace.h"

enum { MAX_SERIES = 12 }; /* of a case */

typedef struct {
    const cleanrl_case *c;
    golden *g;
    void *config;
    sg_env_spec spec;
    sg_agent *agent;
    sg_program *program;
    size_t update; /* row of step/ */
    int *slots;    /* what the next update draws */
    trace_series series[MAX_SERIES], action, sums, norms, parameters;
    char *name_text;    /* the names, one after the other */
    const char **names; /* recorded, in the columns' order */
    sg_node *nodes;
    size_t parameter_count;
} replay;

/* ---- recorded arrays ---- */

/* Row t of an array whose first axis has `rows`; *n is its length. */
static const double *row(const golden *g, const char *name, size_t t, size_t *n)
{
    int rank;
    int64_t dim[GOLDEN_MAX_RANK];
    const double *values = golden_array(g, name, n, &rank, dim);
    cr_assert(rank > 0 && t < (size_t)dim[0], "%s: %s has no row %zu", golden_file(g), name, t);
    *n /= (size_t)dim[0];
    return values + t * *n;
}

static double number(const golden *g, const char *name, size_t t)
{
    size_t n;
    const double *values = row(g, name, t, &n);
    cr_assert(n == 1, "%s: %s has %zu values a row", golden_file(g), name, n);
    return *values;
}

static double largest(const golden *g, const char *name)
{
    size_t n;
    double most = 0;
    const double *values = golden_array(g, name, &n, NULL, NULL);
    for (size_t i = 0; i < n; i++)
        most = fmax(most, fabs(values[i]));
    return most;
}

static void compare(trace_series *s, double value, double recorded, double scale)
{
    double error = fabs(value - recorded) / (scale > 0 ? scale : 1);
    if (!(error <= s->worst))
        s->worst = isnan(error) ? INFINITY : error;
    s->compared++;
}

/* "step/<name>" */
static const char *step_name(const char *name, char text[64])
{
    snprintf(text, 64, "step/%s", name);
    return text;
}

/* ---- parameters ---- */

/* "qf1_target.fc1.weight" as our node. */
static sg_node node_of(const replay *r, const char *recorded)
{
    char ours[96];
    const char *part = strrchr(recorded, '.');
    for (cleanrl_name *n = r->c->parameters; (*n)[0]; n++) {
        size_t length = strlen((*n)[1]);
        if (strncmp(recorded, (*n)[1], length) || (recorded[length] && recorded + length != part))
            continue;
        snprintf(ours, sizeof ours, "%s%s", (*n)[0], recorded + length);
        sg_node node = sg_find(r->program, ours);
        cr_assert(node.graph, "%s: no '%s'", golden_file(r->g), ours);
        return node;
    }
    cr_assert_fail("%s: no name for %s", golden_file(r->g), recorded);
    return (sg_node){0};
}

/* The columns of param_sum, from the file's metadata. */
static void find_parameters(replay *r)
{
    const char *names = golden_text(r->g, "param_names");
    cr_assert(names, "%s has no metadata 'param_names'", golden_file(r->g));
    size_t most = 1;
    for (const char *c = names; *c; c++)
        most += *c == ',';
    r->name_text = strdup(names);
    r->names = calloc(most, sizeof *r->names);
    r->nodes = calloc(most, sizeof *r->nodes);
    for (char *name = strtok(r->name_text, ","); name; name = strtok(NULL, ",")) {
        r->names[r->parameter_count] = name;
        r->nodes[r->parameter_count++] = node_of(r, name);
    }
    cr_assert(r->parameter_count >= 12, "%s: %zu parameters", golden_file(r->g),
              r->parameter_count);
}

static const double *recorded_parameter(const replay *r, const char *when, size_t k, size_t *n)
{
    char name[160];
    snprintf(name, sizeof name, "param/%s/%s", when, r->names[k]);
    const double *values = golden_array(r->g, name, n, NULL, NULL);
    size_t size = sg_shape_size(sg_node_shape(r->nodes[k]));
    cr_assert(*n == size, "%s: %s has %zu values, the network %zu", golden_file(r->g), name, *n,
              size);
    return values;
}

static void start_parameters(replay *r)
{
    size_t n;
    for (size_t k = 0; k < r->parameter_count; k++)
        sg_set(r->program, r->nodes[k], recorded_parameter(r, "init", k, &n));
}

static void compare_parameters(replay *r, const char *when)
{
    for (size_t k = 0; k < r->parameter_count; k++) {
        size_t n;
        const double *recorded = recorded_parameter(r, when, k, &n);
        double *values = malloc(n * sizeof *values);
        sg_get(r->program, r->nodes[k], values);
        trace_compare_values(&r->parameters, values, recorded, n);
        free(values);
    }
}

/* Sum and norm of every parameter against a row of the recording. */
static void compare_sums(replay *r, const char *prefix, size_t t)
{
    char sum_name[64], norm_name[64];
    snprintf(sum_name, sizeof sum_name, "%s/param_sum", prefix);
    snprintf(norm_name, sizeof norm_name, "%s/param_l2", prefix);
    size_t columns;
    const double *sums = row(r->g, sum_name, t, &columns),
                 *norms = row(r->g, norm_name, t, &columns);
    double sum_scale = largest(r->g, sum_name), norm_scale = largest(r->g, norm_name);
    cr_assert(columns == r->parameter_count, "%s: %s has %zu columns", golden_file(r->g), sum_name,
              columns);
    for (size_t k = 0; k < columns; k++) {
        size_t n = sg_shape_size(sg_node_shape(r->nodes[k]));
        double *values = malloc(n * sizeof *values), sum = 0, squares = 0;
        sg_get(r->program, r->nodes[k], values);
        for (size_t i = 0; i < n; i++) {
            sum += values[i];
            squares += values[i] * values[i];
        }
        compare(&r->sums, sum, sums[k], sum_scale);
        compare(&r->norms, sqrt(squares), norms[k], norm_scale);
        free(values);
    }
}

/* ---- what happens around a phase ---- */

static void set_noise(replay *r, const char *phase, int repetition)
{
    char name[64];
    for (const cleanrl_noise *n = r->c->noise; n && n->node; n++) {
        if (strcmp(n->phase, phase))
            continue;
        sg_node node = sg_find(r->program, n->node);
        cr_assert(node.graph, "%s: no draws '%s'", golden_file(r->g), n->node);
        size_t length, size = sg_shape_size(sg_node_shape(node));
        const double *values = row(r->g, step_name(n->recorded, name), r->update, &length);
        cr_assert((size_t)(repetition + 1) * size <= length, "%s: %s has %zu values a row",
                  golden_file(r->g), name, length);
        sg_set(r->program, node, values + (size_t)repetition * size);
    }
}

/* The second axis of a series. */
static size_t repetitions_of(const golden *g, const char *name)
{
    int rank;
    int64_t dim[GOLDEN_MAX_RANK];
    golden_array(g, name, NULL, &rank, dim);
    cr_assert(rank > 1, "%s: %s has no repetitions", golden_file(g), name);
    return (size_t)dim[1];
}

/* True where there is such a phase. */
static bool is_there(const replay *r, const cleanrl_series *s)
{
    return !s->only_if || golden_number(r->g, s->only_if) != 0;
}

/* A report is the mean over the batch of what was recorded. */
static void compare_reports(replay *r, const char *phase, int repetition)
{
    char name[64];
    for (int i = 0; r->c->series[i].report; i++) {
        const cleanrl_series *s = &r->c->series[i];
        if (strcmp(s->phase, phase) || !is_there(r, s))
            continue;
        size_t n;
        const double *recorded = row(r->g, step_name(s->recorded, name), r->update, &n);
        double value = sg_get_number(r->program, trace_report(r->program, s->report)), mean = 0;
        size_t width = s->repeated ? n / repetitions_of(r->g, name) : n;
        for (size_t k = 0; k < width; k++)
            mean += recorded[(size_t)repetition * width + k] / (double)width;
        compare(&r->series[i], value, mean, largest(r->g, name));
    }
}

static void around_phase(void *context, const char *phase, int repetition, bool done)
{
    if (done)
        compare_reports(context, phase, repetition);
    else
        set_noise(context, phase, repetition);
}

/* ---- a step ---- */

static void act(replay *r, size_t t)
{
    size_t n;
    double action[SG_MAX_ACTIONS];
    const double *recorded = row(r->g, "roll/action", t, &n);
    bool random = number(r->g, "roll/random_action", t) != 0;
    if (r->spec.discrete) {
        double coin = number(r->g, "roll/u", t), any = (recorded[0] + 0.5) / r->spec.action_count;
        sg_set(r->program, sg_find(r->program, "q.explore"), &coin);
        sg_set(r->program, sg_find(r->program, "q.random"), &any);
    } else {
        double unit[SG_MAX_ACTIONS] = {0};
        for (size_t i = 0; i < n && random; i++)
            unit[i] = (recorded[i] - r->spec.action_low[i]) /
                      (r->spec.action_high[i] - r->spec.action_low[i]);
        size_t length;
        sg_set(r->program, sg_find(r->program, "random_action"), unit);
        sg_set(r->program, sg_find(r->program, r->c->act_noise),
               row(r->g, "roll/eps_act", t, &length));
    }
    sg_agent_act(r->agent, row(r->g, "roll/obs", t, &(size_t){0}), action);
    for (size_t i = 0; i < n; i++)
        compare(&r->action, action[i], recorded[i], largest(r->g, "roll/action"));
}

/* Lets the next update draw the recorded slots. */
static void give_slots(replay *r)
{
    size_t n;
    const double *idx = row(r->g, "step/idx", r->update, &n);
    double batch = golden_number(r->g, "hp/batch_size");
    cr_assert((double)n == batch, "%s: %zu slots drawn for a batch of %g", golden_file(r->g), n,
              batch);
    r->slots = realloc(r->slots, n * sizeof *r->slots);
    for (size_t b = 0; b < n; b++)
        r->slots[b] = (int)idx[b];
    sg_replay_learner_take_next(sg_agent_replay(r->agent), r->slots);
}

/* After an update: sums, and where they were recorded the parameters themselves. */
static void compare_update(replay *r)
{
    char when[32], probe[160];
    if (golden_has(r->g, "step/param_sum"))
        compare_sums(r, "step", r->update);
    r->update++;
    snprintf(when, sizeof when, "t%zu", r->update);
    snprintf(probe, sizeof probe, "param/%s/%s", when, r->names[0]);
    if (golden_has(r->g, probe))
        compare_parameters(r, when);
}

static void learn(replay *r, size_t t)
{
    size_t n, updates;
    sg_error error;
    golden_array(r->g, "step/global_step", &updates, NULL, NULL);
    bool update = r->update < updates && number(r->g, "step/global_step", r->update) == (double)t;
    if (update)
        give_slots(r);
    sg_transition tr = {.reward = number(r->g, "roll/reward", t),
                        .terminated = number(r->g, "roll/terminated", t) != 0,
                        .truncated = number(r->g, "roll/truncated", t) != 0};
    cr_assert(sg_agent_learn(r->agent, &tr, row(r->g, "roll/final_obs", t, &n), &error), "%s: %s",
              golden_file(r->g), error.text);
    if (golden_has(r->g, "roll/param_sum"))
        compare_sums(r, "roll", t);
    if (update)
        compare_update(r);
}

/* ---- the whole ---- */

static void make_spec(replay *r)
{
    r->spec = (sg_env_spec){.id = "trace", .obs_rank = 1};
    r->spec.obs_size = r->spec.obs_dim[0] = (int)golden_number(r->g, "hp/obs_dim");
    r->spec.discrete = !r->c->act_noise;
    int actions = (int)golden_number(r->g, "hp/act_dim");
    cr_assert(r->spec.discrete || actions <= SG_MAX_ACTIONS, "%s: %d actions", golden_file(r->g),
              actions);
    r->spec.action_count = r->spec.discrete ? actions : 0;
    r->spec.action_size = r->spec.discrete ? 1 : actions;
    for (int i = 0; i < actions && !r->spec.discrete; i++) {
        r->spec.action_low[i] = golden_array(r->g, "init/action_low", NULL, NULL, NULL)[i];
        r->spec.action_high[i] = golden_array(r->g, "init/action_high", NULL, NULL, NULL)[i];
    }
}

/* A setting that is no recorded number: "rows:<array>", "exploration": the steps that epsilon
 * falls, or "on". */
static double setting_value(const golden *g, const char *from)
{
    int rank;
    int64_t dim[GOLDEN_MAX_RANK];
    if (!strncmp(from, "rows:", 5)) {
        golden_array(g, from + 5, NULL, &rank, dim);
        return (double)dim[0];
    }
    if (!strcmp(from, "exploration"))
        return golden_number(g, "hp/total_timesteps") * golden_number(g, "hp/exploration_fraction");
    cr_assert_str_eq(from, "on");
    return 1;
}

static void make_agent(replay *r)
{
    const sg_algorithm *algorithm = sg_algorithm_find(r->c->algorithm, NULL);
    cr_assert_not_null(algorithm);
    r->config = sg_algorithm_config(algorithm, NULL, NULL, 0, NULL);
    trace_settings(algorithm, r->config, r->g, r->c->settings);
    for (cleanrl_name *s = r->c->settings; (*s)[0]; s++)
        if (strncmp((*s)[1], "hp/", 3))
            trace_setting(&algorithm->settings, r->config, (*s)[0], setting_value(r->g, (*s)[1]));
    sg_agent_options options = sg_agent_options_default();
    options.dtype = SG_F64;
    sg_error error = {""};
    r->agent = sg_agent_new(algorithm, r->config, &r->spec, options, &error);
    cr_assert(r->agent, "%s: %s", golden_file(r->g), error.text);
    r->program = sg_agent_program(r->agent);
    sg_program_hold_draws(r->program, true);
    sg_replay_learner_listen(sg_agent_replay(r->agent), around_phase, r);
}

static void expect(const replay *r, const char *file)
{
    for (int i = 0; r->c->series[i].report; i++)
        if (is_there(r, &r->c->series[i]))
            trace_expect(&r->series[i], 1e-9, file);
    const trace_series *all[] = {&r->action, &r->sums, &r->norms, &r->parameters};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++)
        trace_expect(all[i], 1e-9, file);
}

static void replay_file(const cleanrl_case *c, const char *file)
{
    replay r = {.c = c,
                .g = golden_open(file),
                .action = {"action", 0, 0},
                .sums = {"parameter sums", 0, 0},
                .norms = {"parameter norms", 0, 0},
                .parameters = {"parameters", 0, 0}};
    for (int i = 0; c->series[i].report; i++) {
        cr_assert(i < MAX_SERIES);
        r.series[i].name = c->series[i].report;
    }
    make_spec(&r);
    make_agent(&r);
    find_parameters(&r);
    start_parameters(&r);
    trace_only(r.g, "hp/num_envs", 1);
    trace_expect_settings_read(r.g, c->others);
    size_t steps;
    golden_array(r.g, "roll/reward", &steps, NULL, NULL);
    for (size_t t = 0; t < steps; t++) {
        act(&r, t);
        learn(&r, t);
    }
    compare_parameters(&r, "final");
    expect(&r, file);
    sg_agent_free(r.agent);
    free(r.config);
    free(r.slots);
    free(r.nodes);
    free(r.names);
    free(r.name_text);
    golden_close(r.g);
}

void cleanrl_replay(const cleanrl_case *c)
{
    const char *file;
    for (int i = 0; (file = golden_recording(c->kind, i)); i++)
        replay_file(c, file);
}
