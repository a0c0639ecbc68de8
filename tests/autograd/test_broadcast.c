/* test_broadcast.c - which elements of two operands of different shapes meet, against NumPy's rule
 * written out. */
#include <criterion/criterion.h>

#include "autograd/ops.h"
#include "autograd/program.h"

enum { MOST = 400, FACTOR = 1000 };

/* Where element `at` of the result finds its operand in an array of this shape. */
static int index_in(sg_shape shape, sg_shape result, int at)
{
    int index = 0, size = 1;
    for (int d = result.rank - 1, k = shape.rank - 1; k >= 0; d--, k--) {
        index += shape.dim[k] == 1 ? 0 : at % result.dim[d] * size;
        size *= shape.dim[k];
        at /= result.dim[d];
    }
    return index;
}

/* Element i is factor * i. */
static sg_node counting(sg_graph *g, sg_shape shape, double factor)
{
    double values[MOST];
    for (int i = 0; i < (int)sg_shape_size(shape); i++)
        values[i] = factor * i;
    return sg_constant_array(g, shape, values);
}

static void check_pair(sg_shape a, sg_shape b)
{
    char ta[64], tb[64];
    double values[MOST];
    sg_graph *g = sg_graph_new(SG_F64);
    sg_node y = sg_add(counting(g, a, 1), counting(g, b, FACTOR));
    sg_shape shape = sg_node_shape(y);
    sg_phase_values(g, "run", y);
    sg_program *p = sg_compile(g, sg_compile_options_default());
    sg_run(p, 0);
    sg_get(p, y, values);
    for (int i = 0; i < (int)sg_shape_size(shape); i++)
        cr_assert_eq(values[i], index_in(a, shape, i) + FACTOR * index_in(b, shape, i),
                     "%s + %s: element %d is %g", sg_shape_text(a, ta), sg_shape_text(b, tb), i,
                     values[i]);
    sg_program_free(p);
    sg_graph_free(g);
}

Test(broadcast, operands_meet_as_in_numpy)
{
    sg_shape large = sg_shape_make(4, (int[]){2, 3, 4, 5});
    int checked = 0;
    for (int ones = 0; ones < 256; ones++) /* which dimensions of each are 1 */
        for (int rank = 1; rank <= 4; rank++, checked++) {
            sg_shape a = large, b = sg_shape_make(rank, &large.dim[4 - rank]);
            for (int d = 0; d < 4; d++) {
                a.dim[d] = ones >> d & 1 ? 1 : a.dim[d];
                if (d < rank)
                    b.dim[d] = ones >> (4 + d) & 1 ? 1 : b.dim[d];
            }
            check_pair(a, b);
            check_pair(b, a);
        }
    cr_assert_eq(checked, 1024);
}
