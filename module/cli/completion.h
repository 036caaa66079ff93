/* Completions for bash, zsh and fish, made from the table of options.h.
 *
 * contrib/completions holds what this prints, for packages; a test keeps both equal.
 * Threads: one at a time.
 */
#ifndef PS_CLI_COMPLETION_H
#define PS_CLI_COMPLETION_H

#include "cli/options.h"

#include <stdio.h>

/* False when shell is none of "bash", "zsh" and "fish"; nothing is printed then. */
PS_MUST_USE bool ps_completion_print(FILE *stream, const char *shell);

#endif
