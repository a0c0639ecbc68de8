/* test_mujoco_options.c - Gymnasium's keyword arguments of MuJoCo tasks: each may be set and does
 * something, under its own name and in the versions that have it. */
#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "envs/mujoco/mujoco_env.h"
#include "tests/envs/engine.h"

enum { MOST = 512, STEPS = 60 };

/* What an option changes first: the observation's size, its first values, or a later step. */
typedef enum { SIZE, START, STEP } effect;

#define EXCLUDE "exclude_current_positions_from_observation=false"
#define RUN(id)                                                              \
    {id, "forward_reward_weight=2", STEP}, {id, "ctrl_cost_weight=2", STEP}, \
        {id, "reset_noise_scale=0.02", START},                               \
    {                                                                        \
        id, EXCLUDE, SIZE                                                    \
    }
#define HEALTHY(id)                                                        \
    {id, "healthy_reward=3", STEP}, {id, "healthy_z_range=1.9:inf", STEP}, \
    {                                                                      \
        id, "terminate_when_unhealthy=off,healthy_z_range=1.9:inf", STEP   \
    }
#define MODEL(id, file) \
    {id, "frame_skip=7", STEP}, { id, "xml_file=" file, SIZE }
#define INCLUDE(id)                                               \
    {id, "include_cinert_in_observation=false", SIZE},            \
        {id, "include_cvel_in_observation=false", SIZE},          \
        {id, "include_qfrc_actuator_in_observation=false", SIZE}, \
    {                                                             \
        id, "include_cfrc_ext_in_observation=false", SIZE         \
    }

/* Every option of every task; another robot's model is told by its size. */
static const struct {
    const char *id, *option;
    effect effect;
} cases[] = {
    RUN("HalfCheetah-v4"),
    RUN("HalfCheetah-v5"),
    MODEL("HalfCheetah-v5", "ant.xml"),
    RUN("Swimmer-v4"),
    RUN("Swimmer-v5"),
    MODEL("Swimmer-v5", "ant.xml"),
    RUN("Hopper-v4"),
    HEALTHY("Hopper-v4"),
    {"Hopper-v4", "healthy_angle_range=0.1:0.2", STEP},
    {"Hopper-v4", "healthy_state_range=-1e-3:1e-3", STEP},
    RUN("Hopper-v5"),
    HEALTHY("Hopper-v5"),
    MODEL("Hopper-v5", "ant.xml"),
    {"Hopper-v5", "healthy_angle_range=0.1:0.2", STEP},
    {"Hopper-v5", "healthy_state_range=-1e-3:1e-3", STEP},
    RUN("Walker2d-v4"),
    HEALTHY("Walker2d-v4"),
    {"Walker2d-v4", "healthy_angle_range=0.1:0.2", STEP},
    RUN("Walker2d-v5"),
    HEALTHY("Walker2d-v5"),
    MODEL("Walker2d-v5", "ant.xml"),
    {"Walker2d-v5", "healthy_angle_range=0.1:0.2", STEP},
    {"Walker2d-v5", "xml_file=walker2d.xml", STEP},
    {"Ant-v4", "ctrl_cost_weight=2", STEP},
    {"Ant-v4", "xml_file=hopper.xml,healthy_z_range=-9:9", SIZE},
    {"Ant-v4", "reset_noise_scale=0.02", START},
    {"Ant-v4", EXCLUDE, SIZE},
    HEALTHY("Ant-v4"),
    {"Ant-v4", "use_contact_forces=true", SIZE},
    {"Ant-v4", "use_contact_forces=true,contact_cost_weight=1", SIZE},
    {"Ant-v4", "use_contact_forces=true,contact_force_range=-9:9", SIZE},
    RUN("Ant-v5"),
    HEALTHY("Ant-v5"),
    MODEL("Ant-v5", "hopper.xml"),
    {"Ant-v5", "contact_cost_weight=1", STEP},
    {"Ant-v5", "contact_force_range=-9:9", STEP},
    {"Ant-v5", "main_body=4", STEP},
    {"Ant-v5", "main_body=aux_1", STEP},
    {"Ant-v5", "include_cfrc_ext_in_observation=0", SIZE},
    RUN("Humanoid-v4"),
    HEALTHY("Humanoid-v4"),
    RUN("Humanoid-v5"),
    HEALTHY("Humanoid-v5"),
    INCLUDE("Humanoid-v5"),
    MODEL("Humanoid-v5", "ant.xml"),
    {"Humanoid-v5", "contact_cost_weight=1", STEP},
    {"Humanoid-v5", "contact_cost_range=3:9", STEP},
    {"Humanoid-v5", "xml_file=swimmer.xml", SIZE}, /* has less than the root's six velocities */
    {"HumanoidStandup-v5", "uph_cost_weight=2", STEP},
    {"HumanoidStandup-v5", "ctrl_cost_weight=2", STEP},
    {"HumanoidStandup-v5", "impact_cost_weight=1", STEP},
    {"HumanoidStandup-v5", "impact_cost_range=3:9", STEP},
    {"HumanoidStandup-v5", "reset_noise_scale=0.02", START},
    {"HumanoidStandup-v5", EXCLUDE, SIZE},
    INCLUDE("HumanoidStandup-v5"),
    MODEL("HumanoidStandup-v5", "ant.xml"),
    {"Reacher-v5", "reward_dist_weight=2", STEP},
    {"Reacher-v5", "reward_control_weight=2", STEP},
    {"Reacher-v5", "frame_skip=7", STEP},
    {"Pusher-v5", "reward_dist_weight=2", STEP},
    {"Pusher-v5", "reward_control_weight=2", STEP},
    {"Pusher-v5", "reward_near_weight=2", STEP},
    {"Pusher-v5", "frame_skip=7", STEP},
    {"InvertedPendulum-v5", "reset_noise_scale=0.02", START},
    MODEL("InvertedPendulum-v5", "ant.xml"),
    {"InvertedDoublePendulum-v5", "reset_noise_scale=0.02", START},
    {"InvertedDoublePendulum-v5", "healthy_reward=3", STEP},
    {"InvertedDoublePendulum-v5", "frame_skip=7", STEP},
    {"HalfCheetah-v4", "numpy=2", STEP},
    {"HalfCheetah-v5", "numpy=2", STEP},
    {"Swimmer-v4", "numpy=2", STEP},
    {"Swimmer-v5", "numpy=2", STEP},
    {"Hopper-v4", "numpy=2", STEP},
    {"Hopper-v5", "numpy=2", STEP},
    {"Walker2d-v4", "numpy=2", STEP},
    {"Walker2d-v5", "numpy=2", STEP},
    {"Pusher-v5", "numpy=2", STEP},
};

