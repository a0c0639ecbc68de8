/* test_classic_traces.c - with hidden=0 and optimizer=sgd the streaming algorithms are the classic
 * ones, linear functions learned along accumulating traces (Sutton & Barto 2018, chapters 12 and
 * 13): here they run beside plain loops that say the same. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/program_internal.h"
#include "tests/trace.h"

enum { OBS = 4, ACTIONS = 3, STEPS = 300 };
static const double gamma_ = 0.9, lambda = 0.7, lr = 0.05, lr_actor = 0.02;

/* ---- the plain learner: one row of weights, the bias last, for each output ---- */

typedef struct {
    const char *name; /* of the layer in the program: "critic.q" */
    int rows;
    double w[ACTIONS][OBS + 1], z[ACTIONS][OBS + 1];
} linear;

static double output(const linear *f, int row, const double *x)
{
    double y = f->w[row][OBS];
    for (int i = 0; i < OBS; i++)
        y += f->w[row][i] * x[i];
    return y;
}

static int best(const linear *f, const double *x)
{
    int k = 0;
    for (int row = 1; row < f->rows; row++)
        k = output(f, row, x) > output(f, k, x) ? row : k;
    return k;
}

/* z = gamma lambda z + gradient, each row's gradient being slope[row] (x, 1);  w += lr delta z */
static void follow(linear *f, const double *slope, const double *x, double step, bool reset)
{
    for (int row = 0; row < f->rows; row++)
        for (int i = 0; i <= OBS; i++) {
            double *z = &f->z[row][i];
            *z = gamma_ * lambda * *z + slope[row] * (i < OBS ? x[i] : 1);
            f->w[row][i] += step * *z;
            *z = reset ? 0 : *z;
        }
}

/* ---- the program's weights ---- */

static void read_weights(const sg_program *p, const linear *f, double w[ACTIONS][OBS + 1])
{
    char name[64];
    double weight[ACTIONS * OBS], bias[ACTIONS];
    snprintf(name, sizeof name, "%s.weight", f->name);
    sg_get(p, sg_find(p, name), weight);
    snprintf(name, sizeof name, "%s.bias", f->name);
    sg_get(p, sg_find(p, name), bias);
    for (int row = 0; row < f->rows; row++) {
        memcpy(w[row], weight + row * OBS, OBS * sizeof *weight);
        w[row][OBS] = bias[row];
    }
}

static size_t compare(const sg_program *p, const linear *f, int t)
{
    double w[ACTIONS][OBS + 1];
    read_weights(p, f, w);
    for (int row = 0; row < f->rows; row++)
        for (int i = 0; i <= OBS; i++)
            cr_assert_float_eq(w[row][i], f->w[row][i], 1e-11, "%s [%d, %d] after step %d", f->name,
                               row, i, t);
    return (size_t)(f->rows * (OBS + 1));
}

/* ---- a stream of made-up experience ---- */

typedef struct {
    sg_program *p;
    sg_random random;
    double x[OBS], x_next[OBS], reward;
    bool end;
    linear critic, actor;
} stream;

static stream start(const char *algorithm, const char *sets, linear critic, linear actor)
{
    const char *all[] = {"hidden=0,gamma=0.9,lambda=0.7,sparsity=0,optimizer=sgd", sets};
    sg_error error = {""};
    const sg_algorithm *a = sg_algorithm_find(algorithm, NULL);
    void *config = sg_algorithm_config(a, NULL, all, 2, &error);
    cr_assert(config, "%s", error.text);
    sg_env_spec spec = {.id = "stream",
                        .obs_rank = 1,
                        .obs_dim = {OBS},
                        .obs_size = OBS,
                        .discrete = true,
                        .action_count = ACTIONS,
                        .action_size = 1};
    stream s = {.p = trace_program_for(a, config, &spec, SG_F64), .critic = critic, .actor = actor};
    read_weights(s.p, &s.critic, s.critic.w);
    if (actor.rows)
        read_weights(s.p, &s.actor, s.actor.w);
    sg_random_seed(&s.random, 5);
    for (int i = 0; i < OBS; i++)
        s.x_next[i] = sg_random_normal(&s.random);
    free(config);
    return s;
}

static void set_draw(stream *s, const char *name)
{
    double u = sg_random_unit(&s->random);
    if (sg_find(s->p, name).graph)
        sg_set(s->p, sg_find(s->p, name), &u);
}

