/* tasks.h - the makers of tasks that the registry lists; each lives in the file of its name. */
#ifndef SG_TASKS_H
#define SG_TASKS_H

#include "envs/env.h"

/* envs/mujoco */
sg_env *sg_half_cheetah_make(const char *id, const char *options, sg_error *error);
sg_env *sg_hopper_make(const char *id, const char *options, sg_error *error);
sg_env *sg_walker2d_make(const char *id, const char *options, sg_error *error);
sg_env *sg_ant_make(const char *id, const char *options, sg_error *error);
sg_env *sg_humanoid_make(const char *id, const char *options, sg_error *error);
sg_env *sg_humanoid_standup_make(const char *id, const char *options, sg_error *error);
sg_env *sg_swimmer_make(const char *id, const char *options, sg_error *error);
sg_env *sg_reacher_make(const char *id, const char *options, sg_error *error);
sg_env *sg_pusher_make(const char *id, const char *options, sg_error *error);
sg_env *sg_inverted_pendulum_make(const char *id, const char *options, sg_error *error);
sg_env *sg_inverted_double_pendulum_make(const char *id, const char *options, sg_error *error);

/* envs/classic */
sg_env *sg_cartpole_make(const char *id, const char *options, sg_error *error);
sg_env *sg_acrobot_make(const char *id, const char *options, sg_error *error);
sg_env *sg_mountain_car_make(const char *id, const char *options, sg_error *error);
sg_env *sg_mountain_car_continuous_make(const char *id, const char *options, sg_error *error);
sg_env *sg_pendulum_make(const char *id, const char *options, sg_error *error);

/* envs/dots */
sg_env *sg_dot_reacher_make(const char *id, const char *options, sg_error *error);
sg_env *sg_dot_seeker_make(const char *id, const char *options, sg_error *error);

#endif
