/* test_optimizers.c - optimisers chosen by setting: the numbers that they start with, what is
 * refused, and that every combination learns. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "rl/algorithm.h"
#include "tests/trial.h"

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
        {"sac", "optimizer=sgd,alpha_eps=1", "alpha_eps is not used by alpha_optimizer=sgd"},
        {"avg", "critic_kappa=3", "critic_kappa is not used by critic_optimizer=adam"},
        {"avg", "kappa=3", "kappa is not used by optimizer=adam"},
        {"stream_ac", "critic_beta1=0.9",
         "critic_beta1 is not used by critic_optimizer=obgd, which has: lr"},
        {"intentional_ac", "optimizer=obgd,clip=3", "clip is not used by optimizer=obgd"},
        {"stream_ac", "critic_optimizer=rprop", "one of " SG_OPTIMIZER_CHOICES},
        {"stream_ac", "lr=-1", "_lr cannot be '-1'"},
        {"intentional_ac", "actor_optimizer=obgd,beta_norm=0.9",
         "beta_norm is not used by optimizer=intentional"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        sg_error error = {""};
        const sg_algorithm *a = sg_algorithm_find(cases[i].algorithm, NULL);
        cr_assert_null(sg_algorithm_config(a, NULL, &cases[i].set, 1, &error), "%s", cases[i].set);
        cr_expect(strstr(error.text, cases[i].told), "%s: %s", cases[i].set, error.text);
    }
}

/* ---- every combination ---- */

/* What became of all combinations of optimisers for the networks of all algorithms. */
typedef struct {
    int learnt, refused;
} outcome;

/* One choice for each network, by its place in base SG_OPTIMIZER_COUNT; false where a network
 * would get an optimiser that needs a TD error which it has not. */
static bool choose(const sg_algorithm *a, int combination, char *text, size_t size)
{
    bool fits = true;
    size_t used = 0;
    text[0] = '\0';
    for (const sg_network_slot *n = a->networks; n->prefix; n++) {
        const sg_optimizer_info *info = sg_optimizer_get(combination % SG_OPTIMIZER_COUNT);
        combination /= SG_OPTIMIZER_COUNT;
        used += (size_t)snprintf(text + used, size - used, "%s%soptimizer=%s", used ? "," : "",
                                 n->prefix, info->name);
        fits = fits && !(info->needs_td && n->no_td);
    }
    return fits;
}

/* Networks that learn move and stay finite; others are refused in one line that says why. */
static void try_combination(const sg_algorithm *a, trial_kind kind, const char *lambda,
                            int combination, outcome *count)
{
    char optimizers[128];
    sg_error error = {""};
    bool fits = choose(a, combination, optimizers, sizeof optimizers);
    const char *sets[] = {trial_settings(a), optimizers, lambda};
    void *config = sg_algorithm_config(a, NULL, sets, lambda ? 3 : 2, &error);
    if (!fits) {
        cr_expect(!config && strstr(error.text, "needs a TD error, and") &&
                      !strchr(error.text, '\n'),
                  "%s %s: %s", a->name, optimizers, error.text);
        count->refused++;
        free(config);
        return;
    }
    cr_assert(config, "%s %s: %s", a->name, optimizers, error.text);
    trial t = trial_run(a, config, kind, 100, &error);
    bool has_actor = false;
    for (const sg_network_slot *n = a->networks; n->prefix; n++)
        has_actor |= n->role == SG_POLICY;
    cr_expect(t.ran, "%s %s: %s", a->name, optimizers, error.text);
    cr_expect(isfinite(t.others_moved) && t.others_moved > 0, "%s %s", a->name, optimizers);
    cr_expect(isfinite(t.actor_moved) && (!has_actor || t.actor_moved > 0), "%s %s actor", a->name,
              optimizers);
    count->learnt++;
    free(config);
}

/* For each algorithm, task and lambda: 7 of one network's choices, 49 of two networks'. */
static outcome expected_of(const sg_algorithm *a)
{
    int all = 1, fit = 1;
    for (const sg_network_slot *n = a->networks; n->prefix; n++) {
        int suit = 0;
        for (int i = 0; i < SG_OPTIMIZER_COUNT; i++)
            suit += !n->no_td || !sg_optimizer_get(i)->needs_td;
        all *= SG_OPTIMIZER_COUNT;
        fit *= suit;
    }
    return (outcome){fit, all - fit};
}

static int power(int base, int exponent) { return exponent ? base * power(base, exponent - 1) : 1; }

static void try_all(const sg_algorithm *a, trial_kind kind, const char *lambda, outcome *expected,
                    outcome *count)
{
    int networks = 0;
    while (a->networks[networks].prefix)
        networks++;
    for (int k = 0; k < power(SG_OPTIMIZER_COUNT, networks); k++)
        try_combination(a, kind, lambda, k, count);
    expected->learnt += expected_of(a).learnt;
    expected->refused += expected_of(a).refused;
}

Test(optimizers, every_combination_learns)
{
    static const char *const lambdas[] = {"lambda=0", "lambda=0.8"};
    outcome expected = {0}, count = {0};
    for (int i = 0; i < sg_algorithm_count(); i++)
        for (int kind = 0; kind < TRIAL_KINDS; kind++) {
            const sg_algorithm *a = sg_algorithm_at(i);
            bool traces = sg_settings_find(&a->settings, "lambda");
            bool chosen = a->networks && trial_suits(a, (trial_kind)kind); /* by setting */
            for (int k = 0; chosen && k < 1 + traces; k++)
                try_all(a, (trial_kind)kind, traces ? lambdas[k] : NULL, &expected, &count);
        }
    cr_expect(count.learnt == expected.learnt && count.refused == expected.refused,
              "%d learnt of %d, %d refused of %d", count.learnt, expected.learnt, count.refused,
              expected.refused);
    cr_expect(count.learnt >= 1275 && count.refused >= 261, "%d learnt, %d refused", count.learnt,
              count.refused);
}
