/* Makes the tables from a policy's protected names: same input, same bytes.
 *
 * Threads: one at a time.
 */
#ifndef PS_LOOKALIKE_BUILDER_H
#define PS_LOOKALIKE_BUILDER_H

#include "core/buffer.h"
#include "policy/plan.h"

#define PS_TABLES_MAX ((size_t)1 << 28)

/* Appends the tables to out (empty: no brand, no octet). suffixes: the public suffix list,
 * in its own format (publicsuffix.org/list). Errors: PS_NO_MEMORY, PS_LIMIT; PS_INVALID
 * for a list in which there is no suffix. */
PS_MUST_USE enum ps_status ps_tables_build(struct ps_buffer *out,
    const struct ps_lookalike_plan *plan, struct ps_bytes suffixes, struct ps_error *err);

#endif
