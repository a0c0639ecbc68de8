/* agent.c - one algorithm's program, driven by the names of its inputs and phases. */
#include "rl/agent.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/substitute.h"
#include "rl/rollout_learner.h"

/* What an algorithm may learn from: each transition as it comes, rollouts, or a replay. */
enum { TRANSITIONS = 1, ROLLOUTS = 2, REPLAY = 4, ANY = TRANSITIONS | ROLLOUTS | REPLAY };
static const char *const way_names[] = {
    [TRANSITIONS] = "each transition", [ROLLOUTS] = "rollouts", [REPLAY] = "a replay"};

/* An input or a phase that an algorithm's graph may have, and the ways of learning that serve it.
 */
typedef struct {
    const char *name;
    int ways;
} part;

enum {
    OBS,
    REWARD,
    NEXT_OBS,
    TERMINATED,
    EPISODE_END,
    BATCH, /* of a replay (replay.h) */
    INPUT_COUNT = BATCH + SG_BATCH_PARTS
};
static const part own_inputs[BATCH] = {{"obs", ANY},
                                       {"reward", TRANSITIONS},
                                       {"next_obs", TRANSITIONS | ROLLOUTS},
                                       {"terminated", TRANSITIONS},
                                       {"episode_end", TRANSITIONS}};
static part input_at(int place)
{
    return place < BATCH ? own_inputs[place] : (part){sg_batch_names[place - BATCH], REPLAY};
}

/* The phases an agent runs itself, then one that only the learner from rollouts runs. The learner
 * from a replay has a timetable of its own. */
enum { ACT, LEARN, ACT_GREEDY, AFTER_LEARN, NEXT_VALUE, PHASE_COUNT };
static const part own_phases[PHASE_COUNT] = {{"act", ANY},
                                             {"learn", ANY},
                                             {"act_greedy", ANY},
                                             {"after_learn", TRANSITIONS},
                                             {"next_value", ROLLOUTS}};
static part phase_at(int place) { return own_phases[place]; }

