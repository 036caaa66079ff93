#include "cli/health.h"

#include "cli/cli.h"
#include "cli/inventory.h"
#include "core/file.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

/* --- the counters file ---------------------------------------------------------------- */

struct plain_sample {
	const char *name;
	size_t offset; /* of a uint64_t in struct ps_health */
};

#define STATE(field) \
	(offsetof(struct ps_health, state) + offsetof(struct ps_counters_state, field))

static const struct plain_sample plain_samples[] = {
    {"postshield_start_time_seconds", STATE(start_time)},
    {"postshield_heartbeat_timestamp_seconds", STATE(now)},
    {"postshield_running", STATE(running)},
    {"postshield_disabled", STATE(disabled)},
    {"postshield_rules_disabled", STATE(rules_disabled)},
    {"postshield_names_allowed", STATE(names_allowed)},
    {"postshield_snapshot_generation", STATE(generation)},
    {"postshield_snapshot_activation_timestamp_seconds", STATE(activation_time)},
    {"postshield_snapshot_names", STATE(names)},
    {"postshield_snapshot_resident_bytes", STATE(resident_bytes)},
    {"postshield_snapshots_rejected_total", STATE(rejected)},
    {"postshield_events_open", STATE(events_open)},
    {"postshield_event_spool_bytes", STATE(event_spool_octets)},
};

/* A count or a time: what is no such number counts as 0. */
static uint64_t whole_number(double value)
{
	return value >= 0 && value < 1.8e19 ? (uint64_t)value : 0;
}

static struct ps_health_hits *find_or_add(struct ps_health_list *list, const char *id)
{
	struct ps_health_hits *item;

	/* The module writes each family in the same order, so the search is short. */
	for (size_t i = 0; i < list->count; i++)
		if (strcmp(list->items[i].id, id) == 0)
			return &list->items[i];
	if (list->count == list->capacity) {
		size_t capacity = list->capacity == 0 ? 32 : 2 * list->capacity;
		struct ps_health_hits *grown =
		    realloc(list->items, capacity * sizeof(*list->items));

		if (grown == NULL)
			return NULL;
		list->items = grown;
		list->capacity = capacity;
	}
	item = &list->items[list->count++];
	*item = (struct ps_health_hits){0};
	(void)snprintf(item->id, sizeof(item->id), "%s", id);
	return item;
}

static const struct {
	const char *name;
	const char *label;
	size_t list; /* where it stands in struct ps_health */
	bool is_other;
} hit_samples[] = {
    {"postshield_rule_hits_total", "rule", offsetof(struct ps_health, rules), false},
    {"postshield_rule_shadow_hits_total", "rule", offsetof(struct ps_health, rules), true},
    {"postshield_feed_hits_total", "feed", offsetof(struct ps_health, feeds), false},
    {"postshield_feed_entries", "feed", offsetof(struct ps_health, feeds), true},
    {"postshield_group_queries_total", "group", offsetof(struct ps_health, groups), false},
    {"postshield_group_blocked_total", "group", offsetof(struct ps_health, groups), true},
};

static enum ps_status take_hits(struct ps_health *health, const struct ps_sample *sample)
{
	for (size_t i = 0; i < sizeof(hit_samples) / sizeof(hit_samples[0]); i++) {
		struct ps_health_hits *item;
		char id[PS_HEALTH_ID_MAX];

		if (!ps_bytes_equal_text(sample->name, hit_samples[i].name) ||
		    !ps_sample_label(sample, hit_samples[i].label, id, sizeof(id)))
			continue;
		item = find_or_add(
		    (struct ps_health_list *)(void *)((uint8_t *)health + hit_samples[i].list), id);
		if (item == NULL)
			return PS_NO_MEMORY;
		if (hit_samples[i].is_other)
			item->other = whole_number(sample->value);
		else
			item->hits = whole_number(sample->value);
		return PS_OK;
	}
	return PS_OK;
}

/* The samples whose label is what counts. */
static void take_labelled(struct ps_health *health, const struct ps_sample *sample)
{
	struct ps_counters_state *state = &health->state;
	enum ps_action action;
	char text[32];

	if (ps_bytes_equal_text(sample->name, "postshield_build_info"))
		(void)ps_sample_label(
		    sample, "version", health->version, sizeof(health->version));
	else if (ps_bytes_equal_text(sample->name, "postshield_snapshot_info"))
		(void)ps_sample_label(sample, "digest", state->digest, sizeof(state->digest));
	else if (ps_bytes_equal_text(sample->name, "postshield_snapshot_rejection_info"))
		(void)ps_sample_label(
		    sample, "reason", state->rejection, sizeof(state->rejection));
	else if (ps_bytes_equal_text(sample->name, "postshield_decisions_total") &&
	         ps_sample_label(sample, "action", text, sizeof(text)) &&
	         ps_action_from_text(ps_bytes_of_text(text), &action))
		health->decisions[action] += whole_number(sample->value);
	else if (ps_bytes_equal_text(sample->name, "postshield_unjudged_total"))
		health->unjudged += whole_number(sample->value);
}

