/* folder.h - the folder of a run: who may write into it, and what in it is ours. */
#ifndef SG_FOLDER_H
#define SG_FOLDER_H

#include "rl/training/files.h"

typedef enum {
    SG_FOLDER_NEW,    /* must not exist */
    SG_FOLDER_RESUME, /* go on with the run in it; begin one if there is none yet */
    SG_FOLDER_REPLACE /* remove the run in it and begin anew */
} sg_folder_mode;

/* Says whether the folder can be used so, changing nothing. False with a line if not. */
bool sg_folder_check(const char *path, sg_folder_mode mode, sg_error *error);
/* True if there is a run.json to go on with. */
bool sg_folder_has_run(const char *path);
/* Makes it, with the folders above, or for REPLACE removes our files of the run before. The lock
 * keeps other processes out; it ends with sg_folder_unlock, or with the process. */
bool sg_folder_open(const char *path, sg_folder_mode mode, int *lock, sg_error *error);
void sg_folder_unlock(int lock);

#endif
