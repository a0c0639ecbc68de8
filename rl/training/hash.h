/* hash.h - XXH64 checksums as 16 hexadecimal digits. */
#ifndef SG_HASH_H
#define SG_HASH_H

#include <stddef.h>

enum { SG_HASH_DIGITS = 16 };

/* One or two pieces of memory hashed as if they stood together; writes digits and '\0'. */
void sg_hash(const void *data, size_t size, char digits[SG_HASH_DIGITS + 1]);
void sg_hash_around(const void *before, size_t before_size, const void *after, size_t after_size,
                    char digits[SG_HASH_DIGITS + 1]);

#endif
