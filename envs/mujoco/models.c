/* models.c - MJCF models, embedded at build time or on disk, and their compilation by MuJoCo. */
#define _GNU_SOURCE /* dladdr */
#include "envs/mujoco/models.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "envs/env.h"
#include "tensor/tensor.h"

/* ---- the embedded texts ---- */

/* Every model, models/<name>.xml; a new one is one line here. */
#define MODELS(X)               \
    X(ant)                      \
    X(half_cheetah)             \
    X(hopper)                   \
    X(humanoid)                 \
    X(humanoidstandup)          \
    X(inverted_double_pendulum) \
    X(inverted_pendulum)        \
    X(point)                    \
    X(pusher)                   \
    X(pusher_v5)                \
    X(reacher)                  \
    X(swimmer)                  \
    X(walker2d)

/* The assembler copies the file, found from the project's folder, and ends it with a NUL. */
#define EMBED(name)                                          \
    extern const char sg_xml_##name[];                       \
    __asm__(".pushsection .rodata\n"                         \
            ".globl sg_xml_" #name "\n"                      \
            ".hidden sg_xml_" #name "\n"                     \
            "sg_xml_" #name ":\n"                            \
            ".incbin \"envs/mujoco/models/" #name ".xml\"\n" \
            ".byte 0\n"                                      \
            ".popsection\n");
MODELS(EMBED)

#define ENTRY(name) {#name ".xml", sg_xml_##name},
static const struct {
    const char *file;
    const char *text;
} models[] = {MODELS(ENTRY)};

enum { MODEL_COUNT = sizeof models / sizeof models[0] };

const char *sg_mujoco_model_xml(const char *file)
{
    for (int i = 0; i < MODEL_COUNT; i++) {
        if (strcmp(models[i].file, file) == 0)
            return models[i].text;
    }
    return NULL;
}

/* ---- compilation ---- */

/* MuJoCo reads files only: the text becomes one in its virtual file system. */
static bool put_file(mjVFS *vfs, const char *file, const char *text)
{
    int size = (int)strlen(text);
#if mjVERSION_HEADER >= 300
    return mj_addBufferVFS(vfs, file, text, size) == 0;
#else
    if (mj_makeEmptyFileVFS(vfs, file, size) != 0)
        return false;
    memcpy(vfs->filedata[mj_findFileVFS(vfs, file)], text, (size_t)size);
    return true;
#endif
}

/* One at a time: the compiler replaces global handlers and the locale while it works. */
static mjModel *compile(const char *file, const mjVFS *vfs, char *message, int size)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    mjModel *model = mj_loadXML(file, vfs, message, size);
    pthread_mutex_unlock(&lock);
    return model;
}

/* MuJoCo's messages have several lines, ours have one: each run of line ends becomes a space. */
static void join_lines(char *message)
{
    char *to = message;
    for (const char *from = message; *from; from += strspn(from, "\n")) {
        size_t length = strcspn(from, "\n");
        if (to > message)
            *to++ = ' ';
        memmove(to, from, length);
        to += length;
        from += length;
    }
    *to = '\0';
}

/* NULL becomes one line about why. */
static mjModel *accepted(mjModel *model, const char *file, char *message, sg_error *error)
{
    if (!model) {
        join_lines(message);
        sg_fail(error, "MuJoCo does not accept the model %.200s: %s", file, message);
    }
    return model;
}

mjModel *sg_mujoco_load(const char *file, sg_error *error)
{
    const char *text = sg_mujoco_model_xml(file);
    if (!text) {
        sg_fail(error, "there is no MuJoCo model \"%s\" in this library", file);
        return NULL;
    }

    /* mjVFS takes megabytes in MuJoCo 2: too much for the stack */
    mjVFS *vfs = sg_alloc(sizeof *vfs);
    mj_defaultVFS(vfs);
    char message[400] = "out of memory";
    mjModel *model = put_file(vfs, file, text) ? compile(file, vfs, message, sizeof message) : NULL;
    mj_deleteVFS(vfs);
    free(vfs);
    return accepted(model, file, message, error);
}

/* ---- models on disk ---- */

/* The folder of `symbol` with its slash, before a relative path. */
static void find_beside(const char *file, const void *symbol, char path[PATH_MAX])
{
    Dl_info object;
    int folder = 0;
    if (file[0] != '/' && dladdr(symbol, &object) && strchr(object.dli_fname, '/'))
        folder = (int)(strrchr(object.dli_fname, '/') - object.dli_fname) + 1;
    /* "./" would only lengthen the messages */
    if (folder > 0 && strncmp(file, "./", 2) == 0)
        file += 2;
    snprintf(path, PATH_MAX, "%.*s%s", folder, folder ? object.dli_fname : "", file);
}

/* Meshes and included files are MuJoCo's business: they are found from the model's folder. */
mjModel *sg_mujoco_load_beside(const char *file, const void *symbol, sg_error *error)
{
    if (!strchr(file, '/'))
        return sg_mujoco_load(file, error);
    char path[PATH_MAX], message[400] = "";
    find_beside(file, symbol, path);
    if (access(path, R_OK) != 0) {
        sg_fail(error, "cannot read the MuJoCo model %.300s: %s", path, strerror(errno));
        return NULL;
    }
    return accepted(compile(path, NULL, message, sizeof message), path, message, error);
}

/* The library's own models are known to be so; anybody's need not be. */
bool sg_mujoco_check_model(const mjModel *model, const char *id, sg_error *error)
{
    if (model->nu < 1 || model->nu > SG_MAX_ACTIONS) {
        return sg_fail(error, "%s: the model has %d actuators; allowed are 1 to %d", id,
                       (int)model->nu, SG_MAX_ACTIONS);
    }
    return true;
}
