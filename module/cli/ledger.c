#include "cli/ledger.h"

#include "cli/inventory.h"
#include "cli/table.h"

#include <inttypes.h>
#include <stdlib.h>

void ps_ledger_reason(const struct ps_intake *intake, char out[PS_LEDGER_TEXT_MAX])
{
	char failure[1000];

	switch (intake->state) {
	case PS_INTAKE_HELD:
	case PS_INTAKE_ACCEPTED:
		if (intake->offered == 0)
			(void)snprintf(
			    out, PS_LEDGER_TEXT_MAX, "is empty, had %" PRIu64, intake->previous);
		else
			(void)snprintf(out, PS_LEDGER_TEXT_MAX, "%s %" PRIu64 " %%, limit %u %%",
			    intake->grew ? "grew" : "shrank", intake->jump_percent,
			    intake->limit_percent);
		return;
	case PS_INTAKE_STALE:
	case PS_INTAKE_EMPTY:
		ps_error_format(&intake->failure, failure, sizeof(failure));
		(void)snprintf(out, PS_LEDGER_TEXT_MAX, "cannot be read: %s", failure);
		return;
	case PS_INTAKE_FRESH:
		break;
	}
	out[0] = '\0';
}

static bool has_feed(const struct ps_plan *plan, const char *id)
{
	for (uint32_t i = 0; i < plan->feed_count; i++)
		if (strcmp(plan->feeds[i].id, id) == 0)
			return true;
	return false;
}

enum ps_status ps_gone_feeds(struct ps_gone_feed **out, uint32_t *count,
    const struct ps_snapshot *last, const struct ps_plan *plan)
{
	uint32_t feeds = last != NULL ? ps_snapshot_feed_count(last) : 0;
	struct ps_gone_feed *gone = calloc(feeds + 1u, sizeof(*gone));

	if (gone == NULL)
		return PS_NO_MEMORY;
	*count = 0;
	for (uint32_t i = 0; i < feeds; i++) {
		struct ps_feed_view feed = ps_snapshot_feed(last, i);

		if (feed.kept == 0 || has_feed(plan, feed.id))
			continue;
		(void)snprintf(gone[*count].id, sizeof(gone[*count].id), "%s", feed.id);
		gone[(*count)++].kept = feed.kept;
	}
	*out = gone;
	return PS_OK;
}

/* --- the table ----------------------------------------------------------------------- */

/* "12 duplicate, 2 bad-name", most first. */
static void refusals_cell(struct ps_table *table, const struct ps_intake *intake)
{
	char text[400] = "";
	size_t used = 0;
	bool told[PS_REFUSAL_COUNT] = {false};

	for (int n = 0; n < PS_REFUSAL_COUNT; n++) {
		int most = -1;

		for (int i = 0; i < PS_REFUSAL_COUNT; i++)
			if (!told[i] && intake->refused[i] > 0 &&
			    (most < 0 || intake->refused[i] > intake->refused[most]))
				most = i;
		if (most < 0 || used + 60 > sizeof(text))
			break;
		told[most] = true;
		used += (size_t)snprintf(text + used, sizeof(text) - used, "%s%" PRIu64 " %s",
		    used > 0 ? ", " : "", intake->refused[most], ps_refusal_name((unsigned)most));
	}
	if (intake->surplus > 0)
		(void)snprintf(text + used, sizeof(text) - used, "%s%" PRIu64 " surplus",
		    used > 0 ? ", " : "", intake->surplus);
	ps_table_cell(table, PS_STYLE_PLAIN, "%s", text);
}

static const char *state_word(const struct ps_intake *intake)
{
	if (intake->state == PS_INTAKE_FRESH)
		return intake->config->trial ? "on trial" : "";
	return ps_intake_state_name(intake->state);
}

static enum ps_status print_table(const struct ps_ledger *ledger, const struct ps_terminal *t)
{
	struct ps_table table;
	enum ps_status status;
	bool any_narrowed = false, any_trial = false, any_state = false;

