/* archive.h - named arrays in memory: the one way in which state is saved and restored.
 *
 * Whatever has state offers one function that visits it, `void thing_state(thing *, sg_archive *)`,
 * calling sg_archive_* for each piece. The same function saves, restores and checks, depending on
 * the archive's mode, so the two directions cannot drift apart. An archive is written to and read
 * from disk as safetensors by rl/training/safetensors.h.
 *
 * Names are paths, "critic.phi.0.weight"; sg_archive_enter/leave put a prefix on all names between.
 */
#ifndef SG_ARCHIVE_H
#define SG_ARCHIVE_H

#include <stdint.h>

#include "tensor/random.h"
#include "tensor/tensor.h"

typedef enum { SG_ARCHIVE_SAVE, SG_ARCHIVE_LOAD } sg_archive_mode;
typedef enum {
    SG_ARCHIVE_F32,
    SG_ARCHIVE_F64,
    SG_ARCHIVE_I64,
    SG_ARCHIVE_U64,
    SG_ARCHIVE_U8
} sg_archive_type;

/* One array: name, type and shape; `data` is owned by the archive unless it is lent. rank 0 is a
 * single number. */
typedef struct {
    char *name;
    sg_archive_type type;
    int rank;
    int64_t dim[SG_MAX_RANK];
    size_t bytes;
    void *data;
    bool lent;
} sg_archive_entry;

typedef struct sg_archive sg_archive;

/* A new, empty archive in SAVE mode. */
sg_archive *sg_archive_new(void);
void sg_archive_free(sg_archive *archive);
/* From now on SAVE does not copy tensors but remembers where they are, for what is written to disk
 * at once: they must stay there unchanged until then. A replay of gigabytes is not there twice. */
void sg_archive_lend_tensors(sg_archive *archive);
/* Switches a filled archive to LOAD: visits now copy out of it, from the first and without a
 * prefix.
 */
void sg_archive_set_mode(sg_archive *archive, sg_archive_mode mode);
sg_archive_mode sg_archive_get_mode(const sg_archive *archive);
/* Forgets all entries but keeps the memory of equally named ones for the next SAVE: saving again
 * the same things allocates nothing. */
void sg_archive_rewind(sg_archive *archive);

/* Visits. SAVE copies values into the archive (a name twice is misuse); LOAD copies them back, or,
 * when the name is missing or type or size differ, leaves values alone and remembers the first such
 * fault for sg_archive_ok. */
void sg_archive_f64(sg_archive *archive, const char *name, double *values, size_t count);
void sg_archive_i64(sg_archive *archive, const char *name, int64_t *values, size_t count);
void sg_archive_u64(sg_archive *archive, const char *name, uint64_t *values, size_t count);
void sg_archive_u8(sg_archive *archive, const char *name, void *bytes, size_t count);
void sg_archive_bool(sg_archive *archive, const char *name, bool *value);
void sg_archive_int(sg_archive *archive, const char *name, int *value);
/* At most 1024 in a row; a LOAD of one outside of low..high is a fault and leaves all alone. */
void sg_archive_ints(sg_archive *archive, const char *name, int *values, size_t count, int low,
                     int high);
void sg_archive_tensor(sg_archive *archive, const char *name, sg_dtype dtype, sg_shape shape,
                       void *values);
void sg_archive_random(sg_archive *archive, const char *name, sg_random *random);

/* Names between enter and leave are prefixed with "prefix/". Nests. */
void sg_archive_enter(sg_archive *archive, const char *prefix);
void sg_archive_leave(sg_archive *archive);
/* The same around visits that are anybody's: a name saved twice, and an enter or a leave too many,
 * are no misuse there. The second one puts the prefixes right, and answers false with the first
 * such mistake. Does not nest. */
void sg_archive_guard(sg_archive *archive, const char *prefix);
bool sg_archive_unguard(sg_archive *archive, sg_error *error);

/* After LOAD visits: false with the first fault ("checkpoint has no array 'x'", "... has 3 values
 * where 4 are needed"), true if all was found. */
bool sg_archive_ok(const sg_archive *archive, sg_error *error);

/* The entries, in the order of saving. NULL past the end / when there is none of that full name. */
size_t sg_archive_count(const sg_archive *archive);
const sg_archive_entry *sg_archive_at(const sg_archive *archive, size_t index);
const sg_archive_entry *sg_archive_find(const sg_archive *archive, const char *full_name);
/* Adds an entry as read from a file; data that is lent is not copied. False if the name stands
 * there already, or rank is not in 0..SG_MAX_RANK. */
bool sg_archive_add(sg_archive *archive, const char *full_name, sg_archive_type type, int rank,
                    const int64_t *dim, void *data, bool lent, sg_error *error);
/* Memory from malloc, in which lent data lie, is freed with the archive; once for an archive. */
void sg_archive_adopt(sg_archive *archive, void *memory);
size_t sg_archive_type_size(sg_archive_type type);

#endif
