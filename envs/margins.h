/* margins.h - an observation's memory between marked margins, so that what an environment writes
 * beyond its obs_size is noticed and does no harm. */
#ifndef SG_MARGINS_H
#define SG_MARGINS_H

#include <stdbool.h>

/* Values before an observation, and after it. */
enum { SG_MARGIN = 512 };

/* Memory for an observation of `size` values, which are zero. Release with sg_margins_free. */
double *sg_margins_new(int size);
void sg_margins_free(double *obs); /* NULL is fine */
/* Whether the `near` values next to the observation on either side, at most SG_MARGIN, are as they
 * were. */
bool sg_margins_kept(const double *obs, int size, int near);

#endif
