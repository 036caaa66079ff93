/* What `scan` writes of a name: a row of tab-separated columns, or a line of JSON.
 *
 * Ownership: a struct ps_scan_writer owns its table of rules and borrows the snapshot.
 * Threads: the writer is immutable once made; each buffer belongs to one thread.
 */
#ifndef PS_CLI_SCAN_ROW_H
#define PS_CLI_SCAN_ROW_H

#include "core/buffer.h"
#include "verdict/verdict.h"

/* What the deciding rule rests on. */
enum ps_scan_kind {
	PS_SCAN_KIND_NONE,
	PS_SCAN_KIND_LISTED, /* by a feed, or by the policy itself */
	PS_SCAN_KIND_LOOKALIKE,
	PS_SCAN_KIND_PATTERN,
};

struct ps_scan_rule {
	const char *id;
	enum ps_scan_kind kind;
};

struct ps_scan_writer {
	const struct ps_snapshot *snapshot;
	struct ps_scan_rule *rules;
	bool json;
};

PS_MUST_USE enum ps_status ps_scan_writer_init(struct ps_scan_writer *writer,
    const struct ps_snapshot *snapshot, bool json, struct ps_error *err);
void ps_scan_writer_clear(struct ps_scan_writer *writer);

/* A name as it was given: of a longer one, so much is shown. */
#define PS_SCAN_SHOWN_MAX 1024

/* Appends a row; why not NULL: it is no name, and verdict says that it passes. Errors stand
 * in out. */
void ps_scan_write(const struct ps_scan_writer *writer, struct ps_buffer *out,
    struct ps_bytes name, const struct ps_verdict *verdict, const char *why);

#endif
