#include "cli/build_metrics.h"

#include "cli/health.h"
#include "core/file.h"
#include "event/counters.h"

#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>

#define LAST_SUCCESS "feed_last_success_timestamp_seconds"
#define FAILURES "feed_failures_total"

/* What is carried on of one feed. */
struct kept {
	uint64_t last_success; /* Unix seconds; 0: never */
	uint64_t failures;
};

struct keeping {
	const struct ps_build_metrics *metrics;
	struct kept *kept; /* one a feed */
};

static uint64_t whole_number(double value)
{
	return value >= 0 && value < 1.8e19 ? (uint64_t)value : 0;
}

static enum ps_status take(void *ctx, const struct ps_sample *sample)
{
	struct keeping *keeping = ctx;
	char feed[PS_HEALTH_ID_MAX];

	if (!ps_sample_label(sample, "feed", feed, sizeof(feed)))
		return PS_OK;
	for (uint32_t i = 0; i < keeping->metrics->count; i++) {
		if (strcmp(keeping->metrics->intakes[i].config->id, feed) != 0)
			continue;
		if (ps_bytes_equal_text(sample->name, "postshield_" LAST_SUCCESS))
			keeping->kept[i].last_success = whole_number(sample->value);
		else if (ps_bytes_equal_text(sample->name, "postshield_" FAILURES))
			keeping->kept[i].failures = whole_number(sample->value);
	}
	return PS_OK;
}

/* Anything that is not to be read is as if it were not there. */
static void carry_on(const char *path, struct keeping *keeping)
{
	struct ps_buffer buffer;
	struct ps_error err;

	ps_buffer_init(&buffer, PS_COUNTERS_FILE_MAX);
	ps_error_clear(&err);
	if (ps_file_read(path, &buffer, &err) == PS_OK &&
	    ps_counters_parse(ps_buffer_bytes(&buffer), take, keeping, &err) != PS_OK)
		memset(keeping->kept, 0, keeping->metrics->count * sizeof(*keeping->kept));
	ps_buffer_clear(&buffer);
}

static void add_this_build(struct keeping *keeping)
{
	for (uint32_t i = 0; i < keeping->metrics->count; i++) {
		if (ps_intake_is_good(&keeping->metrics->intakes[i]))
			keeping->kept[i].last_success = keeping->metrics->now;
		else
			keeping->kept[i].failures++;
	}
}

/* --- rendering ----------------------------------------------------------------------- */

static void print(struct ps_buffer *out, const struct keeping *keeping)
{
	const struct ps_build_metrics *m = keeping->metrics;
	const struct ps_intake *intakes = m->intakes;
	uint32_t count = m->count < PS_COUNTERS_ROWS_MAX ? m->count : PS_COUNTERS_ROWS_MAX;

	ps_metric_family(out, "build_last_success_timestamp_seconds", "gauge",
	    "When the last build began that put a snapshot in place.");
	(void)ps_buffer_printf(
	    out, "postshield_build_last_success_timestamp_seconds %" PRIu32 "\n", m->now);
	ps_metric_family(out, "build_duration_seconds", "gauge", "How long it took.");
	(void)ps_buffer_printf(out, "postshield_build_duration_seconds %.3f\n", m->seconds);
	ps_metric_family(out, LAST_SUCCESS, "gauge",
	    "When the last build began that took what the feed offered; 0: none did.");
	for (uint32_t i = 0; i < count; i++)
		ps_metric_labelled(out, LAST_SUCCESS, "feed", intakes[i].config->id,
		    keeping->kept[i].last_success);
	ps_metric_family(out, FAILURES, "counter",
	    "Builds that could not read the feed, or held it back because its size jumped.");
	for (uint32_t i = 0; i < count; i++)
		ps_metric_labelled(
		    out, FAILURES, "feed", intakes[i].config->id, keeping->kept[i].failures);
	ps_metric_family(out, "feed_modified_timestamp_seconds", "gauge",
	    "When the feed's file was last changed; 0: the last build could not open it.");
	for (uint32_t i = 0; i < count; i++)
		ps_metric_labelled(out, "feed_modified_timestamp_seconds", "feed",
		    intakes[i].config->id, intakes[i].modified);
	ps_metric_family(out, "feed_offered_entries", "gauge",
	    "What the feed offered to the last build.");
	for (uint32_t i = 0; i < count; i++)
		ps_metric_labelled(
		    out, "feed_offered_entries", "feed", intakes[i].config->id, intakes[i].read);
	ps_metric_family(out, "feed_refused_entries", "gauge",
	    "Of that, what was refused: no names, never to be blocked, there twice.");
	for (uint32_t i = 0; i < count; i++)
		ps_metric_labelled(out, "feed_refused_entries", "feed", intakes[i].config->id,
		    ps_intake_refused(&intakes[i]));
}

static enum ps_status replace(const char *path, struct ps_bytes bytes, struct ps_error *err)
{
	struct ps_file_writer writer;
	enum ps_status status = ps_file_writer_open(&writer, path, 0644, err);

	if (status != PS_OK)
		return status;
	(void)fwrite(bytes.ptr, 1, bytes.len, writer.stream);
	return ps_file_writer_commit(&writer, err);
}

enum ps_status ps_build_metrics_write(
    const struct ps_build_metrics *metrics, const char *output, struct ps_error *err)
{
	const char *slash = strrchr(output, '/');
	const char *base = slash == NULL ? output : slash + 1;
	struct keeping keeping = {.metrics = metrics};
	char path[PATH_MAX + sizeof(PS_BUILD_METRICS_FILE)];
	struct ps_buffer text;
	enum ps_status status;

	if (strcmp(base, "snapshot.ps") != 0)
		return PS_OK;
	(void)snprintf(path, sizeof(path), "%.*s" PS_BUILD_METRICS_FILE, (int)(base - output), output);
	keeping.kept = calloc(metrics->count + 1u, sizeof(*keeping.kept));
	if (keeping.kept == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	carry_on(path, &keeping);
	add_this_build(&keeping);
	ps_buffer_init(&text, PS_COUNTERS_FILE_MAX);
	print(&text, &keeping);
	status = text.status == PS_OK ? replace(path, ps_buffer_bytes(&text), err)
	                              : ps_error_set(err, text.status, "out of memory");
	ps_buffer_clear(&text);
	free(keeping.kept);
	return status;
}
