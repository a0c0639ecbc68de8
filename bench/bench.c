/* bench.c - the benchmark program: `build/bench [--filter TEXT] [--json FILE] [--compare FILE]`. */
#include "bench/bench.h"

#include <jansson.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "tensor/kernels.h"
#include "tensor/number.h"

enum { MOST_RESULTS = 1024, SAMPLES = 61, PAIRS = 301, MOST_SETTINGS = 16 };
/* Of bench_each: turns; passes timed for a turn's bound; calls before a turn's timed ones. */
enum { TURNS = 41, PASSES = 15, WARM = 20 };
/* A sample lasts at least this long: at a tenth of it all samples are of a program's first
 * millisecond, in which caches and clocks are not yet as they will be. */
static const double sample_ns = 300e3;
static const double pair_ns = 1e6; /* one of a pair lasts this long */

struct bench {
    const char *filter;
    int samples; /* of bench_each */
    int calls;   /* of --calls: just so many of each, nothing timed */
    bool found;  /* something passed the filter */
    bench_result results[MOST_RESULTS];
    int count;
    sg_agent_options agents;
    const char *settings[MOST_SETTINGS]; /* of their algorithms */
    int setting_count;
    const char *section; /* not yet printed */
};

/* ---- measuring ---- */

double bench_now(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return 1e9 * (double)t.tv_sec + (double)t.tv_nsec;
}

bool bench_wants(const bench *b, const char *name) { return !b->filter || strstr(name, b->filter); }
sg_agent_options bench_agent_options(const bench *b) { return b->agents; }
const char *const *bench_settings(const bench *b, int *count)
{
    *count = b->setting_count;
    return b->settings;
}
void bench_section(bench *b, const char *title) { b->section = title; }

static int by_size(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void print_or_blank(double value)
{
    if (value > 0)
        printf(" %8.2f", value);
    else
        printf(" %8s", "");
}

static void print_result(bench *b, const bench_result *r)
{
    if (b->section)
        printf("\n%-48s %11s %9s %9s %9s %8s %8s %8s\n", b->section, "median ns", "p99", "p99.9",
               "p99.99", "GB/s", "GFLOP/s", "/bound");
    b->section = NULL;
    printf("%-48s %11.1f %9.0f %9.0f %9.0f", r->name, r->p50, r->p99, r->p999, r->p9999);
    print_or_blank(r->work.bytes / r->p50);
    print_or_blank(r->work.flops / r->p50);
    print_or_blank(r->over_bound);
    printf("\n");
    fflush(stdout);
}

static void add_result(bench *b, const char *name, double *samples, int n, double over_bound,
                       bench_work work)
{
    if (b->count == MOST_RESULTS)
        return;
    qsort(samples, (size_t)n, sizeof *samples, by_size);
    bench_result *r = &b->results[b->count++];
    *r = (bench_result){.p50 = samples[n / 2],
                        .p99 = samples[(int)(0.99 * (n - 1))],
                        .p999 = samples[(int)(0.999 * (n - 1))],
                        .p9999 = samples[(int)(0.9999 * (n - 1))],
                        .low = samples[0],
                        .over_bound = over_bound,
                        .work = work};
    r->spread = 0.5 * (samples[3 * n / 4] - samples[n / 4]) / r->p50;
    snprintf(r->name, sizeof r->name, "%s", name);
    print_result(b, r);
}

static double time_repeats(void (*body)(void *), void *context, long repeats)
{
    double start = bench_now();
    for (long i = 0; i < repeats; i++)
        body(context);
    return (bench_now() - start) / (double)repeats;
}

/* bench/instructions counts what happens in here, which it knows by its name: a function of its own
 * even where compilers inline, and not static. */
__attribute__((noinline)) void bench_counted_calls(void (*body)(void *), void *context, int calls);
void bench_counted_calls(void (*body)(void *), void *context, int calls)
{
    for (int i = 0; i < calls; i++)
        body(context);
}

/* With --calls everything is called as often as asked, warm, for counting instructions. */
static bool only_call(bench *b, void (*body)(void *), void *context)
{
    b->found = true;
    if (b->calls == 0)
        return false;
    time_repeats(body, context, WARM);
    bench_counted_calls(body, context, b->calls);
    return true;
}

void bench_time(bench *b, const char *name, void (*body)(void *), void *context, bench_work work)
{
    double samples[SAMPLES];
    if (!bench_wants(b, name) || only_call(b, body, context))
        return;
    double one = time_repeats(body, context, 3);
    long repeats = (long)fmax(1, ceil(sample_ns / fmax(one, 1)));
    time_repeats(body, context, repeats); /* warm */
    for (int i = 0; i < SAMPLES; i++)
        samples[i] = time_repeats(body, context, repeats);
    add_result(b, name, samples, SAMPLES, 0, work);
}

/* ---- one by one, beside the traffic that there has to be ---- */

typedef struct {
    const sg_kernels *kernels;
    size_t n;
    float *values, sum;
} stream;

static void read_stream(void *context)
{
    stream *s = context;
    s->kernels->sum(s->n, s->values, &s->sum);
}

static void update_stream(void *context)
{
    stream *s = context;
    s->kernels->affine(s->n, s->values, 1, 0, s->values);
}

static double median(double *samples, int n)
{
    qsort(samples, (size_t)n, sizeof *samples, by_size);
    return samples[n / 2];
}

/* ns that one pass takes. */
static double pass_ns(void (*body)(void *), stream *s)
{
    double samples[PASSES];
    time_repeats(body, s, 2); /* warm */
    for (int i = 0; i < PASSES; i++)
        samples[i] = time_repeats(body, s, 2);
    return median(samples, PASSES);
}

/* ns that the traffic takes by itself. */
static double bound_ns(const bench_traffic *traffic, stream *s)
{
    return traffic->read / traffic->size * pass_ns(read_stream, s) + pass_ns(update_stream, s);
}

/* The times of n calls, sorted, and their median over the bound; no stream: 0. */
static double one_turn(void (*body)(void *), void *context, const bench_traffic *traffic, stream *s,
                       double *samples, int n)
{
    double bound = s ? bound_ns(traffic, s) : 0;
    time_repeats(body, context, WARM);
    for (int i = 0; i < n; i++)
        samples[i] = time_repeats(body, context, 1);
    return s ? median(samples, n) / bound : 0;
}

void bench_each(bench *b, const char *name, void (*body)(void *), void *context, bench_work work)
{
    if (!bench_wants(b, name) || only_call(b, body, context))
        return;
    int calls = b->samples, turns = calls < TURNS ? 1 : TURNS;
    stream s = {.kernels = sg_kernels_best(SG_F32), .n = (size_t)work.traffic.size / sizeof(float)};
    double *samples = sg_alloc((size_t)calls * sizeof *samples), over_bound[TURNS];
    s.values = s.n > 0 ? sg_alloc(s.n * sizeof(float)) : NULL;
    time_repeats(body, context, 1 + calls / 10);
    for (int i = 0; i < turns; i++) {
        int from = (int)((long)calls * i / turns), to = (int)((long)calls * (i + 1) / turns);
        over_bound[i] =
            one_turn(body, context, &work.traffic, s.values ? &s : NULL, samples + from, to - from);
    }
    add_result(b, name, samples, calls, median(over_bound, turns), work);
    free(s.values);
    free(samples);
}

/* ---- in pairs ---- */

/* Of this thread's own: what others do on the processor meanwhile is not in it. */
static double thread_time(void (*body)(void *), void *context, long repeats)
{
    struct timespec start, end;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &start);
    for (long i = 0; i < repeats; i++)
        body(context);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &end);
    double ns = 1e9 * (double)(end.tv_sec - start.tv_sec) + (double)(end.tv_nsec - start.tv_nsec);
    return ns / (double)repeats;
}

