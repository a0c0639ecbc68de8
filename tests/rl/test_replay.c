/* test_replay.c - the ring keeps the last transitions whole, batches are uniform draws of them, and
 * a saved ring goes on as if it had not been saved. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "rl/algorithm.h"
#include "rl/replay.h"

enum { CAPACITY = 5, BATCH = 4, OBS = 3 };

static const sg_env_spec spec = {.obs_size = OBS, .action_size = 2};

static sg_replay *make(uint64_t seed)
{
    const sg_replay_config config = {.buffer = CAPACITY, .batch = BATCH};
    sg_replay *replay = sg_replay_new(&config, &spec, SG_F32, seed, NULL);
    cr_assert_not_null(replay);
    return replay;
}

/* Transition number k: every value tells which. */
static void add(sg_replay *replay, int k)
{
    const double obs[OBS] = {k, k + 0.25, k + 0.5}, action[] = {-k, 2 * k};
    const double next_obs[OBS] = {k + 1, k + 1.25, k + 1.5};
    const sg_transition t = {.reward = 10 * k, .terminated = k % 3 == 0, .truncated = k % 2 == 0};
    sg_replay_add(replay, obs, action, &t, next_obs);
}

/* The transition in row b of the batch; all its parts must be of the same. */
static int transition_at(const sg_replay *replay, int b)
{
    const double *obs = &sg_replay_part(replay, SG_BATCH_OBS)[b * OBS];
    const double *action = &sg_replay_part(replay, SG_BATCH_ACTION)[b * 2];
    const double *next_obs = &sg_replay_part(replay, SG_BATCH_NEXT_OBS)[b * OBS];
    int k = (int)obs[0];
    cr_assert(obs[1] == k + 0.25 && obs[2] == k + 0.5);
    cr_assert(action[0] == -k && action[1] == 2 * k);
    cr_assert(next_obs[0] == k + 1 && next_obs[2] == k + 1.5);
    cr_assert_eq(sg_replay_part(replay, SG_BATCH_REWARD)[b], 10 * k);
    cr_assert_eq(sg_replay_part(replay, SG_BATCH_TERMINATED)[b], k % 3 == 0);
    return k;
}

Test(replay, keeps_the_last_transitions_whole)
{
    sg_replay *replay = make(0);
    for (int k = 0; k < 13; k++) {
        add(replay, k);
        cr_assert_eq(sg_replay_count(replay), k < CAPACITY ? k + 1 : CAPACITY);
    }
    /* 8..12 remain, each in slot k % CAPACITY */
    sg_replay_take(replay, (int[]){0, 1, 3, 4});
    cr_assert_eq(transition_at(replay, 0), 10);
    cr_assert_eq(transition_at(replay, 1), 11);
    cr_assert_eq(transition_at(replay, 2), 8);
    cr_assert_eq(transition_at(replay, 3), 9);
    sg_replay_free(replay);
}

/* 20000 draws of 5: each about 4000 times, standard deviation 57; neighbours in a batch repeat. */
Test(replay, draws_uniformly_with_replacement)
{
    int counts[CAPACITY] = {0}, repeats = 0;
    sg_replay *replay = make(1);
    for (int k = 0; k < CAPACITY; k++)
        add(replay, k);
    for (int i = 0; i < 5000; i++) {
        sg_replay_draw(replay);
        for (int b = 0; b < BATCH; b++)
            counts[transition_at(replay, b)]++;
        repeats += transition_at(replay, 0) == transition_at(replay, 1);
    }
    for (int k = 0; k < CAPACITY; k++)
        cr_expect(abs(counts[k] - 4000) < 250, "transition %d: %d of 20000", k, counts[k]);
    cr_expect(abs(repeats - 1000) < 150, "%d of 5000 batches begin with a repeat", repeats);
    sg_replay_free(replay);
}

