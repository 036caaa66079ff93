#include "unbound/events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HEARTBEAT_SECONDS 10u
#define PAST_MAX 8192u /* ids; the counts of more are dropped */
#define PAST_ID_MAX 96u /* a longer one is known by its end */
#define ROWS_MAX (PS_COUNTERS_ROWS_MAX + 1)

/* Counts under generations that are gone: of a rule ('r'), a feed ('f'), a group of clients
 * ('g'), or of all that rules of one policy file did by one action ('d'). */
struct past_hits {
	char kind;
	uint8_t action;
	char id[PAST_ID_MAX];
	uint64_t hits;
	uint64_t shadow;
};

static const char *short_id(const char *id)
{
	size_t len = strlen(id);

	return len < PAST_ID_MAX ? id : id + len - (PAST_ID_MAX - 1);
}

static struct past_hits *find_past(
    struct ps_module *module, char kind, uint8_t action, const char *id)
{
	for (size_t i = 0; i < module->past_count; i++) {
		if (module->past[i].kind == kind && module->past[i].action == action &&
		    strcmp(module->past[i].id, short_id(id)) == 0)
			return &module->past[i];
	}
	return NULL;
}

static void add_past(struct ps_module *module, char kind, uint8_t action, const char *id,
    uint64_t hits, uint64_t shadow)
{
	struct past_hits *past = find_past(module, kind, action, id);

	if (hits == 0 && shadow == 0)
		return;
	if (past == NULL) {
		if (module->past_count == PAST_MAX)
			return;
		if (module->past_count == module->past_capacity) {
			size_t capacity = module->past_capacity == 0 ? 64 : module->past_capacity * 2;
			struct past_hits *grown =
			    realloc(module->past, capacity * sizeof(*module->past));

			if (grown == NULL)
				return;
			module->past = grown;
			module->past_capacity = capacity;
		}
		past = &module->past[module->past_count++];
		*past = (struct past_hits){.kind = kind, .action = action};
		(void)snprintf(past->id, sizeof(past->id), "%s", short_id(id));
	}
	past->hits += hits;
	past->shadow += shadow;
}

static uint32_t workers_in_use(struct ps_module *module)
{
	uint32_t count = atomic_load(&module->worker_count);

	return count < module->worker_max ? count : module->worker_max;
}

/* --- what is shown of a generation and of those before it ----------------------------- */

struct rows {
	struct ps_decision_hits decisions[ROWS_MAX + PS_ACTION_COUNT];
	struct ps_rule_hits rules[ROWS_MAX];
	struct ps_feed_hits feeds[ROWS_MAX];
	struct ps_group_hits groups[ROWS_MAX];
	size_t decision_count, rule_count, feed_count, group_count;
};

/* The first so many have rows of their own, by their place in the policy. */
static const char *shown_id(uint32_t index, const char *id)
{
	return index < PS_COUNTERS_ROWS_MAX ? id : PS_COUNTERS_OTHER;
}

static struct ps_decision_hits *find_decisions(
    struct rows *rows, const struct ps_decision_hits *like)
{
	for (size_t i = 0; i < rows->decision_count; i++) {
		struct ps_decision_hits *row = &rows->decisions[i];

		if (row->action == like->action && strcmp(row->policy, like->policy) == 0)
			return row;
	}
	return NULL;
}

static void add_decisions(struct rows *rows, struct ps_decision_hits add)
{
	struct ps_decision_hits *row;

	add.policy = short_id(add.policy);
	row = find_decisions(rows, &add);
	if (row == NULL && rows->decision_count >= PS_COUNTERS_ROWS_MAX) {
		add.policy = PS_COUNTERS_OTHER;
		row = find_decisions(rows, &add);
	}
	if (row != NULL)
		row->hits += add.hits;
	else
		rows->decisions[rows->decision_count++] = add;
}

/* Ids are unique but for "other". */
static void add_rule(struct rows *rows, struct ps_rule_hits add)
{
	bool other = strcmp(add.id, PS_COUNTERS_OTHER) == 0;

	for (size_t i = 0; other && i < rows->rule_count; i++) {
		if (strcmp(rows->rules[i].id, add.id) == 0) {
			rows->rules[i].hits += add.hits;
			rows->rules[i].shadow += add.shadow;
			return;
		}
	}
	rows->rules[rows->rule_count++] = add;
}

