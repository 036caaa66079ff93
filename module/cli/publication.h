/* Putting a snapshot in its place: one build at a time, verified before it counts,
 * whole or not at all (RELIABILITY F7, F8).
 *
 *   lock     .build.lock in the output's folder; what a killed build left is removed
 *   write    beside its place, synced
 *   verify   read back from there as the resolver would
 *   rename   over the old one, folder synced
 *
 * Until the rename the file that stood there stands; nothing else is left behind.
 *
 * Ownership: open/close on the caller's storage. Threads: one at a time.
 */
#ifndef PS_CLI_PUBLICATION_H
#define PS_CLI_PUBLICATION_H

#include "cli/progress.h"
#include "snapshot/builder.h"
#include "snapshot/snapshot.h"

#include <limits.h>

struct ps_publication {
	char path[PATH_MAX]; /* the output */
	char folder[PATH_MAX];
	char beside[PATH_MAX]; /* where it is written */
	int lock;
	/* The state folder, where generations are kept; "": none are. serves: the digest of
	 * what lies at path when the build begins, "" when it is not known. */
	char state[PATH_MAX];
	char serves[2 * PS_DIGEST_SIZE + 1];
	bool kept;            /* out */
	struct ps_error lost; /* why it is not kept */
};

/* Waits up to a minute for another build, which *waited tells. Errors: PS_IO (its
 * folder cannot be written, or the other build does not end), PS_INVALID (the output
 * is no regular file), PS_LIMIT. Close in any case. */
PS_MUST_USE enum ps_status ps_publication_open(struct ps_publication *out, const char *path,
    struct ps_progress *progress, bool *waited, struct ps_error *err);
void ps_publication_close(struct ps_publication *publication);

/* Writes, verifies and publishes; the builder is destroyed on the way, so that it and
 * the verified copy are not in memory both, and *builder set to NULL. *out: the new
 * snapshot, opened whole. On error the last file stands. */
PS_MUST_USE enum ps_status ps_publication_publish(struct ps_publication *publication,
    struct ps_builder **builder, struct ps_progress *progress, struct ps_snapshot **out,
    struct ps_error *err);

/* Puts the marker PS_STRICT_FILE into the folder `state`, or takes it away: with it the resolver
 * refuses to start without a good snapshot. In the folder, not in the snapshot: it speaks of when
 * there is none. Errors: PS_IO, PS_LIMIT. */
#define PS_STRICT_FILE "strict"
PS_MUST_USE enum ps_status ps_publication_mark(
    const char *state, bool strict, struct ps_error *err);

/* Publishes a copy of a snapshot file, whose digest begins with the one given. Keeps no
 * generation. Errors as above, and PS_INVALID, PS_UNSUPPORTED, PS_NOT_FOUND (of the file). */
PS_MUST_USE enum ps_status ps_publication_restore(struct ps_publication *publication,
    const char *from, const char *digest, struct ps_progress *progress,
    struct ps_snapshot **out, struct ps_error *err);

#endif
