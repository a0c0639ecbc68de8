/* test_too_large.c - graphs whose sizes the world has chosen are refused with a line where no
 * memory could hold them, before any is taken. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "autograd/ops.h"
#include "autograd/program.h"
#include "tests/misuse.h"

/* So many parameters of so many rows; a phase adds up the first. */
static sg_graph *make(int count, int rows, bool any_size)
{
    sg_graph *g = sg_graph_new(SG_F32);
    if (any_size)
        sg_graph_take_any_size(g);
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "w%d", i);
        sg_node w = sg_parameter(g, name, sg_matrix(rows, 1 << 16), sg_init_constant(1));
        if (i == 0)
            sg_phase_values(g, "p", sg_sum(w));
    }
    return g;
}

static void expect_refused(sg_graph *g, const char *part)
{
    sg_error error = {""};
    cr_expect_null(sg_try_compile(g, sg_compile_options_default(), &error));
    cr_expect(strstr(error.text, part), "'%s' has no '%s'", error.text, part);
    sg_graph_free(g);
}

Test(too_large, a_node_of_more_elements_than_an_int_counts_is_named)
{
    expect_refused(make(2, 1 << 15, true),
                   "parameter 'w0' [32768, 65536] has more than 2147483647 elements");
}

/* 4096 times 8 GB, none of which is touched. */
Test(too_large, a_program_larger_than_the_machine_is_refused)
{
    expect_refused(make(4096, (1 << 15) - 1, false), "GB of memory are needed");
}

Test(too_large, what_fits_is_compiled)
{
    sg_error error = {""};
    sg_graph *g = make(1, 1, true);
    sg_program *p = sg_try_compile(g, sg_compile_options_default(), &error);
    cr_assert(p, "%s", error.text);
    sg_run(p, 0);
    cr_expect_eq(sg_get_number(p, sg_phase_first_value(g, 0)), 1 << 16);
    sg_program_free(p);
    sg_graph_free(g);
}

static void compile_it_all_the_same(void)
{
    sg_compile(make(1, 1 << 15, true), sg_compile_options_default());
}

Test(too_large, is_misuse_where_nobody_asked)
{
    cr_expect(strstr(misuse_of(compile_it_all_the_same), "more than 2147483647 elements"));
}
