/* plugin_file.h - the program's side of plugins: an environment's id may be the path of one.
 *
 * An id that holds a '/' and ends in ".so" is a file; a relative one starts at the current folder.
 * A plugin stays loaded until the program ends, so its functions outlive every environment.
 */
#ifndef SG_PLUGIN_FILE_H
#define SG_PLUGIN_FILE_H

#include "envs/env.h"

/* Whether an id is a path of that kind; the file need not be there. */
bool sg_plugin_is_path(const char *id);

/* The plugin's entry, which lives as long as the program. NULL with one line if the file is
 * missing, cannot be loaded, is no plugin, or was built for another version. */
const sg_env_entry *sg_plugin_load(const char *path, sg_error *error);

/* The id that means the same from any folder: a plugin's absolute path, symbolic links followed;
 * other ids, and paths of nothing, as they are. Free it. */
char *sg_plugin_full_id(const char *id);

/* For names and titles: "mine" of "/home/me/mine.so"; other ids as they are. Cut at 63 letters. */
void sg_plugin_label(const char *id, char label[64]);

#endif
