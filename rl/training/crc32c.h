/* crc32c.h - the Castagnoli checksum, as event files use it. */
#ifndef SG_CRC32C_H
#define SG_CRC32C_H

#include <stddef.h>
#include <stdint.h>

/* Of `size` bytes; of those behind others whose checksum is `sum` (of none: 0). */
uint32_t sg_crc32c(const void *data, size_t size);
uint32_t sg_crc32c_more(uint32_t sum, const void *data, size_t size);
/* Rotated and shifted, so that a checksum stored inside checksummed data does no harm. */
uint32_t sg_crc32c_masked(const void *data, size_t size);

#endif
