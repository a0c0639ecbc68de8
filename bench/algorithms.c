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

/* Bytes of parameters, of eligibility traces, and of all states of optimisers, traces among them:
 * whatever else has more than a few elements. */
typedef struct {
    double weights, traces, moments;
} footprint;

static footprint count_bytes(sg_agent *agent)
{
    footprint f = {0};
    sg_nodes parameters = sg_parameters((sg_graph *)sg_agent_graph(agent));
    sg_archive *archive = sg_archive_new();
    sg_agent_state(agent, archive);
    for (int k = 0; k < parameters.count; k++)
        f.weights += 4.0 * (double)sg_shape_size(sg_node_shape(sg_nodes_at(parameters, k)));
    for (size_t i = 0; i < sg_archive_count(archive); i++) {
        const sg_archive_entry *e = sg_archive_at(archive, i);
        const char *suffix = strrchr(e->name, '.');
        f.moments += e->bytes > 64 ? (double)e->bytes : 0;
        f.traces += suffix && strcmp(suffix, ".trace") == 0 ? (double)e->bytes : 0;
    }
    f.moments -= f.weights;
    sg_archive_free(archive);
    return f;
}

/* What must move. The actor's weights are read twice and the critic's once; the backward products
 * are taken while weights and moments are read and written back. With traces no weight may move
 * before the norm of all traces is known: backward products are passes of their own, of as much as
 * the critic's, since the actor's second reading is one, and the traces are read once more. */
static bench_traffic traffic_of(sg_agent *agent)
{
    footprint f = count_bytes(agent);
    bench_traffic traffic = {.size = f.weights + f.moments, .read = 1.5 * f.weights};
    if (f.traces > 0)
        traffic.read += 0.5 * f.weights + f.traces;
    return traffic;
}

static void *config_of(const sg_algorithm *algorithm, const char *task, const char *const *sets,
                       int count)
{
    sg_error error;
    void *config = sg_algorithm_config(algorithm, task, sets, count, &error);
    if (config)
        return config;
    fprintf(stderr, "bench: %s\n", error.text);
    exit(2);
}

static void one_task(bench *b, const sg_algorithm *algorithm, const sg_env_spec *task)
{
    char name[96];
    sg_error error;
    snprintf(name, sizeof name, "step/%s/%s", algorithm->name, task->id);
    if (!bench_wants(b, name))
        return;
    current = *task;
    int count;
    const char *const *sets = bench_settings(b, &count);
    void *config = config_of(algorithm, task->id, sets, count);
    static step s;
    memset(&s, 0, sizeof s);
    s.agent = sg_agent_new(algorithm, config, &current, bench_agent_options(b), &error);
    if (s.agent) {
        sg_random_seed(&s.random, 1);
        next_obs(&s, &current);
        s.t++;
        next_obs(&s, &current);
        bench_traffic traffic = traffic_of(s.agent);
        bench_each(b, name, one_step, &s,
                   (bench_work){.bytes = traffic.read + 2 * traffic.size, .traffic = traffic});
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

/* At one size that the algorithm can be used for. */
static void one_replay(bench *b, const sg_algorithm *algorithm, const sg_env_spec *task)
{
    char name[96];
    sg_error error;
    const char *const sets[] = {"learning_starts=0"};
    snprintf(name, sizeof name, "ten steps/%s/%s", algorithm->name, task->id);
    void *config = config_of(algorithm, NULL, sets, 1);
    bool suits = sg_algorithm_suits(algorithm, task, config, &error);
    if (suits && bench_wants(b, name)) {
        static step s;
        memset(&s, 0, sizeof s);
        current = *task;
        sg_random_seed(&s.random, 1);
        s.agent = sg_agent_new(algorithm, config, &current, bench_agent_options(b), &error);
        if (s.agent)
            bench_time(b, name, ten_steps, &s, (bench_work){0});
        sg_agent_free(s.agent);
    }
    free(config);
}

/* ---- sizes ---- */

/* Parts of a task's spec. */
#define VECTOR(n) .obs_size = n, .obs_rank = 1, .obs_dim = {n}
#define ACTIONS(n) .action_size = n
#define CHOICES(n) .discrete = true, .action_count = n, .action_size = 1

static sg_env_spec tasks[] = {
    {.id = "Hopper-v4", VECTOR(11), ACTIONS(3)},
    {.id = "HalfCheetah-v4", VECTOR(17), ACTIONS(6)},
    {.id = "Ant-v4", VECTOR(27), ACTIONS(8)},
    {.id = "Humanoid-v4", VECTOR(376), ACTIONS(17)},
    {.id = "CartPole-v1", VECTOR(5), CHOICES(2)},
    {.id = "MinAtar/Breakout-v1",
     .obs_size = 400,
     .obs_rank = 3,
     .obs_dim = {4, 10, 10},
     CHOICES(3)},
};

enum { TASK_COUNT = sizeof tasks / sizeof tasks[0], HALF_CHEETAH = 1, CARTPOLE = 4 };

static void bound_actions(sg_env_spec *task)
{
    for (int i = 0; i < task->action_size && !task->discrete; i++) {
        task->action_low[i] = -1;
        task->action_high[i] = 1;
    }
}

void bench_algorithms(bench *b)
{
    for (int i = 0; i < TASK_COUNT; i++)
        bound_actions(&tasks[i]);

    bench_section(b, "algorithm steps, act and learn");
    for (int a = 0; a < sg_algorithm_count(); a++)
        for (int i = 0; i < TASK_COUNT && !sg_algorithm_at(a)->timetable; i++)
            one_task(b, sg_algorithm_at(a), &tasks[i]);

    bench_section(b, "ten algorithm steps, learning from a replay");
    for (int a = 0; a < sg_algorithm_count(); a++) {
        if (sg_algorithm_at(a)->timetable) {
            one_replay(b, sg_algorithm_at(a), &tasks[HALF_CHEETAH]);
            one_replay(b, sg_algorithm_at(a), &tasks[CARTPOLE]);
        }
    }
}
