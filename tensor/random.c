/* random.c - PCG64 and NumPy's ways of drawing from it. */
#include "tensor/random.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "tensor/error.h"
#include "tensor/normal_layers.h"

typedef unsigned __int128 u128;

/* ---- SeedSequence: any seed becomes well mixed words (O'Neill's seed_seq alternative) ---- */

enum { POOL = 4, MOST_ENTROPY = 8 };

typedef struct {
    uint32_t pool[POOL];
    uint32_t hash; /* the multiplier of the next hash */
} seed_sequence;

/* Hashes a word; each call with another multiplier. */
static uint32_t hash_mix(seed_sequence *s, uint32_t value)
{
    value ^= s->hash;
    s->hash *= 0x931e8875u;
    value *= s->hash;
    return value ^ value >> 16;
}

/* Two words into one. */
static uint32_t mix(uint32_t x, uint32_t y)
{
    uint32_t result = 0xca01f9ddu * x - 0x4973f715u * y;
    return result ^ result >> 16;
}

/* Every word of the entropy reaches every word of the pool. */
static seed_sequence seed_sequence_of(const uint32_t *entropy, int count)
{
    seed_sequence s = {.hash = 0x43b0d7e5u};
    for (int i = 0; i < POOL; i++)
        s.pool[i] = hash_mix(&s, i < count ? entropy[i] : 0);
    for (int from = 0; from < POOL; from++)
        for (int to = 0; to < POOL; to++)
            if (from != to)
                s.pool[to] = mix(s.pool[to], hash_mix(&s, s.pool[from]));
    for (int from = POOL; from < count; from++)
        for (int to = 0; to < POOL; to++)
            s.pool[to] = mix(s.pool[to], hash_mix(&s, entropy[from]));
    return s;
}

/* The first four 64-bit words, low halves first. */
static void generate_words(const seed_sequence *s, uint64_t words[4])
{
    uint32_t hash = 0x8b51f9ddu;
    for (int i = 0; i < 8; i++) {
        uint32_t value = s->pool[i % POOL] ^ hash;
        hash *= 0x58f38dedu;
        value *= hash;
        value ^= value >> 16;
        words[i / 2] = i % 2 ? words[i / 2] | (uint64_t)value << 32 : value;
    }
}

/* ---- PCG64: a 128-bit LCG with XSL-RR output ---- */

static u128 join(const uint64_t parts[2]) { return (u128)parts[0] << 64 | parts[1]; }

static void split(u128 value, uint64_t parts[2])
{
    parts[0] = (uint64_t)(value >> 64);
    parts[1] = (uint64_t)value;
}

static u128 advance(u128 state, u128 increment)
{
    return state * ((u128)2549297995355413924u << 64 | 4865540595714422341u) + increment;
}

/* NumPy's order of words: the first two make the state, the others choose the stream. */
static void start(sg_random *random, const uint32_t *entropy, int count)
{
    uint64_t words[4];
    seed_sequence s = seed_sequence_of(entropy, count);
    generate_words(&s, words);
    u128 increment = join(&words[2]) << 1 | 1;
    memset(random, 0, sizeof *random);
    split(increment, random->increment);
    split(advance(advance(0, increment) + join(&words[0]), increment), random->state);
}

/* A seed as NumPy splits it: as many 32-bit words as it needs, at least one. */
static int seed_words(uint64_t seed, uint32_t words[2])
{
    words[0] = (uint32_t)seed;
    words[1] = (uint32_t)(seed >> 32);
    return words[1] ? 2 : 1;
}

void sg_random_seed(sg_random *random, uint64_t seed)
{
    uint32_t words[2];
    int count = seed_words(seed, words);
    start(random, words, count);
}

void sg_random_seed_named(sg_random *random, uint64_t seed, const char *purpose)
{
    uint64_t hash = 0xcbf29ce484222325u; /* FNV-1a */
    for (const char *c = purpose; *c; c++)
        hash = (hash ^ (unsigned char)*c) * 0x100000001b3u;
    /* a spawn key follows the seed, which is filled up to the size of the pool */
    uint32_t words[MOST_ENTROPY] = {0};
    seed_words(seed, words);
    words[POOL] = (uint32_t)hash;
    words[POOL + 1] = (uint32_t)(hash >> 32);
    start(random, words, POOL + 2);
}

uint64_t sg_random_u64(sg_random *random)
{
    u128 state = advance(join(random->state), join(random->increment));
    split(state, random->state);
    uint64_t folded = random->state[0] ^ random->state[1];
    unsigned turn = (unsigned)(random->state[0] >> 58);
    return folded >> turn | folded << (-turn & 63);
}

uint32_t sg_random_u32(sg_random *random)
{
    if (random->has_spare) {
        random->has_spare = 0;
        return random->spare;
    }
    uint64_t word = sg_random_u64(random);
    random->has_spare = 1;
    random->spare = (uint32_t)(word >> 32);
    return (uint32_t)word;
}

