/* hash.h - XXH64 checksums as 16 hexadecimal digits. */
#ifndef SG_HASH_H
#define SG_HASH_H

#include "rl/training/piece.h"

enum { SG_HASH_DIGITS = 16 };

/* Memory, or pieces of it as if they stood together; writes digits and '\0'. */
void sg_hash(const void *data, size_t size, char digits[SG_HASH_DIGITS + 1]);
void sg_hash_pieces(const sg_piece *pieces, size_t count, char digits[SG_HASH_DIGITS + 1]);

#endif
