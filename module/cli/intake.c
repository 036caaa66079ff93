#include "cli/intake.h"

#include "core/file.h"

#include <sys/stat.h>
#include <unistd.h>

struct reading {
	struct ps_intake *intake;
	const struct ps_intake_context *context;
	enum ps_status build_status; /* of the builder, not of the feed */
};

/* --- one indicator ------------------------------------------------------------------ */

static void keep_place(
    struct ps_intake_place *places, uint64_t count, uint64_t line, struct ps_bytes excerpt)
{
	struct ps_intake_place *place;

	if (count >= PS_INTAKE_PLACES_MAX)
		return;
	place = &places[count];
	place->line = line;
	place->len =
	    excerpt.len > PS_INTAKE_EXCERPT_MAX ? PS_INTAKE_EXCERPT_MAX : (uint8_t)excerpt.len;
	if (place->len > 0)
		memcpy(place->excerpt, excerpt.ptr, place->len);
}

static void refuse(
    struct ps_intake *intake, enum ps_refusal reason, uint64_t line, struct ps_bytes excerpt)
{
	keep_place(intake->places[reason], intake->refused[reason], line, excerpt);
	intake->refused[reason]++;
}

static struct ps_bytes subject(const struct ps_indicator *indicator, char out[PS_NAME_TEXT_MAX])
{
	if (indicator->is_address)
		ps_prefix_to_text(&indicator->prefix, out);
	else
		(void)ps_name_to_text(indicator->name, out);
	return ps_bytes_of_text(out);
}

/* What the guard lets stand goes to the builder. */
static enum ps_status guard_and_add(
    struct reading *reading, const struct ps_indicator *indicator, struct ps_error *err)
{
	struct ps_intake *intake = reading->intake;
	struct ps_indicator standing = *indicator;
	struct ps_guard_ruling ruling = {.scope = indicator->scope};
	char text[PS_NAME_TEXT_MAX];
	bool trial;

	if (!indicator->is_address) {
		ruling =
		    ps_guard_judge(reading->context->guard, indicator->name, indicator->scope);
	} else if (!ps_guard_address_may_stand(&indicator->prefix)) {
		ruling.refused = true;
		ruling.reason = PS_REFUSED_LOCAL_ADDRESS;
	}
	if (ruling.refused) {
		refuse(intake, ruling.reason, indicator->line, subject(indicator, text));
		return PS_OK;
	}
	standing.scope = ruling.scope;
	trial = ruling.trial || intake->config->trial;
	if (ruling.trial) {
		keep_place(intake->popular, intake->popular_count, indicator->line,
		    subject(indicator, text));
		intake->popular_count++;
	}
	if (ruling.narrowed) {
		keep_place(intake->narrow, intake->narrowed, indicator->line,
		    subject(indicator, text));
		intake->narrowed++;
	}
	intake->trial += trial;
	reading->build_status =
	    ps_builder_add(reading->context->builder, intake->index, &standing, trial, err);
	return reading->build_status;
}

static enum ps_status accept_fresh(
    void *ctx, const struct ps_indicator *indicator, struct ps_error *err)
{
	struct reading *reading = ctx;

	reading->intake->read++;
	ps_progress_step(reading->context->progress, reading->intake->read);
	return guard_and_add(reading, indicator, err);
}

static void refuse_fresh(
    void *ctx, enum ps_refusal reason, uint64_t line, struct ps_bytes excerpt)
{
	struct reading *reading = ctx;

	reading->intake->read++;
	ps_progress_step(reading->context->progress, reading->intake->read);
	refuse(reading->intake, reason, line, excerpt);
}

/* Whether it was on trial is for today's policy to say. */
static enum ps_status accept_last(
    void *ctx, const struct ps_indicator *indicator, bool trial, struct ps_error *err)
{
	(void)trial;
	return guard_and_add(ctx, indicator, err);
}

/* --- reading -------------------------------------------------------------------------- */

/* Forgets what was counted, as the builder forgets what was added. */
static void forget(struct ps_intake *intake, struct ps_builder *builder)
{
	ps_builder_drop_feed(builder, intake->index);
	intake->narrowed = 0;
	intake->trial = 0;
	intake->popular_count = 0;
}

enum ps_status ps_intake_read(struct ps_intake *out, const struct ps_intake_context *context,
    uint32_t feed, struct ps_error *err)
{
	struct reading reading = {.intake = out, .context = context, .build_status = PS_OK};
	struct ps_feed_sink sink = {
	    .ctx = &reading, .accept = accept_fresh, .refuse = refuse_fresh};
	enum ps_status status;
	struct stat st;
	int fd;

	*out = (struct ps_intake){.config = &context->plan->feeds[feed], .index = feed};
	ps_error_clear(&out->failure);
	ps_progress_begin(context->progress, out->config->id);
	status = ps_file_open(out->config->path, &fd, &out->failure);
	if (status == PS_OK) {
		if (fstat(fd, &st) == 0 && st.st_mtime > 0)
			out->modified = (uint64_t)st.st_mtime;
		status = ps_feed_read(out->config, fd, context->now, &sink, &out->failure);
		close(fd);
	}
	if (status == PS_OK)
		return PS_OK;
	if (status == PS_NO_MEMORY || reading.build_status != PS_OK) {
		*err = out->failure;
		return status;
	}
	out->state = PS_INTAKE_EMPTY;
	forget(out, context->builder);
	return PS_OK;
}

