/* tensor.h - number types and shapes; storage is plain memory, C order (last dimension fastest). */
#ifndef SG_TENSOR_H
#define SG_TENSOR_H

#include <stdbool.h>
#include <stddef.h>

#include "tensor/error.h"

/* Rows of memory that kernels touch start on this boundary (one cache line, one AVX-512 register).
 */
#define SG_ALIGNMENT 64
/* And large ones on this, or on this: an agent's memory is gone through from end to end at every
 * step, and of small pages processors know the places of too few. */
#define SG_PAGE 4096
#define SG_HUGE_PAGE (2 << 20)

typedef enum { SG_F32, SG_F64 } sg_dtype;

enum { SG_MAX_RANK = 4 };

/* dim[0] is the slowest dimension. A scalar is written as the vector [1]. */
typedef struct {
    int rank;
    int dim[SG_MAX_RANK];
} sg_shape;

/* 4 or 8 bytes. */
static inline size_t sg_dtype_size(sg_dtype dtype)
{
    return dtype == SG_F32 ? sizeof(float) : sizeof(double);
}
/* "f32" or "f64". */
const char *sg_dtype_name(sg_dtype dtype);

/* [n], [rows, cols], [channels, height, width]. */
sg_shape sg_vector(int n);
sg_shape sg_matrix(int rows, int cols);
sg_shape sg_image(int channels, int height, int width);
/* rank in 1..SG_MAX_RANK; every dimension at least 1. */
sg_shape sg_shape_make(int rank, const int *dim);
/* Number of elements. */
static inline size_t sg_shape_size(sg_shape shape)
{
    size_t size = 1;
    for (int d = 0; d < shape.rank; d++)
        size *= (size_t)shape.dim[d];
    return size;
}
bool sg_shape_equal(sg_shape a, sg_shape b);
/* The last dimension, and the product of all before it (1 for a vector). */
static inline int sg_shape_cols(sg_shape shape) { return shape.dim[shape.rank - 1]; }
static inline int sg_shape_rows(sg_shape shape)
{
    shape.rank--;
    return (int)sg_shape_size(shape);
}
/* The shape with another last dimension. */
static inline sg_shape sg_shape_with_cols(sg_shape shape, int cols)
{
    shape.dim[shape.rank - 1] = cols;
    return shape;
}
/* Writes "[2, 3]" into text and returns it. */
const char *sg_shape_text(sg_shape shape, char text[64]);

/* Zeroed memory on SG_ALIGNMENT, on SG_PAGE where it is as large, on SG_HUGE_PAGE from a half of it
 * on; release with free(). Where there is none it does not return (sg_out_of_memory): that
 * only ever happens while something is being built, never while a program runs. */
void *sg_alloc(size_t bytes);
/* The same for a size that the world has chosen (an environment, a setting): NULL where there is
 * not so much memory, or where it is more than the machine has at all. */
void *sg_alloc_or_null(size_t bytes);
/* Bytes of the machine's memory. */
size_t sg_machine_memory(void);

/* Conversion between caller's doubles and storage of either type. */
void sg_store(sg_dtype dtype, void *storage, const double *values, size_t count);
void sg_load(sg_dtype dtype, const void *storage, double *values, size_t count);

#endif
