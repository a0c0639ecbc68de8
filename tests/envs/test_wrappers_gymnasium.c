/* test_wrappers_gymnasium.c - wrappers against one script of resets and steps that was played
 * through each of Gymnasium's: random observations, rewards, actions and ends, and resets in
 * mid-episode. Every number must be the recorded one. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "envs/wrappers.h"
#include "tests/envs/script_env.h"
#include "tests/golden.h"

enum { OBS = 12, STACK = 3, ROWS = 240 };

/* One wrapper around the script. */
typedef struct {
    golden *g;
    script_env script;
    sg_env *env;
    double obs[STACK * OBS]; /* what came out of the last event */
    sg_transition t;
    size_t row, compared;
} player;

static const double *recorded(const player *p, const char *name, size_t width)
{
    size_t count;
    const double *values = golden_array(p->g, name, &count, NULL, NULL);
    cr_assert(count == ROWS * width, "%s has %zu values", name, count);
    return values + p->row * width;
}

static void compare(player *p, const char *name, const double *values, size_t width)
{
    const double *expected = recorded(p, name, width);
    for (size_t i = 0; i < width; i++)
        cr_assert(values[i] == expected[i], "%s, row %zu: %.17g, not %.17g", name, p->row,
                  values[i], expected[i]);
    p->compared += width;
}

static void open_script(player *p)
{
    *p = (player){.g = golden_open("envs/wrappers.safetensors")};
    p->env = script_env_init(&p->script, OBS);
}

/* Plays the next event. True for a step, false for a reset. */
static bool play(player *p)
{
    memcpy(p->script.obs, recorded(p, "ev/raw_obs", OBS), sizeof(double) * OBS);
    p->script.transition =
        (sg_transition){*recorded(p, "ev/raw_reward", 1), *recorded(p, "ev/terminated", 1) != 0,
                        *recorded(p, "ev/truncated", 1) != 0};
    bool step = *recorded(p, "ev/type", 1) != 0;
    const double *action = recorded(p, "ev/action", 2);
    cr_assert(step ? sg_env_step(p->env, action, p->obs, &p->t, NULL)
                   : sg_env_reset(p->env, NULL, p->obs, NULL));
    return step;
}

static void close_script(player *p, const char *what, size_t compared)
{
    printf("%s: %zu numbers equal\n", what, p->compared);
    cr_assert(p->compared == compared, "%zu compared", p->compared);
    sg_env_close(p->env);
    cr_assert(p->script.closed == 1);
    golden_close(p->g);
}

/* Of the rows, 27 are resets. */
enum { STEPS = ROWS - 27 };

Test(wrappers_gymnasium, clip_action)
{
    player p;
    open_script(&p);
    p.env = sg_clip_action(p.env);
    for (; p.row < ROWS; p.row++)
        if (play(&p))
            compare(&p, "ev/clipped", p.script.action, 2);
    close_script(&p, "ClipAction", 2 * STEPS);
}

/* Gymnasium 0.29's arithmetic, as the published results were made with; that of 1.x differs by
 * roundings. Actions out of bounds, which Gymnasium refuses, were clipped for the recording. */
Test(wrappers_gymnasium, rescale_action)
{
    player p;
    open_script(&p);
    p.env = sg_rescale_action(p.env);
    for (; p.row < ROWS; p.row++) {
        if (!play(&p))
            continue;
        compare(&p, "ev/rescaled_0_29", p.script.action, 2);
        const double *newer = recorded(&p, "ev/rescaled", 2);
        for (int i = 0; i < 2; i++)
            cr_assert_float_eq(p.script.action[i], newer[i], 1e-15);
    }
    close_script(&p, "RescaleAction", 2 * STEPS);
}

/* Stepped on past the limit in places, which stays truncated. */
Test(wrappers_gymnasium, time_limit)
{
    player p;
    open_script(&p);
    p.env = sg_time_limit(p.env, (int)golden_number(p.g, "hp/limit"));
    for (; p.row < ROWS; p.row++) {
        if (!play(&p))
            continue;
        compare(&p, "ev/limit_terminated", &(double){p.t.terminated}, 1);
        compare(&p, "ev/limit_truncated", &(double){p.t.truncated}, 1);
    }
    close_script(&p, "TimeLimit", 2 * STEPS);
}

Test(wrappers_gymnasium, normalize_reward)
{
    player p;
    open_script(&p);
    p.env = sg_normalize_reward(p.env, golden_number(p.g, "hp/gamma"));
    for (; p.row < ROWS; p.row++)
        if (play(&p))
            compare(&p, "ev/reward_normalized", &p.t.reward, 1);
    close_script(&p, "NormalizeReward", STEPS);
}

/* Gymnasium tells at the end of an episode only; here the numbers can be read at any time, through
 * layers further out, too. */
Test(wrappers_gymnasium, record_episode_statistics)
{
    player p;
    open_script(&p);
    p.env = sg_normalize_reward(sg_record_episode_statistics(p.env), 0.9);
    double sum = 0;
    int64_t length = 0;
    for (; p.row < ROWS; p.row++) {
        bool step = play(&p);
        sum = step ? sum + p.script.transition.reward : 0;
        length = step ? length + 1 : 0;
        cr_assert(sg_episode_return(p.env) == sum && sg_episode_length(p.env) == length);
        if (step && (p.t.terminated || p.t.truncated)) {
            compare(&p, "ev/episode_return", &(double){sg_episode_return(p.env)}, 1);
            compare(&p, "ev/episode_length", &(double){(double)sg_episode_length(p.env)}, 1);
        }
    }
    close_script(&p, "RecordEpisodeStatistics", 2 * 15);
}

static void compare_stack(const char *what, int rank, const int dim[3], const int stacked[3])
{
    player p;
    open_script(&p);
    p.script.env.spec.obs_rank = rank;
    memcpy(p.script.env.spec.obs_dim, dim, 3 * sizeof *dim);
    cr_assert((int)golden_number(p.g, "hp/stack") == STACK);
    p.env = sg_frame_stack(p.env, STACK);
    cr_assert(p.env->spec.obs_size == STACK * OBS && p.env->spec.obs_rank == rank);
    cr_assert(memcmp(p.env->spec.obs_dim, stacked, 3 * sizeof *dim) == 0);
    for (; p.row < ROWS; p.row++) {
        play(&p);
        compare(&p, "ev/stack", p.obs, STACK * OBS);
    }
    close_script(&p, what, (size_t)ROWS * STACK * OBS);
}

/* [3, 12] of Gymnasium, row by row; an image's channels multiply instead. */
Test(wrappers_gymnasium, frame_stack)
{
    compare_stack("FrameStackObservation, vector", 1, (int[]){OBS, 0, 0}, (int[]){36, 0, 0});
    compare_stack("FrameStackObservation, image", 3, (int[]){2, 3, 2}, (int[]){6, 3, 2});
}
