/* environments.c - steps of every environment with random actions, resets at episode ends included.
 */
#include <stdio.h>
#include <stdlib.h>

#include "bench/bench.h"
#include "envs/env.h"

typedef struct {
    sg_env *env;
    sg_random random;
    double *obs, action[SG_MAX_ACTIONS];
} walk;

static void random_action(walk *w)
{
    const sg_env_spec *spec = &w->env->spec;
    for (int i = 0; i < spec->action_size; i++)
        w->action[i] = spec->discrete ? (double)sg_random_integer(&w->random, 0, spec->action_count)
                                      : sg_random_uniform(&w->random, spec->action_low[i],
                                                          spec->action_high[i]);
}

static void one_step(void *context)
{
    walk *w = context;
    sg_transition t;
    sg_error error;
    random_action(w);
    bool ok = sg_env_step(w->env, w->action, w->obs, &t, &error);
    if (ok && (t.terminated || t.truncated))
        ok = sg_env_reset(w->env, NULL, w->obs, &error);
    if (!ok) {
        fprintf(stderr, "bench: %s\n", error.text);
        exit(1);
    }
}

static void one_environment(bench *b, const char *id)
{
    char name[96];
    sg_error error;
    uint64_t seed = 0;
    walk w = {.env = NULL};
    snprintf(name, sizeof name, "env/%s", id);
    if (!bench_wants(b, name))
        return;
    w.env = sg_env_make(id, NULL, &error);
    if (!w.env) {
        fprintf(stderr, "bench: %s\n", error.text);
        exit(1);
    }
    w.obs = sg_alloc((size_t)w.env->spec.obs_size * sizeof *w.obs);
    sg_random_seed(&w.random, 1);
    if (sg_env_reset(w.env, &seed, w.obs, &error))
        bench_time(b, name, one_step, &w, (bench_work){0});
    sg_env_close(w.env);
    free(w.obs);
}

void bench_environments(bench *b)
{
    bench_section(b, "environment steps, random actions");
    for (int i = 0; i < sg_env_count(); i++)
        one_environment(b, sg_env_entry_at(i)->id);
}
