/* What --help prints, made from the table of options.h: at most 79 columns.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_HELP_H
#define PS_CLI_HELP_H

#include "cli/options.h"

#include <stdio.h>

void ps_help_print(FILE *stream, const struct ps_command *command);

/* "postshield build [option...]", a line for each verb. prefix stands before the
 * first line, blanks of the same width before the others. */
void ps_help_usage(FILE *stream, const char *prefix, const struct ps_command *command);

/* "-p, --policies PATH" as help and man pages name an option. */
#define PS_OPTION_TERM_MAX 64
void ps_help_term(const struct ps_option *option, char out[PS_OPTION_TERM_MAX]);

#endif