struct sg_agent {
    sg_graph *graph;
    sg_program *program;
    int phases[PHASE_COUNT];     /* -1: there is none */
    sg_node inputs[INPUT_COUNT]; /* graph NULL: not used */
    sg_node action, greedy_action;
    double *acted_on;          /* room for an observation */
    sg_replay_learner *replay; /* NULL: it learns from each transition as it comes */
    sg_random *apart; /* without act_greedy: streams of its actions, apart from training's */
    sg_rollout_learner *rollouts; /* of an algorithm that learns from them, else NULL */
    int64_t updates;              /* runs of "learn" by the agent itself */
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

static int way_of(const sg_algorithm *algorithm)
{
    return algorithm->timetable ? REPLAY : algorithm->rollouts ? ROLLOUTS : TRANSITIONS;
}

/* The place of `name` among parts, -1 if it is not there. */
static int place_of(const char *name, part (*at)(int), int count)
{
    for (int i = 0; i < count; i++)
        if (!strcmp(at(i).name, name))
            return i;
    return -1;
}

/* A name that no way of learning serves is misuse, told with those of the algorithm's way. */
static void refuse_unknown(const sg_algorithm *algorithm, const char *what, const char *name,
                           part (*at)(int), int count)
{
    char known[240] = "";
    for (int i = 0; i < count; i++) {
        size_t used = strlen(known);
        if (at(i).ways & way_of(algorithm))
            snprintf(known + used, sizeof known - used, "%s%s", used ? ", " : "", at(i).name);
    }
    sg_misuse("algorithm '%s': %s '%s' is not one of %s", algorithm->name, what, name, known);
}

/* With a timetable all but those of every way are the learner's, which refuses what it lacks. */
static void find_phases(sg_agent *agent, const sg_algorithm *algorithm)
{
    for (int k = 0; k < PHASE_COUNT; k++)
        agent->phases[k] = -1;
    for (int p = 0; p < sg_phase_count(agent->program); p++) {
        const char *name = sg_phase_name(agent->program, p);
        int place = place_of(name, phase_at, PHASE_COUNT);
        if (algorithm->timetable && (place < 0 || phase_at(place).ways != ANY))
            continue;
        if (place < 0)
            refuse_unknown(algorithm, "phase", name, phase_at, PHASE_COUNT);
        agent->phases[place] = p;
    }
}

static void find_inputs(sg_agent *agent, const sg_algorithm *algorithm)
{
    sg_nodes inputs = sg_inputs(agent->graph);
    for (int i = 0; i < inputs.count; i++) {
        sg_node input = sg_nodes_at(inputs, i);
        const char *name = sg_node_name(input);
        int place = place_of(name, input_at, INPUT_COUNT);
        if (agent->rollouts && !strncmp(name, "batch.", 6))
            continue; /* the learner's */
        if (place < 0)
            refuse_unknown(algorithm, "input", name, input_at, INPUT_COUNT);
        agent->inputs[place] = input;
    }
}

/* Every phase and every input must be one that an agent knows how to serve. */
static void find_parts(sg_agent *agent, const sg_algorithm *algorithm)
{
    find_phases(agent, algorithm);
    find_inputs(agent, algorithm);
    agent->action = sg_phase_first_value(agent->graph, agent->phases[ACT]);
    agent->greedy_action = sg_phase_first_value(agent->graph, agent->phases[ACT_GREEDY]);
    if (agent->phases[LEARN] < 0 || !agent->action.graph || !agent->inputs[OBS].graph)
        sg_misuse("algorithm '%s': phases \"act\" (with the action as its first value) and "
                  "\"learn\" and the input \"obs\" are needed",
                  algorithm->name);
}

/* One step is act, then learn, and phases run in the order in which they were named. */
static void require_order(const sg_agent *agent, const char *algorithm)
{
    int learn = agent->phases[LEARN];
    if (learn < agent->phases[ACT] && !sg_phase_is_alone(agent->graph, learn))
        sg_misuse("algorithm '%s': phase \"act\" must be named before \"learn\": phases run in the "
                  "order in which they are named first",
                  algorithm);
}

/* Parts that exist in the table but not for this way of learning would be ignored in silence. */
static void require_served(const sg_agent *agent, const sg_algorithm *algorithm)
{
    int way = way_of(algorithm);
    for (int k = 0; k < PHASE_COUNT; k++)
        if (agent->phases[k] >= 0 && !(phase_at(k).ways & way))
            sg_misuse("algorithm '%s': phase '%s' is not for learning from %s", algorithm->name,
                      phase_at(k).name, way_names[way]);
    for (int k = 0; k < INPUT_COUNT; k++)
        if (agent->inputs[k].graph && !(input_at(k).ways & way))
            sg_misuse("algorithm '%s': input '%s' is not for learning from %s", algorithm->name,
                      input_at(k).name, way_names[way]);
}

/* Only the observation is there when an action is chosen: all else would be the last step's. */
static void require_known(const sg_agent *agent, const char *algorithm, const char *phase,
                          sg_node action)
{
    for (int k = 0; k < INPUT_COUNT && action.graph; k++)
        if (k != OBS && agent->inputs[k].graph && sg_reads(action, agent->inputs[k]))
            sg_misuse("algorithm '%s': the action of \"%s\" reads the input '%s', which is not "
                      "known before the step",
                      algorithm, phase, input_at(k).name);
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
        require_size(algorithm, input_at(k).name, agent->inputs[k], sizes[k]);
    require_size(algorithm, "the action (first value of \"act\")", agent->action,
                 spec->action_size);
    require_size(algorithm, "the action (first value of \"act_greedy\")", agent->greedy_action,
                 spec->action_size);
}

static const void *field(const void *config, size_t offset)
{
    return (const char *)config + offset;
}

/* False with a line where observations, and so networks, are larger than can be. */
static bool compile(sg_agent *agent, const char *algorithm, const sg_env_spec *spec,
                    const sg_agent_options *options, sg_error *error)
{
    sg_error why;
    sg_compile_options how = sg_compile_options_default();
    how.seed = options->seed;
    how.threads = options->threads;
    how.without = options->without;
    how.keep_all = options->keep_all;
    how.check_finite = options->check_finite;
    agent->program = sg_try_compile(agent->graph, how, &why);
    return agent->program ||
           sg_fail(error,
                   "%s for observations of %d values: %s; fewer values or smaller "
                   "networks are needed",
                   algorithm, spec->obs_size, why.text);
}

sg_agent *sg_agent_new(const sg_algorithm *algorithm, const void *config, const sg_env_spec *spec,
                       sg_agent_options options, sg_error *error)
{
    if (!sg_algorithm_suits(algorithm, spec, config, error))
        return NULL;
    sg_agent *agent = sg_alloc(sizeof *agent);
    agent->graph = sg_graph_new(options.dtype);
    sg_graph_take_any_size(agent->graph);
    algorithm->build(agent->graph, spec, config);
    if (!compile(agent, algorithm->name, spec, &options, error)) {
        sg_agent_free(agent);
        return NULL;
    }
    if (algorithm->rollouts)
        agent->rollouts = sg_rollout_learner_new(
            agent->program, agent->graph, field(config, algorithm->rollout_offset),
            *(const double *)field(config, algorithm->gamma_offset), 1, options.seed);
    find_parts(agent, algorithm);
    require_order(agent, algorithm->name);
    require_served(agent, algorithm);
    require_sizes(agent, algorithm->name, spec);
    require_known(agent, algorithm->name, "act", agent->action);
    require_known(agent, algorithm->name, "act_greedy", agent->greedy_action);
    agent->acted_on = sg_alloc((size_t)spec->obs_size * sizeof(double));
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
    sg_rollout_learner_free(agent->rollouts);
    sg_replay_learner_free(agent->replay);
    sg_program_free(agent->program);
    sg_graph_free(agent->graph);
    free(agent->apart);
    free(agent->acted_on);
    free(agent);
}

/* ---- a step ---- */

static void set_if_used(sg_agent *agent, int input, const double *values)
{
    if (agent->inputs[input].graph)
        sg_set(agent->program, agent->inputs[input], values);
}

static void run_at(sg_agent *agent, int phase, const double *obs, sg_node value, double *action)
{
    sg_set(agent->program, agent->inputs[OBS], obs);
    sg_run(agent->program, agent->phases[phase]);
    sg_get(agent->program, value, action);
}

void sg_agent_act(sg_agent *agent, const double *obs, double *action)
{
    run_at(agent, ACT, obs, agent->action, action);
    if (agent->replay)
        sg_replay_learner_acted(agent->replay, obs, action);
    if (agent->rollouts)
        sg_rollout_learner_acted(agent->rollouts, 0);
}

/* What was acted on stays in the input: learning from it may still be to come. */
void sg_agent_act_greedy(sg_agent *agent, const double *obs, double *action)
{
    sg_get(agent->program, agent->inputs[OBS], agent->acted_on);
    if (agent->apart) {
        sg_exchange_streams(agent->program, agent->apart);
        run_at(agent, ACT, obs, agent->action, action);
        sg_exchange_streams(agent->program, agent->apart);
    } else {
        run_at(agent, ACT_GREEDY, obs, agent->greedy_action, action);
    }
    sg_set(agent->program, agent->inputs[OBS], agent->acted_on);
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

/* Most steps only fill the rollout. */
static bool learn_from_rollouts(sg_agent *agent, const sg_transition *t, const double *next_obs,
                                sg_error *error)
{
    bool learnt;
    double reward;
    if (!sg_rollout_learner_reward(agent->rollouts, t, next_obs, &reward))
        return sg_fail(error, "%s", sg_program_fault(agent->program));
    sg_rollout_learner_answered(agent->rollouts, 0, reward, t->terminated || t->truncated);
    if (!sg_rollout_learner_advance(agent->rollouts, next_obs, &learnt))
        return sg_fail(error, "%s", sg_program_fault(agent->program));
    return !learnt || reports_are_finite(agent, error);
}

bool sg_agent_learn(sg_agent *agent, const sg_transition *t, const double *next_obs,
                    sg_error *error)
{
    if (agent->rollouts)
        return learn_from_rollouts(agent, t, next_obs, error);
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
    agent->updates++;
    if (!sg_run(agent->program, agent->phases[LEARN]) ||
        (after >= 0 && !sg_run(agent->program, after)))
        return sg_fail(error, "%s", sg_program_fault(agent->program));
    return reports_are_finite(agent, error);
}

/* ---- looking in ---- */

int64_t sg_agent_updates(const sg_agent *agent)
{
    if (agent->replay)
        return sg_replay_learner_updates(agent->replay);
    return agent->rollouts ? sg_rollout_learner_updates(agent->rollouts) : agent->updates;
}

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
    if (agent->rollouts)
        sg_rollout_learner_state(agent->rollouts, archive);
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

void sg_agent_metrics_state(sg_agent *agent, sg_archive *archive)
{
    sg_archive_enter(archive, "metrics");
    sg_program_reports_state(agent->program, archive);
    sg_archive_leave(archive);
}

const sg_graph *sg_agent_graph(const sg_agent *agent) { return agent->graph; }
sg_program *sg_agent_program(sg_agent *agent) { return agent->program; }
sg_replay_learner *sg_agent_replay(sg_agent *agent) { return agent->replay; }
