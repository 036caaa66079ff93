#include "cli/events.h"

#include "cli/event_names.h"
#include "cli/event_row.h"
#include "event/spool.h"
#include "event/spool_reader.h"

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

/* Empty where no feed listed it, and where the snapshot that decided is not there any more. */
static enum ps_status find_reference(
    struct viewing *v, const struct ps_event *event, struct ps_bytes *out)
{
	enum ps_status status = PS_OK;

	*out = (struct ps_bytes){0};
	if (event->entry == PS_EVENT_NO_ENTRY || event->feed[0] == '\0')
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
	    : ps_cli_since(cli, &v.since, &err);
	if (status == PS_OK)
		status = ps_cli_state_path(PS_SPOOL_FOLDER, path, &err);
	if (status == PS_OK)
		status = ps_spool_reader_open(&v.reader, path, (struct ps_spool_position){0});
	if (status == PS_OK)
		status = show_all(&v, &err);
	/* What cannot be read is said, and counts as a finding. */
	if (status != PS_OK)
		code = ps_cli_fail(cli, status, &err);
	else
		code = ps_cli_tell_losses(cli, v.reader) ? PS_EXIT_FINDINGS : PS_EXIT_DONE;
	ps_spool_reader_close(v.reader);
	ps_snapshot_close(v.snapshot);
	return code;
}
