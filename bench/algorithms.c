/* algorithms.c - whole steps (act and learn) of every algorithm at the sizes of MuJoCo tasks, of
 * CartPole and of a game of MinAtar, on made-up observations: the environment's own cost is left
 * out.
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

static void one_task(bench *b, const sg_algorithm *algorithm, const sg_env_spec *task)
{
    char name[96];
    sg_error error;
    snprintf(name, sizeof name, "step/%s/%s", algorithm->name, task->id);
    if (!bench_wants(b, name))
        return;
    current = *task;
    void *config = sg_algorithm_config(algorithm, task->id, NULL, 0, &error);
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

/* Parts of a task's spec. */
#define VECTOR(n) .obs_size = n, .obs_rank = 1, .obs_dim = {n}
#define CHOICES(n) .discrete = true, .action_count = n, .action_size = 1

void bench_algorithms(bench *b)
{
    static const sg_env_spec tasks[] = {
        {.id = "Hopper-v4", VECTOR(11), .action_size = 3},
        {.id = "HalfCheetah-v4", VECTOR(17), .action_size = 6},
        {.id = "Ant-v4", VECTOR(27), .action_size = 8},
        {.id = "Humanoid-v4", VECTOR(376), .action_size = 17},
        {.id = "CartPole-v1", VECTOR(5), CHOICES(2)},
        {.id = "MinAtar/Breakout-v1",
         .obs_size = 400,
         .obs_rank = 3,
         .obs_dim = {4, 10, 10},
         CHOICES(3)},
    };
    bench_section(b, "algorithm steps, act and learn");
    for (int a = 0; a < sg_algorithm_count(); a++)
        for (size_t i = 0; i < sizeof tasks / sizeof tasks[0]; i++)
            one_task(b, sg_algorithm_at(a), &tasks[i]);
}