static void add_feed(struct rows *rows, struct ps_feed_hits add)
{
	bool other = strcmp(add.id, PS_COUNTERS_OTHER) == 0;

	for (size_t i = 0; other && i < rows->feed_count; i++) {
		if (strcmp(rows->feeds[i].id, add.id) == 0) {
			rows->feeds[i].hits += add.hits;
			rows->feeds[i].entries += add.entries;
			rows->feeds[i].held |= add.held;
			return;
		}
	}
	rows->feeds[rows->feed_count++] = add;
}

/* What one generation counted. */
static void gather(
    struct rows *rows, const struct ps_generation *generation, uint32_t workers)
{
	for (uint32_t i = 0; i < generation->rules; i++) {
		struct ps_rule_hits hits = ps_generation_rule_hits(generation, i, workers);

		hits.id = shown_id(i, hits.id);
		add_rule(rows, hits);
		add_decisions(rows, ps_generation_decisions(generation, i, workers));
	}
	for (uint32_t i = 0; i < generation->feeds; i++) {
		struct ps_feed_hits hits = ps_generation_feed_hits(generation, i, workers);

		hits.id = shown_id(i, hits.id);
		add_feed(rows, hits);
	}
	for (uint32_t i = 0; i < generation->classes; i++)
		rows->groups[rows->group_count++] =
		    ps_generation_class_hits(generation, i, workers);
}

/* What those before it did. Decisions come first, so that those of a policy that is gone
 * stay: sums over them must not fall. */
static void gather_past_decisions(struct rows *rows, const struct ps_module *module)
{
	for (size_t i = 0; i < module->past_count; i++) {
		const struct past_hits *past = &module->past[i];

		if (past->kind == 'd')
			add_decisions(rows, (struct ps_decision_hits){.policy = past->id,
			                        .action = (enum ps_action)past->action,
			                        .hits = past->hits});
	}
}

static void add_past_hits(struct rows *rows, struct ps_module *module)
{
	static const struct past_hits none;
	const struct past_hits *past;

	for (size_t i = 0; i < rows->rule_count; i++) {
		past = find_past(module, 'r', 0, rows->rules[i].id);
		past = past != NULL ? past : &none;
		rows->rules[i].hits += past->hits;
		rows->rules[i].shadow += past->shadow;
	}
	for (size_t i = 0; i < rows->feed_count; i++) {
		past = find_past(module, 'f', 0, rows->feeds[i].id);
		rows->feeds[i].hits += past != NULL ? past->hits : 0;
	}
	for (size_t i = 0; i < rows->group_count; i++) {
		past = find_past(module, 'g', 0, rows->groups[i].id);
		past = past != NULL ? past : &none;
		rows->groups[i].queries += past->hits;
		rows->groups[i].blocked += past->shadow;
	}
}

void ps_status_keep(struct ps_module *module, const struct ps_generation *generation)
{
	struct rows *rows = calloc(1, sizeof(*rows));

	if (rows == NULL)
		return;
	gather(rows, generation, workers_in_use(module));
	for (size_t i = 0; i < rows->decision_count; i++)
		add_past(module, 'd', (uint8_t)rows->decisions[i].action,
		    rows->decisions[i].policy, rows->decisions[i].hits, 0);
	for (size_t i = 0; i < rows->rule_count; i++)
		add_past(module, 'r', 0, rows->rules[i].id, rows->rules[i].hits,
		    rows->rules[i].shadow);
	for (size_t i = 0; i < rows->feed_count; i++)
		add_past(module, 'f', 0, rows->feeds[i].id, rows->feeds[i].hits, 0);
	for (size_t i = 0; i < rows->group_count; i++)
		add_past(module, 'g', 0, rows->groups[i].id, rows->groups[i].queries,
		    rows->groups[i].blocked);
	free(rows);
}

/* Sum over the workers of every counter; returns a number that changes whenever one
 * of them does. */
