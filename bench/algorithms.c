/* algorithms.c - whole steps (act and learn) of every algorithm at the sizes of the MuJoCo tasks,
 * on made-up observations: the environment's own cost is left out.
 *
 * The bound printed with each is what the caches need for the bytes that any implementation moves:
 * the weights are read once for the action, once for the values at S and S' together, and once,
 * with their moments, when they are updated, which writes them back.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/bench.h"
#include "rl/agent.h"

typedef struct {
    sg_agent *agent;
    double obs[2][400], action[32];
    sg_random random;
    int t;
} step;

/* Observations change from step to step, as a body's do. */
static void next_obs(step *s, const sg_env_spec *spec)
{
    double *obs = s->obs[s->t % 2];
    for (int i = 0; i < spec->obs_size; i++)
        obs[i] = 0.9 * s->obs[1 - s->t % 2][i] + 0.4 * sg_random_normal(&s->random);
}

static sg_env_spec current; /* of the agent being timed */

static void one_step(void *context)
{
    step *s = context;
    sg_error error;
    sg_agent_act(s->agent, s->obs[s->t % 2], s->action);
    s->t++;
    sg_transition t = {.reward = s->obs[0][0], .terminated = s->t % 1000 == 0};
    if (!sg_agent_learn(s->agent, &t, s->obs[s->t % 2], &error)) {
        fprintf(stderr, "bench: %s\n", error.text);
        exit(1);
    }
}

/* Bytes of parameters, and of the optimisers' states: all other arrays of more than a few elements.
 */
static void count_bytes(sg_agent *agent, double *weights, double *moments)
{
    sg_nodes parameters = sg_parameters((sg_graph *)sg_agent_graph(agent));
    sg_archive *archive = sg_archive_new();
    sg_agent_state(agent, archive);
    *weights = *moments = 0;
    for (int k = 0; k < parameters.count; k++)
        *weights += 4.0 * (double)sg_shape_size(sg_node_shape(sg_nodes_at(parameters, k)));
    for (size_t i = 0; i < sg_archive_count(archive); i++) {
        const sg_archive_entry *e = sg_archive_at(archive, i);
        *moments += e->bytes > 64 ? (double)e->bytes : 0;
    }
    *moments -= *weights;
    sg_archive_free(archive);
}

static double bound_of(const bench *b, sg_agent *agent, double *bytes)
{
    double weights, moments;
    count_bytes(agent, &weights, &moments);
    bench_bandwidth w = bench_measure_bandwidth(b, (size_t)(weights + moments));
    double read = 1.5 * weights; /* the actor's twice, the critic's once */
    double update = 2 * (weights + moments);
    *bytes = read + update;
    return read / w.read + update / w.update;
}

static void one_task(bench *b, const sg_algorithm *algorithm, const char *env, int obs, int act)
{
    char name[96];
    sg_error error;
    snprintf(name, sizeof name, "step/%s/%s", algorithm->name, env);
    if (!bench_wants(b, name))
        return;
    current = (sg_env_spec){.obs_size = obs, .obs_rank = 1, .obs_dim = {obs}, .action_size = act};
    void *config = sg_algorithm_config(algorithm, env, NULL, 0, &error);
    static step s;
    memset(&s, 0, sizeof s);
    s.agent = sg_agent_new(algorithm, config, &current, sg_agent_options_default(), &error);
    if (s.agent) {
        sg_random_seed(&s.random, 1);
        next_obs(&s, &current);
        s.t++;
        next_obs(&s, &current);
        double bytes, bound = bound_of(b, s.agent, &bytes);
        bench_each(b, name, one_step, &s, (bench_work){.bytes = bytes, .bound = bound});
    }
    sg_agent_free(s.agent);
    free(config);
}

/* ---- learning from a replay ---- */

/* Updates come at every second or tenth step: ten steps are one call. */
static void ten_steps(void *context)
{
    for (int i = 0; i < 10; i++)
        one_step(context);
}

static void one_replay(bench *b, const sg_algorithm *algorithm)
{
    char name[96];
    sg_error error;
    static step s;
    memset(&s, 0, sizeof s);
    const char *const sets[] = {"learning_starts=0"};
    void *config = sg_algorithm_config(algorithm, NULL, sets, 1, &error);
    current = (sg_env_spec){.obs_size = 17, .obs_rank = 1, .obs_dim = {17}, .action_size = 6};
    for (int i = 0; i < current.action_size; i++) {
        current.action_low[i] = -1;
        current.action_high[i] = 1;
    }
    bool continuous = sg_algorithm_suits(algorithm, &current, config, &error);
    if (!continuous)
        current = (sg_env_spec){.obs_size = 4,
                                .obs_rank = 1,
                                .obs_dim = {4},
                                .action_size = 1,
                                .discrete = true,
                                .action_count = 2};
    snprintf(name, sizeof name, "ten steps/%s/%s", algorithm->name,
             continuous ? "HalfCheetah-v4" : "CartPole-v1");
    if (bench_wants(b, name)) {
        sg_random_seed(&s.random, 1);
        s.agent = sg_agent_new(algorithm, config, &current, sg_agent_options_default(), &error);
        bench_time(b, name, ten_steps, &s, (bench_work){0});
        sg_agent_free(s.agent);
    }
    free(config);
}

void bench_algorithms(bench *b)
{
    static const struct {
        const char *env;
        int obs, act;
    } tasks[] = {{"Hopper-v4", 11, 3},
                 {"HalfCheetah-v4", 17, 6},
                 {"Ant-v4", 27, 8},
                 {"Humanoid-v4", 376, 17}};
    bench_section(b, "algorithm steps, act and learn");
    for (int a = 0; a < sg_algorithm_count(); a++)
        for (size_t i = 0; i < sizeof tasks / sizeof tasks[0] && !sg_algorithm_at(a)->timetable;
             i++)
            one_task(b, sg_algorithm_at(a), tasks[i].env, tasks[i].obs, tasks[i].act);
    bench_section(b, "ten algorithm steps, learning from a replay");
    for (int a = 0; a < sg_algorithm_count(); a++)
        if (sg_algorithm_at(a)->timetable)
            one_replay(b, sg_algorithm_at(a));
}
