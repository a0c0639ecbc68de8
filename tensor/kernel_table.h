/* kernel_table.h - fills an sg_kernels with the functions NAME(<kernel>) that were defined before
 * it. No include guard: included once for each number type of a set, with NAME, ISA, DTYPE and
 * TABLE. */
#define SG_ENTRY(kernel) .kernel = NAME(kernel),
const sg_kernels TABLE = {
    .isa = ISA,
    .dtype = DTYPE,
    .name = TABLE_NAME,
    SG_UNARY_KERNELS(SG_ENTRY) SG_BINARY_KERNELS(SG_ENTRY) SG_PARAM_KERNELS(SG_ENTRY)
        SG_REDUCE_KERNELS(SG_ENTRY) SG_ENTRY(select) SG_ENTRY(dot) SG_ENTRY(argmax)
            SG_ENTRY(softmax) SG_ENTRY(log_softmax) SG_ENTRY(matvec) SG_ENTRY(matvec_pair)
                SG_ENTRY(matvec_t) SG_ENTRY(materialize) SG_ENTRY(add_scaled) SG_ENTRY(trace)
                    SG_ENTRY(gemm) SG_ENTRY(adam) SG_ENTRY(rms_direction)};
#undef SG_ENTRY