/* "postshield_late_blocks_total 3": kept under "late_blocks". */
static enum ps_status take_count(struct ps_health *health, const struct ps_sample *sample)
{
	static const char prefix[] = "postshield_", suffix[] = "_total";
	size_t front = sizeof(prefix) - 1, back = sizeof(suffix) - 1;
	struct ps_bytes name = sample->name;
	struct ps_health_hits *item;
	char id[PS_HEALTH_ID_MAX];

	if (sample->labels.len > 0 || name.len <= front + back ||
	    memcmp(name.ptr, prefix, front) != 0 ||
	    memcmp(name.ptr + name.len - back, suffix, back) != 0)
		return PS_OK;
	name = ps_bytes_of(name.ptr + front, name.len - front - back);
	(void)ps_terminal_escape(name, id, sizeof(id));
	item = find_or_add(&health->counts, id);
	if (item == NULL)
		return PS_NO_MEMORY;
	item->hits = whole_number(sample->value);
	return PS_OK;
}

bool ps_health_has(const struct ps_health *health, const char *name)
{
	for (size_t i = 0; i < health->counts.count; i++)
		if (strcmp(health->counts.items[i].id, name) == 0)
			return true;
	return false;
}

uint64_t ps_health_count(const struct ps_health *health, const char *name)
{
	for (size_t i = 0; i < health->counts.count; i++)
		if (strcmp(health->counts.items[i].id, name) == 0)
			return health->counts.items[i].hits;
	return 0;
}

static enum ps_status take_sample(void *ctx, const struct ps_sample *sample)
{
	struct ps_health *health = ctx;

	if (ps_bytes_equal_text(sample->name, "postshield_event_spool_failing"))
		health->state.events_failing = sample->value > 0;
	if (ps_bytes_equal_text(sample->name, "postshield_snapshot_activation_seconds"))
		health->state.activation_microseconds = whole_number(sample->value * 1e6 + 0.5);
	for (size_t i = 0; i < sizeof(plain_samples) / sizeof(plain_samples[0]); i++) {
		uint64_t value = whole_number(sample->value);

		if (ps_bytes_equal_text(sample->name, plain_samples[i].name)) {
			memcpy(
			    (uint8_t *)health + plain_samples[i].offset, &value, sizeof(value));
			return PS_OK;
		}
	}
	take_labelled(health, sample);
	if (sample->labels.len == 0)
		return take_count(health, sample);
	return take_hits(health, sample);
}

static int by_hits(const void *a, const void *b)
{
	const struct ps_health_hits *x = a, *y = b;

	if (x->hits != y->hits)
		return x->hits < y->hits ? 1 : -1;
	if (x->other != y->other)
		return x->other < y->other ? 1 : -1;
	return strcmp(x->id, y->id);
}

static void most_first(struct ps_health_list *list)
{
	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items), by_hits);
}

static enum ps_status read_counters(struct ps_health *health, struct ps_error *err)
{
	struct ps_buffer buffer;
	enum ps_status status;

	ps_buffer_init(&buffer, PS_COUNTERS_FILE_MAX);
	status = ps_file_read(health->counters_path, &buffer, err);
	if (status == PS_OK) {
		health->seen = true;
		status = ps_counters_parse(ps_buffer_bytes(&buffer), take_sample, health, err);
		if (status == PS_NO_MEMORY)
			(void)ps_error_set(err, status, "out of memory");
	}
	ps_buffer_clear(&buffer);
	most_first(&health->rules);
	most_first(&health->feeds);
	most_first(&health->groups);
	return status == PS_NOT_FOUND ? PS_OK : status;
}

/* --- the snapshot on disk ------------------------------------------------------------------ */

/* Opened as the module opens it, so that a refusal has the same reason. */
static enum ps_status read_snapshot(struct ps_health *health, struct ps_error *err)
{
	struct ps_snapshot *snapshot = NULL;
	struct ps_error own;
	struct stat st = {0};
	enum ps_status status;