	for (uint32_t i = 0; i < ledger->intake_count; i++) {
		any_narrowed |= ledger->intakes[i].narrowed > 0;
		any_trial |= ledger->intakes[i].trial > 0;
		any_state |= state_word(&ledger->intakes[i])[0] != '\0';
	}
	ps_table_init(&table);
	ps_table_column(&table, "feed", PS_ALIGN_LEFT);
	ps_table_column(&table, "read", PS_ALIGN_RIGHT);
	ps_table_column(&table, "kept", PS_ALIGN_RIGHT);
	if (any_narrowed)
		ps_table_column(&table, "narrowed", PS_ALIGN_RIGHT);
	if (any_trial)
		ps_table_column(&table, "trial", PS_ALIGN_RIGHT);
	if (any_state)
		ps_table_column(&table, "", PS_ALIGN_LEFT);
	ps_table_column(&table, "refused", PS_ALIGN_RIGHT);
	ps_table_column(&table, "by reason", PS_ALIGN_LEFT);
	for (uint32_t i = 0; i < ledger->intake_count; i++) {
		const struct ps_intake *intake = &ledger->intakes[i];

		ps_table_text(&table, PS_STYLE_STRONG, intake->config->id);
		ps_table_number(&table, PS_STYLE_PLAIN, intake->read);
		ps_table_number(&table, PS_STYLE_PLAIN, intake->kept);
		if (any_narrowed)
			ps_table_number(&table, PS_STYLE_PLAIN, intake->narrowed);
		if (any_trial)
			ps_table_number(&table, PS_STYLE_WARN, intake->trial);
		if (any_state)
			ps_table_cell(&table,
			    ps_intake_is_good(intake) ? PS_STYLE_PLAIN : PS_STYLE_BAD, "%s",
			    state_word(intake));
		ps_table_number(&table, PS_STYLE_PLAIN, ps_intake_refused(intake));
		refusals_cell(&table, intake);
	}
	status = ps_table_print(&table, t, 0);
	ps_table_clear(&table);
	return status;
}

/* --- what is behind the numbers -------------------------------------------------------- */

static void print_place(const struct ps_intake_place *place, const struct ps_terminal *t)
{
	if (place->line > 0)
		(void)fprintf(t->stream, "    line %" PRIu64 ": ", place->line);
	else
		(void)fputs("    ", t->stream);
	ps_terminal_text(t, ps_bytes_of(place->excerpt, place->len));
	(void)fputc('\n', t->stream);
}

static void print_places(const struct ps_intake *intake, const struct ps_terminal *t)
{
	char count[PS_NUMBER_TEXT_MAX];

	for (int i = 0; i < PS_REFUSAL_COUNT; i++) {
		if (intake->refused[i] == 0 || intake->places[i][0].len == 0)
			continue;
		ps_terminal_text(t, ps_bytes_of_text(intake->config->id));
		(void)fprintf(t->stream, ": %s %s (%s)\n",
		    ps_terminal_number(intake->refused[i], count), ps_refusal_name((unsigned)i),
		    ps_refusal_text((unsigned)i));
		for (uint64_t n = 0; n < intake->refused[i] && n < PS_INTAKE_PLACES_MAX; n++)
			if (intake->places[i][n].len > 0)
				print_place(&intake->places[i][n], t);
	}
}

static void print_narrowed(const struct ps_intake *intake, const struct ps_terminal *t)
{
	char count[PS_COUNT_TEXT_MAX];

	if (intake->narrowed == 0)
		return;
	ps_terminal_text(t, ps_bytes_of_text(intake->config->id));
	(void)fprintf(t->stream,
	    ": %s narrowed to the host itself: what lies below holds never-blocked or official "
	    "names\n",
	    ps_terminal_count(intake->narrowed, "subtree", "subtrees", count));
	for (uint64_t n = 0; n < intake->narrowed && n < PS_INTAKE_PLACES_MAX; n++)
		print_place(&intake->narrow[n], t);
}

static void print_popular(const struct ps_intake *intake, const struct ps_terminal *t)
{
	char count[PS_COUNT_TEXT_MAX];

	if (intake->popular_count == 0)
		return;
	ps_terminal_text(t, ps_bytes_of_text(intake->config->id));
	(void)fprintf(t->stream, ": %s on trial, not blocked\n",
	    ps_terminal_count(intake->popular_count, "popular name", "popular names", count));
	for (uint64_t n = 0; n < intake->popular_count && n < PS_INTAKE_PLACES_MAX; n++)
		print_place(&intake->popular[n], t);
}

