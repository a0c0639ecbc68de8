/* test_wide_observations.c - observations as wide as an environment may have them, before networks
 * that this makes too large: every algorithm is refused with a line. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "rl/agent.h"

/* With the kind of actions that the algorithm takes. */
static sg_env_spec wide_spec(const sg_algorithm *algorithm, const void *config)
{
    sg_env_spec spec = {.id = "Wide-v0",
                        .obs_size = SG_MAX_OBSERVATION,
                        .obs_rank = 1,
                        .obs_dim = {SG_MAX_OBSERVATION},
                        .action_size = 1,
                        .action_low = {-1},
                        .action_high = {1}};
    spec.discrete = !sg_algorithm_suits(algorithm, &spec, config, NULL);
    spec.action_count = spec.discrete ? 2 : 0;
    return spec;
}

static void expect_refused(const sg_algorithm *algorithm, const char *set)
{
    sg_error error = {""};
    void *config = sg_algorithm_config(algorithm, "Wide-v0", &set, 1, &error);
    cr_assert(config, "%s: %s", algorithm->name, error.text);
    sg_env_spec spec = wide_spec(algorithm, config);
    cr_expect_null(sg_agent_new(algorithm, config, &spec, sg_agent_options_default(), &error));
    cr_expect(strstr(error.text, "16777216 values"), "%s: '%s'", algorithm->name, error.text);
    free(config);
}

Test(wide_observations, are_refused_with_a_line)
{
    for (int i = 0; i < sg_algorithm_count(); i++) {
        const sg_algorithm *algorithm = sg_algorithm_at(i);
        bool one_width = sg_settings_find(&algorithm->settings, "hidden");
        expect_refused(algorithm, one_width ? "hidden=256" : "hidden_1=256");
    }
}
