#include "unbound/worker.h"
#include "core/pace.h"

#include <stdlib.h>
#include <time.h>

#define HITS_PER_LINE (64 / sizeof(struct ps_hit_counts))

uint32_t ps_generation_next_start(const struct ps_snapshot *snapshot, uint32_t now)
{
	uint64_t rows = ps_snapshot_size(snapshot).rows;
	uint32_t next = UINT32_MAX;

	for (uint64_t i = 0; i < rows; i++) {
		struct ps_row row = ps_snapshot_row(snapshot, (uint32_t)i);

		if (row.valid_from > now && row.valid_from < next)
			next = row.valid_from;
		ps_pace_each(i);
	}
	return next;
}

enum ps_status ps_generation_create(struct ps_generation **out, struct ps_snapshot *snapshot,
    uint64_t number, uint32_t workers, struct ps_error *err)
{
	struct ps_generation *generation = calloc(1, sizeof(*generation));
	enum ps_status status;

	if (generation == NULL) {
		ps_snapshot_close(snapshot);
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	}
	generation->number = number;
	generation->workers = workers;
	generation->snapshot = snapshot;
	generation->opens_later =
	    ps_generation_next_start(snapshot, (uint32_t)time(NULL)) != UINT32_MAX;
	generation->rules = ps_snapshot_rule_count(snapshot);
	generation->feeds = ps_snapshot_feed_count(snapshot);
	generation->event_client = ps_snapshot_events(snapshot).client;
	status = ps_matcher_create(&generation->matcher, snapshot, err);
	if (status == PS_OK && ps_matcher_asks_clients(generation->matcher))
		generation->classes = 1 + ps_snapshot_group_count(snapshot);
	if (status == PS_OK)
		generation->asks_answer = ps_matcher_asks_answer(generation->matcher);
	/* A line's worth at least lies between what two workers count: calloc() may place the first
	 * anywhere in a line. */
	generation->stride = (generation->rules + generation->feeds + generation->classes +
	                         2 * HITS_PER_LINE - 1) /
	                     HITS_PER_LINE * HITS_PER_LINE;
	if (status == PS_OK) {
		/* Untouched pages of workers that do not exist cost nothing. */
		generation->hits = calloc(workers * generation->stride, sizeof(*generation->hits));
		if (generation->hits == NULL)
			status = ps_error_set(err, PS_NO_MEMORY, "out of memory");
	}
	if (status != PS_OK) {
		ps_generation_destroy(generation);
		return status;
	}
	*out = generation;
	return PS_OK;
}

