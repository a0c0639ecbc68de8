/* refused.h - lines that are refused: what is told, and that a run's folder stays as it was. */
#ifndef SG_TEST_REFUSED_H
#define SG_TEST_REFUSED_H

#include "tests/cli/program.h"

/* That exit code, and one line on stderr that says `told`. */
void assert_told(const program_result *result, int code, const char *told);

/* Every name in a run's folder and every file's sum (free it). */
char *run_snapshot(const char *run);
/* "LINE RUN" with exit code 2, one line that says `told`, and the run's folder as it was; a LINE
 * ends with what comes before the folder, "train --resume --out". */
void assert_refused(const char *folder, const char *run, const char *line, const char *told);

#endif