	ps_error_clear(&own);
	(void)stat(health->snapshot_path, &st);
	status = ps_snapshot_load(&snapshot, health->snapshot_path, PS_SNAPSHOT_LOOKUP, &own);
	if (status == PS_OK) {
		(void)ps_digest_text(snapshot, health->disk_digest);
		ps_snapshot_close(snapshot);
		if (strcmp(health->disk_digest, health->state.digest) == 0)
			health->disk = PS_DISK_SAME;
		else
			health->disk =
			    health->seen && (uint64_t)st.st_mtime + 1 >= health->state.now
			        ? PS_DISK_PENDING
			        : PS_DISK_OTHER;
		return PS_OK;
	}
	health->disk = status == PS_NOT_FOUND ? PS_DISK_NONE : PS_DISK_BAD;
	ps_error_format(&own, health->disk_reason, sizeof(health->disk_reason));
	if (status == PS_NO_MEMORY || status == PS_IO) {
		*err = own;
		return status;
	}
	return PS_OK;
}

/* --- what is wrong --------------------------------------------------------------------------- */

static void problem(struct ps_health *health, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void problem(struct ps_health *health, const char *format, ...)
{
	va_list args;

	if (health->problem_count == PS_HEALTH_PROBLEMS_MAX)
		return;
	va_start(args, format);
	(void)vsnprintf(
	    health->problems[health->problem_count++], PS_HEALTH_PROBLEM_TEXT_MAX, format, args);
	va_end(args);
}

static void judge_life(struct ps_health *health)
{
	char age[PS_MOMENT_TEXT_MAX];

	if (!health->seen) {
		problem(health, "no module has run with this state folder");
		return;
	}
	health->silence = health->now > health->state.now ? health->now - health->state.now : 0;
	health->alive = health->state.running != 0 && health->silence <= PS_HEALTH_SILENCE_MAX;
	if (health->state.running == 0)
		problem(health, "the resolver was stopped %s ago",
		    ps_terminal_age(health->silence, age));
	else if (!health->alive)
		problem(health,
		    "the module has been silent for %s: the resolver does not run, "
		    "or cannot write here",
		    ps_terminal_age(health->silence, age));
	else if (health->state.now > (uint64_t)health->now + PS_HEALTH_SILENCE_MAX)
		problem(health, "the heartbeat lies in the future: a clock was set back");
	if (health->alive && health->state.disabled > 0)
		problem(health, "blocking is switched off for a while: postshield enable ends that");
	if (health->alive && health->state.rules_disabled > 0)
		problem(health, "%" PRIu64 " of the rules %s switched off for a while",
		    health->state.rules_disabled,
		    health->state.rules_disabled == 1 ? "is" : "are");
	if (health->state.events_failing)
		problem(health, "events cannot be kept: the resolver's log says why");
	if (health->state.digest[0] == '\0')
		problem(health, "the module has no snapshot: every query passes");
}

static void judge_disk(struct ps_health *health)
{
	char reason[400];

	(void)ps_terminal_escape(
	    ps_bytes_of_text(health->state.rejection), reason, sizeof(reason));
	switch (health->disk) {
	case PS_DISK_NONE:
		problem(health, "there is no snapshot: run postshield build");
		break;
	case PS_DISK_BAD:
		problem(health, "the snapshot is bad: %s", health->disk_reason);
		break;
	case PS_DISK_OTHER:
		if (!health->seen)
			break;
		problem(health, "the module does not go by the snapshot that lies here%s%s",
		    reason[0] != '\0' ? ": it refused it: " : "", reason);
		return;
	case PS_DISK_SAME:
	case PS_DISK_PENDING:
		break;
	}
	if (reason[0] != '\0')
		problem(health, "the module refused a snapshot: %s", reason);
}

enum ps_status ps_health_read_module(
    struct ps_health *out, uint32_t now, struct ps_error *err)
{
	enum ps_status status;

	*out = (struct ps_health){.now = now, .state.running = 1};
	status = ps_cli_state_path(PS_COUNTERS_FILE, out->counters_path, err);
	if (status == PS_OK)
		status = ps_cli_state_path("snapshot.ps", out->snapshot_path, err);
	if (status == PS_OK)
		status = read_counters(out, err);
	if (status == PS_OK)
		judge_life(out);
	return status;
}

enum ps_status ps_health_read(struct ps_health *out, uint32_t now, struct ps_error *err)
{
	enum ps_status status = ps_health_read_module(out, now, err);

	if (status == PS_OK)
		status = read_snapshot(out, err);
	if (status == PS_OK)
		judge_disk(out);
	return status;
}

void ps_health_clear(struct ps_health *health)
{
	free(health->rules.items);
	free(health->feeds.items);
	free(health->groups.items);
	free(health->counts.items);
	health->rules = (struct ps_health_list){0};
	health->feeds = (struct ps_health_list){0};
	health->groups = (struct ps_health_list){0};
	health->counts = (struct ps_health_list){0};
}
