/* golden.c - the tests' safetensors reader: gzip over 8 bytes of header length, JSON header, raw
 * data. */
#include "tests/golden.h"

#include <criterion/criterion.h>
#include <dirent.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

/* One array, as doubles. */
typedef struct {
    const char *name; /* owned by the header */
    size_t count;
    int rank;
    int64_t dim[GOLDEN_MAX_RANK];
    double *values;
    bool is_float32, read;
} array;

struct golden {
    char file[256]; /* what golden_open was given */
    char path[sizeof "tests/golden/.gz" + 256];
    json_t *header;
    array *arrays;
    size_t array_count;
};

/* The whole file, unpacked, in memory. */
static unsigned char *read_file(const char *path, size_t *size)
{
    enum { PIECE = 1 << 20 };
    gzFile stream = gzopen(path, "rb");
    cr_assert(stream != NULL, "cannot open %s (tests run from the project's folder)", path);
    unsigned char *bytes = NULL;
    int read;
    *size = 0;
    do {
        bytes = realloc(bytes, *size + PIECE);
        read = gzread(stream, bytes + *size, PIECE);
        cr_assert(bytes && read >= 0, "cannot read %s", path);
        *size += (size_t)read;
    } while (read > 0);
    cr_assert(gzclose_r(stream) == Z_OK, "%s is cut off", path);
    return bytes;
}

/* Element i of raw data of the given type; memory may be misaligned. */
static double element(const char *dtype, const unsigned char *raw, size_t i)
{
    float f32;
    double f64;
    if (strcmp(dtype, "U8") == 0 || strcmp(dtype, "BOOL") == 0)
        return raw[i];
    if (strcmp(dtype, "F32") == 0)
        return memcpy(&f32, raw + 4 * i, 4), (double)f32;
    memcpy(&f64, raw + 8 * i, 8);
    return f64;
}

static size_t element_size(const golden *g, const char *dtype)
{
    if (strcmp(dtype, "U8") == 0 || strcmp(dtype, "BOOL") == 0)
        return 1;
    cr_assert(strcmp(dtype, "F32") == 0 || strcmp(dtype, "F64") == 0, "%s: type %s is not read",
              g->file, dtype);
    return strcmp(dtype, "F32") == 0 ? 4 : 8;
}

/* Fills one array from its header entry {"dtype", "shape", "data_offsets"}. */
static void read_array(const golden *g, array *a, const char *name, const json_t *entry,
                       const unsigned char *data, size_t data_size)
{
    const json_t *shape = json_object_get(entry, "shape");
    const json_t *offsets = json_object_get(entry, "data_offsets");
    const char *dtype = json_string_value(json_object_get(entry, "dtype"));
    *a = (array){.name = name, .count = 1, .rank = (int)json_array_size(shape)};
    cr_assert(dtype != NULL && a->rank <= GOLDEN_MAX_RANK, "%s: bad entry '%s'", g->file, name);
    a->is_float32 = strcmp(dtype, "F32") == 0;
    for (int i = 0; i < a->rank; i++) {
        a->dim[i] = json_integer_value(json_array_get(shape, (size_t)i));
        a->count *= (size_t)a->dim[i];
    }

    /* the data must lie inside the file */
    size_t begin = (size_t)json_integer_value(json_array_get(offsets, 0));
    size_t end = (size_t)json_integer_value(json_array_get(offsets, 1));
    cr_assert(end <= data_size && end - begin == a->count * element_size(g, dtype),
              "%s: array '%s' does not fit its data", g->file, name);
    a->values = malloc(a->count * sizeof(double) + 1);
    for (size_t i = 0; i < a->count; i++)
        a->values[i] = element(dtype, data + begin, i);
}

golden *golden_open(const char *file)
{
    golden *g = calloc(1, sizeof *g);
    snprintf(g->file, sizeof g->file, "%s", file);
    snprintf(g->path, sizeof g->path, "tests/golden/%s", g->file);
    if (access(g->path, R_OK) != 0) /* packed, as most are */
        snprintf(g->path, sizeof g->path, "tests/golden/%s.gz", g->file);
    size_t size = 0;
    unsigned char *bytes = read_file(g->path, &size);

    /* header */
    uint64_t length = 0;
    cr_assert(size >= 8, "%s is too short", g->file);
    memcpy(&length, bytes, 8);
    cr_assert(length <= size - 8, "%s is truncated", g->file);
    g->header = json_loadb((const char *)bytes + 8, (size_t)length, 0, NULL);
    cr_assert(g->header != NULL, "%s has no JSON header", g->file);

    /* arrays */
    g->arrays = calloc(json_object_size(g->header), sizeof *g->arrays);
    const char *name;
    json_t *entry;
    json_object_foreach(g->header, name, entry)
    {
        if (strcmp(name, "__metadata__") != 0)
            read_array(g, &g->arrays[g->array_count++], name, entry, bytes + 8 + length,
                       size - 8 - (size_t)length);
    }
    free(bytes);
    return g;
}

void golden_close(golden *g)
{
    for (size_t i = 0; i < g->array_count; i++)
        free(g->arrays[i].values);
    free(g->arrays);
    json_decref(g->header);
    free(g);
}

const char *golden_file(const golden *g) { return g->file; }

static array *find(const golden *g, const char *name)
{
    for (size_t i = 0; i < g->array_count; i++)
        if (strcmp(g->arrays[i].name, name) == 0)
            return &g->arrays[i];
    return NULL;
}

