/* The spool's reader: every sealed record once, from a position that the reader keeps.
 *
 * How to have each event exactly once: open at the position that was stored last; for each
 * event, store what becomes of it together with ps_spool_reader_position() in one transaction.
 * Whatever is killed whenever, the next reader goes on where the last transaction ended. When
 * segments lie wholly before a stored position, ps_spool_release() removes them; until then
 * they stay, up to the writer's cap.
 *
 * What a reader does not trust: the files. A record counts only if its checksum, its length
 * and every field are right. What lies between two good records is skipped, in steps of 8
 * octets, and counted; how many records were lost there, the serials tell.
 *
 * Reads with pread(2), so that a file that somebody truncates ends early and nothing dies.
 *
 * Threads: one at a time.
 */
#ifndef PS_EVENT_SPOOL_READER_H
#define PS_EVENT_SPOOL_READER_H

#include "event/event.h"
#include "event/segment.h"

struct ps_spool_reader;

/* Plain numbers; all 0: the oldest event that there is. */
struct ps_spool_position {
	uint64_t segment;
	uint64_t offset; /* of the next record */
	uint64_t serial; /* that the next record has when none is lost */
};

/* Since the reader was opened. */
struct ps_spool_losses {
	uint64_t damaged; /* places where octets were skipped; torn ends of segments among them */
	uint64_t octets;  /* skipped */
	uint64_t missing; /* records that the serials miss: damaged, or removed unread */
	uint64_t refused; /* segments without a good header */
};

/* folder: of the spool. It may not exist yet. Errors: PS_NO_MEMORY, PS_LIMIT. */
PS_MUST_USE enum ps_status ps_spool_reader_open(
    struct ps_spool_reader **out, const char *folder, struct ps_spool_position from);
void ps_spool_reader_close(struct ps_spool_reader *reader);

/* The next event; *got false: there is none for now. Errors: PS_IO, PS_UNSUPPORTED (a
 * segment of a newer version). */
PS_MUST_USE enum ps_status ps_spool_reader_next(struct ps_spool_reader *reader,
    struct ps_event *out, bool *got, struct ps_error *err);

/* Behind the event that came last. */
struct ps_spool_position ps_spool_reader_position(const struct ps_spool_reader *reader);
struct ps_spool_losses ps_spool_reader_losses(const struct ps_spool_reader *reader);

/* Removes the segments before the position's. The newest one stays in any case. Errors:
 * PS_IO. *removed may be NULL. */
PS_MUST_USE enum ps_status ps_spool_release(const char *folder, struct ps_spool_position position,
    uint64_t *removed, struct ps_error *err);

/* Behind the newest good record: where a reader begins that wants only what comes. All 0 when
 * there is none. Reads one segment. Errors: PS_IO, PS_UNSUPPORTED, PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_spool_end(
    const char *folder, struct ps_spool_position *out, struct ps_error *err);

/* A position as text, for a file or a column of a reader's: "1-674a1b2c-40-11". */
#define PS_SPOOL_POSITION_TEXT_MAX 64
void ps_spool_position_to_text(
    struct ps_spool_position position, char out[PS_SPOOL_POSITION_TEXT_MAX]);
PS_MUST_USE bool ps_spool_position_from_text(
    struct ps_bytes text, struct ps_spool_position *out);

#endif
