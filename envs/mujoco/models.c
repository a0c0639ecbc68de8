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
#include "envs/mujoco/guard.h"
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

/* The DeepMind Control tasks' models, in a folder of their own: "dm_control/<name>.xml". */
#define DM_CONTROL(X) X(cartpole) X(cheetah) X(finger) X(fish) X(hopper) X(reacher) X(walker)

/* The assembler copies the file, found from the project's folder, and ends it with a NUL. */
#define EMBED_FILE(name, path)           \
    extern const char sg_xml_##name[];   \
    __asm__(".pushsection .rodata\n"     \
            ".globl sg_xml_" #name "\n"  \
            ".hidden sg_xml_" #name "\n" \
            "sg_xml_" #name ":\n"        \
            ".incbin \"" path "\"\n"     \
            ".byte 0\n"                  \
            ".popsection\n");
#define EMBED(name) EMBED_FILE(name, "envs/mujoco/models/" #name ".xml")
#define EMBED_DM(name) EMBED_FILE(dm_##name, "envs/dm_control/models/" #name ".xml")
MODELS(EMBED)
DM_CONTROL(EMBED_DM)

#define ENTRY(name) {#name ".xml", sg_xml_##name},
#define ENTRY_DM(name) {"dm_control/" #name ".xml", sg_xml_dm_##name},
static const struct {
    const char *file;
    const char *text;
} models[] = {MODELS(ENTRY) DM_CONTROL(ENTRY_DM)
              /* the same text, changed once compiled */
              {"walker2d_v5.xml", sg_xml_walker2d}};

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

/* One model on its way from text to numbers. */
typedef struct {
    const char *path;
    mjVFS *vfs;        /* where the path is; NULL: on the disk */
    double total_mass; /* what all bodies are scaled to weigh; 0: as they are */
    bool even_feet;    /* the walker's right foot slides no more easily than the left */
    mjModel *model;
    char message[400]; /* why there is no model, or what MuJoCo did not like about it */
} compilation;

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

/* The mean of values[0..count-1]. */
static double mean(const mjtNum *values, int count)
{
    double sum = 0;
    for (int i = 0; i < count; i++)
        sum += values[i];
    return sum / count;
}

/* What the compiler's settotalmass did before newer engines deprecated it, to the bit. They leave
 * the means to us. Size and centre are not for mj_setConst to guess where the model tells them. */
static void scale_masses(mjModel *model, double total_mass)
{
    mjStatistic told = model->stat;
    mjData *data = mj_makeData(model);
    mj_setTotalmass(model, total_mass);
    mj_setConst(model, data);
    mj_deleteData(data);
    model->stat.extent = told.extent;
    mju_copy3(model->stat.center, told.center);
    if (mj_version() >= 300) {
        model->stat.meaninertia = mean(model->dof_M0, model->nv);
        model->stat.meanmass = mean(model->body_mass + 1, model->nbody - 1);
    }
}

static void even_feet(mjModel *model)
{
    int right = mj_name2id(model, mjOBJ_GEOM, "foot_geom");
    int left = mj_name2id(model, mjOBJ_GEOM, "foot_left_geom");
    memcpy(model->geom_friction + 3 * right, model->geom_friction + 3 * left, 3 * sizeof(mjtNum));
}

/* Inside a guard. */
static void run_compiler(void *argument)
{
    compilation *c = argument;
    c->model = mj_loadXML(c->path, c->vfs, c->message, sizeof c->message);
    if (c->model && c->total_mass > 0)
        scale_masses(c->model, c->total_mass);
    if (c->model && c->even_feet)
        even_feet(c->model);
}

/* One at a time: the compiler replaces global handlers and the locale while it works. */
static mjModel *compile(compilation *c, sg_error *error)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    pthread_mutex_lock(&lock);
    bool ran = sg_mujoco_guard(c->path, run_compiler, c, error);
    pthread_mutex_unlock(&lock);
    if (!ran)
        return NULL;

    /* a model may come with a warning, which is no reason to do without */
    sg_mujoco_one_line(c->message);
    const char *warning = c->message[0] ? c->message : sg_mujoco_guard_warning();
    if (!c->model) {
        sg_fail(error, "MuJoCo does not accept the model %s: %s", c->path, c->message);
    } else if (warning) {
        fprintf(stderr, "streamgrad: MuJoCo warns about the model %s: %s\n", c->path, warning);
    }
    return c->model;
}

/* ---- where models come from ---- */

/* Gymnasium's rule; all else is the library's. */
bool sg_mujoco_is_path(const char *file) { return file[0] && strchr("./~", file[0]); }

void sg_mujoco_plain_path(const char *path, char *plain, size_t size)
{
    const char *home = path[0] == '~' ? getenv("HOME") : NULL;
    snprintf(plain, size, "%s%s", home ? home : "", home ? path + 1 : path);
}

static mjModel *load_path(const char *path, sg_error *error)
{
    char full[1024];
    sg_mujoco_plain_path(path, full, sizeof full);
    if (access(full, R_OK) != 0) {
        sg_fail(error, "cannot read the model %.300s: %s", full, strerror(errno));
        return NULL;
    }
    compilation c = {.path = full};
    return compile(&c, error);
}

static mjModel *load_embedded(const char *file, sg_error *error)
{
    const char *text = sg_mujoco_model_xml(file);
    if (!text) {
        sg_fail(error,
                "there is no MuJoCo model \"%s\" in this library; a file of your own is written "
                "with its folder, ./%s",
                file, file);
        return NULL;
    }

    /* mjVFS takes megabytes in MuJoCo 2: too much for the stack */
    compilation c = {.path = file, .vfs = sg_alloc(sizeof *c.vfs)};
    if (strcmp(file, "half_cheetah.xml") == 0 || strcmp(file, "dm_control/cheetah.xml") == 0)
        c.total_mass = 14;
    c.even_feet = strcmp(file, "walker2d_v5.xml") == 0;
    mj_defaultVFS(c.vfs);
    if (put_file(c.vfs, file, text)) {
        compile(&c, error);
    } else {
        sg_fail(error, "MuJoCo has no room for the model %s", file);
    }
    mj_deleteVFS(c.vfs);
    free(c.vfs);
    return c.model;
}

mjModel *sg_mujoco_load(const char *file, sg_error *error)
{
    return sg_mujoco_is_path(file) ? load_path(file, error) : load_embedded(file, error);
}

/* ---- models beside plugins ---- */

/* The folder of `symbol` with its slash, before a relative path. */
static void find_beside(const char *file, const void *symbol, char path[PATH_MAX])
{
    Dl_info object;
    int folder = 0;
    if (dladdr(symbol, &object) && strchr(object.dli_fname, '/'))
        folder = (int)(strrchr(object.dli_fname, '/') - object.dli_fname) + 1;
    /* "./" would only lengthen the messages */
    if (folder > 0 && strncmp(file, "./", 2) == 0)
        file += 2;
    snprintf(path, PATH_MAX, "%.*s%s", folder, folder ? object.dli_fname : "", file);
}

/* Meshes and included files are MuJoCo's business: they are found from the model's folder. */
mjModel *sg_mujoco_load_beside(const char *file, const void *symbol, sg_error *error)
{
    char path[PATH_MAX];
    if (sg_mujoco_model_xml(file) || !strchr(file, '/') || strchr("/~", file[0]))
        return sg_mujoco_load(file, error);
    find_beside(file, symbol, path);
    return load_path(path, error);
}
