/* rollout.c - the storage of a rollout, and what is computed of it. */
#include "rl/rollout.h"

#include <stdlib.h>
#include <string.h>

#include "tensor/tensor.h"

int sg_rollout_rows(const sg_rollout_config *config, int num_samples)
{
    int rows = num_samples / config->num_minibatches;
    return rows > 0 ? rows : 1;
}

double sg_rollout_rate(const sg_rollout_config *config, int num_samples, int64_t update)
{
    int64_t updates = config->anneal_steps / num_samples;
    if (config->anneal_steps == 0 || updates < 2)
        return 1;
    return 1 - (double)(update < updates ? update : updates - 1) / (double)updates;
}

void sg_generalized_advantages(const sg_gae *gae, double *advantage)
{
    int last = (gae->steps - 1) * gae->envs;
    /* from the last sample to the first: the next step's is `envs` further on */
    for (int i = gae->steps * gae->envs - 1; i >= 0; i--) {
        bool final = i >= last;
        double go_on = gae->gamma * (1 - gae->end[i]);
        double next_value = final ? gae->next_value[i - last] : gae->value[i + gae->envs];
        double delta = gae->reward[i] + go_on * next_value - gae->value[i];
        advantage[i] = delta + (final ? 0 : go_on * gae->lambda * advantage[i + gae->envs]);
    }
}

/* ---- storage ---- */

static const char *const names[SG_ROLLOUT_ARRAYS] = {"obs",    "action", "log_prob",  "value",
                                                     "reward", "end",    "advantage", "return"};

const char *sg_rollout_array_name(int array) { return names[array]; }

bool sg_rollout_fits(int num_steps, int obs_size, sg_error *error)
{
    double bytes = (double)num_steps * obs_size * sizeof(double);
    double machine = (double)sg_machine_memory();
    return bytes <= machine ||
           sg_fail(error,
                   "num_steps=%d observations of %d values need %.3g GB of memory; the machine has "
                   "%.3g GB",
                   num_steps, obs_size, bytes / 1e9, machine / 1e9);
}

sg_rollout *sg_rollout_new(int num_steps, int num_envs, int obs_size, int action_size)
{
    sg_rollout *r = sg_alloc(sizeof *r);
    if (num_steps < 1 || num_envs < 1)
        sg_misuse("rollout: %d steps of %d environments", num_steps, num_envs);
    r->num_steps = num_steps;
    r->num_envs = num_envs;
    r->samples = num_steps * num_envs;
    for (int a = 0; a < SG_ROLLOUT_ARRAYS; a++) {
        r->width[a] = a == SG_ROLLOUT_OBS ? obs_size : a == SG_ROLLOUT_ACTION ? action_size : 1;
        r->arrays[a] = sg_alloc((size_t)r->samples * (size_t)r->width[a] * sizeof(double));
    }
    return r;
}

void sg_rollout_free(sg_rollout *rollout)
{
    for (int a = 0; rollout && a < SG_ROLLOUT_ARRAYS; a++)
        free(rollout->arrays[a]);
    free(rollout);
}

double *sg_rollout_at(const sg_rollout *r, int array, int env)
{
    if (r->step >= r->num_steps)
        sg_misuse("rollout: all %d steps are filled", r->num_steps);
    return r->arrays[array] + (size_t)(r->step * r->num_envs + env) * (size_t)r->width[array];
}

void sg_rollout_estimate(sg_rollout *r, const double *next_value, double gamma, double lambda)
{
    sg_gae gae = {.steps = r->num_steps,
                  .envs = r->num_envs,
                  .reward = r->arrays[SG_ROLLOUT_REWARD],
                  .value = r->arrays[SG_ROLLOUT_VALUE],
                  .end = r->arrays[SG_ROLLOUT_END],
                  .next_value = next_value,
                  .gamma = gamma,
                  .lambda = lambda};
    double *advantage = r->arrays[SG_ROLLOUT_ADVANTAGE];
    sg_generalized_advantages(&gae, advantage);
    for (int i = 0; i < r->samples; i++)
        r->arrays[SG_ROLLOUT_RETURN][i] = advantage[i] + gae.value[i];
}

void sg_rollout_gather(const sg_rollout *r, int array, const int64_t *index, int count,
                       int row_count, double *rows)
{
    size_t width = (size_t)r->width[array];
    for (int i = 0; i < count; i++)
        memcpy(rows + (size_t)i * width, r->arrays[array] + (size_t)index[i] * width,
               width * sizeof *rows);
    memset(rows + (size_t)count * width, 0, (size_t)(row_count - count) * width * sizeof *rows);
}

void sg_rollout_state(sg_rollout *r, sg_archive *archive)
{
    sg_archive_enter(archive, "rollout");
    sg_archive_int(archive, "step", &r->step);
    for (int a = 0; a <= SG_ROLLOUT_END; a++)
        sg_archive_f64(archive, names[a], r->arrays[a], (size_t)r->samples * (size_t)r->width[a]);
    sg_archive_leave(archive);
}