/* Goes on to the next state and acts; returns the action. */
static int act(stream *s)
{
    static const char *const draws[] = {"critic.explore", "critic.random", "critic.first.explore",
                                        "critic.first.random", "actor.noise"};
    memcpy(s->x, s->x_next, sizeof s->x);
    for (int i = 0; i < OBS; i++)
        s->x_next[i] = sg_random_normal(&s->random);
    s->reward = sg_random_normal(&s->random) + s->x[0];
    s->end = sg_random_unit(&s->random) < 0.1;
    for (int i = 0; i < 5; i++)
        set_draw(s, draws[i]);
    sg_set(s->p, sg_find(s->p, "obs"), s->x);
    sg_run(s->p, 0);
    return (int)sg_get_number(s->p, sg_phase_first_value((sg_graph *)s->p->source, 0));
}

static void learn(stream *s)
{
    double end = s->end;
    sg_set(s->p, sg_find(s->p, "reward"), &s->reward);
    sg_set(s->p, sg_find(s->p, "next_obs"), s->x_next);
    sg_set(s->p, sg_find(s->p, "episode_end"), &end);
    sg_run(s->p, 1);
}

/* delta for given values of S' and S. */
static double td_error(const stream *s, double next, double now)
{
    return s->reward + (s->end ? 0 : gamma_ * next) - now;
}

static const double one[] = {1};

/* ---- the algorithms ---- */

Test(classic_traces, td)
{
    stream s = start("stream_td", "lr=0.05", (linear){"critic.v", 1, {{0}}, {{0}}}, (linear){0});
    size_t compared = 0;
    for (int t = 0; t < STEPS; t++) {
        act(&s);
        learn(&s);
        double delta = td_error(&s, output(&s.critic, 0, s.x_next), output(&s.critic, 0, s.x));
        follow(&s.critic, one, s.x, lr * delta, s.end);
        compared += compare(s.p, &s.critic, t);
    }
    cr_expect_eq(compared, STEPS * 5);
    trace_free(s.p);
}

Test(classic_traces, q)
{
    stream s = start("stream_q", "lr=0.05,epsilon_start=0.4,epsilon_steps=200",
                     (linear){"critic.q", ACTIONS, {{0}}, {{0}}}, (linear){0});
    int exploratory = 0;
    for (int t = 0; t < STEPS; t++) {
        int A = act(&s), greedy = best(&s.critic, s.x);
        double slope[ACTIONS] = {0};
        learn(&s);
        double next = output(&s.critic, best(&s.critic, s.x_next), s.x_next);
        double delta = td_error(&s, next, output(&s.critic, A, s.x));
        slope[A] = 1;
        follow(&s.critic, slope, s.x, lr * delta, s.end || A != greedy);
        compare(s.p, &s.critic, t);
        exploratory += A != greedy;
    }
    cr_expect(exploratory > 10 && exploratory < 80, "%d", exploratory);
    trace_free(s.p);
}

Test(classic_traces, sarsa)
{
    stream s = start("stream_sarsa", "lr=0.05,epsilon_end=0.3",
                     (linear){"critic.q", ACTIONS, {{0}}, {{0}}}, (linear){0});
    int promised = -1, kept = 0;
    for (int t = 0; t < STEPS; t++) {
        int A = act(&s);
        double slope[ACTIONS] = {0};
        cr_assert(promised < 0 || A == promised, "step %d takes %d, not %d", t, A, promised);
        kept += promised >= 0;
        learn(&s);
        int A_next = (int)sg_get_number(s.p, sg_find(s.p, "chosen_action"));
        double delta = td_error(&s, output(&s.critic, A_next, s.x_next), output(&s.critic, A, s.x));
        slope[A] = 1;
        follow(&s.critic, slope, s.x, lr * delta, s.end);
        compare(s.p, &s.critic, t);
        promised = s.end ? -1 : A_next;
    }
    cr_expect_gt(kept, STEPS / 2);
    trace_free(s.p);
}

Test(classic_traces, ac)
{
    stream s = start("stream_ac", "critic_lr=0.05,actor_lr=0.02,entropy=0",
                     (linear){"critic.v", 1, {{0}}, {{0}}},
                     (linear){"actor.logits", ACTIONS, {{0}}, {{0}}});
    for (int t = 0; t < STEPS; t++) {
        int A = act(&s);
        double slope[ACTIONS], total = 0;
        learn(&s);
        double delta = td_error(&s, output(&s.critic, 0, s.x_next), output(&s.critic, 0, s.x));
        for (int k = 0; k < ACTIONS; k++)
            total += exp(output(&s.actor, k, s.x));
        for (int k = 0; k < ACTIONS; k++)
            slope[k] = (k == A) - exp(output(&s.actor, k, s.x)) / total;
        follow(&s.actor, slope, s.x, lr_actor * delta, s.end);
        follow(&s.critic, one, s.x, lr * delta, s.end);
        compare(s.p, &s.critic, t);
        compare(s.p, &s.actor, t);
    }
    trace_free(s.p);
}
