/* The builder: a plan and its feeds' indicators in, one snapshot file out.
 *
 * Same input, same bytes: nothing of the machine, the time or the order of
 * threads gets in. Memory: at most about 120 octets a name while building (10
 * million names in under 2 GB), 60 more where each has a set of rows of its own.
 *
 * Ownership: the builder copies what it is given; the plan must outlive it.
 * Threads: one at a time.
 */
#ifndef PS_SNAPSHOT_BUILDER_H
#define PS_SNAPSHOT_BUILDER_H

#include "core/buffer.h"
#include "snapshot/snapshot.h"

struct ps_builder;

PS_MUST_USE enum ps_status ps_builder_create(
    struct ps_builder **out, const struct ps_plan *plan, struct ps_error *err);
void ps_builder_destroy(struct ps_builder *builder);

/* The public suffix list (publicsuffix.org/list), by which protected names tell whose a name
 * is. Borrowed until the last write. A plan with brands cannot be written without. */
void ps_builder_set_suffixes(struct ps_builder *builder, struct ps_bytes list);

/* Takes one indicator of plan->feeds[feed] that the guard let stand. trial: its row is
 * counted and shown, never answered. The same row twice (all but provenance) is kept
 * once, with the first provenance: that of the lowest line, 0 being the last. The order
 * of additions makes no difference to the file. Errors: PS_LIMIT, PS_NO_MEMORY,
 * PS_INVALID (a number in the indicator that its enumeration does not have). */
PS_MUST_USE enum ps_status ps_builder_add(struct ps_builder *builder, uint32_t feed,
    const struct ps_indicator *indicator, bool trial, struct ps_error *err);

/* Adds to feed what stands of previous_feed in an older snapshot, opened whole
 * (RELIABILITY F4: the last good entries of a feed that is held back). trial: all of
 * it; rows that were on trial stay so. No guard looks at them: to have one look,
 * see ps_snapshot_visit_feed(). */
PS_MUST_USE enum ps_status ps_builder_copy_feed(struct ps_builder *builder, uint32_t feed,
    const struct ps_snapshot *previous, uint32_t previous_feed, bool trial,
    struct ps_error *err);

/* What one feed may say of one name or prefix: so that no feed can fill a set of
 * PS_SET_ROWS_MAX by itself and stop every build. Of more rows, those stay that are
 * not on trial, are valid longest and are surest. */
#define PS_BUILDER_FEED_ROWS_MAX 32u

struct ps_builder_counts {
	uint64_t rows;       /* that will stand in the snapshot */
	uint64_t duplicates; /* the same row again */
	uint64_t surplus;    /* over PS_BUILDER_FEED_ROWS_MAX for one name */
};

/* Sorts what was added so far and counts it by feed: for the table of a build, and
 * for deciding whether a feed jumped. More may be added afterwards. Called by
 * write when needed. Errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_builder_settle(struct ps_builder *builder, struct ps_error *err);

/* As of the last ps_builder_settle(). */
struct ps_builder_counts ps_builder_counts(const struct ps_builder *builder, uint32_t feed);

/* What the feed table says of a feed; may be called any time before the end. */
void ps_builder_set_feed(struct ps_builder *builder, uint32_t feed, uint32_t read,
    uint32_t kept, uint32_t refused, bool held);

/* Forgets what feed was given so far (it was held back, or broke off half way). */
void ps_builder_drop_feed(struct ps_builder *builder, uint32_t feed);

/* Writes the snapshot to path by write, verify, fsync, rename: what the verifier
 * refuses is never put in place. On error the file that stood there stands, and
 * no temporary file is left. Errors: PS_IO, PS_NO_MEMORY, PS_LIMIT (a table or a name
 * has more than FORMAT.md allows). */
PS_MUST_USE enum ps_status ps_builder_write(
    struct ps_builder *builder, const char *path, struct ps_error *err);

/* The same into memory (tests, fuzzing). */
PS_MUST_USE enum ps_status ps_builder_write_buffer(
    struct ps_builder *builder, struct ps_buffer *out, struct ps_error *err);

/* Fills in both parts' digests and the header's of a file image whose other octets
 * were changed: for tests that ask whether the checks behind the digests hold
 * (RELIABILITY M1). Where the header's lengths make no sense, its own digest alone.
 * len at least PS_HEADER_SIZE. */
void ps_snapshot_seal(uint8_t *image, size_t len);

#endif
