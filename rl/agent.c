/* agent.c - one algorithm's program, driven by the names of its inputs and phases. */
#include "rl/agent.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What an algorithm's graph may ask of a transition, and of a batch of them (replay.h). */
enum {
    OBS,
    REWARD,
    NEXT_OBS,
    TERMINATED,
    EPISODE_END,
    BATCH,
    INPUT_COUNT = BATCH + SG_BATCH_PARTS
};
static const char *const input_names[INPUT_COUNT] = {
    "obs",       "reward",       "next_obs",     "terminated",     "episode_end",
    "batch.obs", "batch.action", "batch.reward", "batch.next_obs", "batch.terminated"};
/* The phases an agent runs; the last ones only where there is a replay. */
enum { ACT, LEARN, ACT_GREEDY, AFTER_LEARN, LEARN_ACTOR, LEARN_ALPHA, UPDATE_TARGETS, PHASE_COUNT };
static const char *const phase_names[PHASE_COUNT] = {
    "act", "learn", "act_greedy", "after_learn", "learn_actor", "learn_alpha", "update_targets"};

struct sg_agent {
    sg_graph *graph;
    sg_program *program;
    int phases[PHASE_COUNT];     /* -1: there is none */
    sg_node inputs[INPUT_COUNT]; /* graph NULL: not used */
    sg_node action, greedy_action;
    sg_replay_learner *replay; /* NULL: it learns from each transition as it comes */
    sg_random *apart; /* without act_greedy: streams of its actions, apart from training's */
};

sg_agent_options sg_agent_options_default(void)
{
    return (sg_agent_options){.dtype = SG_F32, .threads = 1};
}

/* Streams for actions that training must not notice. */
static void start_streams_apart(sg_agent *agent, uint64_t seed)
{
    int count = sg_stream_count(agent->program);
    agent->apart = sg_alloc((size_t)(count + 1) * sizeof *agent->apart);
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "apart.%d", i);
        sg_random_seed_named(&agent->apart[i], seed, name);
    }
}

/* ---- the parts of the graph, by their names ---- */

/* The place of `name` in a table of names; a name that is not there is misuse. */
static int place_of(const char *algorithm, const char *what, const char *name,
                    const char *const *names, int count)
{
    char known[240] = "";
    for (int i = 0; i < count; i++) {
        if (!strcmp(names[i], name))
            return i;
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", names[i]);
    }
    sg_misuse("algorithm '%s': %s '%s' is not one of %s", algorithm, what, name, known);
    return -1;
}

/* Every phase and every input must be one that an agent knows how to serve. */
static void find_parts(sg_agent *agent, const char *algorithm)
{
    sg_nodes inputs = sg_inputs(agent->graph);
    for (int k = 0; k < PHASE_COUNT; k++)
        agent->phases[k] = -1;
    for (int p = 0; p < sg_phase_count(agent->program); p++)
        agent->phases[place_of(algorithm, "phase", sg_phase_name(agent->program, p), phase_names,
                               PHASE_COUNT)] = p;
    for (int i = 0; i < inputs.count; i++) {
        sg_node input = sg_nodes_at(inputs, i);
        agent->inputs[place_of(algorithm, "input", sg_node_name(input), input_names, INPUT_COUNT)] =
            input;
    }
    agent->action = sg_phase_first_value(agent->graph, agent->phases[ACT]);
    agent->greedy_action = sg_phase_first_value(agent->graph, agent->phases[ACT_GREEDY]);
    if (agent->phases[LEARN] < 0 || !agent->action.graph || !agent->inputs[OBS].graph)
        sg_misuse("algorithm '%s': phases \"act\" (with the action as its first value) and "
                  "\"learn\" and the input \"obs\" are needed",
                  algorithm);
}

/* Either the one transition or batches from a replay: the other's inputs would never be set. */
static void require_one_source(const sg_agent *agent, const sg_algorithm *algorithm)
{
    int from = algorithm->timetable ? REWARD : BATCH,
        to = algorithm->timetable ? BATCH : INPUT_COUNT;
    for (int k = from; k < to; k++)
        if (agent->inputs[k].graph)
            sg_misuse("algorithm '%s': input '%s' is for algorithms %s a timetable",
                      algorithm->name, input_names[k], algorithm->timetable ? "without" : "with");
    for (int k = LEARN_ACTOR; k < PHASE_COUNT; k++)
        if (agent->phases[k] >= 0 && !algorithm->timetable)
            sg_misuse("algorithm '%s': phase '%s' is for algorithms with a timetable",
                      algorithm->name, phase_names[k]);
}

/* What goes in and out must have the environment's sizes. */
static void require_size(const char *algorithm, const char *what, sg_node node, int size)
{
    char shape[64];
    if (node.graph && (int)sg_shape_size(sg_node_shape(node)) != size)
        sg_misuse("algorithm '%s': %s has shape %s, the environment's has %d values", algorithm,
                  what, sg_shape_text(sg_node_shape(node), shape), size);
}

static void require_sizes(const sg_agent *agent, const char *algorithm, const sg_env_spec *spec)
{
    const int sizes[BATCH] = {spec->obs_size, 1, spec->obs_size, 1, 1};
    for (int k = 0; k < BATCH; k++)
        require_size(algorithm, input_names[k], agent->inputs[k], sizes[k]);
    require_size(algorithm, "the action (first value of \"act\")", agent->action,
                 spec->action_size);
    require_size(algorithm, "the action (first value of \"act_greedy\")", agent->greedy_action,
                 spec->action_size);
}

