/* mt19937.c - the Mersenne Twister and the draws of torch.rand and numpy.random. */
#include "tensor/mt19937.h"

#include <math.h>

#include "tensor/error.h"

enum { WORDS = SG_MT19937_WORDS, SHIFT = 397 };

/* Knuth's linear congruence fills the words from the first. */
void sg_mt19937_seed(sg_mt19937 *random, uint64_t seed)
{
    *random = (sg_mt19937){.next = WORDS};
    random->word[0] = (uint32_t)seed;
    for (uint32_t i = 1; i < WORDS; i++) {
        uint32_t before = random->word[i - 1];
        random->word[i] = 1812433253u * (before ^ before >> 30) + i;
    }
}

/* All words anew: each from its top bit, the rest of its neighbour, and a word further on. */
static void twist(sg_mt19937 *random)
{
    uint32_t *word = random->word;
    for (int i = 0; i < WORDS; i++) {
        uint32_t joined = (word[i] & 0x80000000u) | (word[(i + 1) % WORDS] & 0x7fffffffu);
        uint32_t matrix = joined & 1 ? 0x9908b0dfu : 0;
        word[i] = word[(i + SHIFT) % WORDS] ^ joined >> 1 ^ matrix;
    }
    random->next = 0;
}

/* Tempering spreads what the recurrence leaves unevenly distributed. */
uint32_t sg_mt19937_u32(sg_mt19937 *random)
{
    /* unsigned: a negative number, from a damaged file, is too large as well */
    if ((unsigned)random->next >= WORDS)
        twist(random);
    uint32_t y = random->word[random->next++];
    y ^= y >> 11;
    y ^= y << 7 & 0x9d2c5680u;
    y ^= y << 15 & 0xefc60000u;
    return y ^ y >> 18;
}

/* The low bits of the word. */
float sg_mt19937_unit_float(sg_mt19937 *random)
{
    return (float)(sg_mt19937_u32(random) & 0xffffffu) * 0x1p-24f;
}

/* The high bits of two words: 27, then 26. */
double sg_mt19937_unit(sg_mt19937 *random)
{
    uint32_t high = sg_mt19937_u32(random) >> 5, low = sg_mt19937_u32(random) >> 6;
    return ((double)high * 0x1p26 + (double)low) * 0x1p-53;
}

/* As many low bits of a word as the largest number has, until they are not above it; the draw of a
 * single possible number takes no word. */
int sg_mt19937_integer(sg_mt19937 *random, int low, int high)
{
    if (high <= low)
        sg_misuse("random: no integer lies in %d <= i < %d", low, high);
    uint32_t largest = (uint32_t)high - (uint32_t)low - 1;
    if (largest == 0)
        return low;
    uint32_t mask = UINT32_MAX >> __builtin_clz(largest);
    uint32_t drawn;
    do {
        drawn = sg_mt19937_u32(random) & mask;
    } while (drawn > largest);
    return (int)((uint32_t)low + drawn);
}

/* A point in the unit circle gives two normals; its second coordinate's comes first. */
double sg_mt19937_normal(sg_mt19937 *random)
{
    if (random->has_spare) {
        random->has_spare = false;
        return random->spare;
    }
    double x, y, square;
    do {
        x = 2 * sg_mt19937_unit(random) - 1;
        y = 2 * sg_mt19937_unit(random) - 1;
        square = x * x + y * y;
    } while (square >= 1 || square == 0);
    double stretch = sqrt(-2 * log(square) / square);
    random->has_spare = true;
    random->spare = stretch * x;
    return stretch * y;
}

/* The pieces one by one, since the struct's padding is nobody's business. */
void sg_mt19937_state(sg_mt19937 *random, const char *name, sg_archive *archive)
{
    sg_archive_enter(archive, name);
    sg_archive_u8(archive, "words", random->word, sizeof random->word);
    sg_archive_int(archive, "next", &random->next);
    sg_archive_bool(archive, "has_spare", &random->has_spare);
    sg_archive_f64(archive, "spare", &random->spare, 1);
    sg_archive_leave(archive);
}
