/* test_nearest.c - the name that a mistyped word was meant to be. */
#include <criterion/criterion.h>

#include "tensor/nearest.h"

Test(nearest, edits_are_counted)
{
    cr_assert_eq(sg_edit_distance("", "abc"), 3);
    cr_assert_eq(sg_edit_distance("kitten", "sitting"), 3);
    cr_assert_eq(sg_edit_distance("train", "trian"), 1);
    cr_assert_eq(sg_edit_distance("Train", "tRAIN"), 0);
}

Test(nearest, only_similar_names_are_suggested)
{
    sg_nearest search = sg_nearest_start("trian");
    sg_nearest_offer(&search, "eval");
    cr_assert_null(search.best);
    sg_nearest_offer(&search, "train");
    sg_nearest_offer(&search, "trains");
    cr_assert_str_eq(search.best, "train");
}
