/* models.h - the MJCF models of MuJoCo tasks, carried inside the library or read from files. */
#ifndef SG_MUJOCO_MODELS_H
#define SG_MUJOCO_MODELS_H

#include <mujoco/mujoco.h>

#include "tensor/error.h"

/* The option that names another model than the task's. */
#define SG_MUJOCO_MODEL "xml_file"

/* Whether a model's name is a path: it begins with a point, a slash or a tilde. */
bool sg_mujoco_is_path(const char *file);
/* The path as the system knows it: a tilde is the user's folder. Cut at `size`. */
void sg_mujoco_plain_path(const char *path, char *plain, size_t size);

/* The text of a model, by file name ("half_cheetah.xml", "dm_control/fish.xml"); NULL if there is
 * none of that name. */
const char *sg_mujoco_model_xml(const char *file);

/* Compiles that model, or the file on the disk if the name is a path.
 * A warning of the compiler goes to stderr. The caller frees it with mj_deleteModel; NULL, with a
 * line that names the model, if there is none or MuJoCo does not accept it. */
mjModel *sg_mujoco_load(const char *file, sg_error *error);

/* The same, but any other name with a '/' is an MJCF file on disk too: a relative path starts at
 * the folder of the shared object or program that `symbol` is in. */
mjModel *sg_mujoco_load_beside(const char *file, const void *symbol, sg_error *error);

#endif
