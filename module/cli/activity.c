#include "cli/activity.h"

#include "cli/cli.h"
#include "cli/event_row.h"
#include "event/spool.h"

#include <fcntl.h>
#include <unistd.h>

#define NAMES_MAX 4096u
#define RULES_MAX 1024u
#define FEEDS_MAX 512u

static bool is_blocking(unsigned action)
{
	return action != PS_ACTION_PASS && action != PS_ACTION_LOG;
}

uint64_t ps_activity_judged(const struct ps_activity *activity)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < PS_ACTION_COUNT; i++)
		sum += activity->health.decisions[i];
	return sum;
}

uint64_t ps_activity_blocked(const struct ps_activity *activity)
{
	uint64_t sum = 0;

	for (unsigned i = 0; i < PS_ACTION_COUNT; i++)
		sum += is_blocking(i) ? activity->health.decisions[i] : 0;
	return sum;
}

enum ps_status ps_activity_open(struct ps_activity *out, struct ps_error *err)
{
	enum ps_status status;

	*out = (struct ps_activity){.trouble = ""};
	status = ps_cli_state_path(PS_SPOOL_FOLDER, out->spool, err);
	if (status == PS_OK)
		status = ps_leaders_create(&out->names, NAMES_MAX);
	if (status == PS_OK)
		status = ps_leaders_create(&out->rules, RULES_MAX);
	if (status == PS_OK)
		status = ps_leaders_create(&out->feeds, FEEDS_MAX);
	return status;
}

void ps_activity_close(struct ps_activity *activity)
{
	ps_spool_reader_close(activity->reader);
	ps_leaders_destroy(activity->names);
	ps_leaders_destroy(activity->rules);
	ps_leaders_destroy(activity->feeds);
	ps_health_clear(&activity->health);
	*activity = (struct ps_activity){.trouble = ""};
}

/* --- rates -------------------------------------------------------------------------------- */

/* From one writing of the counters to a later one. Another start or smaller counts: the
 * resolver was started anew, and what was known is of the one before. */
static void reckon_rates(struct ps_activity *activity)
{
	const struct ps_counters_state *state = &activity->health.state;
	uint64_t judged = ps_activity_judged(activity), blocked = ps_activity_blocked(activity);
	bool same = activity->base_time != 0 && activity->base_start == state->start_time &&
	            judged >= activity->base_judged && blocked >= activity->base_blocked;

	if (!same)
		activity->rates_known = false;
	if (same && state->now > activity->base_time) {
		double seconds = (double)(state->now - activity->base_time);

		activity->judged_rate = (double)(judged - activity->base_judged) / seconds;
		activity->blocked_rate = (double)(blocked - activity->base_blocked) / seconds;
		activity->rates_known = true;
	}
	if (!activity->health.alive)
		activity->rates_known = false;
	if (!same || state->now > activity->base_time) {
		activity->base_start = state->start_time;
		activity->base_time = activity->health.seen ? state->now : 0;
		activity->base_judged = judged;
		activity->base_blocked = blocked;
	}
}

static enum ps_status look_at_counters(
    struct ps_activity *activity, uint32_t now, struct ps_error *err)
{
	enum ps_status status;

	ps_health_clear(&activity->health);
	status = ps_health_read_module(&activity->health, now, err);
	if (status == PS_OK)
		reckon_rates(activity);
	else
		activity->rates_known = false;
	return status;
}

/* --- events ------------------------------------------------------------------------------- */

static void take(struct ps_activity *activity, const struct ps_event *event)
{
	char name[PS_EVENT_NAME_TEXT_MAX], rule[PS_EVENT_TEXT_MAX + 16], note[PS_LEADERS_NOTE_MAX];
	uint64_t at = event->last / 1000;
	bool blocks = !event->trial && is_blocking(event->action);

	(void)snprintf(rule, sizeof(rule), "%s%s", event->rule,
	    event->trial ? " (on trial)" : blocks ? "" : " (logs)");
	ps_leaders_add(activity->rules, rule, "", event->count, at);
	if (!blocks)
		return;
	ps_event_name_text(event, name);
	(void)snprintf(
	    note, sizeof(note), "%-8s  %s", ps_action_name(event->action), event->rule);
	ps_leaders_add(activity->names, name, note, event->count, at);
	if (event->feed[0] != '\0')
		ps_leaders_add(activity->feeds, event->feed, "", event->count, at);
}

