/* test_random.c - streams equal NumPy's number for number: recorded from numpy.random 2.4.6.
 *
 * Sums are taken in the order of the draws, so one bit of one draw would show. 100 000 normals of a
 * seed reach every layer of the ziggurat and its tail.
 */
#include <criterion/criterion.h>
#include <signal.h>
#include <string.h>

#include "tensor/error.h"
#include "tensor/random.h"

enum { DRAWS = 100000 };
#define COUNT(list) (sizeof(list) / sizeof *(list))

/* A hash of a list of numbers, one at a time. */
static uint64_t hash_next(uint64_t hash, int64_t value)
{
    return hash * 0x9e3779b97f4a7c15 + (uint64_t)value;
}

/* ---- the generator ---- */

/* default_rng(seed).bit_generator.random_raw(DRAWS): the first, the last, the sum. */
static const struct {
    uint64_t seed, first, last, sum;
} raw[] = {
    {0, 0xa30febcfd9c2825f, 0x819a6d3c79d143e2, 0x6d418f3b6fa76060},
    {1, 0x8306bdf37922e4ff, 0x64450e8d40f5ca96, 0x70c69d14083be30b},
    {42, 0xc621fbcd16d92688, 0xee4a2d32e7528c9d, 0x7e60e8bc561a05f4},
    {0xffffffff, 0x407f5fa930d8fd9f, 0x597c8d51ed12441a, 0x54fb8af3bb9593b2},
    {0x100000000, 0xe3c5ebe285ac1625, 0x16f48b937fab87a9, 0xc0d7f2a5b79c812a},
    {0xffffffffffffffff, 0xae163a7a8c47568f, 0xd7afc600ebea0b7d, 0xf3ca12ff7aca2c25},
};

Test(random, raw_draws_are_numpys)
{
    for (size_t k = 0; k < COUNT(raw); k++) {
        sg_random random;
        uint64_t draw = 0, sum = 0;
        sg_random_seed(&random, raw[k].seed);
        for (int i = 0; i < DRAWS; i++) {
            draw = sg_random_u64(&random);
            sum += draw;
            if (i == 0)
                cr_assert_eq(draw, raw[k].first, "row %zu", k);
        }
        cr_assert_eq(draw, raw[k].last, "row %zu", k);
        cr_assert_eq(sum, raw[k].sum, "row %zu", k);
    }
}

/* Half a draw is kept for the next 32-bit draw; whole draws do not touch it. */
Test(random, low_halves_come_first)
{
    sg_random random;
    sg_random_seed(&random, 0);
    cr_assert_eq(sg_random_u32(&random), 0xd9c2825f);
    cr_assert_eq(sg_random_u64(&random), 0x4510bdf882d9d721);
    cr_assert_eq(sg_random_u32(&random), 0xa30febcf);
}

/* SeedSequence(seed, spawn_key=(low, high)) of the name's hash: the first raw draw. */
static const struct {
    uint64_t seed;
    const char *purpose;
    uint64_t first;
} named[] = {
    {0, "", 0xd0f6705d544bec95},
    {7, "actor/noise", 0xd62902a1917b38bc},
    {7, "env", 0xd1fe5f64d960a8b3},
    {0x100000000, "env", 0x0f7d7a3d99bb82ef},
    {0xffffffffffffffff, "replay", 0xe45b22db2f687eda},
};

Test(random, named_streams_are_spawned_seed_sequences)
{
    for (size_t k = 0; k < COUNT(named); k++) {
        sg_random random;
        sg_random_seed_named(&random, named[k].seed, named[k].purpose);
        cr_assert_eq(sg_random_u64(&random), named[k].first, "row %zu", k);
    }
}

/* ---- real numbers ---- */

