/* test_number.c - numbers read as people write them; what is none is refused and changes nothing.
 */
#include <criterion/criterion.h>
#include <locale.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "rl/algorithm.h"
#include "tensor/number.h"
#include "tests/not_run.h"
#include "tests/training/scratch.h"

Test(numbers, counts_are_read_as_people_write_them)
{
    static const struct {
        const char *text;
        int64_t count;
    } GOOD[] = {
        {"0", 0},           {"300000", 300000},
        {"3e5", 300000},    {"300k", 300000},
        {"1M", 1000000},    {"1.5M", 1500000},
        {"2G", 2000000000}, {"9007199254740991", INT64_C(9007199254740991)},
    };
    static const char *const BAD[] = {"",
                                      "-1",
                                      "1.5",
                                      "k",
                                      "3kk",
                                      "1e30",
                                      "0x10",
                                      "nan",
                                      "inf",
                                      "3 k",
                                      "+3",
                                      "1e",
                                      " 3",
                                      "9007199254740992",
                                      "9007199254740993",
                                      "9007199254740993000"};
    int64_t count;
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        cr_assert(sg_number_count(GOOD[i].text, &count), "%s", GOOD[i].text);
        cr_assert(count == GOOD[i].count, "%s", GOOD[i].text);
    }
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        cr_assert_not(sg_number_count(BAD[i], &count), "'%s' was accepted", BAD[i]);
    }
}

Test(numbers, seeds_have_64_bits)
{
    uint64_t seed;
    cr_assert(sg_number_u64("18446744073709551615", &seed) && seed == UINT64_MAX);
    cr_assert(sg_number_u64("0", &seed) && seed == 0);
    cr_assert_not(sg_number_u64("18446744073709551616", &seed));
    cr_assert_not(sg_number_u64("-1", &seed));
    cr_assert_not(sg_number_u64("1.0", &seed));
}

Test(numbers, reals_keep_to_their_limits)
{
    static const char *const BAD[] = {"",     "nan", "1x",       "-1",     "1.5",  "inf",
                                      "0.5 ", "1e",  " 0.5",     "\t0.5",  "+0.5", "0x1p-3",
                                      "0x0",  "--0", "-",        ".",      "-.",   "e0",
                                      ".e0",  "1e+", "infinity", "nan(0)", "0.1f", "0..1"};
    double number = -7;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        cr_assert_not(sg_number_real(BAD[i], 0, 1, &number), "'%s' was accepted", BAD[i]);
    }
    cr_assert_eq(number, -7);
    cr_assert(sg_number_real("1e-3", 0, 1, &number) && number == 1e-3);
    static const struct {
        const char *text;
        double number;
    } GOOD[] = {{"1.", 1},     {".5", 0.5}, {"-0.5e1", -5},
                {"1E+2", 100}, {"007", 7},  {"inf", INFINITY}};
    for (size_t i = 0; i < sizeof GOOD / sizeof *GOOD; i++) {
        cr_assert(sg_number_real(GOOD[i].text, -INFINITY, INFINITY, &number), "%s", GOOD[i].text);
        cr_assert(number == GOOD[i].number, "%s", GOOD[i].text);
    }
    cr_assert_not(sg_number_real("1e400", -INFINITY, INFINITY, &number));
    cr_assert(sg_number_real("-inf", -INFINITY, 0, &number) && number == -INFINITY);
}

/* Limits beyond an int's own do not help. */
Test(numbers, ints_are_whole_and_fit)
{
    static const char *const BAD[] = {"",    "nan", "12.5", "x", "2147483648", "-2147483649",
                                      "inf", " 3",  "0x10"};
    int number = -7;
    for (size_t i = 0; i < sizeof BAD / sizeof *BAD; i++) {
        cr_assert_not(sg_number_int(BAD[i], -INFINITY, INFINITY, &number), "'%s' was accepted",
                      BAD[i]);
    }
    cr_assert_not(sg_number_int("0", 1, 10, &number));
    cr_assert_eq(number, -7);
    cr_assert(sg_number_int("1e3", 1, INFINITY, &number) && number == 1000);
    cr_assert(sg_number_int("-2147483648", -INFINITY, 0, &number) && number == INT32_MIN);
}

Test(numbers, switches_have_four_pairs_of_words)
{
    static const char *const PAIRS[][2] = {
        {"false", "true"}, {"OFF", "On"}, {"0", "1"}, {"no", "yes"}};
    bool on = true;
    for (size_t i = 0; i < sizeof PAIRS / sizeof *PAIRS; i++) {
        cr_assert(sg_number_switch(PAIRS[i][0], &on) && !on);
        cr_assert(sg_number_switch(PAIRS[i][1], &on) && on);
    }
    cr_assert_not(sg_number_switch("2", &on));
    cr_assert_not(sg_number_switch("", &on));
    cr_assert(on);
}

/* ---- a program with a locale ---- */

/* Sets a locale whose decimal point is a comma, made in `folder`; false where none can be made. */
static bool use_commas(const char *folder)
{
    char command[600];
    snprintf(command, sizeof command, "localedef -i de_DE -f UTF-8 %s >/dev/null 2>&1",
             scratch_path(folder, "de_DE.UTF-8"));
    int made = system(command);
    setenv("LOCPATH", folder, 1);
    return made == 0 && setlocale(LC_ALL, "de_DE.UTF-8");
}

Test(numbers, a_decimal_point_is_a_point_in_every_locale)
{
    char *folder = scratch_make(), text[SG_NUMBER_SIZE], comma[8];
    double real = 0;
    int64_t count = 0;
    sg_error error = {""};
    if (!use_commas(folder)) {
        scratch_remove(folder);
        NOT_RUN("a locale with decimal commas: apt-get install locales");
    }
    snprintf(comma, sizeof comma, "%.1f", 0.5);
    cr_assert_str_eq(comma, "0,5");
    cr_expect_str_eq(sg_number_text(0.5, text), "0.5");
    cr_expect(sg_number_real("0.25", 0, 1, &real) && real == 0.25);
    cr_expect(!sg_number_real("0,25", 0, 1, &real));
    cr_expect(sg_number_count("1.5M", &count) && count == 1500000);

    /* A table of settings reads its own defaults. */
    const char *set = "gamma=0.5";
    void *config = sg_algorithm_config(sg_algorithm_find("avg", NULL), NULL, &set, 1, &error);
    cr_expect(config, "%s", error.text);
    free(config);
    snprintf(comma, sizeof comma, "%.1f", 0.5);
    cr_expect_str_eq(comma, "0,5", "the program's locale is as it was");
    scratch_remove(folder);
}
