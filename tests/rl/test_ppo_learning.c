/* test_ppo_learning.c - PPO's pipeline against recorded observations and rewards, that it learns,
 * and PPO-1, where it learns from each step alone. */
#include <criterion/criterion.h>
#include <criterion/logging.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "envs/wrappers.h"
#include "rl/agent.h"
#include "tests/envs/script_env.h"
#include "tests/trace.h"

static int hp(const golden *g, const char *name)
{
    char full[64];
    snprintf(full, sizeof full, "hp/%s", name);
    return (int)golden_number(g, full);
}

/* ---- what stands around the environment ---- */

static void expect_near(const golden *g, const double *values, const double *expected, size_t n,
                        const char *what, size_t t)
{
    for (size_t i = 0; i < n; i++)
        cr_assert(fabs(values[i] - expected[i]) <= 1e-12 * fmax(1, fabs(expected[i])),
                  "%s, %s at %zu: %.17g, not %.17g", golden_file(g), what, t, values[i],
                  expected[i]);
}

/* The default pipeline makes the recorded observations and rewards of the recorded raw ones. */
static int play_environment(const golden *g, int env)
{
    static trace_pair pair[] = {{"gamma", "hp/gamma"}, {NULL, NULL}};
    const sg_algorithm *ppo = sg_algorithm_find("ppo", NULL);
    void *config = sg_algorithm_config(ppo, NULL, NULL, 0, NULL);
    trace_settings(ppo, config, g, pair);
    script_env script;
    int envs = hp(g, "num_envs"), d = hp(g, "obs_dim"), limited = 0;
    sg_env *wrapped = sg_algorithm_wrap(ppo, config, script_env_init(&script, d), NULL);
    const double *raw = golden_array(g, "roll/raw_next_obs", NULL, NULL, NULL);
    const double *after = golden_array(g, "roll/raw_obs_after", NULL, NULL, NULL);
    const double *next = golden_array(g, "roll/next_obs", NULL, NULL, NULL);
    const double *raw_reward = golden_array(g, "roll/raw_reward", NULL, NULL, NULL);
    const double *terminated = golden_array(g, "roll/terminated", NULL, NULL, NULL);
    const double *truncated = golden_array(g, "roll/truncated", NULL, NULL, NULL);
    size_t rows, bytes = (size_t)d * sizeof(double);
    const double *reward = golden_array(g, "roll/reward", &rows, NULL, NULL);
    double obs[SCRIPT_MOST];
    cr_assert(d <= SCRIPT_MOST, "%s: observations of %d", golden_file(g), d);

    memcpy(script.obs, golden_array(g, "init/raw_obs", NULL, NULL, NULL) + env * d, bytes);
    cr_assert(sg_env_reset(wrapped, NULL, obs, NULL));
    expect_near(g, obs, golden_array(g, "init/obs", NULL, NULL, NULL) + env * d, (size_t)d, "reset",
                0);
    for (size_t i = (size_t)env; i < rows; i += (size_t)envs) {
        sg_transition t;
        memcpy(script.obs, raw + i * (size_t)d, bytes);
        script.transition = (sg_transition){raw_reward[i], terminated[i] != 0, truncated[i] != 0};
        cr_assert(sg_env_step(wrapped, (double[]){0, 0}, obs, &t, NULL));
        expect_near(g, &t.reward, &reward[i], 1, "reward", i);
        if (t.terminated || t.truncated) {
            memcpy(script.obs, after + i * (size_t)d, bytes);
            cr_assert(sg_env_reset(wrapped, NULL, obs, NULL));
        }
        expect_near(g, obs, next + i * (size_t)d, (size_t)d, "observation", i);
        limited += fabs(t.reward) == 10 || fabs(obs[0]) == 10;
    }
    sg_env_close(wrapped);
    free(config);
    return limited;
}

Test(ppo, the_pipeline_makes_the_recorded_observations_and_rewards)
{
    const char *file;
    int limited = 0, played = 0;
    for (int i = 0; (file = golden_recording("cleanrl_ppo", i)); i++) {
        golden *g = golden_open(file);
        bool is_raw = golden_has(g, "roll/raw_next_obs"); /* what was before the pipeline */
        for (int env = 0; is_raw && env < hp(g, "num_envs"); env++)
            limited += play_environment(g, env);
        played += is_raw;
        golden_close(g);
    }
    cr_expect(played >= 3, "%d recordings from before the pipeline", played);
    cr_expect(limited > 0, "no value was ever at a limit");
}

/* ---- learning ---- */

