#include "unbound/events.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define HEARTBEAT_SECONDS 10u
#define PAST_MAX 8192u /* ids; the counts of more are dropped */
#define PAST_ID_MAX 96u

/* Counts of a rule ('r') or feed ('f') under generations that are gone. */
struct past_hits {
	char kind;
	char id[PAST_ID_MAX];
	uint64_t hits;
	uint64_t shadow;
};

static struct past_hits *find_past(struct ps_module *module, char kind, const char *id)
{
	for (size_t i = 0; i < module->past_count; i++) {
		if (module->past[i].kind == kind && strcmp(module->past[i].id, id) == 0)
			return &module->past[i];
	}
	return NULL;
}

static void add_past(
    struct ps_module *module, char kind, const char *id, uint64_t hits, uint64_t shadow)
{
	struct past_hits *past = find_past(module, kind, id);

	if (hits == 0 && shadow == 0)
		return;
	if (past == NULL) {
		if (module->past_count == PAST_MAX || strlen(id) >= PAST_ID_MAX)
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
		*past = (struct past_hits){.kind = kind};
		(void)snprintf(past->id, sizeof(past->id), "%s", id);
	}
	past->hits += hits;
	past->shadow += shadow;
}

static uint32_t workers_in_use(struct ps_module *module)
{
	uint32_t count = atomic_load(&module->worker_count);

	return count < PS_WORKERS_MAX ? count : PS_WORKERS_MAX;
}

void ps_status_keep(struct ps_module *module, const struct ps_generation *generation)
{
	uint32_t workers = workers_in_use(module);

	for (uint32_t i = 0; i < generation->rules; i++) {
		struct ps_rule_hits h = ps_generation_rule_hits(generation, i, workers);

		add_past(module, 'r', h.id, h.hits, h.shadow);
	}
	for (uint32_t i = 0; i < generation->feeds; i++) {
		struct ps_feed_hits h = ps_generation_feed_hits(generation, i, workers);

		add_past(module, 'f', h.id, h.hits, 0);
	}
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
	       module->state.event_records_removed + (module->state.generation << 32) +
	       (module->state.rejected << 48);
}

static bool render(struct ps_module *module, const struct ps_counters *counters,
    struct ps_buffer *out)
{
	const struct ps_generation *generation = atomic_load(&module->current);
	uint32_t rules = generation != NULL ? generation->rules : 0;
	uint32_t feeds = generation != NULL ? generation->feeds : 0;
	uint32_t workers = workers_in_use(module);
	struct ps_rule_hits *rule_hits = calloc(rules + 1u, sizeof(*rule_hits));
	struct ps_feed_hits *feed_hits = calloc(feeds + 1u, sizeof(*feed_hits));
	bool good = false;

	if (rule_hits == NULL || feed_hits == NULL)
		goto out;
	for (uint32_t i = 0; i < rules; i++) {
		const struct past_hits *past;

		rule_hits[i] = ps_generation_rule_hits(generation, i, workers);
		past = find_past(module, 'r', rule_hits[i].id);
		rule_hits[i].hits += past != NULL ? past->hits : 0;
		rule_hits[i].shadow += past != NULL ? past->shadow : 0;
	}
	for (uint32_t i = 0; i < feeds; i++) {
		const struct past_hits *past;

		feed_hits[i] = ps_generation_feed_hits(generation, i, workers);
		past = find_past(module, 'f', feed_hits[i].id);
		feed_hits[i].hits += past != NULL ? past->hits : 0;
	}
	good = ps_counters_print(out, counters, &module->state, rule_hits, rules, feed_hits,
	           feeds) == PS_OK;
out:
	free(rule_hits);
	free(feed_hits);
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
