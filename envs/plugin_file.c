/* plugin_file.c - environments in shared objects: found, loaded, refused. */
#include "envs/plugin_file.h"

#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "envs/call.h"
#include "envs/check.h"
#include "envs/plugin.h"

/* ---- names ---- */

/* Where the ending begins, or NULL. */
static const char *ending(const char *id)
{
    size_t length = strlen(id);
    return length > 3 && strcmp(id + length - 3, ".so") == 0 ? id + length - 3 : NULL;
}

/* Ids such as "dm_control/dog-run" have a slash, too. */
bool sg_plugin_is_path(const char *id) { return strchr(id, '/') && ending(id); }

/* What cannot be resolved stays: making the environment tells why. */
char *sg_plugin_full_id(const char *id)
{
    char *full = sg_plugin_is_path(id) ? realpath(id, NULL) : NULL;
    if (!full)
        full = strdup(id);
    if (!full)
        sg_out_of_memory("out of memory for the name of an environment");
    return full;
}

/* The file's name without folders and ending. */
void sg_plugin_label(const char *id, char label[64])
{
    const char *name = id;
    size_t length = strlen(id);
    if (sg_plugin_is_path(id)) {
        name = strrchr(id, '/') + 1;
        length = (size_t)(ending(id) - name);
    }
    snprintf(label, 64, "%.*s", (int)length, name);
}

/* ---- whole or cut off ---- */

/* Of this machine's kind; the system's loader tells what else is wrong with a file. */
static bool read_header(FILE *file, ElfW(Ehdr) * header)
{
    int kind = sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32;
    return fread(header, sizeof *header, 1, file) == 1 &&
           memcmp(header->e_ident, ELFMAG, SELFMAG) == 0 && header->e_ident[EI_CLASS] == kind &&
           header->e_phentsize == sizeof(ElfW(Phdr));
}

static uint64_t greater(uint64_t a, uint64_t b) { return a > b ? a : b; }

/* Bytes up to the end of the last thing that the headers speak of: the tables, and what the loader
 * maps. A table of segments that is cut off itself adds nothing. */
static uint64_t told_size(FILE *file, const ElfW(Ehdr) * header)
{
    uint64_t sections = header->e_shoff + (uint64_t)header->e_shnum * header->e_shentsize;
    uint64_t segments = header->e_phoff + (uint64_t)header->e_phnum * header->e_phentsize;
    uint64_t size = greater(sections, segments);
    ElfW(Phdr) segment;
    if (fseek(file, (long)header->e_phoff, SEEK_SET) != 0)
        return size;
    for (int i = 0; i < header->e_phnum && fread(&segment, sizeof segment, 1, file) == 1; i++) {
        if (segment.p_type == PT_LOAD)
            size = greater(size, segment.p_offset + segment.p_filesz);
    }
    return size;
}

/* A regular file, open for reading, and its size. Others, as pipes, could make us wait for ever. */
static FILE *open_file(const char *path, uint64_t *size, sg_error *error)
{
    struct stat status;
    int number = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    bool known = number >= 0 && fstat(number, &status) == 0;
    bool regular = known && S_ISREG(status.st_mode);
    FILE *file = regular ? fdopen(number, "rb") : NULL;
    if (file) {
        *size = (uint64_t)status.st_size;
        return file;
    }
    sg_fail(error, "cannot load the environment %.300s: %s", path,
            known && !regular ? "it is no regular file" : strerror(errno));
    if (number >= 0)
        close(number);
    return NULL;
}

/* The loader maps what is not there, and the program would die of touching it (SIGBUS). */
static bool check_whole(const char *path, sg_error *error)
{
    ElfW(Ehdr) header;
    uint64_t size;
    FILE *file = open_file(path, &size, error);
    if (!file)
        return false;
    bool known = read_header(file, &header);
    uint64_t told = known ? told_size(file, &header) : 0;
    fclose(file);
    return !known || told <= size ||
           sg_fail(error,
                   "cannot load the environment %.250s: the file is cut off: it "
                   "has %llu bytes, its headers speak of %llu",
                   path, (unsigned long long)size, (unsigned long long)told);
}

/* ---- loading ---- */

/* The system's messages begin with the path, ours already have it. */
static const char *without_path(const char *message, const char *path)
{
    size_t length = strlen(path);
    bool begins = strncmp(message, path, length) == 0 && strncmp(message + length, ": ", 2) == 0;
    return begins ? message + length + 2 : message;
}

/* All symbols at once: one that is missing must not be found out in the middle of a run. What runs
 * while it is loaded are its constructors. */
static void *open_whole(const char *full, const char *path)
{
    sg_env_call call;
    sg_env_call_watch();
    sg_env_call_begin(&call, path, "constructor", NULL);
    void *object = dlopen(full, RTLD_NOW | RTLD_LOCAL);
    sg_env_call_end(&call, true, NULL);
    return object;
}

/* NULL with a line. */
static void *open_object(const char *path, sg_error *error)
{
    char *full = realpath(path, NULL);
    if (!full) {
        sg_fail(error, "cannot load the environment %.300s: %s", path, strerror(errno));
        return NULL;
    }
    bool whole = check_whole(full, error);
    void *object = whole ? open_whole(full, path) : NULL;
    if (whole && !object) {
        const char *message = dlerror();
        sg_fail(error, "cannot load the environment %.250s: %.200s", full,
                message ? without_path(message, full) : "no reason given");
    }
    free(full);
    return object;
}

/* Of another version nothing but the version is read. */
static bool check_version(const sg_plugin *plugin, const char *path, sg_error *error)
{
    if (plugin->abi != SG_ENV_ABI) {
        return sg_fail(error,
                       "%.300s was built for version %u of the environment interface, this program "
                       "has version %u; rebuild it with this program's headers",
                       path, (unsigned)plugin->abi, (unsigned)SG_ENV_ABI);
    }
    bool same =
        plugin->env_size == sizeof(sg_env) && plugin->functions_size == sizeof(sg_env_functions);
    return same || sg_fail(error,
                           "%.300s was built with another layout of envs/env.h; rebuild it with "
                           "this program's headers",
                           path);
}

/* The three things that SG_ENV_PLUGIN is given. */
static bool check_entry(const sg_env_entry *entry, const char *path, sg_error *error)
{
    if (!entry->id || !sg_env_id_is_valid(entry->id)) {
        return sg_fail(error,
                       "%.300s: the id in SG_ENV_PLUGIN must have 1 to %d letters, and no control "
                       "characters",
                       path, SG_ENV_ID_LENGTH);
    }
    if (!entry->summary)
        return sg_fail(error, "%.300s: SG_ENV_PLUGIN has no summary", path);
    return entry->make || sg_fail(error, "%.300s: SG_ENV_PLUGIN has no make function", path);
}

/* Never closed. Loading the same file again finds what is there. */
const sg_env_entry *sg_plugin_load(const char *path, sg_error *error)
{
    void *object = open_object(path, error);
    if (!object)
        return NULL;
    const sg_plugin *plugin = dlsym(object, "sg_env_plugin");
    if (!plugin) {
        sg_fail(error, "%.300s is no environment: it lacks SG_ENV_PLUGIN (envs/plugin.h)", path);
        return NULL;
    }
    bool ok = check_version(plugin, path, error) && check_entry(&plugin->entry, path, error);
    return ok ? &plugin->entry : NULL;
}
