/* counters.c - how far a run has come, and its last episodes. */
#include "rl/training/counters.h"

#include <math.h>

/* The newest episode takes the place of the oldest. */
void sg_counters_add_episode(sg_counters *counters, double episode_return, int64_t length)
{
    /* A ring, indexed by the number of the episode. */
    int place = (int)(counters->episode % SG_RECENT_EPISODES);
    counters->returns[place] = episode_return;
    counters->lengths[place] = (double)length;
    counters->episode++;
}

bool sg_counters_check_return(const char *environment, double episode_return, sg_error *error)
{
    return isfinite(episode_return) ||
           sg_fail(error,
                   "%s: the return of an episode is %g: its rewards are too large to be added",
                   environment, episode_return);
}

int sg_counters_recent(const sg_counters *counters)
{
    return counters->episode < SG_RECENT_EPISODES ? (int)counters->episode : SG_RECENT_EPISODES;
}

/* The ring is filled from its start, so its first entries are valid before it is full. */
static double mean(const double *ring, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += ring[i];
    return count ? sum / count : 0;
}

double sg_counters_mean_return(const sg_counters *counters)
{
    return mean(counters->returns, sg_counters_recent(counters));
}

double sg_counters_mean_length(const sg_counters *counters)
{
    return mean(counters->lengths, sg_counters_recent(counters));
}

/* Only there while it is so: checkpoints of all other moments do without. */
static void visit_due(bool *due, sg_archive *archive)
{
    bool saves = sg_archive_get_mode(archive) == SG_ARCHIVE_SAVE;
    if (saves ? *due : sg_archive_find(archive, "loop/evaluation_due") != NULL)
        sg_archive_bool(archive, "evaluation_due", due);
}

/* The recent episodes too, so that a resumed run's progress line goes on. */
void sg_counters_state(sg_counters *counters, sg_archive *archive)
{
    sg_archive_i64(archive, "step", &counters->step, 1);
    sg_archive_i64(archive, "episode", &counters->episode, 1);
    sg_archive_f64(archive, "seconds", &counters->seconds, 1);
    sg_archive_f64(archive, "returns", counters->returns, SG_RECENT_EPISODES);
    sg_archive_f64(archive, "lengths", counters->lengths, SG_RECENT_EPISODES);
    sg_record_positions_state(&counters->positions, archive);
    visit_due(&counters->evaluation_due, archive);
}
