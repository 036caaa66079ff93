#include "event/counters.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/version.h"

/* One family: help and type stand once, before its samples (exposition format,
 * "Comments, help text, and type information"). */
void ps_metric_family(
    struct ps_buffer *out, const char *name, const char *type, const char *help)
{
	(void)ps_buffer_printf(
	    out, "# HELP postshield_%s %s\n# TYPE postshield_%s %s\n", name, help, name, type);
}

static void counter(struct ps_buffer *out, const char *name, const char *help, uint64_t value)
{
	ps_metric_family(out, name, "counter", help);
	(void)ps_buffer_printf(out, "postshield_%s %" PRIu64 "\n", name, value);
}

static void gauge(struct ps_buffer *out, const char *name, const char *help, uint64_t value)
{
	ps_metric_family(out, name, "gauge", help);
	(void)ps_buffer_printf(out, "postshield_%s %" PRIu64 "\n", name, value);
}

/* A label value: backslash, quote and newline are escaped, other control characters
 * and octets that are not ASCII become '?': ids are ASCII anyway. */
static void label(struct ps_buffer *out, const char *text)
{
	for (const unsigned char *p = (const unsigned char *)text; *p != '\0'; p++) {
		if (*p == '\\' || *p == '"')
			(void)ps_buffer_printf(out, "\\%c", *p);
		else if (*p == '\n')
			(void)ps_buffer_append(out, "\\n", 2);
		else if (*p < 0x20 || *p > 0x7e)
			(void)ps_buffer_append(out, "?", 1);
		else
			(void)ps_buffer_append(out, p, 1);
	}
}

void ps_metric_labelled(
    struct ps_buffer *out, const char *name, const char *key, const char *text, uint64_t value)
{
	(void)ps_buffer_printf(out, "postshield_%s{%s=\"", name, key);
	label(out, text);
	(void)ps_buffer_printf(out, "\"} %" PRIu64 "\n", value);
}

/* Every action is there from the start, so that its rise from nothing is seen. */
static void print_decisions(struct ps_buffer *out, const struct ps_counters_facts *facts)
{
	ps_metric_family(out, "decisions_total", "counter",
	    "Decisions on queries of clients, by action and the policy file of the rule; none for "
	    "what no rule decided.");
	for (unsigned i = 0; i < PS_ACTION_COUNT; i++)
		(void)ps_buffer_printf(out,
		    "postshield_decisions_total{action=\"%s\",policy=\"\"} %" PRIu64 "\n",
		    ps_action_name(i), i == PS_ACTION_PASS ? facts->counters->undecided : 0);
	for (size_t i = 0; i < facts->decision_count; i++) {
		const struct ps_decision_hits *hits = &facts->decisions[i];

		(void)ps_buffer_printf(out, "postshield_decisions_total{action=\"%s\",policy=\"",
		    ps_action_name(hits->action));
		label(out, hits->policy);
		(void)ps_buffer_printf(out, "\"} %" PRIu64 "\n", hits->hits);
	}
}

/* Nanoseconds, and the same as the format's own programs write seconds. */
static const struct {
	uint64_t nanoseconds;
	const char *seconds;
} duration_bounds[PS_DURATION_BUCKETS] = {{1000, "1e-06"}, {2500, "2.5e-06"}, {5000, "5e-06"},
    {10000, "1e-05"}, {25000, "2.5e-05"}, {50000, "5e-05"}, {100000, "0.0001"},
    {250000, "0.00025"}, {1000000, "0.001"}, {10000000, "0.01"}, {UINT64_MAX, "+Inf"}};

uint64_t ps_duration_bound(unsigned bucket)
{
	return duration_bounds[bucket].nanoseconds;
}

static void print_durations(struct ps_buffer *out, const struct ps_counters *c)
{
	uint64_t count = 0;

	ps_metric_family(out, "decision_duration_seconds", "histogram",
	    "How long a client's query took in the module, without cached answers, which never "
	    "come there. Every 1024th query of a worker is timed.");
	_Static_assert(PS_TIMED_EVERY == 1024, "the text says so");
	for (unsigned i = 0; i < PS_DURATION_BUCKETS; i++) {
		count += c->durations[i];
		ps_metric_labelled(out, "decision_duration_seconds_bucket", "le", duration_bounds[i].seconds,
		    count);
	}
	(void)ps_buffer_printf(out,
	    "postshield_decision_duration_seconds_sum %" PRIu64 ".%09u\n"
	    "postshield_decision_duration_seconds_count %" PRIu64 "\n",
	    c->duration_nanoseconds / 1000000000,
	    (unsigned)(c->duration_nanoseconds % 1000000000), count);
}

