/* mt19937.h - the Mersenne Twister, with the draws that older code bases make from it.
 *
 * Matsumoto and Nishimura 1998, seeded by one word (init_genrand, 2002). Two libraries draw from
 * this generator, each in its own way, and both are reproduced number for number:
 * torch.manual_seed(seed) with torch.rand on the CPU, and numpy.random.seed(seed) (the RandomState
 * that came before NumPy's Generator, which random.h reproduces). The struct is the whole state and
 * may be copied and saved.
 */
#ifndef SG_MT19937_H
#define SG_MT19937_H

#include <stdbool.h>
#include <stdint.h>

#include "tensor/archive.h"

enum { SG_MT19937_WORDS = 624 };

typedef struct {
    uint32_t word[SG_MT19937_WORDS];
    int next;       /* the word that the next draw takes; SG_MT19937_WORDS: make new ones first */
    bool has_spare; /* normals come in pairs; the second one waits in `spare` */
    double spare;
} sg_mt19937;

/* As torch.manual_seed(seed), which uses the low 32 bits, and numpy.random.seed(seed) below 2^32.
 */
void sg_mt19937_seed(sg_mt19937 *random, uint64_t seed);

uint32_t sg_mt19937_u32(sg_mt19937 *random);
/* Uniform on [0, 1), 24 bits of one word: an element of torch.rand in float32. */
float sg_mt19937_unit_float(sg_mt19937 *random);
/* Uniform on [0, 1), 53 bits of two words: numpy.random.random(). */
double sg_mt19937_unit(sg_mt19937 *random);
/* Uniform on low..high-1: numpy.random.randint(low, high), also an element of the arrays that it
 * gives. high > low (misuse otherwise). */
int sg_mt19937_integer(sg_mt19937 *random, int low, int high);
/* Standard normal: numpy.random.normal(), by Marsaglia's polar method. */
double sg_mt19937_normal(sg_mt19937 *random);

/* Visits the state, as arrays "<name>/words" (bytes, low ones first) and so on. */
void sg_mt19937_state(sg_mt19937 *random, const char *name, sg_archive *archive);

#endif