/* ---- uniform ---- */

double sg_random_unit(sg_random *random) { return (double)(sg_random_u64(random) >> 11) * 0x1p-53; }

double sg_random_uniform(sg_random *random, double low, double high)
{
    return low + (high - low) * sg_random_unit(random);
}

/* ---- normal: the ziggurat (Marsaglia & Tsang 2000) of 256 layers over 52-bit integers ---- */

static struct {
    uint64_t inside[256]; /* steps below this lie inside the density without looking */
    double height[256];   /* of the density at the layer's edge */
} layers;

static const double tail_start = 3.6541528853610088;
static const double tail_start_inverse = 0.27366123732975827203338247596;

/* What follows from the widths: of each layer, what lies below the next one; the topmost has none
 * above it. */
__attribute__((constructor)) static void make_layers(void)
{
    const double *width = normal_layer_width;
    for (int i = 0; i < 256; i++) {
        double next = width[i == 0 ? 255 : i - 1], edge = width[i] * 0x1p52;
        layers.inside[i] = i == 1 ? 0 : (uint64_t)rint(next / width[i] * 0x1p52);
        layers.height[i] = i == 0 ? 1 : exp(-0.5 * edge * edge);
    }
}

/* Beyond the last layer: exponential draws until one lies under the density. */
static double tail(sg_random *random, bool negative)
{
    for (;;) {
        double x = -tail_start_inverse * log1p(-sg_random_unit(random));
        double y = -log1p(-sg_random_unit(random));
        if (y + y > x * x)
            return negative ? -(tail_start + x) : tail_start + x;
    }
}

/* One draw is layer (8 bits), sign and steps (52); 99 of 100 end at the first comparison. */
double sg_random_normal(sg_random *random)
{
    for (;;) {
        uint64_t word = sg_random_u64(random);
        unsigned layer = word & 0xff;
        bool negative = word >> 8 & 1;
        uint64_t steps = word >> 9 & 0x000fffffffffffff;
        double x = (double)steps * normal_layer_width[layer];
        if (negative)
            x = -x;
        if (steps < layers.inside[layer])
            return x;
        if (layer == 0)
            return tail(random, steps >> 8 & 1);
        double low = layers.height[layer], high = layers.height[layer - 1];
        if ((high - low) * sg_random_unit(random) + low < exp(-0.5 * x * x))
            return x;
    }
}

/* ---- integers: Lemire's method (2019), on 32 bits where they suffice ---- */

/* The product's high half; its low half says when a draw would favour some numbers. */
static uint32_t below_u32(sg_random *random, uint32_t span)
{
    uint64_t product = (uint64_t)sg_random_u32(random) * span;
    if ((uint32_t)product < span) {
        uint32_t threshold = -span % span;
        while ((uint32_t)product < threshold)
            product = (uint64_t)sg_random_u32(random) * span;
    }
    return (uint32_t)(product >> 32);
}

static uint64_t below_u64(sg_random *random, uint64_t span)
{
    u128 product = (u128)sg_random_u64(random) * span;
    if ((uint64_t)product < span) {
        uint64_t threshold = -span % span;
        while ((uint64_t)product < threshold)
            product = (u128)sg_random_u64(random) * span;
    }
    return (uint64_t)(product >> 64);
}

int64_t sg_random_integer(sg_random *random, int64_t low, int64_t high)
{
    if (high <= low)
        sg_misuse("random: no integer lies in %" PRId64 " <= i < %" PRId64, low, high);
    uint64_t last = (uint64_t)high - 1 - (uint64_t)low, drawn;
    /* a single one takes no draw */
    if (last == 0)
        drawn = 0;
    else if (last == UINT32_MAX)
        drawn = sg_random_u32(random);
    else if (last < UINT32_MAX)
        drawn = below_u32(random, (uint32_t)last + 1);
    else
        drawn = below_u64(random, last + 1);
    return (int64_t)((uint64_t)low + drawn);
}

/* ---- permutation: Fisher-Yates with indices by masked rejection, as NumPy shuffles ---- */

/* Uniform on 0..last: draws under the mask of all ones until one fits. */
static uint64_t up_to(sg_random *random, uint64_t last)
{
    uint64_t mask = last, drawn;
    for (int shift = 1; shift < 64; shift *= 2)
        mask |= mask >> shift;
    do
        drawn = (last <= UINT32_MAX ? sg_random_u32(random) : sg_random_u64(random)) & mask;
    while (drawn > last);
    return drawn;
}

void sg_random_permutation(sg_random *random, size_t n, int64_t *order)
{
    for (size_t i = 0; i < n; i++)
        order[i] = (int64_t)i;
    for (size_t i = n; i-- > 1;) {
        size_t k = (size_t)up_to(random, i);
        int64_t moved = order[i];
        order[i] = order[k];
        order[k] = moved;
    }
}