enum { CASE_COUNT = sizeof cases / sizeof cases[0] };

static sg_env *make(const char *id, const char *options)
{
    sg_error error = {""};
    sg_env *env = sg_env_make(id, options, &error);
    cr_assert(env != NULL, "%s", error.text);
    return env;
}

/* The same random actions for both, up to the first difference. */
static bool step_differs(sg_env *a, sg_env *b)
{
    sg_random random;
    sg_random_seed(&random, 3);
    double action[SG_MAX_ACTIONS], obs_a[MOST], obs_b[MOST];
    size_t bytes = (size_t)a->spec.obs_size * sizeof(double);
    for (int i = 0; i < STEPS; i++) {
        sg_error error = {""};
        sg_transition t, u;
        for (int k = 0; k < a->spec.action_size; k++)
            action[k] = sg_random_uniform(&random, -1, 1);
        cr_assert(sg_env_step(a, action, obs_a, &t, &error), "%s", error.text);
        cr_assert(sg_env_step(b, action, obs_b, &u, &error), "%s", error.text);
        if (t.reward != u.reward || t.terminated != u.terminated || memcmp(obs_a, obs_b, bytes))
            return true;
    }
    return false;
}

/* The earliest difference between two environments that start from one seed. */
static effect first_difference(sg_env *a, sg_env *b, const char *what)
{
    const uint64_t seed = 1;
    double obs_a[MOST], obs_b[MOST];
    if (a->spec.obs_size != b->spec.obs_size)
        return SIZE;
    cr_assert(sg_env_reset(a, &seed, obs_a, NULL) && sg_env_reset(b, &seed, obs_b, NULL));
    if (memcmp(obs_a, obs_b, (size_t)a->spec.obs_size * sizeof(double)) != 0)
        return START;
    cr_assert(step_differs(a, b), "%s changes nothing", what);
    return STEP;
}

Test(mujoco_options, each_does_what_it_should)
{
    for (int i = 0; i < CASE_COUNT; i++) {
        char what[200];
        snprintf(what, sizeof what, "%s %s", cases[i].id, cases[i].option);
        sg_env *plain = make(cases[i].id, NULL), *changed = make(cases[i].id, cases[i].option);
        cr_assert_eq(first_difference(plain, changed, what), cases[i].effect, "%s", what);
        sg_env_close(plain);
        sg_env_close(changed);
    }
    printf("%d options of MuJoCo tasks tried\n", CASE_COUNT);
}

