/* running.c - running mean and variance of a stream of vectors. */
#include "envs/running.h"

#include <stdlib.h>

/* Gymnasium's starts as if 1e-4 samples of mean 0 and variance 1 had been seen. */
void sg_running_init(sg_running *running, sg_normalizer kind, int size)
{
    bool gymnasium = kind == SG_NORMALIZE_GYMNASIUM;
    *running = (sg_running){.kind = kind, .size = size, .count = gymnasium ? 1e-4 : 0};
    running->mean = sg_alloc((size_t)size * sizeof(double));
    running->spread = sg_alloc((size_t)size * sizeof(double));
    for (int i = 0; i < size; i++)
        running->spread[i] = gymnasium ? 1 : 0;
}

void sg_running_free(sg_running *running)
{
    free(running->mean);
    free(running->spread);
}

/* Two groups joined: the samples so far, and a group of one (Chan et al. 1983). */
static void update_gymnasium(sg_running *running, const double *sample)
{
    double total = running->count + 1;
    for (int i = 0; i < running->size; i++) {
        double difference = sample[i] - running->mean[i];
        double squares = running->spread[i] * running->count;
        running->mean[i] += difference / total;
        running->spread[i] = (squares + difference * difference * running->count / total) / total;
    }
    running->count = total;
}

/* One sample more, without keeping any (Welford 1962). */
static void update_streaming(sg_running *running, const double *sample)
{
    running->count++;
    for (int i = 0; i < running->size; i++) {
        double difference = sample[i] - running->mean[i];
        running->mean[i] += difference / running->count;
        running->spread[i] += difference * (sample[i] - running->mean[i]);
    }
}

/* The two kinds differ in their start and in the variance that they estimate. */
void sg_running_update(sg_running *running, const double *sample)
{
    if (running->kind == SG_NORMALIZE_GYMNASIUM) {
        update_gymnasium(running, sample);
    } else {
        update_streaming(running, sample);
    }
}

/* Population variance, or sample variance, which needs two samples. */
double sg_running_variance(const sg_running *running, int i)
{
    if (running->kind == SG_NORMALIZE_GYMNASIUM)
        return running->spread[i];
    return running->count < 2 ? 1 : running->spread[i] / (running->count - 1);
}

/* The second moment is named by what it is. */
void sg_running_state(sg_running *running, sg_archive *archive)
{
    bool gymnasium = running->kind == SG_NORMALIZE_GYMNASIUM;
    sg_archive_f64(archive, "count", &running->count, 1);
    sg_archive_f64(archive, "mean", running->mean, (size_t)running->size);
    sg_archive_f64(archive, gymnasium ? "variance" : "squares", running->spread,
                   (size_t)running->size);
}