Test(replay, a_buffer_of_one_holds_the_newest)
{
    const sg_replay_config config = {.buffer = 1, .batch = 1};
    sg_replay *replay = sg_replay_new(&config, &spec, SG_F64, 0, NULL);
    for (int k = 0; k < 50; k++) {
        add(replay, k);
        sg_replay_draw(replay);
        cr_assert_eq(transition_at(replay, 0), k);
    }
    sg_replay_free(replay);
}

/* Saved half full and after going round. */
Test(replay, goes_on_after_saving)
{
    static const int fills[] = {3, 13};
    for (int f = 0; f < 2; f++) {
        sg_error error;
        sg_replay *a = make(2), *b = make(3);
        sg_archive *archive = sg_archive_new();
        for (int k = 0; k < fills[f]; k++)
            add(a, k);
        sg_replay_draw(a);
        sg_replay_state(a, archive);
        sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
        sg_replay_state(b, archive);
        cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
        for (int k = fills[f]; k < fills[f] + 20; k++) {
            add(a, k);
            add(b, k);
            sg_replay_draw(a);
            sg_replay_draw(b);
            for (int row = 0; row < BATCH; row++)
                cr_assert_eq(transition_at(a, row), transition_at(b, row));
        }
        sg_archive_free(archive);
        sg_replay_free(a);
        sg_replay_free(b);
    }
}

Test(replay, a_ring_of_another_size_is_refused)
{
    const sg_replay_config smaller = {.buffer = CAPACITY - 1, .batch = BATCH};
    sg_replay *a = make(0), *b = sg_replay_new(&smaller, &spec, SG_F32, 0, NULL);
    sg_archive *archive = sg_archive_new();
    for (int k = 0; k < CAPACITY; k++)
        add(a, k);
    sg_replay_state(a, archive);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_replay_state(b, archive);
    cr_expect(!sg_archive_ok(archive, NULL));
    sg_archive_free(archive);
    sg_replay_free(a);
    sg_replay_free(b);
}

/* ---- a batch and its ring ---- */

/* Nine of two: drawn with replacement, so that both come, and nothing else. */
Test(replay, a_batch_may_be_larger_than_the_ring)
{
    const sg_replay_config config = {.buffer = 2, .batch = 9};
    sg_replay *replay = sg_replay_new(&config, &spec, SG_F32, 0, NULL);
    int seen[2] = {0, 0};
    for (int k = 0; k < 4; k++)
        add(replay, k);
    sg_replay_draw(replay);
    for (int b = 0; b < config.batch; b++) {
        int k = transition_at(replay, b);
        cr_assert(k == 2 || k == 3, "%d", k);
        seen[k - 2]++;
    }
    cr_expect(seen[0] && seen[1], "%d and %d times", seen[0], seen[1]);
    sg_replay_free(replay);
}

/* The batch that an algorithm takes with a setting; 0: refused. */
static int batch_with(const char *algorithm, const char *set)
{
    char text[64] = "";
    sg_error error;
    const sg_algorithm *a = sg_algorithm_find(algorithm, NULL);
    void *config = sg_algorithm_config(a, NULL, &set, 1, &error);
    if (!config) {
        cr_expect(strstr(error.text, "is more than buffer=") && !strchr(error.text, '\n'));
        return 0;
    }
    sg_settings_text(sg_settings_find(&a->settings, "batch"), config, text);
    free(config);
    return atoi(text);
}

Test(replay, a_batch_that_is_not_set_fits_into_the_ring)
{
    cr_expect_eq(batch_with("sac", "buffer=10"), 10);
    cr_expect_eq(batch_with("td3", "buffer=1"), 1);
    cr_expect_eq(batch_with("ddpg", "buffer=1000"), 256);
    cr_expect_eq(batch_with("dqn", "learning_starts=5,buffer=100"), 100);
    cr_expect_eq(batch_with("sac_1", "buffer=10"), 1, "its own preset stands");
    cr_expect_eq(batch_with("sac", "buffer=10,batch=4"), 4);
    cr_expect_eq(batch_with("sac", "batch=11,buffer=10"), 11, "what is written is not changed");
    cr_expect_eq(batch_with("dqn", "batch=10001"), 0, "a ring that was not chosen is too small");
}
