/* safetensors.h - an archive as a file in the safetensors format
 * (github.com/huggingface/safetensors).
 *
 * Layout: the header's length (8 bytes, little endian), a JSON header with the type, shape and
 * place of every array, then the arrays. Any safetensors reader opens these files. On top of the
 * format, the header's metadata carry a version and, at a fixed place, a checksum over every other
 * byte of the file, so that a single flipped bit anywhere is found.
 */
#ifndef SG_SAFETENSORS_H
#define SG_SAFETENSORS_H

#include "tensor/archive.h"

/* Raised when files can no longer be read by older programs. */
#define SG_CHECKPOINT_FORMAT "2"

/* Writes the archive's entries: the whole file or nothing. */
bool sg_safetensors_write(const char *path, const sg_archive *archive, sg_error *error);
/* Reads a file written above into a new archive in LOAD mode; NULL, with a line naming the file and
 * the fault, when it is damaged in any way. */
sg_archive *sg_safetensors_read(const char *path, sg_error *error);
/* Calls `look` with such an archive, which is gone afterwards. Only what is looked at is read from
 * the disk, however large the file; so the checksum over all of it is not checked. */
bool sg_safetensors_look(const char *path, void (*look)(sg_archive *archive, void *context),
                         void *context, sg_error *error);

#endif
