/* test_env_threads.c - environments of one kind in two threads know nothing of each other. */
#include <criterion/criterion.h>
#include <criterion/parameterized.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "envs/check_internal.h"
#include "tensor/tensor.h"
#include "tests/envs/engine.h"

enum { STEPS = 25 };

/* What one thread plays, and what it sees: [STEPS, width]. */
typedef struct {
    const char *id;
    uint64_t seed;
    double *rows;
    int width;
    sg_error error; /* empty if all went well */
} walk;

/* Steps over the ends of episodes; the reward is the last value of a row. */
static bool play(sg_env *env, walk *w)
{
    sg_random actions;
    sg_random_seed(&actions, w->seed);
    double action[SG_MAX_ACTIONS];
    for (int i = 0; i < STEPS; i++) {
        sg_transition t;
        double *row = w->rows + (size_t)i * (size_t)w->width;
        sg_player_draw(&env->spec, &actions, action);
        if (!sg_env_step(env, action, row, &t, &w->error))
            return false;
        row[w->width - 1] = t.reward;
        if ((t.terminated || t.truncated) && !sg_env_reset(env, NULL, row, &w->error))
            return false;
    }
    return true;
}

/* From the making to the end, so that models are compiled side by side, too. */
static void *run(void *argument)
{
    walk *w = argument;
    sg_env *env = sg_env_make(w->id, NULL, &w->error);
    if (!env)
        return NULL;
    w->width = env->spec.obs_size + 1;
    w->rows = sg_alloc(STEPS * (size_t)w->width * sizeof *w->rows);
    bool ok = sg_env_reset(env, &w->seed, w->rows, &w->error) && play(env, w);
    if (ok)
        w->error.text[0] = '\0';
    sg_env_close(env);
    return NULL;
}

/* Both alone, then both at once. */
static void compare(const char *id)
{
    walk alone[2] = {{.id = id, .seed = 1}, {.id = id, .seed = 2}}, together[2];
    pthread_t threads[2];
    memcpy(together, alone, sizeof together);
    for (int i = 0; i < 2; i++)
        run(&alone[i]);
    for (int i = 0; i < 2; i++)
        cr_assert_eq(pthread_create(&threads[i], NULL, run, &together[i]), 0);
    for (int i = 0; i < 2; i++) {
        pthread_join(threads[i], NULL);
        cr_assert_str_empty(alone[i].error.text);
        cr_assert_str_empty(together[i].error.text);
        size_t bytes = STEPS * (size_t)alone[i].width * sizeof(double);
        cr_assert(memcmp(alone[i].rows, together[i].rows, bytes) == 0, "%s, thread %d", id, i);
        free(alone[i].rows);
        free(together[i].rows);
    }
}

/* One process an environment; the parameter is an index. */
ParameterizedTestParameters(env_threads, two_do_not_meet)
{
    static int index[256];
    for (int i = 0; i < sg_env_count(); i++)
        index[i] = i;
    return cr_make_param_array(int, index, (size_t)sg_env_count());
}

ParameterizedTest(int *index, env_threads, two_do_not_meet)
{
    const char *id = sg_env_entry_at(*index)->id;
    if (!refuses_engine(id))
        compare(id);
}
