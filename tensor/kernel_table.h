/* kernel_table.h - the last line of a set's file: fills the table sg_<SET>_f<BITS> with the
 * functions <kernel>_kernel that were defined before it. No include guard. Reads ISA, SET and BITS.
 */
#define ENTRY(kernel) .kernel = kernel##_kernel,
#define TABLE(set, bits) sg_##set##_f##bits
#define NAME(set, bits) #set " f" #bits
/* a macro of what SET and BITS stand for, not of these words */
#define OF(macro, set, bits) macro(set, bits)

/* clang-format off */
const sg_kernels OF(TABLE, SET, BITS) = {
    .isa = ISA,
    .dtype = BITS == 32 ? SG_F32 : SG_F64,
    .name = OF(NAME, SET, BITS),
    SG_UNARY_KERNELS(ENTRY)
    SG_BINARY_KERNELS(ENTRY)
    SG_PARAM_KERNELS(ENTRY)
    SG_REDUCE_KERNELS(ENTRY)
    ENTRY(select) ENTRY(argmax) ENTRY(softmax) ENTRY(log_softmax)
    ENTRY(layer_norm) ENTRY(layer_norm_grad) ENTRY(l2_normalize) ENTRY(l2_normalize_grad)
    ENTRY(matvec) ENTRY(matvec_pair) ENTRY(matvec_t) ENTRY(gemm)
    ENTRY(materialize) ENTRY(add_scaled) ENTRY(trace) ENTRY(adam) ENTRY(rms_direction)
};
/* clang-format on */