/* The one metric of what the module must let through. */
static void print_unjudged(
    struct ps_buffer *out, const struct ps_counters *c, const struct ps_counters_state *s)
{
	ps_metric_family(out, "unjudged_total", "counter",
	    "Queries of clients let through without a decision: for want of a snapshot, of a worker "
	    "of ours (threads beyond num-threads), or of memory to judge an answer; or because a check "
	    "of our own failed.");
	ps_metric_labelled(out, "unjudged_total", "reason", "no-snapshot", c->unjudged);
	ps_metric_labelled(out, "unjudged_total", "reason", "no-worker", s->unjudged_crowd);
	ps_metric_labelled(out, "unjudged_total", "reason", "no-memory", c->unjudged_answers);
	ps_metric_labelled(out, "unjudged_total", "reason", "internal", s->unjudged_unexpected);
}

static void print_counters(struct ps_buffer *out, const struct ps_counters *c)
{
	counter(out, "prefetches_blocked_total", "Refreshes of names that are now blocked.",
	    c->prefetches_blocked);
	counter(out, "subqueries_total", "Lookups of the resolver's own, let pass.",
	    c->subqueries);
	counter(out, "responses_unstored_total",
	    "For blocked names that the resolver needs itself: kept out of the cache.",
	    c->responses_unstored);
	counter(out, "late_blocks_total",
	    "Answers blocked on arrival because the snapshot had changed.", c->late_blocks);
	counter(out, "shadow_hits_total", "Rules on trial that held.", c->shadow_hits);
	counter(out, "never_hits_total", "Queries that the never list let pass.", c->never_hits);
	counter(out, "allowed_hits_total", "Queries for names that are let through for a while.",
	    c->allowed_hits);
	counter(out, "pattern_limits_total", "Patterns that ran into a limit.",
	    c->pattern_limits);
	counter(out, "answers_failed_total",
	    "Blocked queries that got REFUSED for want of memory for their answer.",
	    c->answers_failed);
	counter(out, "events_total", "Decisions of which an event is to be kept.", c->events);
}

static void print_events(
    struct ps_buffer *out, const struct ps_counters *c, const struct ps_counters_state *s)
{
	counter(out, "events_dropped_total", "Decisions whose event was dropped.",
	    c->events_dropped + s->events_dropped);
	gauge(out, "events_open", "Decisions of events that are about to be written.",
	    s->events_open);
	counter(out, "event_records_total", "Records of events written.", s->event_records);
	counter(out, "event_records_removed_total",
	    "Records removed because the spool was full and nobody had taken them.",
	    s->event_records_removed);
	counter(out, "event_segments_removed_total", "Files of events removed for that.",
	    s->event_segments_removed);
	gauge(out, "event_spool_bytes", "Disk that events take.", s->event_spool_octets);
	gauge(out, "event_spool_failing", "1 when the last event could not be written.",
	    s->events_failing);
}

