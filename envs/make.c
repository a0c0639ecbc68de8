/* make.c - from a line of the registry, or of a plugin, to an environment that can be relied on. */
#include <stdio.h>
#include <stdlib.h>

#include "envs/check.h"
#include "envs/env.h"
#include "envs/wrappers.h"

/* What most tasks would write the same. */
static void complete(sg_env_spec *spec, const char *id)
{
    if (!spec->id[0])
        snprintf(spec->id, sizeof spec->id, "%s", id);
    if (spec->obs_rank == 0) {
        spec->obs_rank = 1;
        spec->obs_dim[0] = spec->obs_size;
    }
    if (spec->discrete && spec->action_size == 0)
        spec->action_size = 1;
}

/* The functions that every task must have. */
static bool check_functions(const sg_env_functions *f, const char *id, sg_error *error)
{
    const char *missing = !f          ? "table of functions"
                          : !f->reset ? "reset function"
                          : !f->step  ? "step function"
                          : !f->state ? "state function"
                          : !f->close ? "close function"
                                      : NULL;
    return !missing || sg_fail(error, "%s: the environment has no %s", id, missing);
}

/* A task that is refused is closed, if it knows how to. */
static sg_env *refuse(sg_env *task)
{
    if (task->functions && task->functions->close)
        sg_env_close(task);
    return NULL;
}

/* Nothing is taken for granted: the entry may be anybody's. */
sg_env *sg_env_make_entry(const sg_env_entry *entry, const char *options, sg_error *error)
{
    sg_error reason = {""};
    sg_env *task = entry->make(entry->id, options, &reason);
    if (!task) {
        sg_fail(error, "%s", reason.text[0] ? reason.text : "the environment gave no reason");
        return NULL;
    }
    complete(&task->spec, entry->id);
    if (!check_functions(task->functions, entry->id, error) ||
        !sg_env_spec_check(&task->spec, error))
        return refuse(task);
    /* the limit belongs to the task, and is kept outside of it */
    return task->spec.time_limit > 0 ? sg_time_limit(task, task->spec.time_limit) : task;
}
