/* The difference of two texts, line by line, as diff -u writes it and patch reads it.
 *
 * The shortest one (Myers, "An O(ND) difference algorithm", 1986), as long as not more than
 * some thousand lines differ; otherwise all between the first and the last is one change.
 * Threads: pure but for memory.
 */
#ifndef PS_CLI_LINE_DIFF_H
#define PS_CLI_LINE_DIFF_H

#include "core/buffer.h"

/* Appends "--- name", "+++ name" and the hunks with three lines of context; nothing when both
 * are equal. safe: for a terminal, so that no character of the texts commands it. Errors
 * stand in out, or are returned: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_line_diff(struct ps_buffer *out, const char *name,
    struct ps_bytes old, struct ps_bytes now, bool safe);

#endif