/* One line for each feed that is not as it is now. */
static void print_state(const struct ps_intake *intake, const struct ps_terminal *t)
{
	char reason[PS_LEDGER_TEXT_MAX], count[PS_COUNT_TEXT_MAX], id[128];

	if (intake->state == PS_INTAKE_FRESH)
		return;
	(void)ps_terminal_escape(ps_bytes_of_text(intake->config->id), id, sizeof(id));
	ps_ledger_reason(intake, reason);
	(void)ps_terminal_count(intake->kept, "entry", "entries", count);
	(void)fprintf(t->stream, "%s ", id);
	ps_terminal_styled(t, ps_intake_is_good(intake) ? PS_STYLE_PLAIN : PS_STYLE_BAD,
	    "%s:", ps_intake_state_name(intake->state));
	(void)fprintf(t->stream, " %s", reason);
	if (intake->state == PS_INTAKE_HELD)
		(void)fprintf(t->stream,
		    "; its last %s stay; postshield build --accept %s takes it\n", count, id);
	else if (intake->state == PS_INTAKE_STALE)
		(void)fprintf(t->stream, "; its last %s stay\n", count);
	else if (intake->state == PS_INTAKE_EMPTY)
		(void)fputs("; it has no last entries, so nothing of it is blocked\n", t->stream);
	else
		(void)fputs("; accepted\n", t->stream);
}

static void print_gone(const struct ps_ledger *ledger, const struct ps_terminal *t)
{
	char count[PS_COUNT_TEXT_MAX];

	for (uint32_t i = 0; i < ledger->gone_count; i++) {
		ps_terminal_text(t, ps_bytes_of_text(ledger->gone[i].id));
		(void)fprintf(t->stream, " is no longer in the policy: its %s are gone\n",
		    ps_terminal_count(ledger->gone[i].kept, "entry", "entries", count));
	}
}

static void print_closing(const struct ps_ledger *ledger, const struct ps_terminal *t)
{
	struct ps_snapshot_size size = ps_snapshot_size(ledger->made);
	char digest[2 * PS_DIGEST_SIZE + 1], count[PS_COUNT_TEXT_MAX];

	(void)fprintf(t->stream, "%s,", ps_terminal_count(size.names, "name", "names", count));
	if (size.prefixes4 + size.prefixes6 > 0)
		(void)fprintf(t->stream, " %s,",
		    ps_terminal_count(
		        size.prefixes4 + size.prefixes6, "prefix", "prefixes", count));
	(void)fprintf(t->stream, " %s,", ps_terminal_count(size.rows, "row", "rows", count));
	(void)fprintf(t->stream, " %s", ps_terminal_count(size.file, "byte", "bytes", count));
	/* Of few names the tables of a snapshot are most. */
	if (size.names >= 1000)
		(void)fprintf(t->stream, " (%.1f a name to look up, %.1f in all)",
		    ps_bytes_per_name(size.lookup, size.names),
		    ps_bytes_per_name(size.file, size.names));
	(void)fprintf(t->stream, ", %.1f s\n", ledger->seconds);
	ps_terminal_text(t, ps_bytes_of_text(ledger->output));
	(void)fprintf(t->stream, "  digest %.16s  from ", ps_digest_text(ledger->made, digest));
	ps_terminal_text(t, ps_bytes_of_text(ledger->diagnosis->path));
	(void)fputc('\n', t->stream);
}

enum ps_status ps_ledger_print(const struct ps_ledger *ledger, const struct ps_cli *cli)
{
	bool quiet = ps_cli_has(cli, PS_OPTION_QUIET);
	const struct ps_terminal *t = quiet ? &cli->err : &cli->out;
	enum ps_status status = PS_OK;

	if (!quiet && ledger->intake_count > 0)
		status = print_table(ledger, t);
	for (uint32_t i = 0; i < ledger->intake_count; i++) {
		const struct ps_intake *intake = &ledger->intakes[i];

		if (!quiet && ps_cli_has(cli, PS_OPTION_VERBOSE))
			print_places(intake, t);
		if (!quiet && ps_cli_has(cli, PS_OPTION_VERBOSE))
			print_narrowed(intake, t);
		if (!quiet)
			print_popular(intake, t);
		if (!quiet || !ps_intake_is_good(intake))
			print_state(intake, t);
	}
	if (quiet)
		return status;
	print_gone(ledger, t);
	print_closing(ledger, t);
	return status;
}

/* --- for programs ------------------------------------------------------------------------ */

static json_t *places_json(const struct ps_intake_place *places, uint64_t count, bool *whole)
{
	json_t *array = json_array();

	for (uint64_t n = 0; n < count && n < PS_INTAKE_PLACES_MAX; n++) {
		json_t *object;

		if (places[n].len == 0)
			continue;
		object = json_object();
		*whole &= places[n].line > 0 ? ps_fact_number(object, "line", places[n].line)
		                             : ps_fact_null(object, "line");
		*whole &= ps_fact_bytes(
		    object, "excerpt", ps_bytes_of(places[n].excerpt, places[n].len));
		*whole &= ps_fact_add(array, object);
	}
	return array;
}