/* One sample of each, in either order. */
static void time_two(const bench_two *two, void *context, long repeats, bool base_first,
                     double *body, double *base)
{
    for (long i = 0; i < repeats; i++)
        two->ahead(context);
    if (base_first)
        *base = thread_time(two->base, context, repeats);
    *body = thread_time(two->body, context, repeats);
    if (!base_first)
        *base = thread_time(two->base, context, repeats);
}

void bench_pair(bench *b, const bench_two *two, void *context)
{
    double body[PAIRS], base[PAIRS], ratio[PAIRS];
    if (only_call(b, two->body, context))
        return;
    time_two(two, context, 64, false, body, base);
    long repeats = (long)ceil(pair_ns / body[0]);
    for (int i = 0; i < PAIRS; i++) {
        time_two(two, context, repeats, i % 2, &body[i], &base[i]);
        ratio[i] = body[i] / base[i];
    }
    /* samples are sorted on the way */
    add_result(b, two->name, body, PAIRS, 0, (bench_work){0});
    add_result(b, two->base_name, base, PAIRS, 0, (bench_work){0});
    printf("%-48s %+10.1f%%\n", "", 100 * (median(ratio, PAIRS) - 1));
}

/* ---- JSON ---- */

static bool write_json(const bench *b, const char *file)
{
    json_t *list = json_array();
    for (int i = 0; i < b->count; i++) {
        const bench_result *r = &b->results[i];
        json_array_append_new(list, json_pack("{s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f}",
                                              "name", r->name, "p50", r->p50, "p99", r->p99, "p999",
                                              r->p999, "p9999", r->p9999, "low", r->low, "spread",
                                              r->spread, "bytes", r->work.bytes, "flops",
                                              r->work.flops, "over_bound", r->over_bound));
    }
    json_t *root = json_pack("{s:s, s:s, s:o}", "isa", sg_isa_name(sg_isa_best()), "unit", "ns",
                             "results", list);
    bool ok = json_dump_file(root, file, JSON_INDENT(1)) == 0;
    json_decref(root);
    if (!ok)
        fprintf(stderr, "bench: cannot write %s\n", file);
    return ok;
}

