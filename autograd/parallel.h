/* parallel.h - sharing one kernel call among threads. The parts are whole rows, so that the
 * numbers are the same for any number of threads. */
#ifndef SG_PARALLEL_H
#define SG_PARALLEL_H

#include <stddef.h>

/* Work worth a thread of its own, in multiply-adds: less is done by the calling thread alone. At
 * batch 1 that is the size of a matrix, for all that is done with it, so its rows stay in the cache
 * of one thread. Measured: two threads gain with 256 x 376 (AVG at Humanoid's sizes), not with 256
 * x 256. */
enum { SG_PARALLEL_GRAIN = 11 << 12 };

/* How many threads, at most `threads`, share so much work: at least 1. */
int sg_parallel_parts(int threads, size_t work);

/* Calls part(context, begin, end) so that the ranges cover 0..n-1, each a multiple of 16 long but
 * the last, which is more than one long if n is; `work` is the total cost in multiply-adds. */
void sg_parallel(int threads, size_t n, size_t work,
                 void (*part)(const void *context, size_t begin, size_t end), const void *context);

/* The same ranges by the same threads, one after the other: for sums that go over all rows in their
 * order. Nothing is gained but that each row stays in the cache of its thread. */
void sg_parallel_in_turn(int threads, size_t n, size_t work,
                         void (*part)(const void *context, size_t begin, size_t end),
                         const void *context);

#endif
