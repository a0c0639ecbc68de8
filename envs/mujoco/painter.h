/* painter.h - pictures of a MuJoCo simulation, drawn by MuJoCo itself without a display. */
#ifndef SG_MUJOCO_PAINTER_H
#define SG_MUJOCO_PAINTER_H

#include <mujoco/mujoco.h>

#include "envs/picture.h"
#include "tensor/error.h"

typedef struct sg_mujoco_painter sg_mujoco_painter;

/* Fills the picture with the present state, seen by the model's camera "track", or else by its
 * first one, or else by a free camera that sees all of it. *painter is NULL before the first
 * picture; it holds what the next one can use again, for the same model. The simulation's own
 * numbers stay as they are. `id` starts the messages. */
bool sg_mujoco_paint(sg_mujoco_painter **painter, const char *id, mjModel *model, mjData *data,
                     sg_picture *picture, sg_error *error);
void sg_mujoco_painter_free(sg_mujoco_painter *painter); /* NULL is fine */

/* What plain models lack, for a scene that shows the model (scenery.c): dark tiles on planes
 * without material, so that movement is seen; and behind everything a wall for the fog to colour.
 */
void sg_mujoco_add_tiles(const mjModel *model, const mjData *data, mjvScene *scene);
void sg_mujoco_add_sky(mjvScene *scene);

#endif
