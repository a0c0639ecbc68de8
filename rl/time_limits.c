/* time_limits.c - which of an episode's two ends stops targets, and which stops traces. */
#include "rl/time_limits.h"

sg_ending sg_ending_of(sg_node terminated, sg_node episode_end, int time_limits)
{
    return (sg_ending){.final = time_limits == SG_TIME_LIMITS_END ? episode_end : terminated,
                       .cut = time_limits == SG_TIME_LIMITS_CARRY ? terminated : episode_end};
}
