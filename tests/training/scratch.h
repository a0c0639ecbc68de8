/* scratch.h - a folder for one test, and small help with files. */
#ifndef SG_TEST_SCRATCH_H
#define SG_TEST_SCRATCH_H

#include <stddef.h>
#include <sys/resource.h>

/* A new, empty folder under /tmp; its path is the caller's (free it). */
char *scratch_make(void);
/* Removes the folder with everything in it and frees the path. */
void scratch_remove(char *folder);
/* "folder/name" in memory that the next 63 calls leave alone. */
const char *scratch_path(const char *folder, const char *name);

/* The whole file, with a '\0' after it (free it); fails the test if it cannot be read. */
char *scratch_read(const char *path, size_t *size);
void scratch_write(const char *path, const void *data, size_t size);

/* How large files of this process, and of the programs that it starts, may become; beyond, writing
 * fails as on a full disk. */
void scratch_limit_files(rlim_t bytes);

#endif
