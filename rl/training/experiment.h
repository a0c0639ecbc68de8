/* experiment.h - what a run is: everything that decides its numbers, and the parts it is made of.
 */
#ifndef SG_EXPERIMENT_H
#define SG_EXPERIMENT_H

#include "rl/agent.h"
#include "rl/training/files.h"
#include "rl/training/hash.h"
#include "rl/training/machine.h"

typedef struct {
    const sg_algorithm *algorithm;
    void *config;              /* of the algorithm; owned */
    char *environment;         /* id, or a plugin's absolute path; owned */
    char *environment_options; /* "key=value,key=value"; owned; NULL for none */
    sg_dtype dtype;
    uint64_t seed;
    int64_t steps;      /* of the environment, over the whole run */
    int threads;        /* does not change the numbers */
    int64_t eval_every; /* steps between evaluations, 0 for none; does not change them either */
    int eval_episodes;
    bool check_finite;  /* look at every node of every step (slow); not recorded */
    sg_machine machine; /* with which it began */
    char plugin_hash[SG_HASH_DIGITS + 1]; /* of the plugin's file then; "" if it is none */
    char model_hash[SG_HASH_DIGITS + 1];  /* of the model's file that the options name; or "" */
    char key[SG_HASH_DIGITS + 1]; /* as run.json has it, see sg_experiment_key; "" if it is new */
} sg_experiment;

/* A million steps in float32 with seed 0, one thread and no evaluation; no algorithm yet. */
sg_experiment sg_experiment_default(void);
void sg_experiment_release(sg_experiment *run);

/* Names the environment; of a plugin (envs/plugin_file.h) path and content are kept, so that it is
 * found again from any folder and known if it changed. False if it cannot be read. */
bool sg_experiment_set_environment(sg_experiment *run, const char *id, sg_error *error);
/* The same plugin at another path is still the same environment; any other is refused. */
bool sg_experiment_move_environment(sg_experiment *run, const char *id, sg_error *error);
/* The environment's options, NULL for none. A model's file that they name (xml_file) is kept as a
 * plugin is: by its absolute path, links staying, and its content. False if the current folder
 * cannot be told. */
bool sg_experiment_set_options(sg_experiment *run, const char *options, sg_error *error);
/* True if these are the run's options. The same model in another folder is still the same: where it
 * is now is kept. */
bool sg_experiment_move_options(sg_experiment *run, const char *options);
/* The options with the model's file named without its folder, if its content is known; "" for none.
 * Free it. */
char *sg_experiment_brief_options(const sg_experiment *run);
/* True if the plugin's or the model's file is not as it was when the run began. Of one that cannot
 * be read the environment tells when it is made. */
bool sg_experiment_changed(const sg_experiment *run);

/* The same 16 digits for runs that differ only in seed, length, threads or evaluation. */
void sg_experiment_id(const sg_experiment *run, char id[SG_HASH_DIGITS + 1]);
/* Names the run, its seed included, in run.json and in its checkpoints, so that those of another
 * run are known. It stays what it was when the run began, whatever settings a later version adds.
 */
void sg_experiment_key(const sg_experiment *run, char key[SG_HASH_DIGITS + 1]);
/* runs/<algorithm>-<environment>-<id>-s<seed> */
void sg_experiment_default_folder(const sg_experiment *run, char path[SG_PATH_SIZE]);

/* The environment as the agent sees it. `monitor` becomes the wrapper that sums up episodes. */
sg_env *sg_experiment_make_env(const sg_experiment *run, sg_env **monitor, sg_error *error);
sg_agent *sg_experiment_make_agent(const sg_experiment *run, const sg_env_spec *spec,
                                   sg_error *error);

/* run.json: the run, and the program and machine that made it. Its last entry is the XXH64 checksum
 * of all the text before that entry: a file that was changed by hand is told and not used. */
#define SG_RUN_FILE "run.json"
bool sg_experiment_write(const sg_experiment *run, const char *folder, sg_error *error);
/* Fills a run from a folder's run.json. False, with nothing to release, if that is missing or bad.
 */
bool sg_experiment_read(sg_experiment *run, const char *folder, sg_error *error);

#endif
