/* test_archive.c - named arrays: what is saved comes back bit for bit, what does not fit is told
 * and leaves values alone, saving again takes no new memory.
 */
#include <criterion/criterion.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tensor/archive.h"

/* One of everything that can be visited. */
typedef struct {
    double reals[3];
    int64_t counts[2];
    uint64_t words[2];
    char bytes[5];
    bool flag;
    int number;
    float weight[6];
    double bias[2];
    sg_random random;
} thing;

static void thing_state(thing *t, sg_archive *archive)
{
    sg_archive_f64(archive, "reals", t->reals, 3);
    sg_archive_enter(archive, "inner");
    sg_archive_i64(archive, "counts", t->counts, 2);
    sg_archive_enter(archive, "deep/er");
    sg_archive_u64(archive, "words", t->words, 2);
    sg_archive_leave(archive);
    sg_archive_leave(archive);
    sg_archive_u8(archive, "bytes", t->bytes, sizeof t->bytes);
    sg_archive_bool(archive, "flag", &t->flag);
    sg_archive_int(archive, "number", &t->number);
    sg_archive_tensor(archive, "weight", SG_F32, sg_matrix(2, 3), t->weight);
    sg_archive_tensor(archive, "bias", SG_F64, sg_vector(2), t->bias);
    sg_archive_random(archive, "random", &t->random);
}

/* Every byte set, so that things can be compared as memory. */
static void fill(thing *t)
{
    memset(t, 0, sizeof *t);
    memcpy(t->reals, (double[]){-0.0, 5e-324, INFINITY}, sizeof t->reals);
    memcpy(t->counts, (int64_t[]){INT64_MIN, INT64_MAX}, sizeof t->counts);
    memcpy(t->words, (uint64_t[]){UINT64_MAX, 1}, sizeof t->words);
    memcpy(t->bytes, "\0\1\2\377x", sizeof t->bytes);
    memcpy(t->weight, (float[]){0.1f, -0.0f, NAN, 1e-45f, 3, 4}, sizeof t->weight);
    memcpy(t->bias, (double[]){0.1, -1e308}, sizeof t->bias);
    t->flag = true;
    t->number = -7;
    sg_random_seed(&t->random, 4);
    sg_random_u32(&t->random);
}

/* ---- the round trip ---- */

Test(archive, what_is_saved_comes_back)
{
    thing saved, before, loaded;
    sg_error error;
    fill(&saved);
    memcpy(&before, &saved, sizeof before);
    memset(&loaded, 0, sizeof loaded);
    sg_archive *archive = sg_archive_new();
    thing_state(&saved, archive);
    cr_assert_eq(memcmp(&saved, &before, sizeof saved), 0, "saving changes nothing");

    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    cr_assert_eq(sg_archive_get_mode(archive), SG_ARCHIVE_LOAD);
    thing_state(&loaded, archive);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    cr_assert_eq(memcmp(&saved, &loaded, sizeof saved), 0);
    cr_assert_eq(sg_random_u32(&saved.random), sg_random_u32(&loaded.random));
    sg_archive_free(archive);
}

Test(archive, entries_keep_order_name_type_and_shape)
{
    static const char *const names[] = {"reals",  "inner/counts", "inner/deep/er/words",
                                        "bytes",  "flag",         "number",
                                        "weight", "bias",         "random"};
    static const size_t bytes[] = {24, 16, 16, 5, 1, 8, 24, 16, 48};
    thing t;
    fill(&t);
    sg_archive *archive = sg_archive_new();
    thing_state(&t, archive);
    cr_assert_eq(sg_archive_count(archive), 9);
    for (size_t i = 0; i < 9; i++) {
        const sg_archive_entry *entry = sg_archive_at(archive, i);
        cr_assert_str_eq(entry->name, names[i]);
        cr_assert_eq(entry->bytes, bytes[i], "%s", names[i]);
        cr_assert_eq(sg_archive_find(archive, names[i]), entry);
    }
    const sg_archive_entry *weight = sg_archive_find(archive, "weight");
    cr_assert(weight->type == SG_ARCHIVE_F32 && weight->rank == 2);
    cr_assert(weight->dim[0] == 2 && weight->dim[1] == 3);
    cr_assert_null(sg_archive_at(archive, 9));
    cr_assert_null(sg_archive_find(archive, "counts"), "names are full names");
    sg_archive_free(archive);
}

