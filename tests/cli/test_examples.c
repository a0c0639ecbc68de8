/* test_examples.c - the programs of examples/ do what their comments say. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Runs "<build folder>/examples/<line>" and keeps what it prints; returns its exit code. */
static int run(const char *line, char *printed, size_t size)
{
    char command[4400];
    const char *program = getenv("STREAMGRAD_BIN");
    ssize_t length = program ? snprintf(command, sizeof command, "%s", program)
                             : readlink("/proc/self/exe", command, 4000);
    cr_assert(length > 0 && length < 4000);
    command[length] = '\0';
    char *end = strrchr(command, '/') + 1;
    snprintf(end, sizeof command - (size_t)(end - command), "examples/%s 2>&1", line);
    FILE *output = popen(command, "r");
    cr_assert(output != NULL);
    printed[fread(printed, 1, size - 1, output)] = '\0';
    return WEXITSTATUS(pclose(output));
}

/* The length of CartPole's episodes in the last line, of 9 to 25 in the first. Of 40 seeds of
 * Stream SARSA all end above 100; of Stream Q's one in five to eight does not. */
Test(examples, agent_loop_learns)
{
    char printed[4096];
    double length = 0;
    int code = run("agent_loop stream_sarsa CartPole-v1 30000 hidden=32", printed, sizeof printed);
    cr_assert_eq(code, 0, "%s", printed);
    for (const char *at = printed; (at = strstr(at, "episodes, ")); at++)
        length = atof(at + strlen("episodes, "));
    cr_expect_gt(length, 100, "%s", printed);
}

Test(examples, agent_loop_tells_what_is_wrong)
{
    static const char *const wrong[][2] = {{"stream_q Hopper-v4 100", "needs discrete"},
                                           {"nothing CartPole-v1 100", "unknown algorithm"},
                                           {"stream_q CartPole-v1", "usage"},
                                           {"stream_q CartPole-v1 10 hiden=3", "hidden?"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        char line[128], printed[4096];
        snprintf(line, sizeof line, "agent_loop %s", wrong[i][0]);
        cr_expect_eq(run(line, printed, sizeof printed), 2, "%s", printed);
        cr_expect(strstr(printed, wrong[i][1]) != NULL, "%s", printed);
    }
}

Test(examples, stream_regression_checks_its_gradients)
{
    char printed[4096];
    cr_expect_eq(run("stream_regression", printed, sizeof printed), 0, "%s", printed);
    cr_expect(strstr(printed, " 0 wrong") != NULL, "%s", printed);
}