static uint64_t sum_counts(struct ps_module *module, struct ps_counters *out)
{
	uint64_t sums[PS_COUNTS] = {0};
	uint64_t total = 0;

	for (uint32_t w = 0; w < workers_in_use(module); w++) {
		for (size_t i = 0; i < PS_COUNTS; i++)
			sums[i] += atomic_load_explicit(
			    &module->workers[w].counts[i], memory_order_relaxed);
	}
	for (size_t i = 0; i < PS_COUNTS; i++)
		total += sums[i];
	memcpy(out, sums, sizeof(*out));
	return total + module->state.event_records + module->state.events_dropped +
	       module->state.event_records_removed + module->state.unjudged_crowd +
	       module->state.unjudged_unexpected +
	       (module->state.generation << 32) +
	       (module->state.rejected << 48);
}

static bool render(struct ps_module *module, const struct ps_counters *counters,
    struct ps_buffer *out)
{
	const struct ps_generation *generation = atomic_load(&module->current);
	struct rows *rows = calloc(1, sizeof(*rows));
	struct ps_counters_facts facts = {.counters = counters, .state = &module->state};
	bool good;

	if (rows == NULL)
		return false;
	gather_past_decisions(rows, module);
	if (generation != NULL)
		gather(rows, generation, workers_in_use(module));
	add_past_hits(rows, module);
	facts.decisions = rows->decisions;
	facts.decision_count = rows->decision_count;
	facts.rules = rows->rules;
	facts.rule_count = rows->rule_count;
	facts.feeds = rows->feeds;
	facts.feed_count = rows->feed_count;
	facts.groups = rows->groups;
	facts.group_count = rows->group_count;
	good = ps_counters_print(out, &facts) == PS_OK;
	free(rows);
	return good;
}

/* Without fsync: after a power cut the counts begin anew anyway. */
static bool replace(const char *path, const char *temp, struct ps_bytes bytes)
{
	int fd = open(temp, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	bool good = fd >= 0;

	while (good && bytes.len > 0) {
		ssize_t put = write(fd, bytes.ptr, bytes.len);

		if (put < 0 && errno == EINTR)
			continue;
		good = put > 0;
		if (good) {
			bytes.ptr += put;
			bytes.len -= (size_t)put;
		}
	}
	if (fd >= 0)
		good = close(fd) == 0 && good;
	if (good)
		good = rename(temp, path) == 0;
	if (!good && fd >= 0)
		(void)unlink(temp);
	return good;
}

void ps_status_write(struct ps_module *module, bool force)
{
	char path[sizeof(module->folder) + sizeof("/" PS_COUNTERS_FILE) + 8];
	char temp[sizeof(path) + 8];
	struct ps_counters counters;
	struct ps_buffer buffer;
	uint64_t now = (uint64_t)time(NULL);
	uint64_t sum;

	ps_events_tell(module, &module->state);
	module->state.unjudged_crowd =
	    atomic_load_explicit(&module->unjudged_crowd, memory_order_relaxed);
	module->state.unjudged_unexpected =
	    atomic_load_explicit(&module->unjudged_unexpected, memory_order_relaxed);
	ps_reliefs_tell(module, &module->state);
	sum = sum_counts(module, &counters);
	if (!force && sum == module->written_sum && now - module->written_at < HEARTBEAT_SECONDS)
		return;
	module->state.now = now;
	(void)snprintf(path, sizeof(path), "%s/%s", module->folder, PS_COUNTERS_FILE);
	(void)snprintf(temp, sizeof(temp), "%s.new", path);
	ps_buffer_init(&buffer, PS_COUNTERS_FILE_MAX);
	if (render(module, &counters, &buffer) &&
	    replace(path, temp, ps_buffer_bytes(&buffer))) {
		module->written_sum = sum;
		module->written_at = now;
		module->status_said = false;
	} else if (!module->status_said) {
		ps_say(&module->say, PS_SAY_WARNING, "cannot write %s (%s): counters are not shown",
		    path, strerror(errno));
		module->status_said = true;
	}
	ps_buffer_clear(&buffer);
}
