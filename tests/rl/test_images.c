/* test_images.c - the streaming algorithms on images of MinAtar's size, with their presets for it:
 * gradients of every loss against differences, and learning that stays finite and changes every
 * parameter. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "autograd/check.h"
#include "rl/agent.h"

enum { CHANNELS = 4, SIDE = 10, SIZE = CHANNELS * SIDE * SIDE, STEPS = 30 };

static const char *const algorithms[] = {"stream_q",  "stream_sarsa",  "stream_td",
                                         "stream_ac", "intentional_q", "intentional_ac"};
enum { COUNT = sizeof algorithms / sizeof algorithms[0] };

static const sg_env_spec spec = {.id = "MinAtar/Breakout-v1",
                                 .obs_rank = 3,
                                 .obs_dim = {CHANNELS, SIDE, SIDE},
                                 .obs_size = SIZE,
                                 .discrete = true,
                                 .action_count = 6,
                                 .action_size = 1};

static void *config_of(const sg_algorithm *a)
{
    const char *sets[] = {"hidden=6,sparsity=0.5"};
    sg_error error = {""};
    void *config = sg_algorithm_config(a, spec.id, sets, 1, &error);
    cr_assert(config, "%s: %s", a->name, error.text);
    return config;
}

/* Frames of few ones, of which some change from step to step. */
static void next_frame(sg_random *random, double *frame)
{
    for (int i = 0; i < SIZE; i++)
        if (sg_random_unit(random) < 0.2)
            frame[i] = sg_random_unit(random) < 0.1;
}

Test(images, gradients)
{
    for (int k = 0; k < COUNT; k++) {
        const sg_algorithm *a = sg_algorithm_find(algorithms[k], NULL);
        void *config = config_of(a);
        sg_graph *g = sg_graph_new(SG_F64);
        sg_check_config check = sg_check_config_default();
        sg_compile_options options = sg_compile_options_default();
        sg_random random;
        double frame[SIZE] = {0};
        check.max_elements = 40;
        options.keep_all = true;
        a->build(g, &spec, config);
        sg_program *p = sg_compile(g, options);
        sg_random_seed(&random, 4);
        next_frame(&random, frame);
        sg_set(p, sg_find(p, "obs"), frame);
        next_frame(&random, frame);
        sg_set(p, sg_find(p, "next_obs"), frame);
        sg_set(p, sg_find(p, "reward"), (double[]){1});
        sg_run(p, sg_phase_find(p, "act"));
        sg_check_report r = sg_gradcheck_graph(g, p, check, NULL, NULL);
        cr_expect(sg_check_passed(&r) && r.checked > 90, "%s: %d of %d failed, worst %g at %s",
                  a->name, r.failed, r.checked, r.worst, r.where);
        sg_program_free(p);
        sg_graph_free(g);
        free(config);
    }
}

static void play(sg_agent *agent, const char *name)
{
    double frames[2][SIZE] = {{0}}, action;
    sg_random random;
    sg_error error = {""};
    sg_random_seed(&random, 8);
    for (int t = 0; t < STEPS; t++) {
        double *S = frames[t % 2], *S_next = frames[1 - t % 2];
        sg_transition transition = {.reward = t % 3, .terminated = t % 10 == 9};
        sg_agent_act(agent, S, &action);
        cr_assert(action >= 0 && action < spec.action_count && action == (int)action);
        memcpy(S_next, S, sizeof frames[0]);
        next_frame(&random, S_next);
        cr_assert(sg_agent_learn(agent, &transition, S_next, &error), "%s: %s", name, error.text);
    }
}

/* True if any element is not what the parameter started from. */
static bool has_changed(const sg_program *p, const sg_program *begun, sg_node parameter)
{
    size_t n = sg_shape_size(sg_node_shape(parameter));
    double *now = malloc(2 * n * sizeof *now), *then = now + n;
    sg_get(p, parameter, now);
    sg_get(begun, parameter, then);
    bool changed = memcmp(now, then, n * sizeof *now) != 0;
    free(now);
    return changed;
}

Test(images, learning_moves_every_parameter)
{
    for (int k = 0; k < COUNT; k++) {
        const sg_algorithm *a = sg_algorithm_find(algorithms[k], NULL);
        void *config = config_of(a);
        sg_agent *agent = sg_agent_new(a, config, &spec, sg_agent_options_default(), NULL);
        sg_graph *g = (sg_graph *)sg_agent_graph(agent);
        sg_program *begun = sg_compile(g, sg_compile_options_default());
        sg_nodes parameters = sg_parameters(g);
        play(agent, a->name);
        cr_expect_eq(parameters.count, strstr(a->name, "ac") ? 12 : 6);
        for (int i = 0; i < parameters.count; i++) {
            sg_node w = sg_nodes_at(parameters, i);
            cr_expect(has_changed(sg_agent_program(agent), begun, w), "%s: %s stays as it was",
                      a->name, sg_node_name(w));
        }
        sg_program_free(begun);
        sg_agent_free(agent);
        free(config);
    }
}
