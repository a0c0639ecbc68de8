/* hash.c - XXH64, taken from its header so that nothing needs to be linked. */
#define XXH_INLINE_ALL
#include "rl/training/hash.h"

#include <inttypes.h>
#include <stdio.h>
#include <xxhash.h>

/* The digest as digits does not depend on the machine's byte order. */
void sg_hash_pieces(const sg_piece *pieces, size_t count, char digits[SG_HASH_DIGITS + 1])
{
    XXH64_state_t state;
    XXH64_reset(&state, 0);
    for (size_t i = 0; i < count; i++)
        if (pieces[i].size > 0)
            XXH64_update(&state, pieces[i].data, pieces[i].size);
    snprintf(digits, SG_HASH_DIGITS + 1, "%016" PRIx64, (uint64_t)XXH64_digest(&state));
}

void sg_hash(const void *data, size_t size, char digits[SG_HASH_DIGITS + 1])
{
    sg_hash_pieces(&(sg_piece){data, size}, 1, digits);
}