bool golden_has(const golden *g, const char *name) { return find(g, name) != NULL; }

const double *golden_array(const golden *g, const char *name, size_t *count, int *rank,
                           int64_t dim[GOLDEN_MAX_RANK])
{
    array *a = find(g, name);
    cr_assert(a != NULL, "%s has no array '%s'", g->file, name);
    a->read = true;
    if (count)
        *count = a->count;
    if (rank)
        *rank = a->rank;
    if (dim)
        memcpy(dim, a->dim, sizeof a->dim);
    return a->values;
}

double golden_number(const golden *g, const char *name)
{
    size_t count = 0;
    const double *values = golden_array(g, name, &count, NULL, NULL);
    cr_assert(count == 1, "%s: '%s' has %zu values, not one", g->file, name, count);
    return values[0];
}

static bool is_one_of(const char *name, const char *const *names)
{
    for (; *names; names++)
        if (strcmp(name, *names) == 0)
            return true;
    return false;
}

const char *golden_unread_setting(const golden *g, const char *const *others)
{
    for (size_t i = 0; i < g->array_count; i++) {
        const char *name = g->arrays[i].name;
        if (strncmp(name, "hp/", 3) == 0 && !g->arrays[i].read && !is_one_of(name + 3, others))
            return name + 3;
    }
    return NULL;
}

bool golden_is_float32(const golden *g)
{
    for (size_t i = 0; i < g->array_count; i++)
        if (strncmp(g->arrays[i].name, "param/init/", 11) == 0 && g->arrays[i].is_float32)
            return true;
    return false;
}

const char *golden_text(const golden *g, const char *key)
{
    return json_string_value(json_object_get(json_object_get(g->header, "__metadata__"), key));
}

const char *golden_name_at(const golden *g, size_t index)
{
    return index < g->array_count ? g->arrays[index].name : NULL;
}

/* ---- the folder ---- */

static const char folder[] = "tests/golden/algos", ending[] = ".safetensors";

/* Kinds of recordings, by the beginning of the name, and how many files there are at least: each
 * has a test that follows all of them. */
static const struct {
    const char *name;
    int known;
} kinds[] = {{"avg", 13},
             {"cleanrl_ddpg", 2},
             {"cleanrl_dqn", 3},
             {"cleanrl_ppo", 7},
             {"cleanrl_sac", 4},
             {"cleanrl_td3", 2},
             {"iac", 3},
             {"intentional_ac", 7},
             {"intentional_opt", 24},
             {"intentional_q", 10},
             {"isac", 3},
             {"norm_tdscaler", 2},
             {"optim_adam_", 3},
             {"optim_adaptive_obgd", 2},
             {"optim_obgd", 2},
             {"sac_batch", 1},
             {"stream_ac_cont", 6},
             {"stream_ac_disc", 1},
             {"stream_ac_minatar", 1},
             {"stream_q", 5},
             {"stream_sarsa", 2},
             {"stream_td", 2},
             {"upgd_weight_fo", 4}};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* Files that tests open by their names. */
static const char *const by_name[] = {"norm_gymnasium", "norm_obs_traces", "norm_streaming",
                                      "pipelines", NULL};

static int is_recording(const struct dirent *entry)
{
    return strstr(entry->d_name, ending) != NULL;
}

/* All recordings, sorted, as "algos/<name>.safetensors"; ends with NULL and lasts as long as the
 * process. */
static char **all_recordings(void)
{
    static char **all;
    struct dirent **entries;
    if (all)
        return all;
    int n = scandir(folder, &entries, is_recording, alphasort), kept = 0;
    cr_assert(n >= 0, "cannot read %s (tests run from the project's folder)", folder);
    all = calloc((size_t)n + 1, sizeof *all);
    for (int i = 0; i < n; i++) {
        size_t length = (size_t)(strstr(entries[i]->d_name, ending) - entries[i]->d_name);
        char *file = malloc(sizeof "algos/" + length + sizeof ending);
        sprintf(file, "algos/%.*s%s", (int)length, entries[i]->d_name, ending);
        if (kept && strcmp(all[kept - 1], file) == 0) /* packed and not */
            free(file);
        else
            all[kept++] = file;
        free(entries[i]);
    }
    free(entries);
    return all;
}

static const char *name_of(const char *file) { return file + sizeof "algos/" - 1; }

static bool is_of(const char *file, const char *kind)
{
    return strncmp(name_of(file), kind, strlen(kind)) == 0;
}

const char *golden_recording(const char *kind, int index)
{
    int known = 0, count = 0;
    const char *file = NULL;
    for (int i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, kind) == 0)
            known = kinds[i].known;
    cr_assert(known > 0, "golden.c does not know recordings of the kind '%s'", kind);
    for (char **f = all_recordings(); *f; f++)
        if (is_of(*f, kind) && count++ == index)
            file = *f;
    cr_assert(count >= known, "%s has %d files %s*, not the %d that are known", folder, count, kind,
              known);
    return file;
}

const char *golden_without_reader(void)
{
    for (char **f = all_recordings(); *f; f++) {
        char name[256];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(name_of(*f), "."), name_of(*f));
        bool is_read = is_one_of(name, by_name);
        for (int i = 0; i < KINDS; i++)
            is_read |= is_of(*f, kinds[i].name);
        if (!is_read)
            return *f;
    }
    return NULL;
}
