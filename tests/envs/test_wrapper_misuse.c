/* test_wrapper_misuse.c - wrappers that do not fit the environment say so, naming both; images go
 * through those that do. */
#include <criterion/criterion.h>
#include <math.h>
#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "envs/wrappers.h"
#include "tests/envs/script_env.h"

/* ---- misuse ---- */

static jmp_buf caught;
static char message[512];

static void catch_misuse(const char *text)
{
    snprintf(message, sizeof message, "%s", text);
    longjmp(caught, 1);
}

/* What each mistake wraps. */
static script_env script;
static sg_env *vector(void) { return script_env_init(&script, 2); }

static sg_env *discrete(void)
{
    sg_env *env = vector();
    env->spec.discrete = true;
    env->spec.action_count = 2;
    env->spec.action_size = 1;
    return env;
}

static sg_env *image(void)
{
    sg_env *env = script_env_init(&script, 12);
    env->spec.obs_rank = 3;
    memcpy(env->spec.obs_dim, (int[]){3, 2, 2}, sizeof env->spec.obs_dim);
    return env;
}

static sg_env *unbounded(void)
{
    sg_env *env = vector();
    env->spec.action_high[1] = INFINITY;
    return env;
}

static void clip_discrete(void) { sg_clip_action(discrete()); }
static void rescale_discrete(void) { sg_rescale_action(discrete()); }
static void rescale_unbounded(void) { sg_rescale_action(unbounded()); }
static void rescale_nothing(void) { sg_rescale_action(NULL); }
static void time_of_an_image(void) { sg_time_feature(image(), 10); }
static void time_without_limit(void) { sg_time_feature(vector(), 0); }
static void no_limit(void) { sg_time_limit(vector(), 0); }
static void observations_in_nothing(void) { sg_clip_observation(vector(), 0); }
static void rewards_in_nan(void) { sg_clip_reward(vector(), NAN); }
static void stack_of_none(void) { sg_frame_stack(vector(), 0); }
static void stack_too_high(void) { sg_frame_stack(vector(), 0x7fffffff); }
static void stack_of_nothing(void) { sg_frame_stack(NULL, 2); }
static void traces_for_ever(void) { sg_observation_traces(vector(), 1); }
static void traces_of_nan(void) { sg_observation_traces(vector(), NAN); }
static void scale_by_gamma(void) { sg_scale_reward(vector(), SG_NORMALIZE_STREAMING, 1.5); }
static void normalize_by_gamma(void) { sg_normalize_reward(vector(), -1); }
static void return_of_no_layer(void) { sg_episode_return(vector()); }
static void length_of_nothing(void) { sg_episode_length(NULL); }

/* What is said names the function and the environment or the value. */
static const struct {
    void (*make)(void);
    const char *words[2];
} mistakes[] = {
    {clip_discrete, {"sg_clip_action", "Script-v0 has discrete actions"}},
    {rescale_discrete, {"sg_rescale_action", "Script-v0 has discrete actions"}},
    {rescale_unbounded, {"sg_rescale_action", "action[1] of Script-v0 has no finite bounds"}},
    {rescale_nothing, {"rescale_action", "NULL"}},
    {time_of_an_image, {"sg_time_feature", "Script-v0 observes an image"}},
    {time_without_limit, {"sg_time_feature", "limit is 0"}},
    {no_limit, {"sg_time_limit", "limit is 0"}},
    {observations_in_nothing, {"sg_clip_observation", "limit is 0"}},
    {rewards_in_nan, {"sg_clip_reward", "limit is nan"}},
    {stack_of_none, {"sg_frame_stack", "count is 0"}},
    {stack_too_high, {"sg_frame_stack", "count is 2147483647"}},
    {stack_of_nothing, {"frame_stack", "NULL"}},
    {traces_for_ever, {"sg_observation_traces", "beta is 1"}},
    {traces_of_nan, {"sg_observation_traces", "beta is nan"}},
    {scale_by_gamma, {"sg_scale_reward", "gamma is 1.5"}},
    {normalize_by_gamma, {"sg_scale_reward", "gamma is -1"}},
    {return_of_no_layer, {"sg_episode_return", "Script-v0"}},
    {length_of_nothing, {"sg_episode_length", "NULL"}},
};

Test(wrapper_misuse, names_the_wrapper_and_what_is_wrong)
{
    sg_on_misuse(catch_misuse);
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        message[0] = 0;
        if (!setjmp(caught))
            mistakes[i].make();
        for (int k = 0; k < 2; k++)
            cr_expect(strstr(message, mistakes[i].words[k]), "mistake %zu: '%s' lacks '%s'", i,
                      message, mistakes[i].words[k]);
    }
    sg_on_misuse(NULL);
}

/* ---- images ---- */

/* Normalisers and traces treat every value of an image for itself and leave its shape alone. */
Test(wrapper_misuse, images_keep_their_shape)
{
    sg_env *env = sg_observation_traces(image(), 0.5);
    env = sg_normalize_observation(env, SG_NORMALIZE_GYMNASIUM);
    cr_assert(env->spec.obs_rank == 3 && env->spec.obs_size == 12);
    cr_assert(memcmp(env->spec.obs_dim, (int[]){3, 2, 2}, sizeof env->spec.obs_dim) == 0);

    /* the last value differs, and only that */
    double obs[12];
    script.obs[11] = 5;
    cr_assert(sg_env_reset(env, NULL, obs, NULL));
    for (int i = 0; i < 11; i++)
        cr_assert(obs[i] == 0);
    cr_assert(obs[11] > 0);
    sg_env_close(env);
}