enum ps_status ps_generation_renew(struct ps_generation **out, const struct ps_generation *old,
    uint64_t number, struct ps_error *err)
{
	struct ps_generation *generation = calloc(1, sizeof(*generation));
	enum ps_status status;

	if (generation == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	*generation = *old;
	generation->number = number;
	generation->lent = false;
	generation->opens_later =
	    ps_generation_next_start(old->snapshot, (uint32_t)time(NULL)) != UINT32_MAX;
	generation->matcher = NULL;
	generation->hits = calloc(old->workers * generation->stride, sizeof(*generation->hits));
	status = generation->hits == NULL
	    ? ps_error_set(err, PS_NO_MEMORY, "out of memory")
	    : ps_matcher_create(&generation->matcher, generation->snapshot, err);
	if (status != PS_OK) {
		generation->lent = true;
		ps_generation_destroy(generation);
		return status;
	}
	*out = generation;
	return PS_OK;
}

void ps_generation_destroy(struct ps_generation *generation)
{
	if (generation == NULL)
		return;
	ps_matcher_destroy(generation->matcher);
	if (!generation->lent)
		ps_snapshot_close(generation->snapshot);
	free(generation->hits);
	free(generation);
}

static void bump(_Atomic uint64_t *at)
{
	atomic_store_explicit(
	    at, atomic_load_explicit(at, memory_order_relaxed) + 1, memory_order_relaxed);
}

void ps_generation_count(const struct ps_generation *generation,
    const struct ps_worker *worker, const struct ps_verdict *verdict)
{
	struct ps_hit_counts *own = generation->hits + worker->index * generation->stride;

	for (uint32_t i = 0; i < verdict->shadow_count && i < PS_VERDICT_SHADOWS_MAX; i++)
		bump(&own[verdict->shadow[i]].shadow);
	if (verdict->rule == PS_INDEX_NONE)
		return;
	bump(&own[verdict->rule].hits);
	if (verdict->evidence.row != PS_INDEX_NONE) {
		struct ps_row row = ps_snapshot_row(generation->snapshot, verdict->evidence.row);

		if (row.kind == PS_ROW_FEED)
			bump(&own[generation->rules + row.source].hits);
	}
}

static struct ps_hit_counts *class_counts(
    const struct ps_generation *generation, const struct ps_worker *worker, unsigned client)
{
	return generation->hits + worker->index * generation->stride + generation->rules +
	       generation->feeds + client;
}

void ps_generation_count_class(const struct ps_generation *generation,
    const struct ps_worker *worker, unsigned client, bool blocked)
{
	if (client < generation->classes)
		bump(&class_counts(generation, worker, client)->hits);
	if (blocked)
		ps_generation_count_class_block(generation, worker, client);
}

void ps_generation_count_class_block(const struct ps_generation *generation,
    const struct ps_worker *worker, unsigned client)
{
	if (client < generation->classes)
		bump(&class_counts(generation, worker, client)->shadow);
}

void ps_worker_count_time(struct ps_worker *worker, uint64_t began)
{
	_Atomic uint64_t *sum = &worker->counts[PS_COUNT(duration_nanoseconds)];
	struct timespec now;
	uint64_t took;
	unsigned bucket = 0;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	took = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec - began;
	while (took > ps_duration_bound(bucket))
		bucket++;
	ps_count(worker, PS_COUNT(durations) + bucket);
	atomic_store_explicit(
	    sum, atomic_load_explicit(sum, memory_order_relaxed) + took, memory_order_relaxed);
}

static void sum(const struct ps_generation *generation, uint32_t index, uint32_t workers,
    uint64_t *hits, uint64_t *shadow)
{
	for (size_t w = 0; w < workers; w++) {
		struct ps_hit_counts *at = &generation->hits[w * generation->stride + index];

		*hits += atomic_load_explicit(&at->hits, memory_order_relaxed);
		*shadow += atomic_load_explicit(&at->shadow, memory_order_relaxed);
	}
}

struct ps_rule_hits ps_generation_rule_hits(
    const struct ps_generation *generation, uint32_t rule, uint32_t workers)
{
	struct ps_rule_hits out = {.id = ps_snapshot_rule(generation->snapshot, rule).id};

	sum(generation, rule, workers, &out.hits, &out.shadow);
	return out;
}

struct ps_feed_hits ps_generation_feed_hits(
    const struct ps_generation *generation, uint32_t feed, uint32_t workers)
{
	struct ps_feed_view view = ps_snapshot_feed(generation->snapshot, feed);
	struct ps_feed_hits out = {.id = view.id, .entries = view.kept, .held = view.held};
	uint64_t shadow = 0;

	sum(generation, generation->rules + feed, workers, &out.hits, &shadow);
	return out;
}

struct ps_group_hits ps_generation_class_hits(
    const struct ps_generation *generation, uint32_t client, uint32_t workers)
{
	struct ps_group_hits out = {.id = ""};

	if (client > 0)
		out.id = ps_snapshot_group(generation->snapshot, client - 1).id;
	sum(generation, generation->rules + generation->feeds + client, workers, &out.queries,
	    &out.blocked);
	return out;
}

struct ps_decision_hits ps_generation_decisions(
    const struct ps_generation *generation, uint32_t rule, uint32_t workers)
{
	struct ps_rule_view view = ps_snapshot_rule(generation->snapshot, rule);
	struct ps_decision_hits out = {.policy = view.file,
	    .action = ps_snapshot_answer(generation->snapshot, view.answer).action};
	uint64_t shadow = 0;

	sum(generation, rule, workers, &out.hits, &shadow);
	return out;
}
