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

/* A verdict in words; NULL: there is none. */
struct ps_scan_words {
	const char *action;
	const char *rule;
	const char *kind;
	const char *technique;
	const char *brand; /* the id of the protected name */
	unsigned score;
};
struct ps_scan_words ps_scan_words(
    const struct ps_scan_writer *writer, const struct ps_verdict *verdict);

/* --- parts of rows, for `diff` as well: they append; errors stand in out ----------------- */

/* As given, cut, and so that no octet ends a column or commands a terminal. Returns the
 * terminal cells that it takes. */
unsigned ps_scan_put_name(struct ps_buffer *out, struct ps_bytes name);
/* Opens an object: {"name": "..." ; false: the name is cut. */
bool ps_scan_put_json_name(struct ps_buffer *out, struct ps_bytes name);
void ps_scan_put_string(struct ps_buffer *out, struct ps_bytes text);
/* "action": ..., "score": ... */
void ps_scan_put_members(const struct ps_scan_writer *writer, struct ps_buffer *out,
    const struct ps_verdict *verdict);

/* Appends a row; why not NULL: it is no name, and verdict says that it passes. Errors stand
 * in out. */
void ps_scan_write(const struct ps_scan_writer *writer, struct ps_buffer *out,
    struct ps_bytes name, const struct ps_verdict *verdict, const char *why);

#endif
