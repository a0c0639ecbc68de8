/* test_mistakes.c - mistakes in building graphs and running programs end with one line that names
 * them. */
#include <criterion/criterion.h>
#include <math.h>
#include <string.h>

#include "autograd/grad.h"
#include "autograd/layers.h"
#include "autograd/op.h"
#include "autograd/program.h"
#include "optim/optim.h"
#include "tests/misuse.h"

static sg_graph *mistaken;
static void add_shapes(void) { sg_add(sg_input(mistaken, "a", 3), sg_input(mistaken, "b", 4)); }
static void linear_shapes(void)
{
    sg_linear(sg_parameter(mistaken, "W", sg_matrix(2, 3), sg_init_constant(0)),
              sg_input(mistaken, "x", 4));
}
static void other_graph(void)
{
    sg_add(sg_input(mistaken, "a", 3), sg_input(sg_graph_new(SG_F64), "b", 3));
}
static void same_name(void)
{
    sg_input(mistaken, "a", 3);
    sg_input(mistaken, "a", 3);
}
static void no_dependence(void)
{
    sg_node w = sg_parameter(mistaken, "w", sg_vector(2), sg_init_constant(0));
    sg_grad(sg_sum(sg_input(mistaken, "a", 3)), sg_list(w));
}
static void assigned_twice(void)
{
    sg_node s = sg_state(mistaken, "s", sg_vector(1), SG_F64, 0);
    sg_phase_updates(mistaken, "learn",
                     sg_join(sg_assign(s, sg_offset(s, 1)), sg_assign(s, sg_offset(s, 2))));
}
static void learn_first(void)
{
    sg_node x = sg_input(mistaken, "x", 1);
    sg_phase_values(mistaken, "act", sg_exp(x));
    sg_phase_values(mistaken, "learn", sg_square(sg_exp(x)));
    sg_run(sg_compile(mistaken, sg_compile_options_default()), 1);
}
static void mixed_types(void)
{
    sg_add(sg_input(mistaken, "a", 1), sg_constant_of(mistaken, SG_F32, 1));
}
static void not_kept(void)
{
    sg_node x = sg_input(mistaken, "x", 2), y = sg_exp(x), z = sg_sum(y);
    sg_phase_values(mistaken, "act", sg_square(z));
    sg_program *p = sg_compile(mistaken, sg_compile_options_default());
    sg_run(p, 0);
    sg_get_number(p, z);
}

static void no_node(void) { sg_mean((sg_node){0}); }
static void no_node_for_an_op(void) { sg_max_last((sg_node){0}); }
static void too_many_elements(void) { sg_fill(mistaken, sg_matrix(65536, 65536), 1); }
static void far_too_many_elements(void)
{
    int most = 2147483647;
    sg_input_shaped(mistaken, "x", sg_shape_make(4, (int[]){most, most, most, most}));
}
static void rank_of_none(void) { sg_reshape(sg_input(mistaken, "x", 1), (sg_shape){0}); }
static void type_of_none(void) { sg_cast(sg_input(mistaken, "x", 1), (sg_dtype)7); }
static void slice_beyond(void) { sg_slice(sg_input(mistaken, "x", 3), 1, 2147483647); }
static void pad_beyond(void) { sg_pad(sg_input(mistaken, "x", 3), 2147483647, 5); }
static void no_choices(void) { sg_one_hot(sg_input(mistaken, "x", 1), 0); }
static void no_stride(void)
{
    sg_mlp_config config = sg_mlp_config_default();
    config.image = (sg_image_config){1, 9, 9, 2, {3, 0, 0}};
    sg_mlp_new(mistaken, "net", 81, config);
}
static void long_name(void)
{
    char name[400];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    sg_normal(mistaken, name, sg_vector(1));
}
static void named_by_two_lines(void) { sg_named(sg_exp(sg_input(mistaken, "x", 1)), "one\ntwo"); }
static void input_of_a_terminal(void) { sg_input(mistaken, "x\033[2J", 1); }
static void report_of_two_lines(void)
{
    sg_report(mistaken, "act", "one\ntwo", sg_input(mistaken, "x", 1));
}
static void report_twice(void)
{
    sg_node x = sg_input(mistaken, "x", 1);
    sg_report(mistaken, "act", "size", x);
    sg_report(mistaken, "learn", "size", sg_square(x));
}
static void no_threads(void)
{
    sg_compile_options options = sg_compile_options_default();
    options.threads = 0;
    sg_compile(mistaken, options);
}
static void cotangent_of_another_type(void)
{
    sg_node x = sg_input(mistaken, "x", 1);
    sg_vector_jacobian(x, sg_constant_of(mistaken, SG_F32, 1), sg_list(x));
}
static void delta_of_three(void)
{
    sg_nodes w = sg_list(sg_parameter(mistaken, "w", sg_vector(3), sg_init_constant(1)));
    sg_obgd(w, w, sg_input(mistaken, "delta", 3), sg_constant(mistaken, 0),
            sg_obgd_config_default());
}
static void rate_of_three(void)
{
    sg_nodes w = sg_list(sg_parameter(mistaken, "w", sg_vector(3), sg_init_constant(1)));
    sg_sgd(w, w, (sg_sgd_config){.lr = 1, .rate = sg_input(mistaken, "rate", 3)});
}
static void gradients_of_another_graph(void)
{
    sg_nodes w = sg_list(sg_parameter(mistaken, "w", sg_vector(3), sg_init_constant(1)));
    sg_sgd(w, sg_list(sg_input(sg_graph_new(SG_F64), "g", 3)), sg_sgd_config_default());
}
static void far_too_many_columns(void)
{
    sg_node x = sg_input(mistaken, "x", 1 << 30);
    sg_concat(x, x);
}
static void no_share(void)
{
    sg_parameter(mistaken, "W", sg_matrix(2, 3), (sg_init){SG_INIT_SPARSE, 2, 0});
    sg_compile(mistaken, sg_compile_options_default());
}
static void gradient_of_no_norm(void)
{
    sg_node y = sg_tanh(sg_input(mistaken, "x", 3));
    sg_layer_norm_grad(y, y);
}
static void pin_what_is_not_kept(void)
{
    sg_node y = sg_tanh(sg_input(mistaken, "x", 3));
    sg_phase_values(mistaken, "run", y);
    sg_program_pin(sg_compile(mistaken, sg_compile_options_default()), y);
}
/* A program that computes z, with y pinned. */
static sg_program *pinned(sg_node y, sg_node z)
{
    sg_compile_options options = sg_compile_options_default();
    options.keep_all = true;
    options.without = SG_REWRITE_ROWS;
    sg_phase_values(mistaken, "run", z);
    sg_program *p = sg_compile(mistaken, options);
    sg_program_pin(p, y);
    sg_set(p, y, (double[]){1, 2, 3});
    return p;
}
static void set_beside_the_pinned(void)
{
    sg_node y = sg_tanh(sg_input(mistaken, "x", 3)), z = sg_square(y);
    sg_set(pinned(y, z), z, (double[]){1, 2, 3});
}
static void set_unpinned(void)
{
    sg_node y = sg_tanh(sg_input(mistaken, "x", 3));
    sg_program *p = pinned(y, y);
    sg_program_pin(p, (sg_node){0});
    sg_set(p, y, (double[]){1, 2, 3});
}
static void name_of_none(void) { sg_named(sg_input(mistaken, "x", 1), NULL); }