/* The spool was emptied and begun anew: the reader would wait behind its end for ever. It
 * holds its segment open, so that another file of that name has another inode. */
static bool is_another_spool(struct ps_activity *activity)
{
	uint64_t segment = ps_spool_reader_position(activity->reader).segment;
	char name[PS_SEGMENT_NAME_MAX], path[PATH_MAX + PS_SEGMENT_NAME_MAX + 2];
	struct ps_segment_span span = {0};
	struct stat st;
	bool another = false;
	int fd;

	if (segment == 0)
		return false;
	ps_segment_name(segment, name);
	(void)snprintf(path, sizeof(path), "%s/%s", activity->spool, name);
	if (stat(path, &st) == 0) {
		another = segment == activity->seen_segment && st.st_ino != activity->seen_inode;
		activity->seen_segment = segment;
		activity->seen_inode = st.st_ino;
		return another;
	}
	fd = open(activity->spool, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd >= 0 && ps_segment_list(fd, 1, &span, NULL) == PS_OK)
		another = span.highest != 0 && span.highest < segment;
	if (fd >= 0)
		(void)close(fd);
	return another;
}

static void begin_anew(struct ps_activity *activity)
{
	ps_spool_reader_close(activity->reader);
	activity->reader = NULL;
	activity->seen_segment = 0;
	activity->missing = 0;
	ps_leaders_clear(activity->names);
	ps_leaders_clear(activity->rules);
	ps_leaders_clear(activity->feeds);
}

static enum ps_status look_at_events(struct ps_activity *activity, struct ps_error *err)
{
	struct ps_event event;
	struct ps_spool_losses losses;
	enum ps_status status = PS_OK;
	bool got = true;

	if (activity->reader != NULL && is_another_spool(activity))
		begin_anew(activity);
	if (activity->reader == NULL)
		status = ps_spool_reader_open(
		    &activity->reader, activity->spool, (struct ps_spool_position){0});
	while (status == PS_OK && got) {
		status = ps_spool_reader_next(activity->reader, &event, &got, err);
		if (status == PS_OK && got)
			take(activity, &event);
	}
	if (status != PS_OK) {
		begin_anew(activity);
		return status;
	}
	losses = ps_spool_reader_losses(activity->reader);
	activity->missing = losses.missing;
	(void)is_another_spool(activity); /* notes which segment it is */
	return PS_OK;
}

/* --- both --------------------------------------------------------------------------------- */

static void tell(struct ps_activity *activity, const struct ps_error *err)
{
	char words[sizeof(activity->trouble)];

	ps_error_format(err, words, sizeof(words));
	(void)ps_terminal_escape(
	    ps_bytes_of_text(words), activity->trouble, sizeof(activity->trouble));
}

enum ps_status ps_activity_look(
    struct ps_activity *activity, uint32_t now, struct ps_error *err)
{
	enum ps_status status;

	activity->trouble[0] = '\0';
	ps_leaders_advance(activity->names, now);
	ps_leaders_advance(activity->rules, now);
	ps_leaders_advance(activity->feeds, now);
	ps_error_clear(err);
	status = look_at_counters(activity, now, err);
	if (status == PS_NO_MEMORY)
		return status;
	if (status != PS_OK)
		tell(activity, err);
	ps_error_clear(err);
	status = look_at_events(activity, err);
	if (status == PS_NO_MEMORY)
		return status;
	if (status != PS_OK)
		tell(activity, err);
	return PS_OK;
}