/* A change counts where it is larger than three times the spreads of both runs. */
static void compare_one(const bench_result *now, const json_t *before)
{
    double p50 = json_real_value(json_object_get(before, "p50"));
    double noise = 3 * (now->spread + json_real_value(json_object_get(before, "spread"))) + 0.01;
    double ratio = now->p50 / p50;
    const char *verdict = ratio > 1 + noise         ? "slower"
                          : ratio < 1 / (1 + noise) ? "faster"
                                                    : "same";
    printf("%-48s %11.1f %11.1f %7.3f  %s (noise %.1f %%)\n", now->name, p50, now->p50, ratio,
           verdict, 100 * noise);
}

static bool compare_json(const bench *b, const char *file)
{
    json_error_t error;
    size_t i;
    json_t *root = json_load_file(file, 0, &error), *entry;
    json_t *list = json_object_get(root, "results");
    if (!json_is_array(list)) {
        fprintf(stderr, "bench: %s is not a result of --json: %s\n", file,
                root ? "no results" : error.text);
        json_decref(root);
        return false;
    }
    printf("\n%-48s %11s %11s %7s\n", "compared", "before ns", "now ns", "ratio");
    for (int k = 0; k < b->count; k++)
        json_array_foreach(list, i, entry)
        {
            const char *name = json_string_value(json_object_get(entry, "name"));
            if (name && !strcmp(name, b->results[k].name))
                compare_one(&b->results[k], entry);
        }
    json_decref(root);
    return true;
}

/* ---- the program ---- */

static const char usage[] =
    "usage: bench [--filter TEXT] [--json FILE] [--compare FILE]\n"
    "  --filter TEXT   only benchmarks with TEXT in their name\n"
    "  --json FILE     write the results there too\n"
    "  --compare FILE  compare with an earlier --json\n"
    "  --samples N     steps timed one by one (20000)\n"
    "  --calls N       only call each N times, warm, to count instructions\n"
    "  --threads N     threads of the agents whose steps are timed (1)\n"
    "  --set KEY=VALUE a setting of their algorithm; may be repeated\n"
    "  --without LIST  rewrites that their plans do without, of rows, bias,\n"
    "                  in_place, pair, product, block, columns or all\n";

/* Options as they are written. */
typedef struct {
    const char *json, *compare, *calls, *samples, *threads, *without;
} words;

static bool read_int(const char *option, const char *word, int least, int *number)
{
    if (sg_number_int(word, least, INT_MAX, number))
        return true;
    fprintf(stderr, "bench: %s is '%s'; a whole number from %d on is needed\n", option, word,
            least);
    return false;
}

static bool read_words(bench *b, const words *w)
{
    sg_error error;
    b->agents = sg_agent_options_default();
    if (!read_int("--calls", w->calls, 0, &b->calls) ||
        !read_int("--samples", w->samples, 1, &b->samples) ||
        !read_int("--threads", w->threads, 1, &b->agents.threads))
        return false;
    if (!w->without || sg_rewrites_read(w->without, &b->agents.without, &error))
        return true;
    fprintf(stderr, "bench: --without: %s\n", error.text);
    return false;
}

/* The variable that an option fills, NULL for an unknown one. */
static const char **place_of(bench *b, words *w, const char *option)
{
    if (!strcmp(option, "--set") && b->setting_count < MOST_SETTINGS)
        return &b->settings[b->setting_count++];
    return !strcmp(option, "--filter")    ? &b->filter
           : !strcmp(option, "--json")    ? &w->json
           : !strcmp(option, "--compare") ? &w->compare
           : !strcmp(option, "--calls")   ? &w->calls
           : !strcmp(option, "--samples") ? &w->samples
           : !strcmp(option, "--threads") ? &w->threads
           : !strcmp(option, "--without") ? &w->without
                                          : NULL;
}

int main(int argc, char **argv)
{
    static bench b;
    words w = {.calls = "0", .samples = "20000", .threads = "1"};
    for (int i = 1; i < argc; i++) {
        const char **option = place_of(&b, &w, argv[i]);
        if (!option || i + 1 == argc) {
            bool help = !strcmp(argv[i], "--help");
            fprintf(help ? stdout : stderr, "%s", usage);
            return help ? 0 : 2;
        }
        *option = argv[++i];
    }
    if (!read_words(&b, &w) || !sg_isa_mask_fits())
        return 2;
    if (!b.calls)
        printf("instruction set %s, one thread, float32; medians; GB/s as read and written\n",
               sg_isa_name(sg_isa_best()));
    bench_kernels(&b);
    bench_blas(&b);
    bench_ops(&b);
    bench_algorithms(&b);
    bench_noise(&b);
    bench_environments(&b);
    if (b.filter && !b.found) {
        fprintf(stderr, "bench: no benchmark has '%s' in its name; without --filter all run\n",
                b.filter);
        return 2;
    }
    bool ok = (!w.json || write_json(&b, w.json)) && (!w.compare || compare_json(&b, w.compare));
    return ok ? 0 : 2;
}