sg_agent *sg_agent_new(const sg_algorithm *algorithm, const void *config, const sg_env_spec *spec,
                       sg_agent_options options, sg_error *error)
{
    if (algorithm->suits && !algorithm->suits(spec, config, error))
        return NULL;
    sg_agent *agent = sg_alloc(sizeof *agent);
    agent->graph = sg_graph_new(options.dtype);
    algorithm->build(agent->graph, spec, config);
    sg_compile_options compile = sg_compile_options_default();
    compile.seed = options.seed;
    compile.threads = options.threads;
    compile.check_finite = options.check_finite;
    agent->program = sg_compile(agent->graph, compile);
    find_parts(agent, algorithm->name);
    require_one_source(agent, algorithm);
    require_sizes(agent, algorithm->name, spec);
    if (agent->phases[ACT_GREEDY] < 0)
        start_streams_apart(agent, options.seed);
    if (!algorithm->timetable)
        return agent;
    agent->replay = sg_replay_learner_new(agent->program, algorithm->timetable, config,
                                          algorithm->replay_offset, spec, options.seed, error);
    if (agent->replay)
        return agent;
    sg_agent_free(agent);
    return NULL;
}

void sg_agent_free(sg_agent *agent)
{
    if (!agent)
        return;
    sg_replay_learner_free(agent->replay);
    sg_program_free(agent->program);
    sg_graph_free(agent->graph);
    free(agent->apart);
    free(agent);
}

/* ---- a step ---- */

static void set_if_used(sg_agent *agent, int input, const double *values)
{
    if (agent->inputs[input].graph)
        sg_set(agent->program, agent->inputs[input], values);
}

void sg_agent_act(sg_agent *agent, const double *obs, double *action)
{
    sg_set(agent->program, agent->inputs[OBS], obs);
    sg_run(agent->program, agent->phases[ACT]);
    sg_get(agent->program, agent->action, action);
    if (agent->replay)
        sg_replay_learner_acted(agent->replay, obs, action);
}

void sg_agent_act_greedy(sg_agent *agent, const double *obs, double *action)
{
    if (agent->apart) {
        sg_exchange_streams(agent->program, agent->apart);
        sg_agent_act(agent, obs, action);
        sg_exchange_streams(agent->program, agent->apart);
        return;
    }
    sg_set(agent->program, agent->inputs[OBS], obs);
    sg_run(agent->program, agent->phases[ACT_GREEDY]);
    sg_get(agent->program, agent->greedy_action, action);
}

/* Names the first report that is not finite. */
static bool reports_are_finite(const sg_agent *agent, sg_error *error)
{
    for (int i = 0; i < sg_report_count(agent->program); i++) {
        double value = sg_report_value(agent->program, i);
        if (!isfinite(value))
            return sg_fail(error, "%s became %s", sg_report_name(agent->program, i),
                           isnan(value) ? "nan"
                           : value < 0  ? "-inf"
                                        : "inf");
    }
    return true;
}

bool sg_agent_learn(sg_agent *agent, const sg_transition *t, const double *next_obs,
                    sg_error *error)
{
    double terminated = t->terminated, end = t->terminated || t->truncated;
    if (agent->replay) {
        if (!sg_replay_learner_learn(agent->replay, t, next_obs))
            return sg_fail(error, "%s", sg_program_fault(agent->program));
        return reports_are_finite(agent, error);
    }
    set_if_used(agent, REWARD, &t->reward);
    set_if_used(agent, NEXT_OBS, next_obs);
    set_if_used(agent, TERMINATED, &terminated);
    set_if_used(agent, EPISODE_END, &end);
    int after = agent->phases[AFTER_LEARN];
    if (!sg_run(agent->program, agent->phases[LEARN]) ||
        (after >= 0 && !sg_run(agent->program, after)))
        return sg_fail(error, "%s", sg_program_fault(agent->program));
    return reports_are_finite(agent, error);
}

/* ---- looking in ---- */

int sg_agent_metric_count(const sg_agent *agent) { return sg_report_count(agent->program); }

const char *sg_agent_metric_name(const sg_agent *agent, int index)
{
    return sg_report_name(agent->program, index);
}

double sg_agent_metric(const sg_agent *agent, int index)
{
    return sg_report_value(agent->program, index);
}

void sg_agent_state(sg_agent *agent, sg_archive *archive)
{
    sg_agent_acting_state(agent, archive);
    if (agent->replay)
        sg_replay_learner_state(agent->replay, archive);
}

void sg_agent_acting_state(sg_agent *agent, sg_archive *archive)
{
    sg_program_state(agent->program, archive);
    for (int i = 0; agent->apart && i < sg_stream_count(agent->program); i++) {
        char name[32];
        snprintf(name, sizeof name, "apart.%d", i);
        sg_archive_random(archive, name, &agent->apart[i]);
    }
}

const sg_graph *sg_agent_graph(const sg_agent *agent) { return agent->graph; }
sg_program *sg_agent_program(sg_agent *agent) { return agent->program; }
sg_replay_learner *sg_agent_replay(sg_agent *agent) { return agent->replay; }
