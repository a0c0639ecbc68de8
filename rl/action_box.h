/* action_box.h - the bounds of continuous actions, as nodes. */
#ifndef SG_ACTION_BOX_H
#define SG_ACTION_BOX_H

#include "autograd/graph.h"
#include "envs/env.h"

/* What a continuous action may be, dimension by dimension: constants [action_size]. */
typedef struct {
    sg_node low, high, centre, half_width;
} sg_action_box;
/* True if every bound lies within +-1e300: infinity, and numbers nearly as large, are no bounds. */
bool sg_actions_are_bounded(const sg_env_spec *spec);
/* Actions must be bounded (sg_suits_bounded). */
sg_action_box sg_action_box_of(sg_graph *g, const sg_env_spec *spec);
/* y in [-1, 1] to the box, and anything cut off at its bounds. [..., action_size] */
sg_node sg_box_scale(const sg_action_box *box, sg_node y);
sg_node sg_box_clip(const sg_action_box *box, sg_node A);

#endif
