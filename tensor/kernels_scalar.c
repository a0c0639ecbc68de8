/* kernels_scalar.c - the reference set, for float and double. */
#include <stdint.h>
#include <tgmath.h>

#include "tensor/kernel_sets.h"

#define ISA SG_ISA_SCALAR

#define real float
#define NAME(x) x##_f32
#define DTYPE SG_F32
#define TABLE sg_scalar_f32
#define TABLE_NAME "scalar f32"
#include "tensor/kernels_scalar.h"
#include "tensor/kernel_table.h"
#undef real
#undef NAME
#undef DTYPE
#undef TABLE
#undef TABLE_NAME

#define real double
#define NAME(x) x##_f64
#define DTYPE SG_F64
#define TABLE sg_scalar_f64
#define TABLE_NAME "scalar f64"
#include "tensor/kernels_scalar.h"
#include "tensor/kernel_table.h"