/* NumPy 1 pays for the effort with a double product of the weight and the float32 sum of squares,
 * NumPy 2 with a float32 product: to the bit, where nothing else is paid. */
Test(mujoco_options, numpy_2_weighs_the_effort_in_float32)
{
    const uint64_t seed = 1;
    const char *const weight = "reward_dist_weight=0,reward_control_weight=0.3";
    char options[2][100];
    for (int numpy = 1; numpy <= 2; numpy++)
        snprintf(options[numpy - 1], sizeof options[0], "%s,numpy=%d", weight, numpy);
    for (int i = 0; i < 2; i++) {
        double obs[MOST], action[2] = {0.7f, -0.9f};
        float squares = 0.7f * 0.7f + 0.9f * 0.9f;
        sg_transition t;
        sg_env *env = make("Reacher-v5", options[i]);
        cr_assert(sg_env_reset(env, &seed, obs, NULL));
        cr_assert(sg_env_step(env, action, obs, &t, NULL));
        double paid = i == 0 ? 0.3 * (double)squares : (double)(0.3f * squares);
        cr_expect_eq(t.reward, -paid, "%.17g, not %.17g", t.reward, -paid);
        sg_env_close(env);
    }
}

/* Written out, the defaults are the defaults. */
Test(mujoco_options, defaults_change_nothing)
{
    static const char *const same[][2] = {
        {"Hopper-v5", "healthy_z_range=0.7:inf,frame_skip=4,xml_file=hopper.xml,numpy=1"},
        {"Ant-v4", "xml_file=ant.xml"},
        {"Walker2d-v5", "xml_file=walker2d_v5.xml"},
        {"Ant-v5", "main_body=torso,contact_force_range=-1:1"},
        {"Humanoid-v5", "contact_cost_range=-inf:10"},
        {"HumanoidStandup-v5", "uph_cost_weight=1,impact_cost_weight=5e-7"},
        {"Pusher-v5", "xml_file=pusher_v5.xml,reward_near_weight=0.5"},
    };
    for (size_t i = 0; i < sizeof same / sizeof same[0]; i++) {
        const uint64_t seed = 1;
        double obs[MOST];
        sg_env *a = make(same[i][0], NULL), *b = make(same[i][0], same[i][1]);
        cr_assert(sg_env_reset(a, &seed, obs, NULL) && sg_env_reset(b, &seed, obs, NULL));
        cr_assert(!step_differs(a, b), "%s: %s", same[i][0], same[i][1]);
        sg_env_close(a);
        sg_env_close(b);
    }
}

/* What Gymnasium's version 4 does not take is refused, as is anything malformed. */
Test(mujoco_options, others_are_refused_with_one_line)
{
    static const char *const wrong[][3] = {
        {"Hopper-v4", "frame_skip=3", "unknown option 'frame_skip'"},
        {"HumanoidStandup-v4", "ctrl_cost_weight=1", "no options"},
        {"Reacher-v4", "reward_dist_weight=1", "no options"},
        {"Humanoid-v4", "contact_cost_weight=1", "unknown option"},
        {"HumanoidStandup-v5", "contact_cost_weight=1", "impact_cost_weight"},
        {"Reacher-v5", "reset_noise_scale=1", "reward_control_weight"},
        {"Hopper-v5", "healthy_z_range=1", "low:high"},
        {"Hopper-v5", "healthy_z_range=2:1", "low must not be above high"},
        {"Hopper-v5", "healthy_z_range=nan:1", "low:high"},
        {"Hopper-v5", "healthy_z_range=0:1:2", "low:high"},
        {"Hopper-v5", "numpy=3", "whole number from 1 to 2"},
        {"Humanoid-v5", "numpy=2", "unknown option 'numpy'"},
        {"Hopper-v5", "frame_skip=0", "whole number from 1"},
        {"Hopper-v5", "frame_skip=2.5", "whole number from 1"},
        {"Hopper-v5", "xml_file=", "1 to 255"},
        {"Ant-v5", "main_body=tail", "no body 'tail'"},
        {"Ant-v5", "main_body=14", "bodies 0 to 13"},
        {"Ant-v5", "main_body=-1", "bodies 0 to 13"},
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        sg_error error = {""};
        cr_assert(sg_env_make(wrong[i][0], wrong[i][1], &error) == NULL, "%s", wrong[i][1]);
        cr_assert(strstr(error.text, wrong[i][0]) != NULL, "%s", error.text);
        cr_assert(strstr(error.text, wrong[i][2]) != NULL, "%s", error.text);
        cr_assert(strchr(error.text, '\n') == NULL, "%s", error.text);
    }
}
