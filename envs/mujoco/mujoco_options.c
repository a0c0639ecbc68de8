/* mujoco_options.c - the options of MuJoCo tasks: Gymnasium's keyword arguments by their names. */
#include <math.h>
#include <string.h>

#include "envs/mujoco/task.h"

/* Lines of the table; Gymnasium's names of switches are longer than our fields. */
#define SWITCH(name, field)                                             \
    {                                                                   \
        name, SG_OPTION_SWITCH, offsetof(sg_mujoco_config, field), 0, 0 \
    }
#define NUMBER(name, low, high)                                              \
    {                                                                        \
#name, SG_OPTION_NUMBER, offsetof(sg_mujoco_config, name), low, high \
    }

static const sg_option table[] = {
    NUMBER(reset_noise_scale, 0, 1e3),
    NUMBER(forward_reward_weight, -1e9, 1e9),
    NUMBER(ctrl_cost_weight, -1e9, 1e9),
    NUMBER(reward_dist_weight, -1e9, 1e9),
    NUMBER(reward_near_weight, -1e9, 1e9),
    {"reward_control_weight", SG_OPTION_NUMBER, offsetof(sg_mujoco_config, ctrl_cost_weight), -1e9,
     1e9},
    NUMBER(contact_cost_weight, -1e9, 1e9),
    NUMBER(contact_cost_min, -INFINITY, INFINITY),
    NUMBER(contact_cost_max, -INFINITY, INFINITY),
    NUMBER(contact_force_min, -INFINITY, INFINITY),
    NUMBER(contact_force_max, -INFINITY, INFINITY),
    NUMBER(healthy_reward, -1e9, 1e9),
    NUMBER(healthy_z_min, -INFINITY, INFINITY),
    NUMBER(healthy_z_max, -INFINITY, INFINITY),
    NUMBER(healthy_angle_min, -INFINITY, INFINITY),
    NUMBER(healthy_angle_max, -INFINITY, INFINITY),
    NUMBER(healthy_state_min, -INFINITY, INFINITY),
    NUMBER(healthy_state_max, -INFINITY, INFINITY),
    SWITCH("terminate_when_unhealthy", terminate_when_unhealthy),
    SWITCH("exclude_current_positions_from_observation", exclude_current_positions),
    SWITCH("use_contact_forces", use_contact_forces),
    SWITCH("include_cinert_in_observation", include_cinert),
    SWITCH("include_cvel_in_observation", include_cvel),
    SWITCH("include_qfrc_actuator_in_observation", include_qfrc_actuator),
    SWITCH("include_cfrc_ext_in_observation", include_cfrc_ext),
};

/* A task that names an option not in the table is a mistake in the task. */
static const sg_option *find(const char *name)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    }
    sg_misuse("MuJoCo tasks have no option '%s'", name);
}

/* Only what the task lists may be set. */
bool sg_mujoco_configure(const sg_mujoco_task *task, const char *id, sg_mujoco_config *config,
                         const char *options, sg_error *error)
{
    const sg_option *allowed[SG_MUJOCO_MAX_OPTIONS];
    int count = 0;
    while (task->options[count]) {
        allowed[count] = find(task->options[count]);
        count++;
    }
    *config = task->defaults;
    return sg_options_parse(id, allowed, count, config, options, error);
}
