/* test_optimizers.c - optimisers chosen by setting: the numbers that they start with, what is
 * refused, and that every combination learns. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/check.h"
#include "autograd/program_internal.h"
#include "rl/algorithm.h"
#include "tests/trace.h"

/* The value of a setting, as text, after some are set. */
static const char *value_after(const char *algorithm, const char *set, const char *name,
                               char text[64])
{
    sg_error error = {""};
    const sg_algorithm *a = sg_algorithm_find(algorithm, NULL);
    void *config = sg_algorithm_config(a, "Hopper-v4", &set, 1, &error);
    cr_assert(config, "%s: %s", set, error.text);
    const sg_setting *setting = sg_settings_find(&a->settings, name);
    cr_assert(setting, "%s", name);
    sg_settings_text(setting, config, text);
    free(config);
    return text;
}

Test(optimizers, names_are_the_choices_in_order)
{
    char names[256] = "";
    for (int i = 0; i < SG_OPTIMIZER_COUNT; i++)
        snprintf(names + strlen(names), sizeof names - strlen(names), "%s%s", i ? "|" : "",
                 sg_optimizer_get(i)->name);
    cr_assert_str_eq(names, SG_OPTIMIZER_CHOICES);
}

/* The algorithm's own, another's published numbers, and what the user says of either. */
Test(optimizers, start_from_the_right_numbers)
{
    static const struct {
        const char *algorithm, *set, *name, *value;
    } cases[] = {
        {"avg", "alpha=0.1", "critic_lr", "7.7e-05"}, /* Hopper's preset */
        {"avg", "critic_optimizer=adamw", "critic_lr", "7.7e-05"},
        {"avg", "critic_optimizer=obgd", "critic_lr", "1"},
        {"avg", "critic_optimizer=obgd", "critic_kappa", "2"},
        {"avg", "critic_optimizer=obgd", "actor_lr", "1.1e-05"},
        {"avg", "critic_optimizer=obgd,critic_lr=0.5", "critic_lr", "0.5"},
        {"avg", "critic_lr=0.5,critic_optimizer=obgd", "critic_lr", "0.5"},
        {"avg", "lr=0.5,critic_optimizer=obgd", "critic_lr", "0.5"},
        {"avg", "optimizer=adamax", "actor_lr", "0.0001"},
        {"avg", "optimizer=adamax", "critic_lr", "0.0002"},
        {"avg", "optimizer=adamax", "critic_beta2", "0.99995"},
        {"avg", "beta1=0.9", "actor_beta1", "0.9"},
        {"stream_ac", "optimizer=intentional", "actor_lr", "0.05"},
        {"stream_ac", "optimizer=intentional", "critic_lr", "0.5"},
        {"stream_ac", "optimizer=adaptive_obgd", "actor_kappa", "3"},
        {"intentional_ac", "critic_optimizer=adam", "critic_lr", "0.001"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char text[64];
        double is =
            strtod(value_after(cases[i].algorithm, cases[i].set, cases[i].name, text), NULL);
        cr_expect(is == strtod(cases[i].value, NULL), "%s %s: %s is %s, not %s", cases[i].algorithm,
                  cases[i].set, cases[i].name, text, cases[i].value);
    }
}

/* Each with the words that the line must have. */
Test(optimizers, what_does_not_fit_is_refused_in_a_line)
{
    static const struct {
        const char *algorithm, *set, *told;
    } cases[] = {
        {"avg", "actor_optimizer=obgd", "needs a TD error, and avg's actor follows dq/dA"},
        {"avg", "optimizer=intentional", "there are: sgd, adam"},
        {"dqn", "optimizer=obgd", "optimizer=obgd needs a TD error, and a batch has no one"},
        {"isac", "alpha_optimizer=obgd",
         "alpha_optimizer=obgd needs a TD error, and a temperature"},
        {"isac", "critic_optimizer=obgd", "needs a TD error, and two critics have a TD error each"},
        {"sac", "optimizer=sgd,alpha_eps=1", "alpha_eps is not used by optimizer=sgd"},
        {"avg", "critic_kappa=3", "critic_kappa is not used by optimizer=adam"},
        {"avg", "kappa=3", "kappa is not used by optimizer=adam"},
        {"stream_ac", "critic_beta1=0.9",
         "critic_beta1 is not used by optimizer=obgd, which has: lr"},
        {"intentional_ac", "optimizer=obgd,clip=3", "clip is not used by optimizer=obgd"},
        {"stream_ac", "critic_optimizer=rprop", "one of " SG_OPTIMIZER_CHOICES},
        {"stream_ac", "lr=-1", "_lr cannot be '-1'"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sg_error error = {""};
        const sg_algorithm *a = sg_algorithm_find(cases[i].algorithm, NULL);
        cr_assert_null(sg_algorithm_config(a, NULL, &cases[i].set, 1, &error), "%s", cases[i].set);
        cr_expect(strstr(error.text, cases[i].told), "%s: %s", cases[i].set, error.text);
    }
}

/* ---- every combination ---- */

static double sum_of_parameters(sg_program *p, const char *prefix)
{
    double sum = 0, values[4096];
    sg_nodes parameters = sg_parameters((sg_graph *)p->source);
    for (int k = 0; k < parameters.count; k++) {
        sg_node w = sg_nodes_at(parameters, k);
        size_t n = sg_shape_size(sg_node_shape(w));
        if (strncmp(sg_node_name(w), prefix, strlen(prefix)))
            continue;
        cr_assert(n <= 4096);
        sg_get(p, w, values);
        for (size_t i = 0; i < n; i++)
            sum += fabs(values[i]);
    }
    return sum;
}

static void set_if_used(sg_program *p, const char *name, double value)
{
    if (sg_find(p, name).graph)
        sg_set(p, sg_find(p, name), &value);
}

/* 200 steps on made-up observations: both networks move and stay finite. */
static void learns(const sg_algorithm *a, const char *const *sets, int count)
{
    sg_error error = {""};
    sg_random random;
    void *config = sg_algorithm_config(a, NULL, sets, count, &error);
    cr_assert(config, "%s %s %s: %s", a->name, sets[0], sets[1], error.text);
    sg_program *p = trace_program(a, config, 4, 2, SG_F32);
    sg_program_hold_draws(p, false);
    sg_random_seed_named(&random, 1, "observations");
    double actor = sum_of_parameters(p, "actor"), critic = sum_of_parameters(p, "critic");
    for (int t = 0; t < 200; t++) {
        double obs[2][4];
        for (int i = 0; i < 8; i++)
            obs[i / 4][i % 4] = sg_random_normal(&random);
        sg_set(p, sg_find(p, "obs"), obs[0]);
        sg_run(p, 0);
        sg_set(p, sg_find(p, "next_obs"), obs[1]);
        set_if_used(p, "reward", obs[0][0]);
        set_if_used(p, "terminated", t % 50 == 49);
        set_if_used(p, "episode_end", t % 25 == 24);
        sg_run(p, 1);
    }
    double actor_moved = fabs(sum_of_parameters(p, "actor") - actor);
    double critic_moved = fabs(sum_of_parameters(p, "critic") - critic);
    cr_expect(actor_moved > 0 && actor_moved < 1e4, "%s %s %s %s: actor moved %g", a->name, sets[0],
              sets[1], sets[2], actor_moved);
    cr_expect(critic_moved > 0 && critic_moved < 1e4, "%s %s %s %s: critic moved %g", a->name,
              sets[0], sets[1], sets[2], critic_moved);
    trace_free(p);
    free(config);
}

/* All optimisers, or those that need no TD error where no such error teaches the actor. */
static int actor_choices(const sg_algorithm *a)
{
    int count = SG_OPTIMIZER_COUNT;
    for (int i = 0; i < SG_OPTIMIZER_COUNT; i++)
        count -= a->networks[0].no_td && sg_optimizer_get(i)->needs_td;
    return count;
}

Test(optimizers, every_combination_learns)
{
    int tried = 0, expected = 0;
    static const char *const lambdas[] = {"lambda=0", "lambda=0.8"};
    static const char *const algorithms[] = {"avg", "iac", "stream_ac", "intentional_ac"};
    for (int i = 0; i < 4; i++) {
        const sg_algorithm *a = sg_algorithm_find(algorithms[i], NULL);
        expected += 2 * actor_choices(a) * SG_OPTIMIZER_COUNT;
        for (int k = 0; k < 2 * SG_OPTIMIZER_COUNT * SG_OPTIMIZER_COUNT; k++) {
            char actor[64], critic[64];
            const char *sets[] = {actor, critic, lambdas[k % 2], "hidden=8"};
            int of_actor = k / 2 / SG_OPTIMIZER_COUNT, of_critic = k / 2 % SG_OPTIMIZER_COUNT;
            if (a->networks[0].no_td && sg_optimizer_get(of_actor)->needs_td)
                continue;
            snprintf(actor, sizeof actor, "actor_optimizer=%s", sg_optimizer_get(of_actor)->name);
            snprintf(critic, sizeof critic, "critic_optimizer=%s",
                     sg_optimizer_get(of_critic)->name);
            learns(a, sets, 4);
            tried++;
        }
    }
    cr_expect(expected > 0 && tried == expected, "%d of %d", tried, expected);
}
