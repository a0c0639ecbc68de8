/* plugin.h - one's own environment in a shared object: all that its one C file includes.
 *
 *     #include "envs/plugin.h"
 *     ...an sg_env, its functions, and a function that makes one (envs/env.h)...
 *     SG_ENV_PLUGIN("Mine-v0", "what the task is", mine_make)
 *
 *     cc -shared -fPIC $(pkg-config --cflags streamgrad) mine.c -o mine.so
 *     streamgrad check-env ./mine.so && streamgrad train avg --env ./mine.so
 *
 * `--env-set key=value` reaches the make function as text; sg_options_parse (envs/options.h) reads
 * it by a table. The program exports the library, so a plugin may call all of it and need not be
 * linked with it. docs/new-environment.md is the guide.
 */
#ifndef SG_ENV_PLUGIN_H
#define SG_ENV_PLUGIN_H

#include "envs/env.h"
#include "envs/options.h"

/* The version of the interface: raised whenever a struct that a plugin fills or reads changes
 * (envs/env.h, envs/options.h, envs/mujoco/task.h, tensor/error.h). Another version is refused. */
enum { SG_ENV_ABI = 3 };

/* What the program looks for, under the name sg_env_plugin. */
typedef struct {
    uint32_t abi; /* SG_ENV_ABI of the header it was built with; first in every version */
    uint32_t env_size, functions_size; /* of sg_env and sg_env_functions there */
    sg_env_entry entry;                /* as a line of the registry */
} sg_plugin;

/* Once in a plugin, at the end of its file. The id is what messages and spec.id say; the file's
 * name is free. */
#define SG_ENV_PLUGIN(name, text, function)                                      \
    extern const sg_plugin sg_env_plugin __attribute__((visibility("default"))); \
    const sg_plugin sg_env_plugin = {                                            \
        SG_ENV_ABI, sizeof(sg_env), sizeof(sg_env_functions), {name, text, function}};

#endif
