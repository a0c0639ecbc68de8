/* error.h - the three kinds of failure.
 *
 * The world's errors (a file, an option, an environment, a full disk) are returned: the function
 * answers false and leaves one clear line in an sg_error. A programmer's errors (shapes that do not
 * fit, a node of another graph, learn before act) go through one replaceable handler, which by
 * default prints the message and aborts. So does the lack of memory, through a handler of its own:
 * it is nobody's mistake, but what is being built has no way back.
 */
#ifndef SG_ERROR_H
#define SG_ERROR_H

#include <stdbool.h>

#if defined(__GNUC__)
#define SG_PRINTF(text, first) __attribute__((format(printf, text, first)))
#else
#define SG_PRINTF(text, first)
#endif

/* One line of text: what was wrong and what is allowed. Owned by the caller, usually on the stack.
 */
typedef struct {
    char text[1024];
} sg_error;

/* Writes the message into `error` (which may be NULL) and returns false, for `return sg_fail(...)`.
 * Ends of line and other control characters, which names may have, become '?'. */
bool sg_fail(sg_error *error, const char *format, ...) SG_PRINTF(2, 3);

/* The same for a text of any other kind, in place. */
void sg_keep_to_one_line(char *text);

/* Called with the message of what cannot be returned. It may longjmp away; if it returns, we abort.
 */
typedef void sg_error_handler(const char *message);

/* Replaces the handler (NULL: the default) and returns the one before. */
sg_error_handler *sg_on_misuse(sg_error_handler *handler);

/* Reports a programmer's error; never returns. */
void sg_misuse(const char *format, ...) SG_PRINTF(1, 2) __attribute__((noreturn));

/* The same two for memory that is not there: "out of memory (295174784 bytes)". A handler may exit
 * (the program does, with exit code 2) and must not ask for memory. */
sg_error_handler *sg_on_out_of_memory(sg_error_handler *handler);
void sg_out_of_memory(const char *format, ...) SG_PRINTF(1, 2) __attribute__((noreturn));

#endif
