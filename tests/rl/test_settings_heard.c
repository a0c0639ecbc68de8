/* test_settings_heard.c - no setting is ignored: each changes what a run does, or is refused in a
 * line. Settings that are idle beside others are refused, and have no effect there. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tests/trial.h"

enum { STEPS = 60, MOST = 10 };

/* What brings some algorithms' settings into play beside what `in_play` writes: clips that clip. */
static const struct {
    const char *algorithm, *settings;
} further[] = {
    {"intentional_ac", "clip=0.5"},
    {"intentional_q", "clip=0.5"},
    {"ppo", "lr=0.05,target_kl=0.03,clip_observation=1"},
    {"ppo_1", "lr=0.05,clip_observation=1"},
    {"dqn_1", "tau=0.5,target_every=3"},
};

static void add(char text[256], const char *prefix, const char *setting)
{
    size_t used = strlen(text);
    snprintf(text + used, 256 - used, "%s%s%s", used ? "," : "", prefix, setting);
}

/* Steps of ObGD that its bound does not make the same for every lr, an l2 in which Adam and AdamW
 * differ, an exploration that changes, and still happens, in so few steps. */
static const char *in_play(const sg_algorithm *a)
{
    static char text[256];
    text[0] = 0;
    for (const sg_network_slot *n = a->networks; n && n->prefix; n++) {
        char name[64];
        snprintf(name, sizeof name, "%soptimizer", n->prefix);
        const char *initial = sg_settings_find(&a->settings, name)->initial;
        if (strstr(initial, "obgd"))
            add(text, n->prefix, "lr=0.02");
        if (strstr(initial, "adam"))
            add(text, n->prefix, "l2=0.01");
    }
    if (sg_settings_find(&a->settings, "epsilon_steps"))
        add(text, "", "epsilon_steps=40,epsilon_end=0.3");
    for (size_t i = 0; i < sizeof further / sizeof further[0]; i++)
        if (!strcmp(further[i].algorithm, a->name))
            add(text, "", further[i].settings);
    return text[0] ? text : "gamma=0.98";
}

/* Values that say the same as another, and why. */
static const struct {
    const char *algorithms, *set, *reason;
} alike[] = {
    {"stream_td td", "action=clip", "random actions are within the bounds"},
    {"ddpg td3 td3_1 sac sac_1", "action=clip", "the policy's actions are within the bounds"},
    {"sac sac_1 isac", "alpha_eps", "lost in the last digit beside so large a gradient"},
    {"ppo ppo_1", "target_kl", "a threshold: heard where an update's estimate is beyond it"},
};

static bool may_be_alike(const sg_algorithm *a, const char *set)
{
    char words[128], name[64];
    snprintf(name, sizeof name, " %s ", a->name);
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++) {
        snprintf(words, sizeof words, " %s ", alike[i].algorithms);
        if (strstr(words, name) && !strncmp(set, alike[i].set, strlen(alike[i].set)))
            return true;
    }
    return false;
}

/* ---- other values of a setting ---- */

static int other_words(const sg_setting *s, const char *now, char others[MOST][64])
{
    char words[256];
    int count = 0;
    snprintf(words, sizeof words, "%s", s->choices);
    for (char *word = strtok(words, "|"); word && count < MOST; word = strtok(NULL, "|"))
        if (strcmp(word, now))
            snprintf(others[count++], 64, "%s", word);
    return count;
}

/* Half and half as much again, or two small ones in the place of 0. */
static int other_numbers(const sg_setting *s, double now, char others[MOST][64])
{
    bool whole = s->kind == SG_SETTING_INT;
    double small = whole || s->high > 1 ? 1 : 0.5 * s->high;
    double candidates[2] = {now == 0 ? small : 0.5 * now, now == 0 ? 2 * small : 1.5 * now};
    int count = 0;
    for (int i = 0; i < 2; i++) {
        double value = fmin(fmax(candidates[i], s->low), s->high);
        value = whole ? ceil(value) : value;
        if (value != now)
            snprintf(others[count++], 64, "%.12g", value);
    }
    return count;
}

static int other_values(const sg_setting *s, const void *config, char others[MOST][64])
{
    char now[64];
    sg_settings_text(s, config, now);
    if (s->kind == SG_SETTING_CHOICE)
        return other_words(s, now, others);
    if (s->kind != SG_SETTING_SWITCH)
        return other_numbers(s, strtod(now, NULL), others);
    snprintf(others[0], 64, "%s", strcmp(now, "true") ? "on" : "off");
    return 1;
}

/* ---- every setting by itself ---- */

typedef struct {
    int heard, refused, alike;
} tally;

static void try_setting(const sg_algorithm *a, trial_kind kind, const char *set, uint64_t mark,
                        tally *count)
{
    sg_error error = {""};
    const char *sets[] = {trial_settings(a), in_play(a), set};
    void *config = sg_algorithm_config(a, NULL, sets, 3, &error);
    trial t = config ? trial_run(a, config, kind, STEPS, &error) : (trial){0};
    if (!t.ran) {
        count->refused++;
        cr_expect(error.text[0] && !strchr(error.text, '\n'), "%s %s: no line", a->name, set);
    } else if (t.mark != mark) {
        count->heard++;
    } else {
        count->alike++;
        cr_expect(may_be_alike(a, set), "%s: %s changes nothing and is not refused (beside %s,%s)",
                  a->name, set, trial_settings(a), in_play(a));
    }
    free(config);
}

