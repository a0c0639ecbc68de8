/* random.h - random streams that reproduce NumPy's Generator(PCG64) number for number.
 *
 * The generator is PCG64 (O'Neill 2014: 128-bit LCG, XSL-RR output), seeded through NumPy's
 * SeedSequence; the draws follow NumPy's algorithms (53-bit uniforms, ziggurat normals, Lemire's
 * bounded integers), so environments can be seeded exactly as Gymnasium's are. One stream per
 * purpose; the struct is the whole state and may be copied and saved.
 */
#ifndef SG_RANDOM_H
#define SG_RANDOM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* 128-bit numbers as {high, low}; `spare` is the unused half of a 64-bit draw split in two. */
typedef struct {
    uint64_t state[2];
    uint64_t increment[2];
    uint32_t has_spare;
    uint32_t spare;
} sg_random;

/* As numpy.random.default_rng(seed). */
void sg_random_seed(sg_random *random, uint64_t seed);
/* An independent stream for a named purpose under the same seed, e.g. (7, "actor/noise"): NumPy's
 * SeedSequence(seed, spawn_key = the 64-bit FNV-1a hash of the name as two 32-bit words). */
void sg_random_seed_named(sg_random *random, uint64_t seed, const char *purpose);

/* All 64 or 32 bits: PCG64's next number, or half of one. */
uint64_t sg_random_u64(sg_random *random);
uint32_t sg_random_u32(sg_random *random);
/* Uniform on [0, 1), 53 bits: Generator.random(). */
double sg_random_unit(sg_random *random);
/* low + (high - low) * unit: Generator.uniform(low, high). */
double sg_random_uniform(sg_random *random, double low, double high);
/* Standard normal: Generator.standard_normal(). */
double sg_random_normal(sg_random *random);
/* Uniform on low..high-1: Generator.integers(low, high). high > low (misuse otherwise). */
int64_t sg_random_integer(sg_random *random, int64_t low, int64_t high);
/* Fills order with a permutation of 0..n-1: Generator.permutation(n). */
void sg_random_permutation(sg_random *random, size_t n, int64_t *order);

#endif