static const struct {
    void (*make)(void);
    const char *words[2];
} mistakes[] = {
    {add_shapes, {"add", "[3] and [4]"}},
    {linear_shapes, {"linear", "3 is not 4"}},
    {other_graph, {"add", "graph"}},
    {same_name, {"'a'", "already"}},
    {no_dependence, {"does not depend", "'w'"}},
    {assigned_twice, {"'s'", "twice"}},
    {learn_first, {"'learn'", "before"}},
    {mixed_types, {"f64", "sg_cast"}},
    {not_kept, {"not kept", "keep_all"}},
    {no_node, {"mean", "the input is not a node"}},
    {no_node_for_an_op, {"max_last", "not a node"}},
    {too_many_elements, {"[65536, 65536]", "more than 2147483647 elements"}},
    {far_too_many_elements, {"2147483647, 2147483647]", "elements"}},
    {rank_of_none, {"shape", "rank 0"}},
    {type_of_none, {"number type 7", "SG_F64"}},
    {slice_beyond, {"slice", "do not lie in 0..2"}},
    {pad_beyond, {"pad", "do not fit into 5"}},
    {no_choices, {"shape", "dimension 0 is 0"}},
    {no_stride, {"window", "stride 0"}},
    {long_name, {"aaaa...'", "at most 158 letters"}},
    {named_by_two_lines, {"'one?two'", "control characters"}},
    {input_of_a_terminal, {"'x?[2J'", "control characters"}},
    {report_of_two_lines, {"'one?two'", "control characters"}},
    {report_twice, {"'size'", "already"}},
    {no_threads, {"0 threads", "at least 1"}},
    {cotangent_of_another_type, {"gradient", "sg_cast"}},
    {delta_of_three, {"delta", "one number is needed, not delta [3]"}},
    {rate_of_three, {"rate", "one number is needed"}},
    {far_too_many_columns, {"concat: [1073741824]", "more than 2147483647 columns"}},
    {no_share, {"sparse init: sparsity 2", "[0, 1)"}},
    {name_of_none, {"named", "a name is needed"}},
    {pin_what_is_not_kept, {"pin", "keep_all, without the rewrite rows"}},
    {set_beside_the_pinned, {"set", "square [3] is computed"}},
    {set_unpinned, {"set", "tanh [3] is computed"}},
    {gradient_of_no_norm, {"layer_norm_grad", "the result of tanh"}},
    {gradients_of_another_graph, {"sgd", "different graphs"}},
};

Test(mistakes, are_named)
{
    for (size_t i = 0; i < sizeof mistakes / sizeof mistakes[0]; i++) {
        mistaken = sg_graph_new(SG_F64);
        const char *message = misuse_of(mistakes[i].make);
        for (int k = 0; k < 2; k++)
            cr_expect(strstr(message, mistakes[i].words[k]), "mistake %zu: '%s' lacks '%s'", i,
                      message, mistakes[i].words[k]);
        sg_graph_free(mistaken);
    }
}

/* A name under which something is saved is not lost to one given for prints. */
Test(mistakes, a_source_keeps_its_name)
{
    sg_graph *g = sg_graph_new(SG_F32);
    sg_node x = sg_named(sg_scale(sg_input(g, "x", 1), 1), "loss");
    cr_expect_str_eq(sg_node_name(x), "x");
    cr_expect_str_eq(sg_node_name(sg_named(sg_tanh(x), "y")), "y");
    sg_graph_free(g);
}

/* Nothing joined to nothing is nothing. */
Test(mistakes, empty_lists_are_joined)
{
    sg_graph *g = sg_graph_new(SG_F32);
    sg_nodes none = {0}, one = sg_list(sg_input(g, "x", 1));
    cr_expect_eq(sg_nodes_join(none, none).count, 0);
    cr_expect_eq(sg_nodes_join(none, one).count, 1);
    cr_expect_eq(sg_nodes_join(one, none).count, 1);
    sg_graph_free(g);
}
