/* test_dm_tolerance.c - the DeepMind Control reward function against recorded values of the
 * suite's. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "envs/dm_control/tolerance.h"
#include "tests/envs/rollout.h"

static const char *const names[] = {
    [SG_SIGMOID_GAUSSIAN] = "gaussian",   [SG_SIGMOID_HYPERBOLIC] = "hyperbolic",
    [SG_SIGMOID_LONG_TAIL] = "long_tail", [SG_SIGMOID_RECIPROCAL] = "reciprocal",
    [SG_SIGMOID_COSINE] = "cosine",       [SG_SIGMOID_LINEAR] = "linear",
    [SG_SIGMOID_QUADRATIC] = "quadratic", [SG_SIGMOID_TANH_SQUARED] = "tanh_squared",
};

enum { SIGMOID_COUNT = sizeof names / sizeof names[0], POINTS = 21 };

static sg_tolerance read_tolerance(const json_t *record)
{
    const char *name = json_string_value(json_object_get(record, "sigmoid"));
    int sigmoid = 0;
    while (sigmoid < SIGMOID_COUNT && strcmp(names[sigmoid], name) != 0)
        sigmoid++;
    cr_assert(sigmoid < SIGMOID_COUNT, "%s", name);
    return (sg_tolerance){.low = record_number(record, "low"),
                          .high = record_number(record, "high"),
                          .margin = record_number(record, "margin"),
                          .sigmoid = (sg_sigmoid)sigmoid,
                          .value_at_margin = record_number(record, "value_at_margin")};
}

Test(dm_tolerance, equals_the_recorded_values)
{
    rollout *r = rollout_open("dm_control/tolerance.jsonl.gz");
    const json_t *record;
    int compared = 0;
    while ((record = rollout_next(r))) {
        double x[POINTS], y[POINTS];
        sg_tolerance t = read_tolerance(record);
        record_values(record, "x", x, POINTS);
        record_values(record, "y", y, POINTS);
        for (int i = 0; i < POINTS; i++) {
            double value = sg_tolerate(x[i], &t);
            cr_assert(fabs(value - y[i]) <= 1e-14,
                      "%s, margin %g, %g at the margin: %.17g at %g, "
                      "not %.17g",
                      names[t.sigmoid], t.margin, t.value_at_margin, value, x[i], y[i]);
            compared++;
        }
    }
    rollout_close(r);
    printf("%d values of 8 sigmoids compared\n", compared);
    cr_assert_eq(compared, 140 * POINTS);
}

/* Inclusive bounds, infinite ones, no margin. */
Test(dm_tolerance, bounds)
{
    sg_tolerance t = {.low = 1, .high = INFINITY};
    cr_assert(sg_tolerate(1, &t) == 1 && sg_tolerate(1e300, &t) == 1);
    cr_assert(sg_tolerate(nextafter(1, 0), &t) == 0);
    cr_assert(isnan(sg_tolerate(NAN, &(sg_tolerance)SG_GAUSSIAN_TOLERANCE(0, 1, 1))));
}
