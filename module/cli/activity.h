/* What goes on in the resolver now: rates from the counters file, names, rules and feeds of the
 * last minutes from the events. Looked at again and again, in memory of a fixed size; outlives
 * a restart of the resolver and the removal of the state folder.
 *
 * Ownership: open/close on the caller's storage. Threads: one at a time.
 */
#ifndef PS_CLI_ACTIVITY_H
#define PS_CLI_ACTIVITY_H

#include "cli/health.h"
#include "cli/leaders.h"
#include "event/spool_reader.h"

#include <sys/stat.h>

struct ps_activity {
	struct ps_health health; /* without the snapshot on disk */
	char trouble[300];       /* why a file could not be read; "" */
	struct ps_leaders *names; /* blocked */
	struct ps_leaders *rules; /* with those that log or are on trial */
	struct ps_leaders *feeds; /* of what is blocked */
	bool rates_known;         /* the counters were seen twice */
	double judged_rate;       /* client queries a second */
	double blocked_rate;
	uint64_t missing;  /* records of events that are damaged or were removed */

	/* Its own. */
	struct ps_spool_reader *reader;
	char spool[PATH_MAX];
	uint64_t base_start; /* what the rates are reckoned from */
	uint64_t base_time;
	uint64_t base_judged;
	uint64_t base_blocked;
	uint64_t seen_segment;
	ino_t seen_inode;
};

/* Errors: PS_NO_MEMORY, PS_LIMIT. Close in any case. */
PS_MUST_USE enum ps_status ps_activity_open(struct ps_activity *out, struct ps_error *err);
void ps_activity_close(struct ps_activity *activity);

/* Reads what came since. What cannot be read is told in trouble. Errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_activity_look(
    struct ps_activity *activity, uint32_t now, struct ps_error *err);

/* Client queries judged and, of them, blocked since the resolver's start. */
uint64_t ps_activity_judged(const struct ps_activity *activity);
uint64_t ps_activity_blocked(const struct ps_activity *activity);

#endif
