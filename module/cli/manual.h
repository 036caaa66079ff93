/* Man pages in the man(7) macros, made from the table of options.h.
 *
 * contrib/man holds what this prints, for packages; a test keeps both equal.
 * Threads: one at a time.
 */
#ifndef PS_CLI_MANUAL_H
#define PS_CLI_MANUAL_H

#include "cli/options.h"

#include <stdio.h>

void ps_manual_print(FILE *stream, const struct ps_command *command);

#endif
