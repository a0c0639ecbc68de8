/* sets.h - what the tests of the kernels share: memory that ends at an unreadable page, numbers to
 * put there, comparison, and a walk over all usable instruction sets and both number types.
 */
#ifndef TEST_SETS_H
#define TEST_SETS_H

#include "tensor/kernels.h"

/* Memory of `bytes` in slot 0..SLOTS-1 (at most SLOT_BYTES): either ending where unreadable memory
 * begins, so that one element too many is a crash and alignment varies with the size, or starting
 * on a cache line. A slot holds one thing at a time. */
enum { SLOTS = 12, SLOT_BYTES = 1 << 20 };
void *at_edge(int slot, size_t bytes);
void *at_line(int slot, size_t bytes);

/* n repeatable normal numbers times `scale`, another list for each `stream`. */
void put_normals(sg_dtype dtype, void *to, size_t n, double scale, unsigned stream);
/* The same with zeros, huge, tiny, infinite and undefined ones among them. */
void put_specials(sg_dtype dtype, void *to, size_t n, unsigned stream);
double get(sg_dtype dtype, const void *from, size_t i);
/* The distance of 1 to the next number. */
double epsilon(sg_dtype dtype);
/* The smallest normal number. */
double smallest(sg_dtype dtype);

/* True if both are undefined, or equal, or closer than `tolerance`. */
bool near(double a, double b, double tolerance);

/* Calls `check` with every usable set of each type but the reference, which is its second argument;
 * fails unless that is every set that the CPU has. */
typedef void set_check(const sg_kernels *set, const sg_kernels *reference);
void on_every_set(set_check *check);

#endif