static void print_state(struct ps_buffer *out, const struct ps_counters_state *s)
{
	ps_metric_family(out, "build_info", "gauge", "The module's version.");
	ps_metric_labelled(out, "build_info", "version", PS_VERSION, 1);
	gauge(out, "start_time_seconds", "When the module was initialised.", s->start_time);
	gauge(out, "heartbeat_timestamp_seconds", "When this was written.", s->now);
	gauge(out, "running", "1, and 0 once the resolver has stopped.", s->running);
	gauge(out, "disabled", "1 while blocking is switched off (postshield disable).",
	    s->disabled);
	gauge(out, "rules_disabled", "Rules that are switched off for a while.",
	    s->rules_disabled);
	gauge(out, "names_allowed", "Names that are let through for a while.", s->names_allowed);
	gauge(out, "snapshot_generation", "Snapshots activated since start.", s->generation);
	gauge(out, "snapshot_activation_timestamp_seconds", "When the active one became so.",
	    s->activation_time);
	gauge(out, "snapshot_timestamp_seconds", "When the active one's file was written.",
	    s->file_time);
	ps_metric_family(out, "snapshot_activation_seconds", "gauge",
	    "From the file's appearance to its use.");
	(void)ps_buffer_printf(out, "postshield_snapshot_activation_seconds %" PRIu64 ".%06u\n",
	    s->activation_microseconds / 1000000,
	    (unsigned)(s->activation_microseconds % 1000000));
	gauge(out, "snapshot_names", "Listed names in the active snapshot.", s->names);
	gauge(out, "snapshot_resident_bytes", "Memory of the active snapshot.",
	    s->resident_bytes);
	counter(out, "snapshots_rejected_total", "Snapshot files refused.", s->rejected);
	counter(out, "cached_answers_removed_total",
	    "Cached answers removed because a new snapshot blocks them.", s->flushed);
	gauge(out, "snapshot_refused", "1 when the last snapshot file that came was refused.",
	    s->rejection[0] != '\0');
	ps_metric_family(out, "snapshot_info", "gauge", "The active snapshot's digest.");
	ps_metric_labelled(out, "snapshot_info", "digest", s->digest, 1);
	if (s->rejection[0] != '\0') {
		ps_metric_family(out, "snapshot_rejection_info", "gauge",
		    "Why the last snapshot file was refused.");
		ps_metric_labelled(out, "snapshot_rejection_info", "reason", s->rejection, 1);
	}
}

static void print_rules(struct ps_buffer *out, const struct ps_rule_hits *rules, size_t count)
{
	ps_metric_family(out, "rule_hits_total", "counter", "Queries decided, by rule.");
	for (size_t i = 0; i < count; i++)
		ps_metric_labelled(out, "rule_hits_total", "rule", rules[i].id, rules[i].hits);
	ps_metric_family(out, "rule_shadow_hits_total", "counter",
	    "Queries a rule on trial would decide.");
	for (size_t i = 0; i < count; i++)
		ps_metric_labelled(out, "rule_shadow_hits_total", "rule", rules[i].id, rules[i].shadow);
}

static void print_feeds(struct ps_buffer *out, const struct ps_feed_hits *feeds, size_t count)
{
	ps_metric_family(out, "feed_hits_total", "counter", "Decisions that a feed's row led to.");
	for (size_t i = 0; i < count; i++)
		ps_metric_labelled(out, "feed_hits_total", "feed", feeds[i].id, feeds[i].hits);
	ps_metric_family(out, "feed_entries", "gauge", "Names a feed has in the active snapshot.");
	for (size_t i = 0; i < count; i++)
		ps_metric_labelled(out, "feed_entries", "feed", feeds[i].id, feeds[i].entries);
	ps_metric_family(out, "feed_held", "gauge",
	    "1 when the active snapshot has a feed's last good entries: it jumped, or could not be "
	    "read.");
	for (size_t i = 0; i < count; i++)
		ps_metric_labelled(out, "feed_held", "feed", feeds[i].id, feeds[i].held);
}

static void print_groups(struct ps_buffer *out, const struct ps_group_hits *groups, size_t count)
{
	if (count == 0)
		return;
	ps_metric_family(out, "group_queries_total", "counter", "Queries judged, by group of clients.");
	for (size_t i = 0; i < count; i++)
		ps_metric_labelled(out, "group_queries_total", "group", groups[i].id, groups[i].queries);
	ps_metric_family(out, "group_blocked_total", "counter", "Queries blocked, by group of clients.");
	for (size_t i = 0; i < count; i++)
		ps_metric_labelled(out, "group_blocked_total", "group", groups[i].id, groups[i].blocked);
}

enum ps_status ps_counters_print(struct ps_buffer *out, const struct ps_counters_facts *facts)
{
	print_state(out, facts->state);
	print_decisions(out, facts);
	print_durations(out, facts->counters);
	print_unjudged(out, facts->counters, facts->state);
	print_counters(out, facts->counters);
	print_events(out, facts->counters, facts->state);
	print_rules(out, facts->rules, facts->rule_count);
	print_feeds(out, facts->feeds, facts->feed_count);
	print_groups(out, facts->groups, facts->group_count);
	return out->status;
}

