/* folder.h - the folder of a run: who may write into it, and what in it is ours. */
#ifndef SG_FOLDER_H
#define SG_FOLDER_H

#include "rl/training/files.h"

typedef enum {
    SG_FOLDER_NEW,    /* must not exist, or be empty */
    SG_FOLDER_RESUME, /* go on with the run in it; begin one if there is none yet */
    SG_FOLDER_REPLACE /* begin anew; the run in it is removed once the new one has begun */
} sg_folder_mode;

/* A folder in the run's folder, where a new run is put together: what is there already stays as it
 * is until the new run has a checkpoint. */
#define SG_FOLDER_STAGE "begin.tmp"

/* Says whether the folder can be used so, changing nothing. False with a line if not. */
bool sg_folder_check(const char *path, sg_folder_mode mode, sg_error *error);
/* False with a line if the folder is there and cannot be read. */
bool sg_folder_readable(const char *path, sg_error *error);
/* True if there is a run.json to go on with. */
bool sg_folder_has_run(const char *path);
/* Makes it, with the folders above. The lock keeps other processes out; it ends with
 * sg_folder_unlock, or with the process. */
bool sg_folder_open(const char *path, sg_folder_mode mode, int *lock, sg_error *error);
void sg_folder_unlock(int lock);

/* Makes an empty stage and tells its path. */
bool sg_folder_stage(const char *path, char stage[SG_PATH_SIZE], sg_error *error);
/* Moves the stage's files to where they belong; all other files of ours, those of a run before, are
 * removed. Killed in between, it leaves a folder that is refused or begins anew, never a mixture
 * that goes on. */
bool sg_folder_install(const char *path, sg_error *error);
/* Moves the stage's files over those of the same names; all others stay. */
bool sg_folder_renew(const char *path, sg_error *error);
/* Removes the stage with what is in it; fine if there is none. */
void sg_folder_unstage(const char *path);
/* Removes what a process that was killed may have left: the stage, and files half written. */
void sg_folder_tidy(const char *path);

#endif