/* --- the last entries ------------------------------------------------------------------- */

/* The feed's number in the last snapshot; false: it has none there. */
static bool find_last(
    const struct ps_snapshot *last, const struct ps_feed_config *config, uint32_t *out)
{
	if (last == NULL)
		return false;
	for (uint32_t i = 0; i < ps_snapshot_feed_count(last); i++) {
		if (strcmp(ps_snapshot_feed(last, i).id, config->id) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

/* The last entries go through today's guard: a name that was put on the never list
 * since then does not come back with them. */
static enum ps_status carry_over(struct ps_intake *intake,
    const struct ps_intake_context *context, uint32_t last_feed, struct ps_error *err)
{
	struct reading reading = {.intake = intake, .context = context};
	struct ps_indicator_visitor visitor = {.ctx = &reading, .accept = accept_last};
	uint64_t refused[PS_REFUSAL_COUNT];
	enum ps_status status;

	/* What the feed offers today stays counted, the last entries' refusals do not. */
	memcpy(refused, intake->refused, sizeof(refused));
	forget(intake, context->builder);
	status = ps_snapshot_visit_feed(context->last, last_feed, &visitor, err);
	memcpy(intake->refused, refused, sizeof(refused));
	return status;
}

/* Rounded up, so that what is over a limit never looks equal to it. whole: not 0. */
static uint64_t percent_of(uint64_t part, uint64_t whole)
{
	return (part * 100 + whole - 1) / whole;
}

/* Compares what the feed has now with what it had, which was something. */
static bool jumped(struct ps_intake *intake)
{
	const struct ps_feed_config *config = intake->config;
	uint64_t before = intake->previous, now = intake->offered;
	uint64_t difference = now > before ? now - before : before - now;
	uint32_t shrink =
	    config->shrink_percent != 0 ? config->shrink_percent : PS_FEED_SHRINK_DEFAULT;
	uint32_t grow = config->grow_percent != 0 ? config->grow_percent : PS_FEED_GROW_DEFAULT;

	intake->grew = now > before;
	intake->limit_percent = intake->grew ? grow : shrink;
	intake->jump_percent = percent_of(difference, before);
	if (now == 0)
		return true;
	return before >= PS_INTAKE_JUMP_MIN &&
	       difference * 100 > before * (uint64_t)intake->limit_percent;
}

enum ps_status ps_intake_settle(struct ps_intake *intake, const struct ps_intake_context *context,
    bool accepted, bool *changed, struct ps_error *err)
{
	bool failed = intake->state == PS_INTAKE_EMPTY;
	uint32_t last_feed = 0;

	ps_intake_count(intake, context->builder);
	intake->offered = intake->kept;
	if (!find_last(context->last, intake->config, &last_feed))
		return PS_OK;
	intake->previous = ps_snapshot_feed(context->last, last_feed).kept;
	if (intake->previous == 0 || (!failed && !jumped(intake)))
		return PS_OK;
	if (!failed && accepted) {
		intake->state = PS_INTAKE_ACCEPTED;
		return PS_OK;
	}
	intake->state = failed ? PS_INTAKE_STALE : PS_INTAKE_HELD;
	*changed = true;
	return carry_over(intake, context, last_feed, err);
}

/* --- counting ---------------------------------------------------------------------------- */

void ps_intake_count(struct ps_intake *intake, const struct ps_builder *builder)
{
	struct ps_builder_counts counts = ps_builder_counts(builder, intake->index);

	intake->kept = counts.rows;
	if (intake->state == PS_INTAKE_HELD || intake->state == PS_INTAKE_STALE)
		return; /* the rest was counted of what the feed offers */
	intake->surplus = counts.surplus;
	intake->refused[PS_REFUSED_DUPLICATE] += counts.duplicates - intake->merged;
	intake->merged = counts.duplicates;
}

uint64_t ps_intake_refused(const struct ps_intake *intake)
{
	uint64_t sum = intake->surplus;

	for (int i = 0; i < PS_REFUSAL_COUNT; i++)
		sum += intake->refused[i];
	return sum;
}

const char *ps_intake_state_name(enum ps_intake_state state)
{
	switch (state) {
	case PS_INTAKE_FRESH:
		return "fresh";
	case PS_INTAKE_ACCEPTED:
		return "accepted";
	case PS_INTAKE_HELD:
		return "held";
	case PS_INTAKE_STALE:
		return "stale";
	case PS_INTAKE_EMPTY:
		break;
	}
	return "empty";
}
