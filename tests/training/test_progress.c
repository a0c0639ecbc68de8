/* test_progress.c - what a person watching sees: means, durations, and lines that fit the terminal.
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pty.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rl/training/progress.h"

Test(progress, means_are_over_the_last_hundred_episodes)
{
    sg_counters counters = {0};
    cr_assert(sg_counters_mean_return(&counters) == 0);
    for (int i = 1; i <= 250; i++) {
        sg_counters_add_episode(&counters, i, 2 * i);
        if (i == 2)
            cr_assert(sg_counters_mean_return(&counters) == 1.5);
    }
    cr_assert_eq(counters.episode, 250);
    cr_assert(sg_counters_mean_return(&counters) == 200.5);
    cr_assert(sg_counters_mean_length(&counters) == 401);
}

Test(progress, durations_read_as_clocks_do)
{
    static const struct {
        double seconds;
        const char *text;
    } CASES[] = {
        {0, "0:00"},     {-5, "0:00"},      {59.4, "0:59"},        {59.6, "1:00"},
        {3599, "59:59"}, {3661, "1:01:01"}, {360000, "100:00:00"},
    };
    char text[32];
    for (size_t i = 0; i < sizeof CASES / sizeof *CASES; i++) {
        cr_assert_str_eq(sg_duration_text(CASES[i].seconds, text), CASES[i].text);
    }
}

/* Draws into a terminal of that width, in a process of its own, and catches what arrives there. */
static void draw_on_terminal(int width, char *seen, size_t size)
{
    struct winsize window = {.ws_row = 24, .ws_col = (unsigned short)width};
    int terminal, status;
    size_t used = 0;
    ssize_t got;
    pid_t child = forkpty(&terminal, NULL, NULL, &window);

    cr_assert(child >= 0);
    if (child == 0) {
        sg_counters counters = {.step = 424242};
        sg_progress progress = sg_progress_start(false, 1000000, 0);
        progress.start -= 10; /* or the last line may tell of a rate that no run has */
        for (int i = 0; i < 424; i++)
            sg_counters_add_episode(&counters, -1234.5, 1000);
        sg_progress_update(&progress, &counters, sg_clock() + 1);
        sg_progress_note(&progress, "a note");
        sg_progress_finish(&progress, &counters);
        _exit(0);
    }
    while ((got = read(terminal, seen + used, size - 1 - used)) > 0)
        used += (size_t)got;
    cr_assert(got == 0 || errno == EIO, "the terminal's other side was closed");
    seen[used] = '\0';
    close(terminal);
    cr_assert_eq(waitpid(child, &status, 0), child);
    cr_assert_eq(status, 0);
}

Test(progress, live_lines_fit_the_terminal)
{
    static const int WIDTHS[] = {20, 40, 80, 100, 120, 200};
    char seen[4096];

    for (size_t i = 0; i < sizeof WIDTHS / sizeof *WIDTHS; i++) {
        int lines = 0;
        draw_on_terminal(WIDTHS[i], seen, sizeof seen);
        cr_assert(strstr(seen, "a note\r\n"), "%s", seen);
        for (char *line = strtok(seen, "\r\n"); line; line = strtok(NULL, "\r\n")) {
            int codes =
                strncmp(line, "\033[K", 3) == 0 ? 3 : 0; /* clears the line; takes no column */
            cr_assert((int)strlen(line) - codes < WIDTHS[i], "%d columns: %s", WIDTHS[i], line);
            if (strstr(line, "note"))
                continue;
            lines += strlen(line) > 3;
            if (WIDTHS[i] < 80 || strlen(line) <= 3)
                continue;
            cr_assert(strstr(line, "[##") && strstr(line, "left 0:"), "%s", line);
            cr_assert(strstr(line, WIDTHS[i] < 110 ? "424k/1M" : "424242/1000000"), "%s", line);
        }
        cr_assert_eq(lines, 2, "%d lines at %d columns", lines, WIDTHS[i]);
    }
}
