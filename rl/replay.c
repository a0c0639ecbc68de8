/* replay.c - the ring of transitions and the batches drawn from it. */
#include "rl/replay.h"

#include <stdlib.h>

#include "autograd/ops.h"

const char *const sg_batch_names[SG_BATCH_PARTS] = {"batch.obs", "batch.action", "batch.reward",
                                                    "batch.next_obs", "batch.terminated"};

/* Values of each part in one transition. */
static void part_sizes(const sg_env_spec *spec, int sizes[SG_BATCH_PARTS])
{
    sizes[SG_BATCH_OBS] = sizes[SG_BATCH_NEXT_OBS] = spec->obs_size;
    sizes[SG_BATCH_ACTION] = spec->action_size;
    sizes[SG_BATCH_REWARD] = sizes[SG_BATCH_TERMINATED] = 1;
}

/* ---- the batch in a graph ---- */

sg_batch sg_batch_inputs(sg_graph *g, const sg_env_spec *spec, const sg_replay_config *config)
{
    int sizes[SG_BATCH_PARTS];
    sg_node parts[SG_BATCH_PARTS];
    part_sizes(spec, sizes);
    for (int k = 0; k < SG_BATCH_PARTS; k++)
        parts[k] = sg_input_shaped(g, sg_batch_names[k], sg_matrix(config->batch, sizes[k]));
    return (sg_batch){.S = parts[SG_BATCH_OBS],
                      .A = parts[SG_BATCH_ACTION],
                      .R = parts[SG_BATCH_REWARD],
                      .S_next = parts[SG_BATCH_NEXT_OBS],
                      .terminated = parts[SG_BATCH_TERMINATED]};
}

/* A batch larger than a ring that nobody has chosen is a slip: it repeats transitions. */
bool sg_replay_settle(sg_replay_config *config, const char *const *sets, int set_count,
                      sg_error *error)
{
    if (config->batch <= config->buffer)
        return true;
    if (!sg_settings_written(sets, set_count, "batch"))
        config->batch = config->buffer;
    else if (!sg_settings_written(sets, set_count, "buffer"))
        return sg_fail(error, "batch=%d is more than buffer=%d; set buffer too, or batch to %d",
                       config->batch, config->buffer, config->buffer);
    return true;
}

/* ---- the ring ---- */

struct sg_replay {
    int capacity, batch;
    int sizes[SG_BATCH_PARTS];
    int width; /* values of one transition, part after part */
    sg_dtype dtype;
    char *transitions; /* [capacity][width] */
    int64_t added;     /* so far; the next goes to slot added % capacity */
    sg_random random;
    double *row;                   /* [width] */
    double *parts[SG_BATCH_PARTS]; /* the batch: [batch][sizes] */
};

/* Zero pages of the system's: they cost nothing until they are written. */
static bool reserve(sg_replay *replay, sg_error *error)
{
    size_t bytes = (size_t)replay->width * sg_dtype_size(replay->dtype);
    replay->transitions = calloc((size_t)replay->capacity, bytes);
    return replay->transitions ||
           sg_fail(error, "buffer=%d needs %.3g GB of memory; a smaller one is needed",
                   replay->capacity, (double)replay->capacity * (double)bytes / 1e9);
}

static bool parts_are_there(const sg_replay *replay, sg_error *error)
{
    for (int k = 0; k < SG_BATCH_PARTS; k++)
        if (!replay->parts[k])
            return sg_fail(error, "batch=%d needs %.3g GB of memory; a smaller one is needed",
                           replay->batch, (double)replay->batch * replay->width * 8 / 1e9);
    return true;
}

sg_replay *sg_replay_new(const sg_replay_config *config, const sg_env_spec *spec, sg_dtype dtype,
                         uint64_t seed, sg_error *error)
{
    sg_replay *replay = sg_alloc(sizeof *replay);
    *replay = (sg_replay){.capacity = config->buffer, .batch = config->batch, .dtype = dtype};
    part_sizes(spec, replay->sizes);
    for (int k = 0; k < SG_BATCH_PARTS; k++) {
        size_t values = (size_t)config->batch * (size_t)replay->sizes[k];
        replay->width += replay->sizes[k];
        replay->parts[k] = sg_alloc_or_null(values * sizeof(double));
    }
    replay->row = sg_alloc((size_t)replay->width * sizeof(double));
    sg_random_seed_named(&replay->random, seed, "replay");
    if (parts_are_there(replay, error) && reserve(replay, error))
        return replay;
    sg_replay_free(replay);
    return NULL;
}

void sg_replay_free(sg_replay *replay)
{
    if (!replay)
        return;
    for (int k = 0; k < SG_BATCH_PARTS; k++)
        free(replay->parts[k]);
    free(replay->row);
    free(replay->transitions);
    free(replay);
}

int sg_replay_count(const sg_replay *replay)
{
    return replay->added < replay->capacity ? (int)replay->added : replay->capacity;
}

static char *slot_of(const sg_replay *replay, int64_t slot)
{
    return replay->transitions +
           (size_t)slot * (size_t)replay->width * sg_dtype_size(replay->dtype);
}

void sg_replay_add(sg_replay *replay, const double *obs, const double *action,
                   const sg_transition *t, const double *next_obs)
{
    double terminated = t->terminated, *to = replay->row;
    const double *parts[SG_BATCH_PARTS] = {obs, action, &t->reward, next_obs, &terminated};
    for (int k = 0; k < SG_BATCH_PARTS; k++)
        for (int i = 0; i < replay->sizes[k]; i++)
            *to++ = parts[k][i];
    char *slot = slot_of(replay, replay->added++ % replay->capacity);
    sg_store(replay->dtype, slot, replay->row, (size_t)replay->width);
}

/* ---- batches ---- */

/* Row b of the batch becomes what lies in the slot. */
static void take_one(sg_replay *replay, int b, int64_t slot)
{
    const double *from = replay->row;
    sg_load(replay->dtype, slot_of(replay, slot), replay->row, (size_t)replay->width);
    for (int k = 0; k < SG_BATCH_PARTS; k++)
        for (int i = 0; i < replay->sizes[k]; i++)
            replay->parts[k][b * replay->sizes[k] + i] = *from++;
}

void sg_replay_draw(sg_replay *replay)
{
    int count = sg_replay_count(replay);
    if (!count)
        sg_misuse("replay: nothing was stored yet");
    for (int b = 0; b < replay->batch; b++)
        take_one(replay, b, sg_random_integer(&replay->random, 0, count));
}

void sg_replay_take(sg_replay *replay, const int *slots)
{
    for (int b = 0; b < replay->batch; b++) {
        if (slots[b] < 0 || slots[b] >= sg_replay_count(replay))
            sg_misuse("replay: slot %d of %d", slots[b], sg_replay_count(replay));
        take_one(replay, b, slots[b]);
    }
}

const double *sg_replay_part(const sg_replay *replay, int part) { return replay->parts[part]; }

/* Only what is filled: a young ring makes a small checkpoint. */
void sg_replay_state(sg_replay *replay, sg_archive *archive)
{
    sg_archive_enter(archive, "replay");
    sg_archive_i64(archive, "added", &replay->added, 1);
    sg_archive_random(archive, "random", &replay->random);
    /* a number that does not belong here leaves the arrays' sizes to tell */
    if (replay->added < 0)
        replay->added = 0;
    int rows = sg_replay_count(replay) ? sg_replay_count(replay) : 1;
    sg_archive_tensor(archive, "transitions", replay->dtype, sg_matrix(rows, replay->width),
                      replay->transitions);
    sg_archive_leave(archive);
}
