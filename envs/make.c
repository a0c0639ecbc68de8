/* make.c - from a line of the registry, or of a plugin, to an environment that can be relied on. */
#include <stdio.h>
#include <stdlib.h>

#include "envs/call.h"
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

/* What a layer lacks, or NULL. Only the task itself must have a state. */
static const char *find_missing(const sg_env *layer)
{
    const sg_env_functions *f = layer->functions;
    if (!f)
        return "table of functions";
    if (!f->reset)
        return "reset function";
    if (!f->step)
        return "step function";
    if (!f->state && !layer->inner)
        return "state function";
    return f->close ? NULL : "close function";
}

/* A task may come in wrappers. */
static bool check_functions(const sg_env *env, const char *id, sg_error *error)
{
    for (const sg_env *layer = env; layer; layer = layer->inner) {
        const char *missing = find_missing(layer);
        if (missing)
            return sg_fail(error, "%s: the environment has no %s", id, missing);
    }
    return true;
}

/* Saves once, into nothing: a mistake there must not come out when a long run is to be saved. */
static bool try_state(sg_env *task, sg_error *error)
{
    sg_archive *archive = sg_archive_new();
    bool ok = sg_env_visit(task, archive, error);
    sg_archive_free(archive);
    return ok;
}

/* A task that is refused is closed, as far as it knows how to. */
static sg_env *refuse(sg_env *task)
{
    while (task) {
        sg_env *inner = task->inner;
        if (task->functions && task->functions->close)
            task->functions->close(task);
        task = inner;
    }
    return NULL;
}

/* Nothing is taken for granted: the entry may be anybody's. */
sg_env *sg_env_make_entry(const sg_env_entry *entry, const char *options, sg_error *error)
{
    sg_env_call call;
    sg_env_call_begin(&call, entry->id, "make", error);
    sg_env *task = entry->make(entry->id, options, error);
    if (!sg_env_call_end(&call, task != NULL, error))
        return NULL;
    complete(&task->spec, entry->id);
    if (!check_functions(task, entry->id, error) || !sg_env_spec_check(&task->spec, error) ||
        !try_state(task, error))
        return refuse(task);
    /* the limit belongs to the task, and is kept outside of it */
    return task->spec.time_limit > 0 ? sg_time_limit(task, task->spec.time_limit) : task;
}
