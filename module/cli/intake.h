/* The intake of one feed: read, guarded, handed to the builder, counted; and when its
 * size jumped or it could not be read, its last good entries instead.
 *
 * Two steps, because the builder counts what was listed twice only when all is in:
 *   ps_intake_read()    adds what the feed offers, or says why it could not
 *   ps_intake_settle()  after ps_builder_settle(): counts, and holds the feed back
 *                       when it jumped or failed (RELIABILITY F4)
 *
 * Ownership: an intake owns nothing; config and previous snapshot outlive it.
 * Threads: one at a time.
 */
#ifndef PS_CLI_INTAKE_H
#define PS_CLI_INTAKE_H

#include "cli/fact.h"
#include "cli/progress.h"
#include "feed/guard.h"
#include "snapshot/builder.h"

#define PS_INTAKE_PLACES_MAX 5   /* shown for each reason */
#define PS_INTAKE_EXCERPT_MAX 80 /* octets, as ps_feed_sink says */
#define PS_INTAKE_JUMP_MIN 100u  /* fewer entries before: no jump is looked for */

enum ps_intake_state {
	PS_INTAKE_FRESH,    /* the feed as it is now */
	PS_INTAKE_ACCEPTED, /* the same: its jump was accepted */
	PS_INTAKE_HELD,     /* jumped: its last entries */
	PS_INTAKE_STALE,    /* could not be read: its last entries */
	PS_INTAKE_EMPTY,    /* could not be read, and there are no last entries */
};

struct ps_intake_place {
	uint64_t line;
	uint8_t len;
	uint8_t excerpt[PS_INTAKE_EXCERPT_MAX];
};

struct ps_intake {
	const struct ps_feed_config *config;
	uint32_t index; /* in the plan */
	enum ps_intake_state state;
	uint64_t modified; /* Unix seconds, of the feed's file; 0: it could not be opened */
	uint64_t read;     /* what the feed offered */
	uint64_t kept;     /* rows that stand in the snapshot */
	uint64_t narrowed; /* given a lesser scope */
	uint64_t trial;    /* put on trial */
	uint64_t surplus;  /* over what one feed may say of one name */
	uint64_t merged;   /* duplicates that the builder found, in refused as well */
	uint64_t refused[PS_REFUSAL_COUNT];
	struct ps_intake_place places[PS_REFUSAL_COUNT][PS_INTAKE_PLACES_MAX];
	struct ps_intake_place narrow[PS_INTAKE_PLACES_MAX];
	struct ps_intake_place popular[PS_INTAKE_PLACES_MAX];
	uint64_t popular_count;
	/* Of a feed that jumped. */
	bool grew;
	uint64_t offered; /* the rows it would have had */
	uint64_t jump_percent;
	uint32_t limit_percent;
	uint64_t previous;       /* rows it had in the last snapshot */
	struct ps_error failure; /* of a feed that could not be read */
};

struct ps_intake_context {
	const struct ps_plan *plan;
	const struct ps_guard *guard;
	struct ps_builder *builder;
	const struct ps_snapshot *last; /* the last snapshot, opened whole; NULL: none */
	struct ps_progress *progress;
	uint32_t now;
};

/* PS_OK also for a feed that could not be read (state says so); errors are those of
 * the build: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_intake_read(struct ps_intake *out,
    const struct ps_intake_context *context, uint32_t feed, struct ps_error *err);

/* accepted: the user takes a jump of this feed. *changed becomes true when the
 * builder must be settled once more. */
PS_MUST_USE enum ps_status ps_intake_settle(struct ps_intake *intake,
    const struct ps_intake_context *context, bool accepted, bool *changed, struct ps_error *err);

/* Takes the builder's last counts over into kept, surplus and duplicates. */
void ps_intake_count(struct ps_intake *intake, const struct ps_builder *builder);

/* The sum over all reasons, and surplus. */
uint64_t ps_intake_refused(const struct ps_intake *intake);

static inline bool ps_intake_is_good(const struct ps_intake *intake)
{
	return intake->state == PS_INTAKE_FRESH || intake->state == PS_INTAKE_ACCEPTED;
}

/* "fresh", "accepted", "held", "stale", "empty". */
const char *ps_intake_state_name(enum ps_intake_state state);

#endif
