#include "cli/events.h"

#include "cli/event_row.h"
#include "event/spool.h"
#include "event/spool_reader.h"
#include "feed/timestamp.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

/* How long --follow sleeps when there is nothing new. */
#define PAUSE_MS 250

struct viewing {
	const struct ps_cli *cli;
	enum ps_event_form form;
	uint64_t since; /* milliseconds since 1970 */
	bool follow;
	struct ps_spool_reader *reader;
	/* What the feeds call what they list stands in the snapshot alone. */
	struct ps_snapshot *snapshot;
	struct stat seen;
};

/* --- since when -------------------------------------------------------------------------- */

static const struct {
	char letter;
	uint64_t seconds;
} units[] = {{'s', 1}, {'m', 60}, {'h', 3600}, {'d', 86400}};

/* "90s", "15m", "2h", "7d": false when it is none. */
static bool take_span(const char *text, uint64_t *seconds)
{
	uint64_t number = 0;
	size_t digits = strspn(text, "0123456789");

	if (digits == 0 || digits > 6 || text[digits] == '\0' || text[digits + 1] != '\0')
		return false;
	for (size_t i = 0; i < digits; i++)
		number = number * 10 + (uint64_t)(text[i] - '0');
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (text[digits] != units[i].letter)
			continue;
		*seconds = number * units[i].seconds;
		return true;
	}
	return false;
}

static enum ps_status read_since(const struct ps_cli *cli, uint64_t *out, struct ps_error *err)
{
	const char *given = ps_options_value(cli->options, PS_OPTION_SINCE, 0);
	struct ps_timestamp moment;
	uint32_t now = 0;
	uint64_t span;
	enum ps_status status;

	*out = 0;
	if (given == NULL)
		return PS_OK;
	if (take_span(given, &span)) {
		status = ps_cli_now(cli, &now, err);
		if (status == PS_OK && now > span)
			*out = (now - span) * 1000;
		return status;
	}
	if (!ps_timestamp_from_text(ps_bytes_of_text(given), &moment))
		return ps_error_set(err, PS_INVALID,
		    "--since: '%.48s' is neither a time nor a span: as 15m, 2h, 7d, 2025-11-21, or "
		    "2025-11-21T22:41:05Z",
		    given);
	*out = moment.seconds > 0
	    ? (uint64_t)moment.seconds * 1000 + moment.nanoseconds / 1000000
	    : 0;
	return PS_OK;
}

/* --- what listed it ------------------------------------------------------------------------- */

static bool is_of(const struct ps_snapshot *snapshot, const struct ps_event *event)
{
	return snapshot != NULL &&
	       memcmp(ps_snapshot_digest(snapshot), event->snapshot, sizeof(event->snapshot)) == 0;
}

/* The snapshot on disk when it is another one than was last looked at. A bad one: none.
 * Errors: PS_NO_MEMORY. */
static enum ps_status look_for_snapshot(struct viewing *v)
{
	char path[PATH_MAX];
	struct stat st;
	enum ps_status status;

	if (ps_cli_state_path("snapshot.ps", path, NULL) != PS_OK || stat(path, &st) != 0 ||
	    (st.st_ino == v->seen.st_ino && st.st_mtim.tv_sec == v->seen.st_mtim.tv_sec &&
	        st.st_mtim.tv_nsec == v->seen.st_mtim.tv_nsec))
		return PS_OK;
	v->seen = st;
	ps_snapshot_close(v->snapshot);
	v->snapshot = NULL;
	status = ps_snapshot_load(&v->snapshot, path, PS_SNAPSHOT_WHOLE, NULL);
	if (status != PS_OK)
		v->snapshot = NULL;
	return status == PS_NO_MEMORY ? status : PS_OK;
}

/* Empty where the snapshot that decided is not there any more. */
static enum ps_status find_reference(
    struct viewing *v, const struct ps_event *event, struct ps_bytes *out)
{
	enum ps_status status = PS_OK;

	*out = (struct ps_bytes){0};
	if (event->entry == PS_EVENT_NO_ENTRY)
		return PS_OK;
	if (!is_of(v->snapshot, event))
		status = look_for_snapshot(v);
	if (is_of(v->snapshot, event) && event->entry < ps_snapshot_size(v->snapshot).names &&
	    event->row < ps_snapshot_entry_text(v->snapshot, event->entry).row_count)
		*out = ps_snapshot_provenance(v->snapshot, event->entry, event->row).reference;
	return status;
}