/* Trains a small agent from seed 1 and returns the mean return of the last `window` episodes. */
static double train(const char *env_id, const char *set, int steps, int window, double *first)
{
    sg_error error = {""};
    const sg_algorithm *ppo = sg_algorithm_find("ppo", NULL);
    void *config = sg_algorithm_config(ppo, env_id, &set, 1, &error);
    cr_assert(config, "%s", error.text);
    sg_env *env = sg_algorithm_wrap(
        ppo, config, sg_record_episode_statistics(sg_env_make(env_id, NULL, &error)), &error);
    cr_assert(env, "%s", error.text);
    sg_agent_options options = sg_agent_options_default();
    options.seed = 1;
    sg_agent *agent = sg_agent_new(ppo, config, &env->spec, options, &error);
    cr_assert(agent, "%s", error.text);
    double obs[16], next[16], action[4], returns[4096], sum = 0;
    int episodes = 0;
    cr_assert(sg_env_reset(env, &options.seed, obs, &error));
    for (int t = 0; t < steps && episodes < 4096; t++) {
        sg_transition answer;
        sg_agent_act(agent, obs, action);
        cr_assert(sg_env_step(env, action, next, &answer, &error), "%s", error.text);
        cr_assert(sg_agent_learn(agent, &answer, next, &error), "%s", error.text);
        memcpy(obs, next, sizeof obs);
        if (answer.terminated || answer.truncated) {
            returns[episodes++] = sg_episode_return(env);
            cr_assert(sg_env_reset(env, NULL, obs, &error));
        }
    }
    cr_assert(episodes >= 2 * window, "%d episodes", episodes);
    *first = 0;
    for (int i = 0; i < window; i++) {
        *first += returns[i] / window;
        sum += returns[episodes - 1 - i] / window;
    }
    sg_agent_free(agent);
    sg_env_close(env);
    free(config);
    return sum;
}

Test(ppo, balances_the_pole)
{
    double first, last = train("CartPole-v1", "hidden=64", 60000, 20, &first);
    cr_log_info("mean return %.1f, %.1f at first", last, first);
    cr_expect(first < 50 && last > 200, "from %.1f to %.1f", first, last);
}

Test(ppo, swings_the_pendulum_up)
{
    double first,
        last = train("Pendulum-v1", "lr=1e-3,gamma=0.9,anneal_steps=0", 100000, 20, &first);
    cr_log_info("mean return %.1f, %.1f at first", last, first);
    cr_expect(first < -1000 && last > first + 500, "from %.1f to %.1f", first, last);
}

/* ---- PPO-1 ---- */

static double metric(const sg_agent *agent, const char *name)
{
    for (int i = 0; i < sg_agent_metric_count(agent); i++)
        if (!strcmp(sg_agent_metric_name(agent, i), name))
            return sg_agent_metric(agent, i);
    cr_assert_fail("no metric '%s'", name);
    return 0;
}

/* With one pass, the ratio is 1, the advantage is the TD error delta, and the return's error is
 * delta too: the losses are -delta and delta^2 / 2. */
static void learns_from_td_errors(bool bootstrap)
{
    const char *sets[] = {"num_steps=1,num_minibatches=1,normalize_advantages=off,"
                          "anneal_steps=0,update_epochs=1,hidden=8,lr=1e-2",
                          bootstrap ? "bootstrap_truncated=on" : "bootstrap_truncated=off"};
    sg_error error = {""};
    const sg_algorithm *ppo = sg_algorithm_find("ppo", NULL);
    void *config = sg_algorithm_config(ppo, NULL, sets, 2, &error);
    sg_env_spec spec = {.obs_rank = 1, .obs_size = 2, .obs_dim = {2}, .action_size = 1};
    sg_agent_options options = sg_agent_options_default();
    options.dtype = SG_F64;
    sg_agent *agent = sg_agent_new(ppo, config, &spec, options, &error);
    cr_assert(agent, "%s", error.text);
    sg_random random;
    sg_random_seed(&random, 2);
    double obs[2] = {0.4, -0.2}, next[2], action;
    sg_program *p = sg_agent_program(agent);
    for (int t = 0; t < 50; t++) {
        sg_transition answer = {
            .reward = sg_random_normal(&random), .truncated = t % 7 == 6, .terminated = t % 5 == 4};
        for (int k = 0; k < 2; k++)
            next[k] = sg_random_normal(&random);
        /* v of both states before the update */
        sg_node v = sg_phase_value(sg_agent_graph(agent), sg_phase_find(p, "act"), 2), v_next;
        v_next = sg_phase_value(sg_agent_graph(agent), sg_phase_find(p, "next_value"), 0);
        sg_agent_act(agent, obs, &action);
        double v_now = sg_get_number(p, v);
        sg_set(p, sg_find(p, "next_obs"), next);
        sg_run(p, sg_phase_find(p, "next_value"));
        bool stays = !answer.terminated && (bootstrap || !answer.truncated);
        double go_on = !stays ? 0 : 0.99 * sg_get_number(p, v_next);
        double delta = answer.reward + go_on - v_now;
        cr_assert(sg_agent_learn(agent, &answer, next, &error), "%s", error.text);
        cr_assert(fabs(metric(agent, "losses/policy_loss") + delta) < 1e-12);
        cr_assert(fabs(metric(agent, "losses/value_loss") - delta * delta / 2) < 1e-12);
        memcpy(obs, next, sizeof obs);
    }
    cr_expect_eq(sg_agent_updates(agent), 50);
    sg_agent_free(agent);
    free(config);
}

Test(ppo, of_single_steps_learns_from_td_errors) { learns_from_td_errors(false); }

Test(ppo, values_go_on_beyond_time_limits_where_asked) { learns_from_td_errors(true); }
