/* test_recordings.c - no recording is passed over: each file has a test that follows it, and each
 * recorded setting is used or known to say nothing. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "tests/golden.h"

Test(recordings, every_file_has_a_reader)
{
    const char *file = golden_without_reader();
    cr_expect(!file, "no test follows tests/golden/%s", file);
}

Test(recordings, come_sorted_and_each_once)
{
    const char *before = golden_recording("avg", 0), *file;
    for (int i = 1; (file = golden_recording("avg", i)); i++, before = file)
        cr_expect(strcmp(before, file) < 0, "%s before %s", before, file);
}

/* Those of a file are eighteen; reading one or exempting one leaves the rest. */
Test(recordings, a_setting_that_nothing_read_is_found)
{
    static const char *const exempt[] = {"l2_critic", NULL}, *const none[] = {NULL};
    golden *g = golden_open("algos/avg_b0.safetensors");
    cr_expect_str_eq(golden_unread_setting(g, none), "l2_actor");
    golden_number(g, "hp/l2_actor");
    cr_expect_str_eq(golden_unread_setting(g, none), "l2_critic");
    cr_expect_str_eq(golden_unread_setting(g, exempt), "gamma");
    const char *name;
    int count = 2;
    for (; (name = golden_unread_setting(g, exempt)); count++) {
        char full[64];
        snprintf(full, sizeof full, "hp/%s", name);
        golden_number(g, full);
    }
    cr_expect_eq(count, 18);
    golden_close(g);
}
