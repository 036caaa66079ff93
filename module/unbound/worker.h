/* What one Unbound worker owns of ours: its counters, its scratch memory, and the
 * mark of the generation that it is looking at.
 *
 * A generation is one active snapshot with its compiled patterns. Readers and the
 * one writer (the watcher thread) meet in two words:
 *
 *   enter   the worker stores the current generation into its mark, then looks
 *           whether it is still the current one; if so, it may use it until leave
 *   swap    the watcher stores the new generation, then waits until no mark holds
 *           the old one, then frees it
 *
 * (hazard pointers: Michael, IEEE TPDS 15(6), 2004, with one a thread). A reader
 * never waits: it tries again only when a swap came between, and a swap comes at
 * most once for each file. Cost: one store with a full barrier and two loads, about
 * 6 ns, and only for queries that the message cache did not answer. liburcu was
 * weighed: its per-thread registration leaves destructors behind in host threads
 * that dlclose on reload would pull the code away from.
 *
 * Threads: a struct ps_worker is written by its own thread; the watcher reads mark
 * and counts.
 */
#ifndef PS_UNBOUND_WORKER_H
#define PS_UNBOUND_WORKER_H

#include <stdatomic.h>
#include <time.h>

#include "event/counters.h"
#include "event/tally.h"
#include "verdict/verdict.h"

/* Room for so many threads at least. It is for as many as Unbound is to have: more come only
 * where a program of another's has its own (libunbound). */
#define PS_WORKERS_MIN 256u
#define PS_COUNTS (sizeof(struct ps_counters) / sizeof(uint64_t))
/* The index of a counter in ps_worker.counts. */
#define PS_COUNT(member) (offsetof(struct ps_counters, member) / sizeof(uint64_t))

/* What is counted for one rule or feed by one worker. */
struct ps_hit_counts {
	_Atomic uint64_t hits;
	_Atomic uint64_t shadow;
};

struct ps_generation {
	uint64_t number; /* 1 for the first */
	bool opens_later; /* a row's valid_from was still to come: a name may become blocked */
	struct ps_snapshot *snapshot;
	bool lent; /* the snapshot is the next generation's by now */
	struct ps_matcher *matcher;
	uint32_t rules;
	uint32_t feeds;
	uint32_t classes; /* of clients: 1 + the groups; 0: no rule asks who asks */
	uint32_t asks_answer; /* ps_matcher_asks_answer() */
	enum ps_client_form event_client; /* what events keep of addresses */
	size_t stride;              /* hit counts of one worker, a multiple of a cache line */
	uint32_t workers;           /* that there may be */
	struct ps_hit_counts *hits; /* so many times stride: rules, feeds, classes */
};

struct ps_worker {
	_Alignas(64) _Atomic(const struct ps_generation *) mark;
	uint32_t index;
	uint32_t untimed; /* queries since one was timed */
	struct ps_scratch *scratch; /* NULL when there was no memory: patterns then pass */
	_Atomic(struct ps_tally *) tally; /* NULL when there was no memory: events are dropped */
	_Atomic uint64_t counts[PS_COUNTS];
};

/* The earliest valid_from after now; UINT32_MAX: none. One step a row. */
uint32_t ps_generation_next_start(const struct ps_snapshot *snapshot, uint32_t now);

/* Takes over snapshot (whatever the outcome). workers: that there may be. */
PS_MUST_USE enum ps_status ps_generation_create(struct ps_generation **out,
    struct ps_snapshot *snapshot, uint64_t number, uint32_t workers, struct ps_error *err);
/* Another one around the snapshot of old, which stays old's. Errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_generation_renew(struct ps_generation **out,
    const struct ps_generation *old, uint64_t number, struct ps_error *err);
void ps_generation_destroy(struct ps_generation *generation);

/* One writer a counter, so no locked instruction is needed. */
static inline void ps_count(struct ps_worker *worker, size_t which)
{
	_Atomic uint64_t *at = &worker->counts[which];

	atomic_store_explicit(
	    at, atomic_load_explicit(at, memory_order_relaxed) + 1, memory_order_relaxed);
}

/* Is this the query to be timed? Then when it began, in nanoseconds; else 0, for an addition
 * and a comparison in memory of the worker's own. */
static inline uint64_t ps_worker_clock(struct ps_worker *worker)
{
	struct timespec now;

	if (++worker->untimed < PS_TIMED_EVERY)
		return 0;
	worker->untimed = 0;
	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

/* Counts how long it took. began: what ps_worker_clock() gave, not 0. */
void ps_worker_count_time(struct ps_worker *worker, uint64_t began);

/* Counts the verdict's rule, its feed and the rules on trial. */
void ps_generation_count(const struct ps_generation *generation,
    const struct ps_worker *worker, const struct ps_verdict *verdict);

/* Counts a client's query under its class, where rules ask who asks. */
void ps_generation_count_class(const struct ps_generation *generation,
    const struct ps_worker *worker, unsigned client, bool blocked);

/* One that was counted when it came is blocked by its answer. */
void ps_generation_count_class_block(const struct ps_generation *generation,
    const struct ps_worker *worker, unsigned client);

/* Sums over the first so many workers. */
struct ps_rule_hits ps_generation_rule_hits(
    const struct ps_generation *generation, uint32_t rule, uint32_t workers);
struct ps_feed_hits ps_generation_feed_hits(
    const struct ps_generation *generation, uint32_t feed, uint32_t workers);
struct ps_group_hits ps_generation_class_hits(
    const struct ps_generation *generation, uint32_t client, uint32_t workers);
/* What the rule decided, by the answer that it gives and the file that it stands in. */
struct ps_decision_hits ps_generation_decisions(
    const struct ps_generation *generation, uint32_t rule, uint32_t workers);

/* The current generation, marked as in use; NULL when there is none. */
static inline const struct ps_generation *ps_worker_enter(
    struct ps_worker *worker, _Atomic(struct ps_generation *) *current)
{
	const struct ps_generation *seen = atomic_load_explicit(current, memory_order_acquire);

	for (;;) {
		const struct ps_generation *again;

		/* Both in the single total order: the watcher's store of the new generation
		 * and its look at the marks are too. */
		atomic_store_explicit(&worker->mark, seen, memory_order_seq_cst);
		again = atomic_load_explicit(current, memory_order_seq_cst);
		if (again == seen)
			return seen;
		seen = again;
	}
}

static inline void ps_worker_leave(struct ps_worker *worker)
{
	atomic_store_explicit(&worker->mark, NULL, memory_order_release);
}

#endif
