/* The module's health: what it wrote into the state folder, beside what lies there.
 *
 * Ownership: init/clear on the caller's storage. Threads: one at a time.
 */
#ifndef PS_CLI_HEALTH_H
#define PS_CLI_HEALTH_H

#include "cli/terminal.h"
#include "event/counters.h"
#include "snapshot/snapshot.h"

#include <limits.h>

/* The module writes at least every ten seconds; after so many it is not alive. */
#define PS_HEALTH_SILENCE_MAX 30u

#define PS_HEALTH_ID_MAX 128

/* Hits of a rule or a feed, queries of a group of clients ("": of those in none). */
struct ps_health_hits {
	char id[PS_HEALTH_ID_MAX];
	uint64_t hits;
	uint64_t other; /* a rule's hits on trial, a feed's entries, a group's blocked queries */
};

struct ps_health_list {
	struct ps_health_hits *items;
	size_t count;
	size_t capacity;
};

/* Whether the file on disk is what the module goes by. */
enum ps_health_disk {
	PS_DISK_SAME,
	PS_DISK_NONE,    /* there is no file */
	PS_DISK_BAD,     /* the file does not verify */
	PS_DISK_PENDING, /* newer than what the module last said: it will be looked at */
	PS_DISK_OTHER,   /* good, and yet the module goes by another one */
};

#define PS_HEALTH_PROBLEMS_MAX 9
#define PS_HEALTH_PROBLEM_TEXT_MAX 700

struct ps_health {
	uint32_t now;
	char counters_path[PATH_MAX];
	char snapshot_path[PATH_MAX];
	bool seen;        /* there is a counters file */
	bool alive;       /* and it is fresh */
	uint64_t silence; /* seconds since the heartbeat */
	char version[64];
	struct ps_counters_state state;
	uint64_t decisions[PS_ACTION_COUNT];
	uint64_t unjudged; /* queries that were let through without a decision */
	struct ps_health_list counts; /* every other counter, by its name without prefix */
	struct ps_health_list rules;  /* most hits first */
	struct ps_health_list feeds;
	struct ps_health_list groups; /* none where no rule asks who asks */
	enum ps_health_disk disk;
	char disk_digest[2 * PS_DIGEST_SIZE + 1]; /* "" unless good */
	char disk_reason[600];                    /* why it is bad; "" */
	size_t problem_count;
	char problems[PS_HEALTH_PROBLEMS_MAX][PS_HEALTH_PROBLEM_TEXT_MAX];
};

/* Reads both files of the state folder. A missing or bad snapshot and a missing
 * counters file are problems, no errors. Errors: PS_INVALID (the counters file breaks
 * its format), PS_IO, PS_LIMIT, PS_NO_MEMORY. Clear in any case. */
PS_MUST_USE enum ps_status ps_health_read(
    struct ps_health *out, uint32_t now, struct ps_error *err);
/* The same without the snapshot on disk, which costs reading it whole: for those who look again
 * and again. */
PS_MUST_USE enum ps_status ps_health_read_module(
    struct ps_health *out, uint32_t now, struct ps_error *err);
void ps_health_clear(struct ps_health *health);

/* Is it one of counts: does the module count it at all? */
bool ps_health_has(const struct ps_health *health, const char *name);

/* One of counts; 0 when the module does not count it. */
uint64_t ps_health_count(const struct ps_health *health, const char *name);

#endif
