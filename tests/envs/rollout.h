/* rollout.h - reads recorded Gymnasium rollouts (tests/golden/envs, gzipped JSON lines). */
#ifndef ROLLOUT_H
#define ROLLOUT_H

#include <criterion/parameterized.h>
#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#include "envs/env.h"

/* Every recording, and the parameters of a test that runs once for each: an index of the list. */
extern const char *const rollout_files[];
struct criterion_test_params rollout_parameters(void);

typedef struct rollout rollout;

/* `file` is relative to tests/golden/envs. Fails the running test if it is not there. */
rollout *rollout_open(const char *file);
void rollout_close(rollout *r);
/* The first line: id, streams and so on. */
const json_t *rollout_header(const rollout *r);
/* The environment that was recorded, options included. */
sg_env *rollout_make(const rollout *r);
/* How many steps the header promises. */
size_t rollout_steps(const rollout *r);
/* The next record, valid until the next call; NULL at the end. */
const json_t *rollout_next(rollout *r);

/* The record's kind: "stream", "reset" or "step". */
bool record_is(const json_t *record, const char *kind);
double record_number(const json_t *record, const char *key);
/* Copies an array (or a single number) of `count` values; any other length fails the test. */
void record_values(const json_t *record, const char *key, double *values, size_t count);
bool record_has(const json_t *record, const char *key);
/* Fails unless every value is equal to the recorded one, of which there are as many; NaN is not.
 * `file` and `step` say where. */
void record_assert_equal(const json_t *record, const char *key, const double *values, size_t count,
                         const char *file, size_t step);
/* Fails unless sizes, time limit and bounds are those of the header. */
void record_assert_spec(const json_t *header, const sg_env_spec *spec, const char *file);

#endif
