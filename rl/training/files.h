/* files.h - whole files: read at once, replaced whole or not at all. */
#ifndef SG_FILES_H
#define SG_FILES_H

#include "rl/training/piece.h"
#include "tensor/error.h"

enum { SG_PATH_SIZE = 4096 };

/* Writes "folder/name" into path; false when it does not fit. */
bool sg_path_join(char path[SG_PATH_SIZE], const char *folder, const char *name, sg_error *error);

/* The last part of a path, a piece of it. */
const char *sg_path_name(const char *path);

/* The same place from whichever folder the program is in later; false when it is too long. Links
 * stay, and nothing need be there. */
bool sg_path_absolute(char path[SG_PATH_SIZE], const char *given, sg_error *error);

/* Puts `data` at `path` so that at any moment, even if the machine stops, the path holds the old
 * content or all of the new: temporary file beside it, fsync, rename, fsync of the folder. */
bool sg_file_replace(const char *path, const void *data, size_t size, sg_error *error);
/* The same for pieces, one after the other. */
bool sg_file_replace_pieces(const char *path, const sg_piece *pieces, size_t count,
                            sg_error *error);
/* The name under which sg_file_replace builds the new content. */
#define SG_FILE_TEMPORARY ".tmp"

/* A new file with that content, safely on the disk; false, with nothing made, where something of
 * that name is there. */
bool sg_file_create(const char *path, const void *data, size_t size, sg_error *error);

/* Writes all of it to an open file; short writes and interruptions are normal, anything else is
 * false with errno. */
bool sg_file_write_all(int file, const char *data, size_t size);

/* Makes renames within a folder durable. */
bool sg_file_sync_folder(const char *folder, sg_error *error);

/* Opens a file to read it, without waiting for a pipe's writer, and tells its size. -1, with a
 * line, if it is no regular file. */
int sg_file_open(const char *path, size_t *size, sg_error *error);
/* Reads all of a file into fresh memory (free it); a '\0' stands after the last byte. */
bool sg_file_read(const char *path, char **data, size_t *size, sg_error *error);

/* Anything of that name: a file, a folder, a link to nothing. */
bool sg_file_exists(const char *path);

#endif