static void try_settings(const sg_algorithm *a, trial_kind kind, tally *count)
{
    sg_error error = {""};
    const char *sets[] = {trial_settings(a), in_play(a)};
    void *config = sg_algorithm_config(a, NULL, sets, 2, &error);
    cr_assert(config, "%s: %s", a->name, error.text);
    trial base = trial_run(a, config, kind, STEPS, &error);
    cr_assert(base.ran, "%s: %s", a->name, error.text);
    for (int i = 0; i < a->settings.count; i++) {
        char values[MOST][64], set[128];
        int before = count->heard + count->refused;
        int n = other_values(&a->settings.items[i], config, values);
        cr_assert(n > 0, "%s", a->settings.items[i].name);
        for (int k = 0; k < n; k++) {
            snprintf(set, sizeof set, "%s=%s", a->settings.items[i].name, values[k]);
            try_setting(a, kind, set, base.mark, count);
        }
        cr_expect(count->heard + count->refused > before || may_be_alike(a, set), "%s %s", a->name,
                  set);
    }
    free(config);
}

Test(settings_heard, each_changes_the_run_or_is_refused)
{
    tally count = {0};
    for (int i = 0; i < sg_algorithm_count(); i++)
        for (int kind = 0; kind < TRIAL_KINDS; kind++)
            if (trial_suits(sg_algorithm_at(i), (trial_kind)kind))
                try_settings(sg_algorithm_at(i), (trial_kind)kind, &count);
    cr_expect(count.heard > 1200 && count.refused > 200, "%d heard, %d refused", count.heard,
              count.refused);
}

/* ---- idle settings ---- */

/* One condition of several, with a value for the name of another setting. */
static void made_true(const sg_settings *s, const void *config, const char *idle, char *text,
                      size_t size)
{
    char value[64], right[64];
    const char *equals = strchr(idle, '=');
    snprintf(right, sizeof right, "%s", equals + 1);
    const sg_setting *other = strchr(idle, ',') ? NULL : sg_settings_find(s, right);
    snprintf(text, size, "%.*s=%s", (int)(equals - idle), idle,
             other ? sg_settings_text(other, config, value) : right);
}

/* The conditions that are joined by " or ", one after the other: NULL after the last. */
static const char *next_condition(const char *idle, char condition[96])
{
    const char *end = strstr(idle, " or ");
    snprintf(condition, 96, "%.*s", (int)(end ? (size_t)(end - idle) : strlen(idle)), idle);
    return end ? end + strlen(" or ") : NULL;
}

/* Beside its condition the setting is refused with a line that names it; put into the config past
 * that check, it does change nothing. */
static void try_idle(const sg_algorithm *a, trial_kind kind, const sg_setting *s, const char *idle)
{
    char values[MOST][64], condition[96], set[96];
    sg_error error = {""};
    const char *small[] = {trial_settings(a)}, *written[] = {condition, set};
    void *config = sg_algorithm_config(a, NULL, small, 1, &error);
    made_true(&a->settings, config, idle, condition, sizeof condition);
    cr_assert(sg_settings_parse(&a->settings, config, condition, &error), "%s %s: %s", a->name,
              condition, error.text);
    cr_assert(other_values(s, config, values) > 0);
    snprintf(set, sizeof set, "%s=%s", s->name, values[0]);
    cr_expect_null(sg_algorithm_config(a, NULL, written, 2, &error), "%s: %s", a->name, set);
    cr_expect(strstr(error.text, s->name) && !strchr(error.text, '\n'), "%s", error.text);

    trial before = trial_run(a, config, kind, STEPS, &error);
    cr_assert(before.ran, "%s %s: %s", a->name, condition, error.text);
    cr_assert(sg_settings_set(&a->settings, config, s->name, values[0], &error), "%s", error.text);
    trial after = trial_run(a, config, kind, STEPS, &error);
    cr_expect(after.ran && after.mark == before.mark, "%s: %s has an effect with %s", a->name,
              s->name, condition);
    free(config);
}

static int try_conditions(const sg_algorithm *a, trial_kind kind, const sg_setting *s)
{
    int tried = 0;
    char condition[96];
    for (const char *rest = s->idle; rest;) {
        rest = next_condition(rest, condition);
        try_idle(a, kind, s, condition);
        tried++;
    }
    return tried;
}

Test(settings_heard, idle_ones_are_refused_and_do_nothing)
{
    int tried = 0;
    for (int i = 0; i < sg_algorithm_count(); i++) {
        const sg_algorithm *a = sg_algorithm_at(i);
        trial_kind kind = trial_suits(a, TRIAL_CONTINUOUS) ? TRIAL_CONTINUOUS : TRIAL_DISCRETE;
        for (int k = 0; k < a->settings.count; k++)
            tried += try_conditions(a, kind, &a->settings.items[k]);
    }
    cr_expect(tried > 100, "%d tried", tried);
}

/* A name that stands for several is refused only where all of them are idle. */
Test(settings_heard, a_name_for_both_networks_needs_one_that_hears)
{
    sg_error error = {""};
    const sg_algorithm *a = sg_algorithm_find("intentional_ac", NULL);
    const char *both = "rmsprop=off,eps=1e-3", *one = "rmsprop=off,critic_optimizer=adam,eps=1e-3";
    cr_expect_null(sg_algorithm_config(a, NULL, &both, 1, &error));
    cr_expect(strstr(error.text, "eps has no effect with"), "%s", error.text);
    void *config = sg_algorithm_config(a, NULL, &one, 1, &error);
    cr_expect(config, "%s", error.text);
    free(config);
}
