/* trial.c - see trial.h. */
#include "tests/trial.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/program_internal.h"

/* ---- the task ---- */

typedef struct {
    sg_env env;
    sg_random random;
    int steps;
} noisy_task;

static void observe(noisy_task *task, double *obs)
{
    for (int i = 0; i < task->env.spec.obs_size; i++)
        obs[i] = 3 * sg_random_normal(&task->random) + i;
}

static bool reset(sg_env *env, double *obs, sg_error *error)
{
    (void)error;
    observe((noisy_task *)env, obs);
    return true;
}

/* Every seventh step is cut off, every eleventh terminal: now and then both. */
static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    (void)error;
    noisy_task *task = (noisy_task *)env;
    int k = task->steps++;
    observe(task, obs);
    double size = k % 13 == 12 ? 40 : 4, done = 0;
    for (int i = 0; i < env->spec.action_size; i++)
        done += action[i];
    *t = (sg_transition){.reward = size * sg_random_normal(&task->random) + sin(3 * done),
                         .terminated = k % 11 == 10,
                         .truncated = k % 7 == 6};
    return true;
}

static void close_task(sg_env *env) { free(env); }

static const sg_env_functions functions = {
    .name = "noisy", .reset = reset, .step = step, .close = close_task};

static sg_env *noisy_task_new(trial_kind kind)
{
    noisy_task *task = sg_alloc(sizeof *task);
    task->env.functions = &functions;
    task->env.spec = (sg_env_spec){.id = "noisy",
                                   .obs_rank = 1,
                                   .obs_size = 4,
                                   .obs_dim = {4},
                                   .discrete = kind == TRIAL_DISCRETE,
                                   .action_count = kind == TRIAL_DISCRETE ? 3 : 0,
                                   .action_size = kind == TRIAL_DISCRETE ? 1 : 2,
                                   .action_low = {-0.3, -0.5},
                                   .action_high = {0.4, 0.2},
                                   .time_limit = 7};
    sg_random_seed_named(&task->random, 5, "noisy");
    return &task->env;
}

/* ---- algorithms ---- */

bool trial_suits(const sg_algorithm *algorithm, trial_kind kind)
{
    bool continuous =
        algorithm->suits == sg_suits_continuous || algorithm->suits == sg_suits_bounded;
    return kind == TRIAL_DISCRETE ? !continuous : algorithm->suits != sg_suits_discrete;
}

static bool has(const sg_algorithm *a, const char *setting)
{
    return sg_settings_find(&a->settings, setting) != NULL;
}

const char *trial_settings(const sg_algorithm *a)
{
    if (a->rollouts)
        return strstr(a->name, "_1") ? "hidden=8"
                                     : "hidden=8,num_steps=20,num_minibatches=1,update_epochs=3,"
                                       "normalize_advantages=off";
    if (a->timetable && has(a, "target_every") && has(a, "train_every"))
        return "buffer=30,batch=4,learning_starts=5,train_every=1,target_every=3";
    if (a->timetable)
        return "hidden=8,buffer=30,batch=4,learning_starts=5";
    if (has(a, "sparsity"))
        return "hidden=8,sparsity=0.3";
    return has(a, "hidden") ? "hidden=8" : "gamma=0.97";
}

/* ---- a run ---- */

/* FNV-1a */
static void add(trial *t, const void *bytes, size_t n)
{
    for (size_t i = 0; i < n; i++)
        t->mark = (t->mark ^ ((const unsigned char *)bytes)[i]) * 1099511628211u;
}

static void add_reports(trial *t, const sg_agent *agent)
{
    int count = sg_agent_metric_count(agent);
    add(t, &count, sizeof count);
    for (int i = 0; i < count; i++) {
        double value = sg_agent_metric(agent, i);
        add(t, &value, sizeof value);
    }
}

/* All parameters, one after the other; *actor of them are the actor's, which come first in `sums`.
 */
static void sum_up(trial *t, sg_agent *agent, double *actor, double *others)
{
    sg_program *p = sg_agent_program(agent);
    sg_nodes parameters = sg_parameters((sg_graph *)sg_agent_graph(agent));
    *actor = *others = 0;
    for (int k = 0; k < parameters.count; k++) {
        sg_node w = sg_nodes_at(parameters, k);
        size_t n = sg_shape_size(sg_node_shape(w));
        double *values = sg_alloc(n * sizeof *values);
        double *sum = strncmp(sg_node_name(w), "actor", 5) ? others : actor;
        sg_get(p, w, values);
        add(t, values, n * sizeof *values);
        for (size_t i = 0; i < n; i++)
            *sum += fabs(values[i]) * (1 + (double)i / 1000);
        free(values);
    }
}

static bool learn(trial *t, sg_agent *agent, sg_env *env, int steps, sg_error *error)
{
    double obs[64], action[SG_MAX_ACTIONS];
    int size = env->spec.obs_size;
    if (!sg_env_reset(env, NULL, obs, error))
        return false;
    for (int k = 0; k < steps; k++) {
        sg_transition answer;
        sg_agent_act(agent, obs, action);
        add(t, action, (size_t)env->spec.action_size * sizeof *action);
        if (!sg_env_step(env, action, obs, &answer, error) ||
            !sg_agent_learn(agent, &answer, obs, error))
            return false;
        add(t, obs, (size_t)size * sizeof *obs);
        add(t, &answer.reward, sizeof answer.reward);
        add_reports(t, agent);
        if ((answer.terminated || answer.truncated) && !sg_env_reset(env, NULL, obs, error))
            return false;
    }
    return true;
}

trial trial_run(const sg_algorithm *algorithm, const void *config, trial_kind kind, int steps,
                sg_error *error)
{
    trial t = {.mark = 14695981039346656037u}, start = {0};
    double actor[2], others[2];
    sg_env *env = sg_algorithm_wrap(algorithm, config, noisy_task_new(kind), error);
    sg_agent *agent =
        env ? sg_agent_new(algorithm, config, &env->spec, sg_agent_options_default(), error) : NULL;
    if (agent) {
        sum_up(&start, agent, &actor[0], &others[0]);
        t.ran = learn(&t, agent, env, steps, error);
        sum_up(&t, agent, &actor[1], &others[1]);
        t.actor_moved = fabs(actor[1] - actor[0]);
        t.others_moved = fabs(others[1] - others[0]);
    }
    sg_agent_free(agent);
    sg_env_close(env);
    return t;
}
