/* A span of time as people write it: "90s", "15m", "2h", "7d".
 *
 * Threads: pure functions.
 */
#ifndef PS_CLI_SPAN_H
#define PS_CLI_SPAN_H

#include <stdbool.h>
#include <stdint.h>

/* False when it is none; up to six digits. */
bool ps_span_from_text(const char *text, uint64_t *seconds);

#endif