/* --- the run ---------------------------------------------------------------------------------- */

static enum ps_status flush(struct viewing *v, struct ps_error *err)
{
	if (fflush(v->cli->out.stream) == 0 && !ferror(v->cli->out.stream))
		return PS_OK;
	return ps_error_set(err, PS_IO, "cannot write the events");
}

static enum ps_status show(
    struct viewing *v, const struct ps_event *event, struct ps_error *err)
{
	struct ps_bytes reference;
	enum ps_status status;

	if (event->last < v->since)
		return PS_OK;
	status = find_reference(v, event, &reference);
	if (status == PS_OK)
		status = ps_event_row_print(&v->cli->out, v->form, event, reference);
	if (status == PS_OK)
		return PS_OK;
	return ps_error_set(
	    err, status, status == PS_NO_MEMORY ? "out of memory" : "cannot write the events");
}

static enum ps_status show_all(struct viewing *v, struct ps_error *err)
{
	struct ps_event event;
	enum ps_status status;
	bool got;

	for (;;) {
		status = ps_spool_reader_next(v->reader, &event, &got, err);
		if (status != PS_OK)
			return status;
		status = got ? show(v, &event, err) : flush(v, err);
		if (status != PS_OK || (!got && !v->follow))
			return status;
		if (got)
			continue;
		(void)nanosleep(&(struct timespec){.tv_nsec = PAUSE_MS * 1000000L}, NULL);
	}
}

/* What cannot be read is said, and counts as a finding. */
static enum ps_exit tell_losses(const struct viewing *v)
{
	struct ps_spool_losses l = ps_spool_reader_losses(v->reader);
	char missing[PS_NUMBER_TEXT_MAX], octets[PS_NUMBER_TEXT_MAX], damaged[PS_COUNT_TEXT_MAX];
	char refused[PS_COUNT_TEXT_MAX];

	if (l.damaged > 0)
		ps_cli_warn(v->cli, "%s, %s octets in all: skipped",
		    ps_terminal_count(l.damaged, "damaged place", "damaged places", damaged),
		    ps_terminal_number(l.octets, octets));
	if (l.refused > 0)
		ps_cli_warn(v->cli, "%s without a good header: skipped",
		    ps_terminal_count(l.refused, "file", "files", refused));
	if (l.missing > 0)
		ps_cli_warn(v->cli, "events missing: %s", ps_terminal_number(l.missing, missing));
	return l.damaged > 0 || l.refused > 0 || l.missing > 0 ? PS_EXIT_FINDINGS : PS_EXIT_DONE;
}

enum ps_exit ps_events_run(const struct ps_cli *cli)
{
	struct viewing v = {.cli = cli, .follow = ps_cli_has(cli, PS_OPTION_FOLLOW)};
	char path[PATH_MAX];
	struct ps_error err;
	enum ps_exit code;
	enum ps_status status;

	ps_error_clear(&err);
	v.form = ps_cli_has(cli, PS_OPTION_JSON)  ? PS_EVENT_FORM_JSON
	         : ps_cli_has(cli, PS_OPTION_TSV) ? PS_EVENT_FORM_TSV
	                                          : PS_EVENT_FORM_TEXT;
	status = ps_cli_has(cli, PS_OPTION_JSON) && ps_cli_has(cli, PS_OPTION_TSV)
	    ? ps_error_set(&err, PS_INVALID, "--json and --tsv do not go together")
	    : read_since(cli, &v.since, &err);
	if (status == PS_OK)
		status = ps_cli_state_path(PS_SPOOL_FOLDER, path, &err);
	if (status == PS_OK)
		status = ps_spool_reader_open(&v.reader, path, (struct ps_spool_position){0});
	if (status == PS_OK)
		status = show_all(&v, &err);
	code = status == PS_OK ? tell_losses(&v) : ps_cli_fail(cli, status, &err);
	ps_spool_reader_close(v.reader);
	ps_snapshot_close(v.snapshot);
	return code;
}