/* default_rng(seed).random(DRAWS): the first, the last, the sum. */
static const struct {
    uint64_t seed;
    double first, last, sum;
} unit[] = {
    {0, 0x1.461fd79fb3850p-1, 0x1.0334da78f3a28p-1, 0x1.864ada831e756p+15},
    {1, 0x1.060d7be6f245cp-1, 0x1.91143a3503d72p-2, 0x1.869ee18d3a2aap+15},
    {42, 0x1.8c43f79a2db24p-1, 0x1.dc945a65cea51p-1, 0x1.871cfcc1d17eap+15},
    {0xffffffff, 0x1.01fd7ea4c363ep-2, 0x1.65f23547b4490p-2, 0x1.872ea9f715e8dp+15},
    {0x100000000, 0x1.c78bd7c50b582p-1, 0x1.6f48b937fab80p-4, 0x1.86f581afe5452p+15},
    {0xffffffffffffffff, 0x1.5c2c74f5188eap-1, 0x1.af5f8c01d7d41p-1, 0x1.8693e79425fc6p+15},
};

Test(random, uniforms_are_numpys)
{
    for (size_t k = 0; k < COUNT(unit); k++) {
        sg_random random;
        double draw = 0, sum = 0;
        sg_random_seed(&random, unit[k].seed);
        for (int i = 0; i < DRAWS; i++) {
            draw = sg_random_unit(&random);
            sum += draw;
            if (i == 0)
                cr_assert(draw == unit[k].first, "row %zu: %a", k, draw);
        }
        cr_assert(draw == unit[k].last, "row %zu: %a", k, draw);
        cr_assert(sum == unit[k].sum, "row %zu: %a", k, sum);
    }
}

/* default_rng(seed).standard_normal(DRAWS): the first, the last, the sum, how many in the tail. */
static const struct {
    uint64_t seed;
    double first, last, sum;
    int tail;
} normal[] = {
    {0, 0x1.017ed89db8441p-3, -0x1.fb4d87d27229ap-2, -0x1.6b4ce1111fdc2p+6, 34},
    {1, 0x1.61e0d28bbb3a1p-2, 0x1.efd366fee6393p-1, -0x1.cb0ea4f0b0621p+8, 33},
    {42, 0x1.3807c1104fc6bp-2, 0x1.4f26846c03df5p-1, -0x1.a74b03e03e2c6p+8, 28},
    {0xffffffff, -0x1.bed210a08635ep-6, 0x1.06418d823ce40p-4, 0x1.8dc8187e7d47bp+7, 31},
    {0x100000000, 0x1.a5c170234e89ep-4, -0x1.e228aaae37a07p-2, 0x1.8e00c4e0f14cap+6, 23},
    {0xffffffffffffffff, 0x1.715303191d87bp-1, -0x1.ac3b99fa20b76p-1, 0x1.fce44218dd82ep+5, 21},
};

Test(random, normals_are_numpys)
{
    for (size_t k = 0; k < COUNT(normal); k++) {
        sg_random random;
        double draw = 0, sum = 0;
        int tail = 0;
        sg_random_seed(&random, normal[k].seed);
        for (int i = 0; i < DRAWS; i++) {
            draw = sg_random_normal(&random);
            sum += draw;
            tail += draw > 3.6541528853610088 || draw < -3.6541528853610088;
            if (i == 0)
                cr_assert(draw == normal[k].first, "row %zu: %a", k, draw);
        }
        cr_assert(draw == normal[k].last, "row %zu: %a", k, draw);
        cr_assert(sum == normal[k].sum, "row %zu: %a", k, sum);
        cr_assert_eq(tail, normal[k].tail, "row %zu: %d", k, tail);
    }
}

/* Calls of every kind in turn, of which the second integer takes the first one's other half. */
Test(random, kinds_of_draws_mix)
{
    sg_random random;
    sg_random_seed(&random, 11);
    cr_assert_eq(sg_random_integer(&random, 0, 100), 13);
    cr_assert(sg_random_unit(&random) == 0x1.ff42b22b3035ep-2);
    cr_assert(sg_random_normal(&random) == 0x1.398752133f98dp+0);
    cr_assert_eq(sg_random_integer(&random, 0, 100), 12);
    cr_assert(sg_random_uniform(&random, -2.5, 4) == -0x1.28217881af791p+1);
}

/* ---- integers ---- */

/* default_rng(7).integers(low, high), 10 001 times: the last, the hash of all, the next raw draw.
 * One number only (no draw), few, spans where a third or a quarter is drawn again, whole words. */
