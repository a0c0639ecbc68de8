/* test_settings.c - the table of settings: defaults, reading, refusing, printing back to the bit.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "rl/settings.h"
#include "tensor/random.h"

typedef struct {
    double gamma, free_number, step;
    int hidden;
    bool normalize;
    int action;
} test_config;

static const sg_setting items[] = {
    SG_REAL(test_config, gamma, "0.99", 0, 1, "discount"),
    SG_REAL(test_config, free_number, "-3e-5", -INFINITY, INFINITY, "anything"),
    SG_REAL(test_config, step, "1", 0, INFINITY, "not negative"),
    SG_INT(test_config, hidden, "256", 1, 4096, "units"),
    SG_SWITCH(test_config, normalize, "true", "on or off"),
    SG_CHOICE(test_config, action, "scale", "clip|scale|none", "bounds"),
};
static const sg_settings table = {items, sizeof items / sizeof *items, sizeof(test_config)};

static test_config defaults(void)
{
    test_config config;
    sg_settings_defaults(&table, &config);
    return config;
}

Test(settings, defaults_come_from_the_table)
{
    test_config c = defaults();
    cr_assert(c.gamma == 0.99 && c.free_number == -3e-5 && c.step == 1);
    cr_assert(c.hidden == 256 && c.normalize && c.action == 1);
}

Test(settings, good_values_are_read)
{
    test_config c = defaults();
    sg_error error;
    cr_assert(
        sg_settings_parse(&table, &c, "gamma=1,hidden=4096,normalize=off,action=none", &error));
    cr_assert(c.gamma == 1 && c.hidden == 4096 && !c.normalize && c.action == 2);
    cr_assert(sg_settings_set(&table, &c, "free_number", "-1e300", &error));
    cr_assert(c.free_number == -1e300);
    cr_assert(sg_settings_set(&table, &c, "normalize", "yes", &error) && c.normalize);
    cr_assert(sg_settings_set(&table, &c, "action", "clip", &error) && c.action == 0);
}

/* Each is refused with a line that holds the third word, and changes nothing. */
static const struct {
    const char *name, *value, *told;
} refused[] = {
    {"gamma", "1.5", "from 0 to 1"},
    {"gamma", "nan", "from 0 to 1"},
    {"gamma", "", "from 0 to 1"},
    {"gamma", "0.5x", "from 0 to 1"},
    {"step", "-1", "at least 0"},
    {"free_number", "three", "a number"},
    {"hidden", "0", "from 1 to 4096"},
    {"hidden", "12.5", "a whole number"},
    {"hidden", "99999999999999999999", "a whole number"},
    {"hidden", "4294967552", "4096"},
    {"normalize", "maybe", "on or off"},
    {"action", "cli", "clip|scale|none"},
    {"action", "clip|scale", "clip|scale|none"},
    {"action", "", "clip|scale|none"},
    {"gama", "0.5", "did you mean gamma"},
    {"zzzzzz", "0.5", "gamma, free_number, step, hidden, normalize, action"},
};

/* More names than a line has room for: those that are told are whole. */
Test(settings, a_long_table_is_told_in_whole_names)
{
    enum { MANY = 40 };
    static char names[MANY][32];
    sg_setting many[MANY];
    sg_error error;
    test_config c;
    for (int i = 0; i < MANY; i++) {
        snprintf(names[i], sizeof names[i], "a_setting_of_name_%d", i);
        many[i] = (sg_setting){.name = names[i], .kind = SG_SETTING_REAL, .initial = "0"};
    }
    sg_settings long_table = {many, MANY, sizeof c};
    sg_settings_defaults(&long_table, &c);
    cr_assert(!sg_settings_set(&long_table, &c, "zzzzzz", "1", &error));
    const char *last = strrchr(error.text, ',');
    cr_assert(strstr(error.text, "a_setting_of_name_9, ") && !strcmp(last, ", ..."), "%s",
              error.text);
}

Test(settings, bad_values_are_refused_by_name)
{
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        test_config c = defaults(), before = c;
        sg_error error;
        cr_assert_not(sg_settings_set(&table, &c, refused[i].name, refused[i].value, &error),
                      "%s=%s was accepted", refused[i].name, refused[i].value);
        cr_assert(strstr(error.text, refused[i].told), "'%s' lacks '%s'", error.text,
                  refused[i].told);
        cr_assert(strstr(error.text, refused[i].name), "'%s' lacks the name", error.text);
        cr_assert(memcmp(&c, &before, sizeof c) == 0);
    }
}

Test(settings, parsing_is_all_or_nothing)
{
    static const char *const BAD[] = {"gamma=0.5,hidden=0", "gamma=0.5,", "gamma=0.5,hidden", "=1",
                                      ""};
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        test_config c = defaults();
        sg_error error = {""};
        cr_assert_not(sg_settings_parse(&table, &c, BAD[i], &error), "'%s' was accepted", BAD[i]);
        cr_assert(c.gamma == 0.99 && c.hidden == 256);
        cr_assert(error.text[0] != '\0');
    }
}

/* Bit patterns of doubles, from all of the range. */
Test(settings, text_reads_back_to_the_same_bits)
{
    sg_random random;
    test_config c = defaults(), back = defaults();
    char text[64];
    int checked = 0;

    sg_random_seed(&random, 1);
    for (int i = 0; i < 20000; i++) {
        uint64_t bits = sg_random_u64(&random), read;
        memcpy(&c.free_number, &bits, sizeof bits);
        if (isnan(c.free_number))
            continue;
        const sg_setting *setting = sg_settings_find(&table, "free_number");
        sg_settings_text(setting, &c, text);
        cr_assert(sg_settings_set(&table, &back, "free_number", text, NULL), "%s", text);
        memcpy(&read, &back.free_number, sizeof read);
        cr_assert(read == bits, "%s", text);
        checked++;
    }
    cr_assert(checked > 19000);
}

Test(settings, text_of_every_default_is_what_the_table_says)
{
    test_config c = defaults();
    char text[64];
    const char *const EXPECTED[] = {"0.99", "-3e-05", "1", "256", "true", "scale"};
    for (int i = 0; i < table.count; i++) {
        cr_assert_str_eq(sg_settings_text(&items[i], &c, text), EXPECTED[i]);
    }
}
