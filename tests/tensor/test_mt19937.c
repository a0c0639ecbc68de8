/* test_mt19937.c - the Mersenne Twister's draws equal those of the libraries that it reproduces:
 * recorded from torch 2.13 and numpy.random 2.4.6. Sums are taken in the order of the draws, so one
 * bit of one draw would show.
 */
#include <criterion/criterion.h>
#include <limits.h>
#include <signal.h>

#include "tensor/mt19937.h"

enum { DRAWS = 100000, ROWS = 3 };

/* The first draw, the last, the sum. */
typedef struct {
    uint64_t seed;
    double first, last, sum;
} recording;

static double unit_float(sg_mt19937 *random) { return sg_mt19937_unit_float(random); }

static void compare(const recording *row, double (*next)(sg_mt19937 *random))
{
    sg_mt19937 random;
    double draw = 0, sum = 0;
    sg_mt19937_seed(&random, row->seed);
    for (int i = 0; i < DRAWS; i++) {
        draw = next(&random);
        sum += draw;
        if (i == 0)
            cr_assert(draw == row->first, "seed %lu: first %a", row->seed, draw);
    }
    cr_assert(draw == row->last, "seed %lu: last %a", row->seed, draw);
    cr_assert(sum == row->sum, "seed %lu: sum %a", row->seed, sum);
}

/* The usual check of the generator itself, which the C++ standard prescribes for std::mt19937. */
Test(mt19937, ten_thousandth_word)
{
    sg_mt19937 random;
    sg_mt19937_seed(&random, 5489);
    for (int i = 1; i < 10000; i++)
        sg_mt19937_u32(&random);
    cr_assert(sg_mt19937_u32(&random) == 4123659995u);
}

/* torch.manual_seed(seed); torch.rand(1), over and over. */
Test(mt19937, float_units_are_torchs)
{
    static const recording rows[] = {
        {0, 0x1.fc2ab00000000p-2, 0x1.d97f500000000p-4, 0x1.86d73e9726000p+15},
        {12345, 0x1.f6a3c40000000p-1, 0x1.0a4be80000000p-1, 0x1.85e8786cc2000p+15},
        {0xffffffff, 0x1.fcd3460000000p-1, 0x1.aae6d00000000p-3, 0x1.86a1556460000p+15},
        {0x100000007, 0x1.11e15e0000000p-1, 0x1.f322c80000000p-3, 0x1.86aaffa3e2000p+15}};
    for (int i = 0; i < 4; i++)
        compare(&rows[i], unit_float);
}

/* numpy.random.RandomState(seed).random(DRAWS) */
Test(mt19937, units_are_numpys)
{
    static const recording rows[ROWS] = {
        {0, 0x1.18fe1565f12a8p-1, 0x1.ce59161981844p-3, 0x1.863c01b0b03b6p+15},
        {307829, 0x1.3e77fb99cd5e9p-1, 0x1.c78a7fdf00b74p-2, 0x1.863da546015f1p+15},
        {0xffffffff, 0x1.8fe69a3924820p-4, 0x1.d579c0ae200b2p-1, 0x1.8627134de7d28p+15}};
    for (int i = 0; i < ROWS; i++)
        compare(&rows[i], sg_mt19937_unit);
}

/* numpy.random.RandomState(seed).normal(size=DRAWS) */
Test(mt19937, normals_are_numpys)
{
    static const recording rows[ROWS] = {
        {0, 0x1.c398ef3e5cfa5p+0, -0x1.49035e4ee7df6p+0, 0x1.3b5710e66cf86p+7},
        {307829, 0x1.6929e4dbea60ep+0, 0x1.32a0d1d74ac95p-3, -0x1.801cb0d7cc4b5p+7},
        {0xffffffff, 0x1.4bfc38c486d8ap-1, -0x1.ca7e3502cb30ep-3, -0x1.16e3d4893bd09p+6}};
    for (int i = 0; i < ROWS; i++)
        compare(&rows[i], sg_mt19937_normal);
}

/* numpy.random.RandomState(seed).randint(low, high, DRAWS): the sum is exact, and the next unit
 * shows how many words were taken, none of them for the only number from 0 to 0. */
Test(mt19937, integers_are_numpys)
{
    static const struct {
        uint64_t seed;
        int low, high;
        long first, last, sum;
        double unit_after;
    } rows[] = {
        {0, 0, 2, 0, 1, 50063, 0x1.3b0761e7e94f4p-2},
        {307829, 1, 6, 3, 2, 300597, 0x1.f1ab80f79a088p-2},
        {5, 0, 1, 0, 0, 0, 0x1.c6a45b0e2048cp-3},
        {12345, -7, 1000000, 741851, 37348, 49982908156, 0x1.30144814f2370p-3},
        {0xffffffff, INT_MIN, INT_MAX, -1728157277, 1731550426, -223041899984,
         0x1.25152d231e25cp-1},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        sg_mt19937 random;
        sg_mt19937_seed(&random, rows[i].seed);
        long sum = 0, number = 0;
        for (int n = 0; n < DRAWS; n++) {
            number = sg_mt19937_integer(&random, rows[i].low, rows[i].high);
            sum += number;
            if (n == 0)
                cr_assert(number == rows[i].first, "row %zu: first %ld", i, number);
        }
        cr_assert(number == rows[i].last, "row %zu: last %ld", i, number);
        cr_assert(sum == rows[i].sum, "row %zu: sum %ld", i, sum);
        cr_assert(sg_mt19937_unit(&random) == rows[i].unit_after, "row %zu", i);
    }
}

/* Saved between two normals of a pair, in the middle of the words. */
Test(mt19937, a_saved_stream_goes_on)
{
    sg_mt19937 random, copy;
    sg_mt19937_seed(&random, 3);
    sg_mt19937_seed(&copy, 4);
    for (int i = 0; i < 101; i++)
        sg_mt19937_normal(&random);
    sg_archive *archive = sg_archive_new();
    sg_mt19937_state(&random, "noise", archive);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_mt19937_state(&copy, "noise", archive);
    cr_assert(sg_archive_ok(archive, NULL));
    for (int i = 0; i < 2000; i++)
        cr_assert(sg_mt19937_normal(&random) == sg_mt19937_normal(&copy), "draw %d", i);
    sg_archive_free(archive);
}

Test(mt19937, no_integer_between_equal_limits_is_misuse, .signal = SIGABRT)
{
    sg_mt19937 random;
    sg_mt19937_seed(&random, 1);
    sg_mt19937_integer(&random, 3, 3);
}
