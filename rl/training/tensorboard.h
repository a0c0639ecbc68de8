/* tensorboard.h - scalars in an event file that TensorBoard reads.
 *
 * The file is a series of TFRecords (length, masked CRC-32C, data, masked CRC-32C), each an "Event"
 * protocol buffer with one scalar.
 */
#ifndef SG_TENSORBOARD_H
#define SG_TENSORBOARD_H

#include "rl/training/log_file.h"

/* Starts an event file, or goes on after the first `keep` bytes of one. */
bool sg_tensorboard_open(sg_log_file *events, const char *path, sg_log_end keep, sg_error *error);
/* Adds one point of the curve `tag`, e.g. "charts/episodic_return". */
bool sg_tensorboard_scalar(sg_log_file *events, const char *tag, int64_t step, double value,
                           sg_error *error);

/* Looks through the `size` bytes of a file: `whole` is the end of the last record that is all
 * there, `sound` that of the last before one that is damaged. False, with the record's place, if
 * one is. */
bool sg_tensorboard_check(const char *path, const char *bytes, size_t size, size_t *whole,
                          size_t *sound, sg_error *error);

#endif
