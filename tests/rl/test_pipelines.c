/* test_pipelines.c - what each algorithm puts between environment and agent by default, against the
 * published programs: from the recorded raw observations and rewards it must make those that the
 * published agents learned from. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>

#include "rl/algorithm.h"
#include "tests/golden.h"
#include "tests/trace.h"

/* Plays a recording's raw rows: images are recorded [height, width, channel]. */
typedef struct {
    sg_env env;
    const double *obs, *next_obs, *reward, *terminated, *truncated;
    size_t t;
    bool images;
} player;

static void give(const player *p, const double *rows, size_t t, double *obs)
{
    const sg_env_spec *spec = &p->env.spec;
    int n = spec->obs_size, channels = p->images ? spec->obs_dim[0] : 1, pixels = n / channels;
    for (int i = 0; i < n; i++)
        obs[i % channels * pixels + i / channels] = rows[t * (size_t)n + (size_t)i];
}

static bool reset(sg_env *env, double *obs, sg_error *error)
{
    (void)error;
    player *p = (player *)env;
    give(p, p->obs, p->t, obs);
    return true;
}

static bool step(sg_env *env, const double *action, double *obs, sg_transition *t, sg_error *error)
{
    (void)action;
    (void)error;
    player *p = (player *)env;
    give(p, p->next_obs, p->t, obs);
    *t = (sg_transition){.reward = p->reward[p->t],
                         .terminated = p->terminated[p->t] != 0,
                         .truncated = p->truncated[p->t] != 0};
    p->t++;
    return true;
}

static void close_player(sg_env *env) { (void)env; }

static const sg_env_functions functions = {
    .name = "player", .reset = reset, .step = step, .close = close_player};

/* The array "<of>/<name>"; *count gets its number of values. */
static const double *rows_of(const golden *g, const char *of, const char *name, size_t *count)
{
    char full[64];
    snprintf(full, sizeof full, "%s/%s", of, name);
    return golden_array(g, full, count, NULL, NULL);
}

/* The task whose raw rows stand under "<of>/". */
static player player_of(const golden *g, const char *of, bool discrete, int channels)
{
    size_t raw, steps;
    player p = {.env = {.functions = &functions},
                .obs = rows_of(g, of, "raw_obs", &raw),
                .next_obs = rows_of(g, of, "raw_next_obs", NULL),
                .reward = rows_of(g, of, "raw_reward", &steps),
                .terminated = rows_of(g, of, "terminated", NULL),
                .truncated = rows_of(g, of, "truncated", NULL),
                .images = channels > 0};
    int n = (int)(raw / steps);
    p.env.spec = (sg_env_spec){.id = "player",
                               .obs_rank = channels ? 3 : 1,
                               .obs_dim = {channels ? channels : n, 10, 10},
                               .obs_size = n,
                               .discrete = discrete,
                               .action_count = discrete ? 3 : 0,
                               .action_size = 1,
                               .action_low = {-1},
                               .action_high = {1},
                               .time_limit = 50};
    return p;
}

/* The largest |made - recorded| so far; the numbers are of the size of 1. */
typedef struct {
    double worst;
    size_t compared;
} distance;

static void compare_values(distance *d, const double *made, const double *recorded, int n)
{
    for (int i = 0; i < n; i++)
        d->worst = fmax(d->worst, fabs(made[i] - recorded[i]) / fmax(1, fabs(recorded[i])));
    d->compared += (size_t)n;
}

/* An observation made, and row t of the recorded ones. */
static void compare_obs(distance *d, const player *p, const double *made, const double *recorded,
                        size_t t, int n)
{
    double expected[512];
    cr_assert(n <= 512);
    if (p->images)
        give(p, recorded, t, expected);
    compare_values(d, made, p->images ? expected : recorded + t * (size_t)n, n);
}

/* The algorithm's own pipeline for a task of that name. */
static sg_env *wrapped(const char *algorithm, const char *id, double gamma, sg_env *task)
{
    sg_error error = {""};
    const sg_algorithm *a = sg_algorithm_find(algorithm, NULL);
    void *config = sg_algorithm_config(a, id, NULL, 0, &error);
    cr_assert(config, "%s", error.text);
    trace_setting(&a->settings, config, "gamma", gamma);
    sg_env *env = sg_algorithm_wrap(a, config, task, &error);
    cr_assert(env, "%s: %s", algorithm, error.text);
    free(config);
    return env;
}

typedef struct {
    const char *algorithm, *id; /* of the task: it decides on the preset */
    const char *file, *of, *gamma;
    bool discrete;
    int channels;
} recording;

static void compare(const recording *r)
{
    char file[64];
    snprintf(file, sizeof file, "algos/%s.safetensors", r->file);
    golden *g = golden_open(file);
    player p = player_of(g, r->of, r->discrete, r->channels);
    sg_env *env = wrapped(r->algorithm, r->id, golden_number(g, r->gamma), &p.env);
    size_t steps;
    const double *obs = rows_of(g, r->of, "obs", NULL),
                 *reward = rows_of(g, r->of, "reward", &steps);
    const double *next_obs = rows_of(g, r->of, "next_obs", NULL);
    double made[512], action[1] = {0};
    distance of_obs = {0}, of_reward = {0};
    int n = env->spec.obs_size;
    for (size_t t = 0; t < steps; t++) {
        sg_transition answer = {0};
        if (!t || p.terminated[t - 1] != 0 || p.truncated[t - 1] != 0)
            cr_assert(sg_env_reset(env, NULL, made, NULL));
        compare_obs(&of_obs, &p, made, obs, t, n);
        cr_assert(sg_env_step(env, action, made, &answer, NULL));
        compare_obs(&of_obs, &p, made, next_obs, t, n);
        compare_values(&of_reward, &answer.reward, reward + t, 1);
    }
    cr_expect(of_obs.compared == 2 * steps * (size_t)n && of_obs.worst <= 1e-12, "%s: obs %g",
              r->of, of_obs.worst);
    cr_expect(of_reward.compared == steps && of_reward.worst <= 1e-12, "%s: reward %g", r->of,
              of_reward.worst);
    sg_env_close(env);
    golden_close(g);
}

static void compare_vectors(const char *algorithm, const char *of, bool discrete)
{
    char gamma[64];
    snprintf(gamma, sizeof gamma, "%s/gamma", of);
    compare(&(recording){algorithm, "A-v0", "pipelines", of, gamma, discrete, 0});
}

Test(pipelines, defaults_are_those_of_the_published_programs)
{
    compare_vectors("stream_ac", "stream_ac_cont", false);
    compare_vectors("stream_ac", "stream_ac_disc", true);
    compare_vectors("stream_q", "stream_q", true);
    compare_vectors("stream_sarsa", "stream_sarsa", true);
    compare_vectors("stream_td", "stream_td", true);
    compare_vectors("intentional_ac", "intentional_ac_v2", false);
    compare_vectors("intentional_q", "intentional_q_v2", true);
    compare_vectors("avg", "avg_abl_full", false);
    compare_vectors("iac", "iac_norm_scaled", false);
}

Test(pipelines, of_images_too)
{
    compare(&(recording){"stream_q", "MinAtar/A-v1", "stream_q_minatar_wrapped", "step", "hp/gamma",
                         true, 4});
}
