/* env_options.h - the options of an environment, for people to read. (A header of its own, since
 * cli/options.h and envs/options.h both speak of options.) */
#ifndef SG_CLI_ENV_OPTIONS_H
#define SG_CLI_ENV_OPTIONS_H

#include "envs/env.h"

/* Makes the entry's environment and writes its options into `list` (free it), one line each with
 * default and range; "" if it has none. NULL if it cannot be made. */
sg_env *sg_cli_list_env_options(const sg_env_entry *entry, char **list, sg_error *error);

#endif
