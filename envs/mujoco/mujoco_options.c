/* mujoco_options.c - the options of MuJoCo tasks: Gymnasium's keyword arguments by their names. */
#include <math.h>
#include <string.h>

#include "envs/mujoco/task.h"

/* Lines of the table: Gymnasium's name, our field. */
#define FIELD(field) offsetof(sg_mujoco_config, field)
#define NUMBER(name, field, low)                       \
    {                                                  \
        name, SG_OPTION_NUMBER, FIELD(field), low, 1e9 \
    }
#define RANGE(name)                                              \
    {                                                            \
#name, SG_OPTION_RANGE, FIELD(name), -INFINITY, INFINITY \
    }
#define SWITCH(name, field)                        \
    {                                              \
        name, SG_OPTION_SWITCH, FIELD(field), 0, 0 \
    }
#define STRING(name)                               \
    {                                              \
#name, SG_OPTION_STRING, FIELD(name), 0, 0 \
    }

static const sg_option table[] = {
    STRING(xml_file),
    {"frame_skip", SG_OPTION_INTEGER, FIELD(frame_skip), 1, 10000},
    NUMBER("reset_noise_scale", reset_noise_scale, 0),
    NUMBER("forward_reward_weight", forward_reward_weight, -1e9),
    NUMBER("ctrl_cost_weight", ctrl_cost_weight, -1e9),
    NUMBER("reward_control_weight", ctrl_cost_weight, -1e9),
    NUMBER("contact_cost_weight", contact_cost_weight, -1e9),
    NUMBER("impact_cost_weight", contact_cost_weight, -1e9),
    RANGE(contact_cost_range),
    {"impact_cost_range", SG_OPTION_RANGE, FIELD(contact_cost_range), -INFINITY, INFINITY},
    RANGE(contact_force_range),
    NUMBER("reward_dist_weight", reward_dist_weight, -1e9),
    NUMBER("reward_near_weight", reward_near_weight, -1e9),
    NUMBER("uph_cost_weight", uph_cost_weight, -1e9),
    NUMBER("healthy_reward", healthy_reward, -1e9),
    RANGE(healthy_z_range),
    RANGE(healthy_angle_range),
    RANGE(healthy_state_range),
    STRING(main_body),
    {"numpy", SG_OPTION_INTEGER, FIELD(numpy), SG_NUMPY_1, SG_NUMPY_2},
    SWITCH("terminate_when_unhealthy", terminate_when_unhealthy),
    SWITCH("exclude_current_positions_from_observation", exclude_current_positions),
    SWITCH("use_contact_forces", use_contact_forces),
    SWITCH("include_cinert_in_observation", include_cinert),
    SWITCH("include_cvel_in_observation", include_cvel),
    SWITCH("include_qfrc_actuator_in_observation", include_qfrc_actuator),
    SWITCH("include_cfrc_ext_in_observation", include_cfrc_ext),
};

/* What every task has from version 5 on. */
static const char *const common[] = {"xml_file", "frame_skip", NULL};

/* A task that names an option not in the table is a mistake in the task. */
static const sg_option *find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    sg_misuse("MuJoCo tasks have no option '%s'", name);
}

/* Adds the named options to those allowed. */
static int allow(sg_option *allowed, int count, const char *const *names)
{
    for (int i = 0; names && names[i]; i++)
        allowed[count++] = *find(names[i]);
    return count;
}

/* Only what the task lists may be set. */
bool sg_mujoco_configure(const sg_mujoco_task *task, const char *id, sg_mujoco_config *config,
                         const char *options, sg_error *error)
{
    sg_option allowed[SG_MUJOCO_MAX_OPTIONS];
    int count = allow(allowed, 0, sg_mujoco_version(id) >= 5 ? common : NULL);
    count = allow(allowed, count, task->options);
    *config = task->defaults;
    if (config->numpy == 0)
        config->numpy = SG_NUMPY_1;
    return sg_options_parse(id, allowed, count, config, options, error);
}
