/* tensor.c - number types, shapes, memory. */
#include "tensor/tensor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

const char *sg_dtype_name(sg_dtype dtype) { return dtype == SG_F32 ? "f32" : "f64"; }

/* ---- shapes ---- */

sg_shape sg_shape_make(int rank, const int *dim)
{
    sg_shape shape = {.rank = rank};
    if (rank < 1 || rank > SG_MAX_RANK)
        sg_misuse("shape: rank %d is not in 1..%d", rank, SG_MAX_RANK);
    for (int d = 0; d < rank; d++) {
        if (dim[d] < 1)
            sg_misuse("shape: dimension %d is %d; at least 1 is needed", d, dim[d]);
        shape.dim[d] = dim[d];
    }
    return shape;
}

sg_shape sg_vector(int n) { return sg_shape_make(1, &n); }
sg_shape sg_matrix(int rows, int cols) { return sg_shape_make(2, (int[]){rows, cols}); }
sg_shape sg_image(int channels, int height, int width)
{
    return sg_shape_make(3, (int[]){channels, height, width});
}

bool sg_shape_equal(sg_shape a, sg_shape b)
{
    return a.rank == b.rank && !memcmp(a.dim, b.dim, (size_t)a.rank * sizeof a.dim[0]);
}

const char *sg_shape_text(sg_shape shape, char text[64])
{
    int used = snprintf(text, 64, "[");
    for (int d = 0; d < shape.rank; d++)
        used += snprintf(text + used, 64 - (size_t)used, d ? ", %d" : "%d", shape.dim[d]);
    snprintf(text + used, 64 - (size_t)used, "]");
    return text;
}

/* ---- memory ---- */

/* What all is rounded up to. */
static size_t unit_of(size_t bytes)
{
    return bytes < SG_PAGE ? SG_ALIGNMENT : bytes < SG_HUGE_PAGE / 2 ? SG_PAGE : SG_HUGE_PAGE;
}

/* NULL if there is not so much. */
static void *zeroed(size_t bytes)
{
    size_t unit = unit_of(bytes), whole = (bytes / unit + 1) * unit;
    /* a size near the largest number wraps around */
    void *memory = whole > bytes ? aligned_alloc(unit, whole) : NULL;
    if (!memory)
        return NULL;
#ifdef MADV_HUGEPAGE
    if (unit == SG_HUGE_PAGE)
        madvise(memory, whole, MADV_HUGEPAGE); /* a wish: it need not be granted */
#endif
    return memset(memory, 0, whole);
}

void *sg_alloc(size_t bytes)
{
    void *memory = zeroed(bytes);
    if (!memory)
        sg_out_of_memory("out of memory (%zu bytes)", bytes);
    return memory;
}

size_t sg_machine_memory(void)
{
    return (size_t)sysconf(_SC_PHYS_PAGES) * (size_t)sysconf(_SC_PAGESIZE);
}

/* Memory that is only promised would end the program when it is written. */
void *sg_alloc_or_null(size_t bytes) { return bytes > sg_machine_memory() ? NULL : zeroed(bytes); }

/* ---- conversion: doubles are copied, floats rounded to nearest ---- */

void sg_store(sg_dtype dtype, void *storage, const double *values, size_t count)
{
    if (dtype == SG_F64) {
        memcpy(storage, values, count * sizeof *values);
        return;
    }
    for (size_t i = 0; i < count; i++)
        ((float *)storage)[i] = (float)values[i];
}

void sg_load(sg_dtype dtype, const void *storage, double *values, size_t count)
{
    if (dtype == SG_F64) {
        memcpy(values, storage, count * sizeof *values);
        return;
    }
    for (size_t i = 0; i < count; i++)
        values[i] = ((const float *)storage)[i];
}
