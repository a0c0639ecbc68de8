/* check_episodes.c - how episodes end, and whether memory stays as it is. */
#include <malloc.h>

#include "envs/check_internal.h"

/* Where memory in use can be asked for; sanitizers put an allocator of their own in its place. */
#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif
#if defined(__GLIBC__) && !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__) && \
    !HAS_FEATURE(address_sanitizer) && !HAS_FEATURE(thread_sanitizer)
#define MEMORY_IS_KNOWN __GLIBC_PREREQ(2, 33)
#else
#define MEMORY_IS_KNOWN 0
#endif

/* What went wrong, and at which step. */
static sg_env_check_outcome failed(sg_error *line, int step, const sg_error *reason)
{
    return SG_CHECK_SAY(SG_ENV_CHECK_FAILED, line, "step %d: %.400s", step, reason->text);
}

/* ---- ends ---- */

/* What the ends of episodes had in common. */
typedef struct {
    int episodes, terminated;
    int shortest, longest;
} endings;

/* One more episode is over. */
static void count_end(endings *e, const sg_player *p)
{
    e->shortest = e->episodes == 0 || p->length < e->shortest ? p->length : e->shortest;
    e->longest = p->length > e->longest ? p->length : e->longest;
    e->episodes++;
    e->terminated += p->t.terminated;
}

/* Three or more that always terminate after the same time look like a limit. */
static bool looks_like_a_limit(const endings *e)
{
    return e->episodes >= 3 && e->terminated == e->episodes && e->shortest == e->longest &&
           e->longest > 1;
}

/* The player resets after each end and goes on. */
sg_env_check_outcome sg_check_ends(sg_check_bench *bench, sg_error *line)
{
    sg_player *p = &bench->one;
    sg_error reason = {""};
    endings e = {0};

    if (!sg_player_start(p, bench->config.seed + 3, &reason))
        return failed(line, 0, &reason);
    for (int i = 0; i < bench->config.steps; i++) {
        if (!sg_player_step(p, &reason) || !sg_player_check_row(p, &reason))
            return failed(line, i + 1, &reason);
        if (p->ended)
            count_end(&e, p);
    }
    if (e.episodes == 0) {
        return SG_CHECK_SAY(SG_ENV_CHECK_NOTE, line, "no episode ended in %d steps",
                            bench->config.steps);
    }
    if (looks_like_a_limit(&e)) {
        return SG_CHECK_SAY(SG_ENV_CHECK_NOTE, line,
                            "all %d episodes terminated after %d steps; if that is a time limit, "
                            "it belongs into spec.time_limit",
                            e.episodes, e.longest);
    }
    return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "%d in %d steps, %d of them terminated", e.episodes,
                        bench->config.steps, e.terminated);
}

/* ---- the time limit ---- */

/* The step at which an episode was seen to reach the limit; 0 if none did, -1 after a fault. */
static int play_to_limit(sg_check_bench *bench, int limit, int *step, sg_error *reason)
{
    sg_player *p = &bench->one;
    *step = 0;
    if (!sg_player_start(p, bench->config.seed, reason))
        return -1;
    for (*step = 1; *step <= limit + bench->config.steps; ++*step) {
        if (!sg_player_step(p, reason))
            return -1;
        if (p->length < limit)
            continue;
        /* told as truncated, whether the task ended as well or not */
        if (p->t.truncated)
            return *step;
        sg_fail(reason, "an episode of %d steps was not truncated by the limit of %d", p->length,
                limit);
        return -1;
    }
    return 0;
}

sg_env_check_outcome sg_check_time_limit(sg_check_bench *bench, sg_error *line)
{
    int limit = bench->one.env->spec.time_limit, step;
    sg_error reason = {""};
    if (limit == 0)
        return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "there is none");
    int seen = play_to_limit(bench, limit, &step, &reason);
    if (seen < 0)
        return failed(line, step, &reason);
    if (seen == 0) {
        return SG_CHECK_SAY(SG_ENV_CHECK_NOTE, line,
                            "not seen: with random actions no episode lasted %d steps", limit);
    }
    return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "truncated after %d steps", limit);
}

/* ---- memory ---- */

#if MEMORY_IS_KNOWN
/* Bytes that are allocated in this process. */
static size_t bytes_in_use(void)
{
    struct mallinfo2 info = mallinfo2();
    return info.uordblks + info.hblkhd;
}

/* Two rollouts: the first may make what is kept, the second must leave all as it was. */
sg_env_check_outcome sg_check_memory(sg_check_bench *bench, sg_error *line)
{
    sg_player *p = &bench->one;
    sg_error reason = {""};
    size_t before = 0;

    for (int round = 0; round < 2; round++) {
        before = bytes_in_use();
        if (!sg_player_start(p, bench->config.seed, &reason))
            return failed(line, 0, &reason);
        for (int i = 0; i < bench->config.steps; i++) {
            if (!sg_player_step(p, &reason))
                return failed(line, i + 1, &reason);
        }
    }
    size_t after = bytes_in_use();
    if (after > before) {
        return SG_CHECK_SAY(SG_ENV_CHECK_FAILED, line,
                            "grows by %zu bytes in %d steps; no step or reset may allocate",
                            after - before, bench->config.steps);
    }
    return SG_CHECK_SAY(SG_ENV_CHECK_OK, line, "does not grow in %d steps", bench->config.steps);
}
#else
/* Nobody to ask. */
sg_env_check_outcome sg_check_memory(sg_check_bench *bench, sg_error *line)
{
    (void)bench;
    return SG_CHECK_SAY(SG_ENV_CHECK_NOTE, line, "not measured: this C library cannot tell");
}
#endif
