/* machine.h - what a run's last bits may depend on beside the run itself.
 */
#ifndef SG_MACHINE_H
#define SG_MACHINE_H

#include "tensor/error.h"

typedef struct {
    char program[16]; /* version of streamgrad */
    char compiler[64];
    char mujoco[16];          /* version of the library that is loaded */
    char instruction_set[16]; /* of the kernels; AVX2 and AVX-512 round alike, others do not */
    char cpu[128];            /* the C library picks its functions by it */
} sg_machine;

/* This program on this processor. */
sg_machine sg_machine_here(void);
/* False, with a line that names what is `here` another than `then`, if anything is that may change
 * the last bits: one processor with AVX2 or AVX-512 is as good as another. */
bool sg_machine_same(const sg_machine *then, const sg_machine *here, sg_error *line);

#endif
