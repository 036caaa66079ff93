/* The builder: a plan and its feeds' indicators in, one snapshot file out.
 *
 * Same input, same bytes: nothing of the machine, the time or the order of
 * threads gets in. Memory: at most about 120 octets a name while building (10
 * million names in under 2 GB).
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

/* Takes one indicator of plan->feeds[feed] that the guard let stand. trial: its row is
 * counted and shown, never answered. The same row twice (all but provenance) is kept
 * once, with the first provenance. Errors: PS_LIMIT, PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_builder_add(struct ps_builder *builder, uint32_t feed,
    const struct ps_indicator *indicator, bool trial, struct ps_error *err);

/* What the feed table says of a feed; may be called any time before the end. */
void ps_builder_set_feed(struct ps_builder *builder, uint32_t feed, uint32_t read,
    uint32_t kept, uint32_t refused, bool held);

/* Forgets what feed was given so far (it was held back, or broke off half way). */
void ps_builder_drop_feed(struct ps_builder *builder, uint32_t feed);

/* Writes the snapshot to path by write, fsync, rename. On error the file that
 * stood there stands, and no temporary file is left. */
PS_MUST_USE enum ps_status ps_builder_write(
    struct ps_builder *builder, const char *path, struct ps_error *err);

/* The same into memory (tests, fuzzing). */
PS_MUST_USE enum ps_status ps_builder_write_buffer(
    struct ps_builder *builder, struct ps_buffer *out, struct ps_error *err);

/* Fills in both parts' digests and the header's of a file image whose other octets
 * were changed: for tests that ask whether the checks behind the digests hold
 * (RELIABILITY M1). len at least PS_HEADER_SIZE. */
void ps_snapshot_seal(uint8_t *image, size_t len);

#endif