static const struct {
    int64_t low, high, last;
    uint64_t hash, next;
} integers[] = {
    {0, 1, 0, 0x0000000000000000, 0xa00641a9f1e54a8b},
    {-3, 9, 3, 0xfb6d3347bea0cf83, 0xe8d495cc067a7af9},
    {0, 0xc0000001, 1524263937, 0xc4e71a9b9576d356, 0x767c325639329623},
    {0, 0xffffffff, 2280981062, 0x178d7b0c3b89ad1e, 0xe8d495cc067a7af9},
    {0, 0x100000000, 2280981063, 0xf1a95a658391a64f, 0xe8d495cc067a7af9},
    {-1, 0x100000000, 2255940823, 0x4140a14ee1485dc9, 0xf7a929dfcacf0002},
    {0, 0x6000000000000001, 6427841480404463194, 0x622439dc180abeff, 0x63c739f36d2602a3},
    {INT64_MIN, INT64_MAX, 465820023090520765, 0x52e929d8fd3e22f9, 0xf7a929dfcacf0002},
};

Test(random, integers_are_numpys)
{
    for (size_t k = 0; k < COUNT(integers); k++) {
        sg_random random;
        int64_t draw = 0;
        uint64_t hash = 0;
        sg_random_seed(&random, 7);
        for (int i = 0; i < 10001; i++) {
            draw = sg_random_integer(&random, integers[k].low, integers[k].high);
            hash = hash_next(hash, draw);
        }
        cr_assert_eq(draw, integers[k].last, "row %zu", k);
        cr_assert_eq(hash, integers[k].hash, "row %zu", k);
        cr_assert_eq(sg_random_u64(&random), integers[k].next, "row %zu", k);
    }
}

Test(random, an_empty_range_is_misuse, .signal = SIGABRT)
{
    sg_random random;
    sg_random_seed(&random, 7);
    sg_random_integer(&random, 5, 5);
}

/* ---- permutations ---- */

/* default_rng(3).permutation(n): the hash, the next raw draw. */
static const struct {
    size_t n;
    uint64_t hash, next;
} permutations[] = {
    {0, 0x0000000000000000, 0x15ed1a93cfbec2f8},   {1, 0x0000000000000000, 0x15ed1a93cfbec2f8},
    {2, 0x9e3779b97f4a7c15, 0x3c9f9d052defd3f5},   {10, 0xb49f74474573681d, 0x7aa31b1a9f08c9e2},
    {257, 0x066497b01056128c, 0xc3eb605b72ec9c58}, {100000, 0x2adb3ac5f8252e5c, 0xedbdaf03e52c9540},
};

Test(random, permutations_are_numpys)
{
    static int64_t order[DRAWS];
    sg_random random;
    for (size_t k = 0; k < COUNT(permutations); k++) {
        uint64_t hash = 0;
        sg_random_seed(&random, 3);
        sg_random_permutation(&random, permutations[k].n, order);
        for (size_t i = 0; i < permutations[k].n; i++)
            hash = hash_next(hash, order[i]);
        cr_assert_eq(hash, permutations[k].hash, "row %zu", k);
        cr_assert_eq(sg_random_u64(&random), permutations[k].next, "row %zu", k);
    }
}

Test(random, a_short_permutation_in_full)
{
    static const int64_t expected[] = {9, 6, 0, 2, 1, 4, 7, 5, 3, 8};
    int64_t order[COUNT(expected)];
    sg_random random;
    sg_random_seed(&random, 3);
    sg_random_permutation(&random, COUNT(expected), order);
    cr_assert_arr_eq(order, expected, sizeof expected);
}

/* ---- state ---- */

/* The struct is all there is: a copy goes on alike, also with a half draw kept. */
Test(random, a_copy_continues_the_stream)
{
    sg_random random, copy;
    sg_random_seed(&random, 5);
    sg_random_u32(&random);
    copy = random;
    for (int i = 0; i < 1000; i++) {
        cr_assert_eq(sg_random_u32(&random), sg_random_u32(&copy));
        cr_assert(sg_random_normal(&random) == sg_random_normal(&copy));
    }
    cr_assert_eq(memcmp(&random, &copy, sizeof copy), 0);
}