/* --- reading ---------------------------------------------------------------- */

/* Where the quoted label set that begins at line.ptr[start] ends: the index of '}'. */
static size_t labels_end(struct ps_bytes line, size_t start)
{
	bool quoted = false;

	for (size_t i = start; i < line.len; i++) {
		if (quoted && line.ptr[i] == '\\')
			i++;
		else if (line.ptr[i] == '"')
			quoted = !quoted;
		else if (!quoted && line.ptr[i] == '}')
			return i;
	}
	return line.len;
}

static bool parse_sample(struct ps_bytes line, struct ps_sample *out)
{
	char number[64];
	char *end = NULL;
	size_t pos = 0;
	struct ps_bytes rest;

	*out = (struct ps_sample){0};
	while (pos < line.len && line.ptr[pos] != '{' && line.ptr[pos] != ' ')
		pos++;
	out->name = ps_bytes_of(line.ptr, pos);
	if (pos == 0 || pos == line.len)
		return false;
	if (line.ptr[pos] == '{') {
		size_t close = labels_end(line, pos + 1);

		if (close == line.len)
			return false;
		out->labels = ps_bytes_of(line.ptr + pos + 1, close - pos - 1);
		pos = close + 1;
	}
	rest = ps_bytes_trim(ps_bytes_of(line.ptr + pos, line.len - pos));
	if (rest.len == 0 || rest.len >= sizeof(number) || memchr(rest.ptr, 0, rest.len) != NULL)
		return false;
	memcpy(number, rest.ptr, rest.len);
	number[rest.len] = '\0';
	errno = 0;
	out->value = strtod(number, &end);
	return errno == 0 && *end == '\0';
}

enum ps_status ps_counters_parse(struct ps_bytes text,
    enum ps_status (*each)(void *ctx, const struct ps_sample *sample), void *ctx,
    struct ps_error *err)
{
	uint64_t number = 0;

	while (text.len > 0) {
		const uint8_t *lf = memchr(text.ptr, '\n', text.len);
		size_t len = lf == NULL ? text.len : (size_t)(lf - text.ptr);
		struct ps_bytes line = ps_bytes_of(text.ptr, len);
		struct ps_sample sample;

		number++;
		text.ptr += len + (lf != NULL);
		text.len -= len + (lf != NULL);
		if (len == 0 || line.ptr[0] == '#')
			continue;
		if (!parse_sample(line, &sample)) {
			ps_error_at(err, NULL, number, 0, UINT64_MAX);
			return ps_error_set(err, PS_INVALID, "is no line of the exposition format");
		}
		enum ps_status status = each(ctx, &sample);
		if (status != PS_OK)
			return status;
	}
	return PS_OK;
}

/* Copies a quoted value that begins behind its opening quote; returns the index of the
 * closing one. */
static size_t unescape(struct ps_bytes labels, size_t pos, char *out, size_t size)
{
	size_t used = 0;

	for (; pos < labels.len && labels.ptr[pos] != '"'; pos++) {
		char c = (char)labels.ptr[pos];

		if (c == '\\' && pos + 1 < labels.len) {
			c = (char)labels.ptr[++pos];
			if (c == 'n')
				c = '\n';
		}
		if (out != NULL && used + 1 < size)
			out[used++] = c;
	}
	if (out != NULL && size > 0)
		out[used] = '\0';
	return pos;
}

bool ps_sample_label(const struct ps_sample *sample, const char *wanted, char *out, size_t size)
{
	struct ps_bytes labels = sample->labels;
	size_t pos = 0;

	while (pos < labels.len) {
		size_t start = pos;
		bool found;

		while (pos < labels.len && labels.ptr[pos] != '=')
			pos++;
		found = ps_bytes_equal_text(ps_bytes_of(labels.ptr + start, pos - start), wanted);
		if (pos + 1 >= labels.len || labels.ptr[pos + 1] != '"')
			return false;
		pos = unescape(labels, pos + 2, found ? out : NULL, size);
		if (found)
			return pos < labels.len;
		pos++; /* the closing quote */
		if (pos < labels.len && labels.ptr[pos] == ',')
			pos++;
	}
	return false;
}
