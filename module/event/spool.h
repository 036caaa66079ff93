/* The spool's writer: sealed events, appended to segments in a folder, within a cap.
 *
 * One process writes (a lock on the folder's file "lock" sees to it; kill -9 lets go of it). It
 * never goes on in a segment that another process left, so a torn record can only be the last
 * of a segment. Segments that nobody has released yet are removed at the cap, the oldest first,
 * and counted. Not fsynced: after a power cut the last seconds may be missing or torn, which
 * the reader sees.
 *
 * When the disk fails (full, read-only, gone), what was to be written is dropped and counted,
 * and the next put tries again.
 *
 * Threads: one at a time: the watcher. May block as the disk does; never on the query path.
 */
#ifndef PS_EVENT_SPOOL_H
#define PS_EVENT_SPOOL_H

#include "event/event.h"
#include "event/segment.h"

#define PS_SPOOL_FOLDER "events" /* in the state folder */
#define PS_SPOOL_SEGMENT_MAX (1u << 20)
#define PS_SPOOL_KEEP_DEFAULT_MIB 64u

struct ps_spool;

struct ps_spool_counts {
	uint64_t records;          /* written */
	uint64_t dropped;          /* decisions whose event could not be written */
	uint64_t removed_segments; /* at the cap */
	uint64_t removed_records;  /* in those, as far as headers tell */
	uint64_t octets;           /* of all segments, as last looked at or written */
};

/* folder is copied; the disk is not touched before the first put. */
PS_MUST_USE enum ps_status ps_spool_create(struct ps_spool **out, const char *folder);
/* Writes what was put and closes. NULL is allowed. */
void ps_spool_destroy(struct ps_spool *spool);

/* The cap of all segments together; from the next segment on. At least 1 MiB. */
void ps_spool_keep(struct ps_spool *spool, uint64_t octets);

/* Takes an event for writing; its serial is set. now: milliseconds since 1970. */
void ps_spool_put(struct ps_spool *spool, struct ps_event *event, uint64_t now);
/* Writes what was put. */
void ps_spool_flush(struct ps_spool *spool);

struct ps_spool_counts ps_spool_counts(const struct ps_spool *spool);

/* Why nothing could be written the last time that there was something; NULL: it could. */
const struct ps_error *ps_spool_failure(const struct ps_spool *spool);

#endif
