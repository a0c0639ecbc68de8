/* curves.h - learning curves: the runs given, grouped by what they trained, averaged over seeds. */
#ifndef SG_CURVES_H
#define SG_CURVES_H

#include "rl/training/experiment.h"

enum { SG_CURVE_POINTS = 200, SG_LABEL_SIZE = 160 };

/* Mean and standard deviation over the runs of a group at one step. */
typedef struct {
    double step, mean, sd;
} sg_curve_point;

/* Runs that differ in nothing but their seed. */
typedef struct {
    char id[SG_HASH_DIGITS + 1];
    char label[SG_LABEL_SIZE]; /* "avg HalfCheetah-v4, 5 runs" */
    int runs;
    int count;
    sg_curve_point points[SG_CURVE_POINTS];
} sg_curve_group;

/* Called with one line about a folder that is left out. */
typedef void sg_curve_warning(const sg_error *line);

/* Reads run.json and episodes.csv of every folder. The groups (free them) in the order in which
 * they first appear, their number in `count`; NULL with a line that names the folder at fault. A
 * folder that is named twice counts once; runs without a finished episode are left out, and told
 * to `warn`, unless no other is there. */
sg_curve_group *sg_curves_read(const char *const *folders, int folder_count, int *count,
                               sg_curve_warning *warn, sg_error *error);

#endif
