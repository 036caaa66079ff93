/* The public suffix list, for a builder whose plan has brands.
 *
 * Threads: one at a time.
 */
#ifndef PS_CLI_SUFFIXES_H
#define PS_CLI_SUFFIXES_H

#include "core/buffer.h"
#include "snapshot/builder.h"

/* Reads the list into list (initialised here) and lends it to builder: list must live until
 * the last write; clear it in any case. Nothing is read for a plan without brands. Errors:
 * those of ps_file_read(), with the list's path. */
PS_MUST_USE enum ps_status ps_suffixes_give(struct ps_buffer *list, struct ps_builder *builder,
    const struct ps_plan *plan, struct ps_error *err);

#endif
