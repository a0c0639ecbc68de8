/* fresh.h - a file that grows under a name of its own beside the one that it is to replace. */
#ifndef SG_FRESH_H
#define SG_FRESH_H

#include "rl/training/files.h"

typedef struct {
    char path[SG_PATH_SIZE]; /* "FILE.4f1c09ab.tmp"; nothing else had that name */
    int descriptor;          /* open for writing */
} sg_fresh;

/* Makes an empty file that only its owner knows of. False with a line if `target`'s folder cannot
 * be written to. */
bool sg_fresh_open(sg_fresh *fresh, const char *target, sg_error *error);
/* Closes the file and gives it the target's name; what had that name before is replaced. Where that
 * fails the file is gone. */
bool sg_fresh_install(sg_fresh *fresh, const char *target, sg_error *error);
/* Closes and removes it. */
void sg_fresh_discard(sg_fresh *fresh);

#endif