/* Visits in another order than that of saving find their arrays. */
Test(archive, the_order_of_loading_is_free)
{
    double a = 1, b = 2, c = 3;
    sg_error error;
    sg_archive *archive = sg_archive_new();
    sg_archive_f64(archive, "a", &a, 1);
    sg_archive_f64(archive, "b", &b, 1);
    sg_archive_f64(archive, "c", &c, 1);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    a = b = c = 0;
    sg_archive_f64(archive, "c", &c, 1);
    sg_archive_f64(archive, "a", &a, 1);
    sg_archive_f64(archive, "b", &b, 1);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    cr_assert(a == 1 && b == 2 && c == 3);
    sg_archive_free(archive);
}

/* More entries than the archive first has room for, and one without values. */
Test(archive, it_grows)
{
    sg_error error;
    char name[16];
    sg_archive *archive = sg_archive_new();
    sg_archive_f64(archive, "none", NULL, 0);
    for (int i = 0; i < 300; i++) {
        snprintf(name, sizeof name, "%d", i);
        sg_archive_int(archive, name, &(int){i});
    }
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_archive_f64(archive, "none", NULL, 0);
    for (int i = 0; i < 300; i++) {
        int value = -1;
        snprintf(name, sizeof name, "%d", i);
        sg_archive_int(archive, name, &value);
        cr_assert_eq(value, i);
    }
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    cr_assert_eq(sg_archive_count(archive), 301);
    sg_archive_free(archive);
}

/* ---- saving again ---- */

Test(archive, saving_again_keeps_the_memory)
{
    enum { ENTRIES = 9 };
    const void *data[ENTRIES];
    thing t, loaded;
    sg_error error;
    fill(&t);
    sg_archive *archive = sg_archive_new();
    thing_state(&t, archive);
    for (size_t i = 0; i < ENTRIES; i++)
        data[i] = sg_archive_at(archive, i)->data;

    sg_archive_rewind(archive);
    cr_assert_eq(sg_archive_count(archive), 0);
    cr_assert_null(sg_archive_find(archive, "reals"));
    t.number = 8;
    thing_state(&t, archive);
    for (size_t i = 0; i < ENTRIES; i++)
        cr_assert_eq(sg_archive_at(archive, i)->data, data[i], "entry %zu has moved", i);

    /* and it is the new values that it holds */
    memset(&loaded, 0, sizeof loaded);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    thing_state(&loaded, archive);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    cr_assert_eq(memcmp(&t, &loaded, sizeof t), 0);
    sg_archive_free(archive);
}

/* After a rewind other things may be saved: fewer, longer, under other names. */
Test(archive, saving_other_things_forgets_the_old)
{
    double one[] = {1}, two[] = {2, 3}, got[2] = {0};
    sg_error error;
    sg_archive *archive = sg_archive_new();
    sg_archive_f64(archive, "a", one, 1);
    sg_archive_f64(archive, "b", one, 1);
    sg_archive_rewind(archive);
    sg_archive_f64(archive, "a", two, 2);
    cr_assert_eq(sg_archive_count(archive), 1);
    cr_assert_null(sg_archive_find(archive, "b"));
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_archive_f64(archive, "a", got, 2);
    cr_assert(sg_archive_ok(archive, &error) && got[0] == 2 && got[1] == 3);
    sg_archive_free(archive);
}

/* ---- what does not fit ---- */

/* An archive to load from: "x" of three doubles, "wide" of a number that is no int. */
static sg_archive *sample(void)
{
    sg_archive *archive = sg_archive_new();
    sg_archive_f64(archive, "x", (double[]){1, 2, 3}, 3);
    sg_archive_i64(archive, "wide", (int64_t[]){INT64_C(1) << 32}, 1);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    return archive;
}

/* Ends the use of the archive: there was a fault, and its line has both texts. */
static void expect_fault(sg_archive *archive, const char *name, const char *what)
{
    sg_error error = {""};
    cr_assert_not(sg_archive_ok(archive, &error));
    cr_assert_not_null(strstr(error.text, name), "%s", error.text);
    cr_assert_not_null(strstr(error.text, what), "%s", error.text);
    cr_assert_not(sg_archive_ok(archive, NULL), "without a place for the line, too");
    sg_archive_free(archive);
}

Test(archive, a_missing_array_is_told_with_its_full_name)
{
    double value = 7;
    sg_archive *archive = sample();
    sg_archive_enter(archive, "net");
    sg_archive_f64(archive, "x", &value, 1);
    sg_archive_leave(archive);
    cr_assert_eq(value, 7);
    expect_fault(archive, "'net/x'", "no array");
}

Test(archive, another_size_is_told_in_values)
{
    double values[] = {7, 8, 9, 10};
    sg_archive *archive = sample();
    sg_archive_f64(archive, "x", values, 4);
    cr_assert_eq(values[0], 7);
    expect_fault(archive, "'x'", "3 values where 4 are needed");
}

