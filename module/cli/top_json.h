/* What `postshield top` shows, as one JSON object a look, on a line of its own.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_TOP_JSON_H
#define PS_CLI_TOP_JSON_H

#include "cli/activity.h"

#include <stdio.h>

/* Names, rules and feeds: so many of each. */
#define PS_TOP_JSON_LEADERS 100u

/* Errors: PS_IO, PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_top_json_print(FILE *stream, const struct ps_activity *activity);

#endif
