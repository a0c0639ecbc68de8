/* test_gradcheck.c - `streamgrad gradcheck` of every algorithm in the list, with the sizes that
 * users get, on every kind of task that suits it. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "rl/algorithm.h"
#include "tests/cli/program.h"
#include "tests/training/scratch.h"

/* Continuous actions, discrete ones, images. */
static const char *const tasks[] = {"Pendulum-v1", "CartPole-v1", "MinAtar/Breakout-v1"};

enum { TASKS = sizeof tasks / sizeof tasks[0] };

/* True if it was checked; false if the algorithm is not for such tasks. Anything else fails. */
static bool check(const char *folder, const char *algorithm, const char *task)
{
    const program_result *r =
        program_run(folder, "gradcheck %s --env %s --elements 4", algorithm, task);
    if (r->code == 2) {
        cr_assert(strstr(r->err, "this algorithm needs"), "%s %s: %s", algorithm, task, r->err);
        return false;
    }
    cr_assert_eq(r->code, 0, "%s %s: %s%s", algorithm, task, r->out, r->err);
    cr_assert(strstr(r->out, ", 0 failed"), "%s %s: %s", algorithm, task, r->out);
    cr_assert(!strstr(r->out, "\n0 elements"), "%s %s: %s", algorithm, task, r->out);
    return true;
}

Test(gradcheck, of_every_algorithm)
{
    char *folder = scratch_make();
    int checked = 0;
    for (int i = 0; i < sg_algorithm_count(); i++) {
        int suited = 0;
        for (int k = 0; k < TASKS; k++)
            suited += check(folder, sg_algorithm_at(i)->name, tasks[k]);
        cr_assert(suited > 0, "%s was checked on no task", sg_algorithm_at(i)->name);
        checked += suited;
    }
    printf("gradients of %d algorithms checked on %d tasks\n", sg_algorithm_count(), checked);
    scratch_remove(folder);
}
