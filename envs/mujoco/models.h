/* models.h - the MJCF models of the MuJoCo tasks, carried inside the library. */
#ifndef SG_MUJOCO_MODELS_H
#define SG_MUJOCO_MODELS_H

#include <mujoco/mujoco.h>

#include "tensor/error.h"

/* The text of a model, by file name ("half_cheetah.xml"); NULL if there is none of that name. */
const char *sg_mujoco_model_xml(const char *file);

/* Compiles that model, or the file on the disk if the name begins with a point, a slash or a tilde.
 * A warning of the compiler goes to stderr. The caller frees it with mj_deleteModel; NULL on error.
 */
mjModel *sg_mujoco_load(const char *file, sg_error *error);

#endif
