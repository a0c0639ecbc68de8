/* records.h - what a run writes down as it goes: episodes.csv, evaluations.csv and the event file.
 */
#ifndef SG_RECORDS_H
#define SG_RECORDS_H

#include "rl/training/log_file.h"
#include "tensor/archive.h"

#define SG_EPISODES_FILE "episodes.csv"
#define SG_EPISODES_HEADER "step,episode,return,length,seconds\n"
#define SG_EVALUATIONS_FILE "evaluations.csv"
#define SG_EVALUATIONS_HEADER "step,episodes,return_mean,return_sd,length_mean\n"
/* TensorBoard looks for "tfevents" in the name; it is always the same, so that a resumed run can go
 * on in its own file. */
#define SG_EVENTS_FILE "events.out.tfevents.streamgrad"

/* One finished episode; `step` is the step of the run at which it ended. */
typedef struct {
    int64_t step, episode, length;
    double episode_return, seconds;
} sg_episode_record;

/* One evaluation: several episodes with the policy of `step`. */
typedef struct {
    int64_t step, episodes;
    double return_mean, return_sd, length_mean;
    int64_t cut; /* of the episodes, those without an end; not recorded */
} sg_evaluation_record;

typedef struct {
    sg_log_file episodes, evaluations, events;
} sg_records;

/* Where the files end; part of a checkpoint. All 0: they begin anew. */
typedef struct {
    sg_log_end episodes, evaluations, events;
} sg_record_positions;

/* Cuts the folder's files at these positions and goes on there. NULL with a line if one cannot be
 * opened or is shorter. Close it with sg_records_close. */
sg_records *sg_records_open(const char *folder, const sg_record_positions *positions,
                            sg_error *error);
/* False if something could not be written, or was taken away as below; releases everything in any
 * case. NULL is fine. */
bool sg_records_close(sg_records *records, sg_error *error);

/* Each writes a row and the scalars, and flushes the row. */
bool sg_records_episode(sg_records *records, const sg_episode_record *episode, sg_error *error);
bool sg_records_evaluation(sg_records *records, const sg_evaluation_record *evaluation,
                           sg_error *error);
/* A scalar of its own: "charts/SPS", "losses/critic". */
bool sg_records_scalar(sg_records *records, const char *tag, int64_t step, double value,
                       sg_error *error);
bool sg_records_flush(sg_records *records, sg_error *error);

/* Waits until the disk has everything, and tells where the files end. False also, with a line, if
 * one was cut, or no longer stands under its name: what that one held is put beside it, under a
 * name of sg_records_copy_name, of which the line tells, unless it only has another name now; and
 * it is closed. */
bool sg_records_sync(sg_records *records, sg_record_positions *positions, sg_error *error);
void sg_record_positions_state(sg_record_positions *positions, sg_archive *archive);

/* The first name that is free for a copy of the record file `path`, "episodes.csv.lost1". */
bool sg_records_copy_name(char copy[SG_PATH_SIZE], const char *path, sg_error *error);

#endif