static json_t *refusals_json(const struct ps_intake *intake, bool *whole)
{
	json_t *object = json_object();

	for (int i = 0; i < PS_REFUSAL_COUNT; i++) {
		json_t *reason;

		if (intake->refused[i] == 0)
			continue;
		reason = json_object();
		*whole &= ps_fact_number(reason, "count", intake->refused[i]);
		*whole &= ps_fact_put(
		    reason, "places", places_json(intake->places[i], intake->refused[i], whole));
		*whole &= ps_fact_put(object, ps_refusal_name((unsigned)i), reason);
	}
	return object;
}

static json_t *intake_json(const struct ps_intake *intake, bool *whole)
{
	json_t *object = json_object();
	bool jumped = intake->state == PS_INTAKE_HELD || intake->state == PS_INTAKE_ACCEPTED;
	char reason[PS_LEDGER_TEXT_MAX];

	ps_ledger_reason(intake, reason);
	*whole &= ps_fact_text(object, "id", intake->config->id);
	*whole &= ps_fact_text(object, "path", intake->config->path);
	*whole &= ps_fact_text(object, "state", ps_intake_state_name(intake->state));
	*whole &= ps_fact_flag(object, "trial_feed", intake->config->trial);
	*whole &= ps_fact_number(object, "read", intake->read);
	*whole &= ps_fact_number(object, "kept", intake->kept);
	*whole &= ps_fact_number(object, "narrowed", intake->narrowed);
	*whole &= ps_fact_number(object, "trial", intake->trial);
	*whole &= ps_fact_number(object, "surplus", intake->surplus);
	*whole &= ps_fact_number(object, "refused", ps_intake_refused(intake));
	*whole &= ps_fact_put(object, "refused_by_reason", refusals_json(intake, whole));
	*whole &= ps_fact_put(object, "narrowed_names",
	    places_json(intake->narrow, intake->narrowed, whole));
	*whole &= ps_fact_put(
	    object, "popular", places_json(intake->popular, intake->popular_count, whole));
	*whole &= ps_fact_number(object, "previous", intake->previous);
	*whole &= jumped ? ps_fact_number(object, "jump_percent", intake->jump_percent)
	                 : ps_fact_null(object, "jump_percent");
	*whole &= jumped ? ps_fact_number(object, "limit_percent", intake->limit_percent)
	                 : ps_fact_null(object, "limit_percent");
	*whole &= reason[0] != '\0' ? ps_fact_text(object, "reason", reason)
	                            : ps_fact_null(object, "reason");
	return object;
}

json_t *ps_ledger_json(const struct ps_ledger *ledger, bool *whole)
{
	struct ps_snapshot_size size = ps_snapshot_size(ledger->made);
	json_t *root = json_object();
	json_t *feeds = json_array();
	json_t *gone = json_array();

	for (uint32_t i = 0; i < ledger->intake_count; i++)
		*whole &= ps_fact_add(feeds, intake_json(&ledger->intakes[i], whole));
	for (uint32_t i = 0; i < ledger->gone_count; i++)
		*whole &= ps_fact_add(gone, ps_fact_string(ps_bytes_of_text(ledger->gone[i].id)));
	*whole &= ps_fact_flag(root, "published", true);
	*whole &= ps_fact_text(root, "policy", ledger->diagnosis->path);
	*whole &= ps_fact_text(root, "output", ledger->output);
	*whole &= ps_fact_hex(root, "digest", ps_snapshot_digest(ledger->made), PS_DIGEST_SIZE);
	*whole &= ps_fact_number(root, "names", size.names);
	*whole &= ps_fact_number(root, "prefixes", size.prefixes4 + size.prefixes6);
	*whole &= ps_fact_number(root, "rows", size.rows);
	*whole &= ps_fact_number(root, "file_bytes", size.file);
	*whole &= ps_fact_number(root, "lookup_bytes", size.lookup);
	*whole &= ps_fact_real(
	    root, "lookup_bytes_per_name", ps_bytes_per_name(size.lookup, size.names));
	*whole &=
	    ps_fact_real(root, "file_bytes_per_name", ps_bytes_per_name(size.file, size.names));
	*whole &= ps_fact_real(root, "seconds", ledger->seconds);
	*whole &= ps_fact_put(root, "feeds", feeds);
	*whole &= ps_fact_put(root, "gone_feeds", gone);
	*whole &= ps_fact_put(root, "diagnostics", json_incref(ledger->diagnosis->list));
	return root;
}
