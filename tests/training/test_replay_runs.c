/* test_replay_runs.c - whole runs of algorithms with a replay or rollouts: resuming and evaluating
 * change no number, and they learn.
 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rl/training/records.h"
#include "tests/training/runs.h"
#include "tests/training/scratch.h"

/* ---- no number changes ---- */

/* Rings that go round within the run, stopped before learning, at its start, and later: once
 * between an update and the step at which its losses are written. */
static void assert_parts_equal_whole(const char *algorithm, const char *environment,
                                     const char *set)
{
    static const int64_t STOPS[] = {50, 101, 777, 997, 1200};
    char *folder = scratch_make();
    const char *whole = scratch_path(folder, "whole"), *parts = scratch_path(folder, "parts");
    sg_experiment run = runs_of(algorithm, environment, set, 3, 1200);
    run.eval_every = 400;
    run.eval_episodes = 1;
    runs_train(&run, whole, SG_FOLDER_NEW, 0);
    run.eval_every = 0;
    for (size_t i = 0; i < sizeof STOPS / sizeof *STOPS; i++) {
        run.steps = STOPS[i];
        runs_train(&run, parts, i == 0 ? SG_FOLDER_NEW : SG_FOLDER_RESUME, 0);
    }
    runs_assert_same(whole, parts);
    runs_assert_same_scalars(whole, parts);
    sg_experiment_release(&run);
    scratch_remove(folder);
}

Test(replay_runs, parts_equal_a_whole_with_evaluations)
{
    static const char box[] = "hidden=16,batch=16,buffer=300,learning_starts=100";
    static const char one[] = "hidden=16";
    static const char indices[] =
        "hidden_1=16,hidden_2=8,batch=16,buffer=300,learning_starts=100,epsilon_steps=500,"
        "train_every=30";
    static const char rollout[] = "hidden=16,num_steps=600,num_minibatches=8";
    assert_parts_equal_whole("sac", "Pendulum-v1", box);
    assert_parts_equal_whole("td3", "Pendulum-v1", box);
    assert_parts_equal_whole("ddpg", "Pendulum-v1", box);
    assert_parts_equal_whole("sac_1", "Pendulum-v1", one);
    assert_parts_equal_whole("isac", "Pendulum-v1", one);
    assert_parts_equal_whole("dqn", "CartPole-v1", indices);
    assert_parts_equal_whole("ppo", "Pendulum-v1", rollout);
}

/* ---- learning ---- */

/* The mean of the evaluation at the end, over three seeds. */
static double final_return(const char *algorithm, const char *environment, const char *set,
                           int64_t steps)
{
    double mean = 0;
    for (uint64_t seed = 0; seed < 3; seed++) {
        char *folder = scratch_make();
        const char *path = scratch_path(folder, "run");
        sg_experiment run = runs_of(algorithm, environment, set, seed, steps);
        run.eval_every = steps;
        run.eval_episodes = 10;
        runs_train(&run, path, SG_FOLDER_NEW, 0);
        size_t size;
        char *text = scratch_read(scratch_path(path, SG_EVALUATIONS_FILE), &size);
        const char *last = strchr(text, '\n');
        long long at;
        int episodes;
        double value;
        cr_assert(last && sscanf(last, "%lld,%d,%lf", &at, &episodes, &value) == 3, "%s", text);
        cr_assert_eq(at, steps);
        mean += value / 3;
        free(text);
        sg_experiment_release(&run);
        scratch_remove(folder);
    }
    return mean;
}

/* At random about -1200; a pendulum that is swung up and held scores -150. */
Test(replay_runs, sac_swings_the_pendulum_up)
{
    static const char set[] = "hidden=64,batch=64,learning_starts=500,actor_lr=1e-3";
    double mean = final_return("sac", "Pendulum-v1", set, 8000);
    cr_expect(mean > -400, "mean return %g", mean);
}

Test(replay_runs, td3_and_ddpg_improve_on_the_pendulum)
{
    static const char set[] = "hidden=64,batch=64,learning_starts=1000,lr=1e-3";
    double td3 = final_return("td3", "Pendulum-v1", set, 12000);
    double ddpg = final_return("ddpg", "Pendulum-v1", set, 12000);
    cr_expect(td3 > -700, "TD3: mean return %g", td3);
    cr_expect(ddpg > -700, "DDPG: mean return %g", ddpg);
}

/* At random about 22 steps. */
Test(replay_runs, dqn_balances_the_pole)
{
    static const char set[] =
        "learning_starts=500,epsilon_steps=5000,lr=1e-3,train_every=2,batch=32";
    double mean = final_return("dqn", "CartPole-v1", set, 20000);
    cr_expect(mean > 100, "mean return %g", mean);
}

/* How many times as high the returns in the last quarter of a run's episodes are as in the first.
 */
static double growth(const char *algorithm, const char *environment, const char *set, uint64_t seed,
                     int64_t steps)
{
    char *folder = scratch_make();
    const char *path = scratch_path(folder, "run");
    sg_experiment run = runs_of(algorithm, environment, set, seed, steps);
    runs_train(&run, path, SG_FOLDER_NEW, 0);
    char *text = runs_episodes(path), *line = strchr(text, '\n') + 1;
    double returns[4096], first = 0, last = 0;
    int n = 0;
    for (; *line && n < 4096; line = strchr(line, '\n') + 1)
        n += sscanf(line, "%*d,%*d,%lf", &returns[n]) == 1;
    cr_assert(n >= 4);
    for (int i = 0; i < n / 4; i++) {
        first += returns[i];
        last += returns[n - 1 - i];
    }
    free(text);
    sg_experiment_release(&run);
    scratch_remove(folder);
    return last / first;
}

/* Without a replay; single runs differ. */
Test(replay_runs, isac_hops_further)
{
    double mean = 0;
    for (uint64_t seed = 0; seed < 3; seed++)
        mean += growth("isac", "Hopper-v4", "hidden=32,actor_lr=3e-4", seed, 12000) / 3;
    cr_expect(mean > 2, "returns became only %g times as high", mean);
}