Test(archive, another_type_is_told)
{
    int64_t values[] = {7, 8, 9};
    sg_archive *archive = sample();
    sg_archive_i64(archive, "x", values, 3);
    cr_assert_eq(values[0], 7);
    expect_fault(archive, "'x'", "float64 where int64 is needed");
}

Test(archive, a_number_beyond_int_is_told)
{
    int value = 7;
    sg_archive *archive = sample();
    sg_archive_int(archive, "wide", &value);
    cr_assert_eq(value, 7);
    expect_fault(archive, "'wide'", "4294967296");
}

/* One number out of the limits, and none of them is taken. */
Test(archive, a_number_beyond_its_limits_is_told)
{
    int values[] = {1, 2, 3}, loaded[] = {7, 8, 9};
    sg_archive *archive = sg_archive_new();
    sg_archive_ints(archive, "row", values, 3, 1, 3);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_archive_ints(archive, "row", loaded, 3, 1, 2);
    cr_assert(loaded[0] == 7 && loaded[1] == 8 && loaded[2] == 9);
    expect_fault(archive, "'row' holds 3", "allowed are 1 to 2");

    /* the same within them */
    archive = sg_archive_new();
    sg_archive_ints(archive, "row", values, 3, 1, 3);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_archive_ints(archive, "row", loaded, 3, 1, 3);
    cr_assert(sg_archive_ok(archive, NULL));
    cr_assert(loaded[0] == 1 && loaded[1] == 2 && loaded[2] == 3);
    sg_archive_free(archive);
}

Test(archive, the_first_fault_is_kept)
{
    double value = 0;
    sg_archive *archive = sample();
    sg_archive_f64(archive, "first", &value, 1);
    sg_archive_f64(archive, "second", &value, 1);
    sg_archive_f64(archive, "x", (double[3]){0}, 3);
    expect_fault(archive, "'first'", "no array");
}

/* Choosing the mode starts anew. */
Test(archive, a_fault_ends_with_the_round)
{
    double value = 0;
    sg_error error;
    sg_archive *archive = sample();
    sg_archive_f64(archive, "y", &value, 1);
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    sg_archive_free(archive);
}

Test(archive, adding_a_name_twice_fails)
{
    sg_error error = {""};
    double data[] = {1, 2};
    int64_t dim[] = {2};
    sg_archive *archive = sg_archive_new();
    cr_assert(sg_archive_add(archive, "a", SG_ARCHIVE_F64, 1, dim, data, false, &error));
    cr_assert(sg_archive_add(archive, "scalar", SG_ARCHIVE_F64, 0, NULL, data, false, &error));
    cr_assert_not(sg_archive_add(archive, "a", SG_ARCHIVE_F64, 1, dim, data, false, &error));
    cr_assert_not_null(strstr(error.text, "'a'"), "%s", error.text);
    cr_assert_eq(sg_archive_count(archive), 2);
    cr_assert_eq(sg_archive_find(archive, "scalar")->bytes, 8);
    sg_archive_free(archive);
}

/* ---- lent data ---- */

Test(archive, adding_more_dimensions_than_there_are_fails)
{
    sg_error error;
    int64_t dim[] = {1, 1, 1, 1, 1};
    sg_archive *archive = sg_archive_new();
    cr_expect_not(sg_archive_add(archive, "x", SG_ARCHIVE_F64, 5, dim, dim, false, &error));
    cr_expect_str_eq(error.text, "array 'x' has 5 dimensions; allowed are 0 to 4");
    sg_archive_free(archive);
}

Test(archive, adding_more_values_than_can_be_fails)
{
    sg_error error;
    int64_t wraps[] = {INT64_C(1) << 31, INT64_C(1) << 30}, negative[] = {-1, 1};
    double data = 0;
    sg_archive *archive = sg_archive_new();
    cr_expect_not(sg_archive_add(archive, "x", SG_ARCHIVE_F64, 2, wraps, &data, false, &error));
    cr_expect_str_eq(error.text, "array 'x' has more values than fit into memory");
    cr_expect_not(sg_archive_add(archive, "x", SG_ARCHIVE_F64, 2, negative, &data, false, &error));
    cr_expect_eq(sg_archive_count(archive), 0);
    sg_archive_free(archive);
}

