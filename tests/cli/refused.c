/* refused.c - lines that are refused: what is told, and that a run's folder stays as it was. */
#include "tests/cli/refused.h"

#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rl/training/experiment.h"

void assert_told(const program_result *r, int code, const char *told)
{
    cr_assert_eq(r->code, code, "exit code %d: %s", r->code, r->err);
    cr_assert(strstr(r->err, told), "'%s' lacks '%s'", r->err, told);
    cr_assert(strchr(r->err, '\n') == r->err + strlen(r->err) - 1, "not one line: %s", r->err);
}

char *run_snapshot(const char *run)
{
    char line[1024], *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    snprintf(line, sizeof line,
             "cd %s && find . | sort && find . -type f | sort | xargs md5sum 2>&1", run);
    FILE *in = popen(line, "r");
    cr_assert(in && out);
    for (int c; (c = fgetc(in)) != EOF;)
        fputc(c, out);
    cr_assert_eq(pclose(in), 0);
    fclose(out);
    cr_assert(strstr(text, SG_RUN_FILE), "%s", text);
    return text;
}

void assert_refused(const char *folder, const char *run, const char *line, const char *told)
{
    char *before = run_snapshot(run);
    assert_told(program_run(folder, "%s %s", line, run), 2, told);
    char *after = run_snapshot(run);
    cr_assert_str_eq(after, before, "%s", line);
    free(before);
    free(after);
}
