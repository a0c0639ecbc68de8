/* agent.c - one algorithm's program, driven by the names of its inputs and phases. */
#include "rl/agent.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

struct sg_agent {
    sg_graph *graph;
    sg_program *program;
    int act, learn, act_greedy, after_learn; /* phases; the last two may be -1 */
    sg_node action, greedy_action;
    sg_random *apart; /* without act_greedy: streams of its actions, apart from training's */
    sg_node obs, reward, next_obs, terminated, episode_end; /* graph NULL: not used */
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

/* The first value of a phase. */
static sg_node first_value(const sg_agent *agent, int phase)
{
    return phase < 0 ? (sg_node){0} : sg_phase_first_value(agent->graph, phase);
}

static void find_parts(sg_agent *agent, const char *algorithm)
{
    sg_program *program = agent->program;
    agent->act = sg_phase_find(program, "act");
    agent->learn = sg_phase_find(program, "learn");
    agent->act_greedy = sg_phase_find(program, "act_greedy");
    agent->after_learn = sg_phase_find(program, "after_learn");
    agent->action = first_value(agent, agent->act);
    agent->greedy_action = first_value(agent, agent->act_greedy);
    agent->obs = sg_find(program, "obs");
    agent->reward = sg_find(program, "reward");
    agent->next_obs = sg_find(program, "next_obs");
    agent->terminated = sg_find(program, "terminated");
    agent->episode_end = sg_find(program, "episode_end");
    if (agent->learn < 0 || !agent->action.graph || !agent->obs.graph)
        sg_misuse(
            "algorithm '%s': phases \"act\" (with the action as a value) and \"learn\" and the "
            "input \"obs\" are needed",
            algorithm);
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
    if (agent->act_greedy < 0)
        start_streams_apart(agent, options.seed);
    return agent;
}

void sg_agent_free(sg_agent *agent)
{
    if (!agent)
        return;
    sg_program_free(agent->program);
    sg_graph_free(agent->graph);
    free(agent->apart);
    free(agent);
}

/* ---- a step ---- */

static void set_if_used(sg_agent *agent, sg_node input, const double *values)
{
    if (input.graph)
        sg_set(agent->program, input, values);
}

void sg_agent_act(sg_agent *agent, const double *obs, double *action)
{
    sg_set(agent->program, agent->obs, obs);
    sg_run(agent->program, agent->act);
    sg_get(agent->program, agent->action, action);
}

void sg_agent_act_greedy(sg_agent *agent, const double *obs, double *action)
{
    if (agent->apart) {
        sg_exchange_streams(agent->program, agent->apart);
        sg_agent_act(agent, obs, action);
        sg_exchange_streams(agent->program, agent->apart);
        return;
    }
    sg_set(agent->program, agent->obs, obs);
    sg_run(agent->program, agent->act_greedy);
    sg_get(agent->program, agent->greedy_action, action);
}

/* Names the first report that is not finite. */
static bool reports_are_finite(const sg_agent *agent, sg_error *error)
{
    for (int i = 0; i < sg_report_count(agent->program); i++) {
        double value = sg_report_value(agent->program, i);
        if (!isfinite(value))
            return sg_fail(error, "%s became %g", sg_report_name(agent->program, i), value);
    }
    return true;
}

bool sg_agent_learn(sg_agent *agent, const sg_transition *t, const double *next_obs,
                    sg_error *error)
{
    double terminated = t->terminated, end = t->terminated || t->truncated;
    set_if_used(agent, agent->reward, &t->reward);
    set_if_used(agent, agent->next_obs, next_obs);
    set_if_used(agent, agent->terminated, &terminated);
    set_if_used(agent, agent->episode_end, &end);
    if (!sg_run(agent->program, agent->learn) ||
        (agent->after_learn >= 0 && !sg_run(agent->program, agent->after_learn)))
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
    sg_program_state(agent->program, archive);
    for (int i = 0; agent->apart && i < sg_stream_count(agent->program); i++) {
        char name[32];
        snprintf(name, sizeof name, "apart.%d", i);
        sg_archive_random(archive, name, &agent->apart[i]);
    }
}

const sg_graph *sg_agent_graph(const sg_agent *agent) { return agent->graph; }
sg_program *sg_agent_program(sg_agent *agent) { return agent->program; }