Test(archive, tensors_are_lent_where_asked_and_numbers_copied)
{
    float weights[6] = {1, 2, 3, 4, 5, 6};
    double number = 7;
    sg_archive *archive = sg_archive_new();
    sg_archive_lend_tensors(archive);
    /* the second round meets the first one's entries, then another one in their place */
    for (int round = 0; round < 3; round++) {
        sg_archive_rewind(archive);
        sg_archive_tensor(archive, "weights", SG_F32, sg_matrix(2, 3 - round / 2), weights);
        sg_archive_f64(archive, round ? "number" : "weight", &number, 1);
        const sg_archive_entry *lent = sg_archive_at(archive, 0), *own = sg_archive_at(archive, 1);
        cr_assert(lent->data == weights && lent->bytes == (round < 2 ? 24 : 16) && lent->lent);
        cr_assert(own->data != &number && !own->lent && *(double *)own->data == 7);
    }
    sg_archive_free(archive); /* the weights are not freed: they are not of malloc */
}

Test(archive, adopted_memory_holds_what_is_loaded)
{
    double *memory = malloc(3 * sizeof *memory), loaded[3];
    sg_archive *archive = sg_archive_new();
    for (int i = 0; i < 3; i++)
        memory[i] = i + 0.5;
    sg_archive_adopt(archive, memory);
    cr_assert(sg_archive_add(archive, "x", SG_ARCHIVE_F64, 1, (int64_t[]){3}, memory, true, NULL));
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_archive_f64(archive, "x", loaded, 3);
    cr_assert(sg_archive_ok(archive, NULL) && loaded[0] == 0.5 && loaded[2] == 2.5);
    sg_archive_free(archive);
}

/* ---- visits of others ---- */

static void save_ok(sg_archive *archive) { sg_archive_int(archive, "a", &(int){1}); }
static void save_twice(sg_archive *archive) { save_ok(archive), save_ok(archive); }
static void enter_only(sg_archive *archive) { sg_archive_enter(archive, "in"); }
static void leave_twice(sg_archive *archive)
{
    save_ok(archive);
    sg_archive_leave(archive);
    sg_archive_leave(archive);
}

/* Mistakes are told, and what comes after them has the names that it should have. */
Test(archive, a_guard_puts_prefixes_right)
{
    static const struct {
        void (*visit)(sg_archive *archive);
        const char *told; /* NULL: no mistake */
    } VISITS[] = {{save_ok, NULL},
                  {save_twice, "array 'all/one/a' is there twice"},
                  {enter_only, "enter without leave"},
                  {leave_twice, "leave without enter"}};
    for (size_t i = 0; i < sizeof VISITS / sizeof *VISITS; i++) {
        sg_error error = {""};
        sg_archive *archive = sg_archive_new();
        sg_archive_enter(archive, "all");
        sg_archive_guard(archive, "one");
        VISITS[i].visit(archive);
        cr_expect_eq(sg_archive_unguard(archive, &error), !VISITS[i].told);
        cr_expect_str_eq(error.text, VISITS[i].told ? VISITS[i].told : "");
        sg_archive_int(archive, "two", &(int){2});
        sg_archive_leave(archive);
        cr_expect(sg_archive_find(archive, "all/two"), "visit %zu", i);
        sg_archive_free(archive);
    }
}

/* Saving again, and loading, begin outside of what an earlier round did not leave. */
Test(archive, a_new_round_has_no_prefix)
{
    int number = 3;
    sg_error error;
    sg_archive *archive = sg_archive_new();
    sg_archive_enter(archive, "left");
    sg_archive_rewind(archive);
    sg_archive_int(archive, "a", &number);
    cr_assert(sg_archive_find(archive, "a"));
    sg_archive_enter(archive, "left");
    sg_archive_set_mode(archive, SG_ARCHIVE_LOAD);
    sg_archive_int(archive, "a", &number);
    cr_assert(sg_archive_ok(archive, &error), "%s", error.text);
    sg_archive_free(archive);
}

/* ---- programmer's errors ---- */

Test(archive, guards_do_not_nest, .signal = SIGABRT)
{
    sg_archive *archive = sg_archive_new();
    sg_archive_guard(archive, "a");
    sg_archive_guard(archive, "b");
}

Test(archive, saving_a_name_twice_is_misuse, .signal = SIGABRT)
{
    sg_archive *archive = sg_archive_new();
    sg_archive_int(archive, "a", &(int){1});
    sg_archive_int(archive, "a", &(int){2});
}

Test(archive, leaving_without_entering_is_misuse, .signal = SIGABRT)
{
    sg_archive_leave(sg_archive_new());
}

Test(archive, names_without_end_are_misuse, .signal = SIGABRT)
{
    char name[300];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = 0;
    sg_archive_int(sg_archive_new(), name, &(int){1});
}
