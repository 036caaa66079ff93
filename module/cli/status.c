#include "cli/status.h"

#include "cli/generations.h"
#include "cli/health.h"
#include "cli/fact.h"
#include "cli/relief.h"
#include "cli/table.h"

#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#define TOP_DEFAULT 10u

/* --- for people -------------------------------------------------------------------------- */

static void print_module(const struct ps_health *health, const struct ps_terminal *t)
{
	char age[PS_MOMENT_TEXT_MAX], moment[PS_MOMENT_TEXT_MAX], version[80];

	(void)fputs("module     ", t->stream);
	if (!health->seen) {
		ps_terminal_styled(t, PS_STYLE_BAD, "not seen\n");
		return;
	}
	ps_terminal_styled(t, health->alive ? PS_STYLE_GOOD : PS_STYLE_BAD, "%s",
	    health->alive                 ? "alive"
	    : health->state.running == 0 ? "stopped"
	                                 : "silent");
	(void)ps_terminal_escape(ps_bytes_of_text(health->version), version, sizeof(version));
	(void)fprintf(t->stream, ", heartbeat %s ago", ps_terminal_age(health->silence, age));
	(void)fprintf(t->stream, ", version %s, started %s\n", version,
	    ps_terminal_moment(health->state.start_time, moment));
}

static void print_snapshot(const struct ps_health *health, const struct ps_terminal *t)
{
	char digest[80], names[PS_COUNT_TEXT_MAX], bytes[PS_COUNT_TEXT_MAX];
	char moment[PS_MOMENT_TEXT_MAX];

	if (!health->seen)
		return;
	(void)fputs("active     ", t->stream);
	if (health->state.digest[0] == '\0') {
		ps_terminal_styled(t, PS_STYLE_BAD, "no snapshot\n");
		return;
	}
	(void)ps_terminal_escape(ps_bytes_of_text(health->state.digest), digest, sizeof(digest));
	(void)fprintf(t->stream, "digest %.16s, generation %" PRIu64 ", %s in %s, since %s\n",
	    digest, health->state.generation,
	    ps_terminal_count(health->state.names, "name", "names", names),
	    ps_terminal_count(health->state.resident_bytes, "byte", "bytes", bytes),
	    ps_terminal_moment(health->state.activation_time, moment));
}

static void print_disk(const struct ps_health *health, const struct ps_terminal *t)
{
	(void)fputs("on disk    ", t->stream);
	switch (health->disk) {
	case PS_DISK_SAME:
		ps_terminal_styled(t, PS_STYLE_GOOD, "the same");
		break;
	case PS_DISK_NONE:
		ps_terminal_styled(t, PS_STYLE_BAD, "none");
		break;
	case PS_DISK_BAD:
		ps_terminal_styled(t, PS_STYLE_BAD, "bad");
		break;
	case PS_DISK_PENDING:
		ps_terminal_styled(t, PS_STYLE_WARN, "newer, about to be taken");
		break;
	case PS_DISK_OTHER:
		ps_terminal_styled(
		    t, PS_STYLE_BAD, "%s", health->seen ? "another one" : "good, not in use");
		break;
	}
	if (health->disk_digest[0] != '\0')
		(void)fprintf(t->stream, ", digest %.16s", health->disk_digest);
	(void)fputs(", ", t->stream);
	ps_terminal_text(t, ps_bytes_of_text(health->snapshot_path));
	(void)fputc('\n', t->stream);
}

/* Where the snapshot on disk comes from, and what there is to go back to. */
struct origin {
	uint64_t published; /* 0: there is none */
	struct ps_generations kept;
	size_t serves; /* its index in kept; count: it is not kept */
};

static enum ps_status find_origin(
    const struct ps_health *health, struct origin *out, struct ps_error *err)
{
	char state[PATH_MAX];
	struct stat st;
	enum ps_status status = ps_cli_state_path("", state, err);

	*out = (struct origin){.published = 0};
	if (status == PS_OK)
		status = ps_generations_read(&out->kept, state, err);
	if (status != PS_OK)
		return status;
	if (stat(health->snapshot_path, &st) == 0 && st.st_mtime > 0)
		out->published = (uint64_t)st.st_mtime;
	out->serves = ps_generations_find(&out->kept, health->disk_digest);
	return PS_OK;
}

static void print_origin(const struct ps_health *health, const struct origin *origin,
    const struct ps_terminal *t)
{
	char moment[PS_MOMENT_TEXT_MAX], age[PS_MOMENT_TEXT_MAX];
	bool known = origin->serves < origin->kept.count;
	size_t older = origin->kept.count - origin->serves - (known ? 1 : 0);

	if (origin->published == 0)
		return;
	(void)fprintf(t->stream, "origin     published %s ago, %s",
	    ps_terminal_age(
	        health->now > origin->published ? health->now - origin->published : 0, age),
	    ps_terminal_moment(origin->published, moment));
	if (!known)
		(void)fputs(", not by postshield build in this folder\n", t->stream);
	else if (origin->serves > 0)
		ps_terminal_styled(t, PS_STYLE_WARN,
		    ", by postshield rollback from %s: the next build publishes anew\n",
		    origin->kept.file[0].digest);
	else
		(void)fprintf(t->stream, ", by postshield build; earlier ones kept: %zu\n", older);
}

static void print_relief(
    const struct ps_relief *relief, uint64_t now, const struct ps_terminal *t)
{
	for (size_t i = 0; i < relief->count; i++) {
		ps_terminal_styled(t, PS_STYLE_WARN, "for now    ");
		ps_relief_print(t, &relief->entry[i], now);
		(void)fputc('\n', t->stream);
	}
}

static void print_decisions(const struct ps_health *health, const struct ps_terminal *t)
{
	char number[PS_NUMBER_TEXT_MAX];
	const char *comma = "";

	if (!health->seen)
		return;
	(void)fputs("decisions  ", t->stream);
	for (unsigned i = 0; i < PS_ACTION_COUNT; i++) {
		if (health->decisions[i] == 0)
			continue;
		(void)fprintf(t->stream, "%s%s %s", comma,
		    ps_terminal_number(health->decisions[i], number), ps_action_name(i));
		comma = ", ";
	}
	(void)fprintf(t->stream, "%s\n", comma[0] == '\0' ? "none yet" : "");
	if (health->unjudged > 0)
		(void)fprintf(t->stream, "unjudged   %s let through\n",
		    ps_terminal_number(health->unjudged, number));
}

static void print_events(const struct ps_health *health, const struct ps_terminal *t)
{
	char events[PS_COUNT_TEXT_MAX], records[PS_COUNT_TEXT_MAX], bytes[PS_COUNT_TEXT_MAX];
	char number[PS_NUMBER_TEXT_MAX];
	uint64_t dropped = ps_health_count(health, "events_dropped");
	uint64_t removed = ps_health_count(health, "event_records_removed");

	/* A module from before there were events says nothing of them. */
	if (!health->seen || !ps_health_has(health, "events"))
		return;
	(void)fprintf(t->stream, "events     %s in %s, %s kept",
	    ps_terminal_count(ps_health_count(health, "events"), "decision", "decisions", events),
	    ps_terminal_count(ps_health_count(health, "event_records"), "record", "records",
	        records),
	    ps_terminal_count(health->state.event_spool_octets, "byte", "bytes", bytes));
	if (dropped > 0)
		ps_terminal_styled(
		    t, PS_STYLE_BAD, ", %s dropped", ps_terminal_number(dropped, number));
	if (removed > 0)
		ps_terminal_styled(t, PS_STYLE_WARN, ", %s removed unread",
		    ps_terminal_count(removed, "record", "records", records));
	(void)fputc('\n', t->stream);
}

/* A table: what, how often, and what else is counted of each. empty: what an id of "" means. */
static enum ps_status print_hits(const struct ps_health_list *list, const char *const heads[3],
    const char *empty, size_t top, const struct ps_terminal *t)
{
	struct ps_table table;
	enum ps_status status;

	if (list->count == 0 || top == 0)
		return PS_OK;
	(void)fputc('\n', t->stream);
	ps_table_init(&table);
	ps_table_column(&table, heads[0], PS_ALIGN_LEFT);
	ps_table_column(&table, heads[1], PS_ALIGN_RIGHT);
	ps_table_column(&table, heads[2], PS_ALIGN_RIGHT);
	for (size_t i = 0; i < list->count && i < top; i++) {
		ps_table_text(&table, PS_STYLE_STRONG,
		    list->items[i].id[0] != '\0' ? list->items[i].id : empty);
		ps_table_number(&table, PS_STYLE_PLAIN, list->items[i].hits);
		ps_table_number(&table, PS_STYLE_PLAIN, list->items[i].other);
	}
	status = ps_table_print(&table, t, 0);
	ps_table_clear(&table);
	if (list->count > top)
		(void)fprintf(t->stream, "and %zu more\n", list->count - top);
	return status;
}

/* All that is shown. */
struct view {
	struct ps_health health;
	struct origin origin;
	struct ps_relief relief;
	size_t top;
};

static enum ps_status print_text(const struct view *view, const struct ps_terminal *t)
{
	const struct ps_health *health = &view->health;
	size_t top = view->top;
	enum ps_status status;

	print_module(health, t);
	print_snapshot(health, t);
	print_disk(health, t);
	print_origin(health, &view->origin, t);
	print_relief(&view->relief, health->now, t);
	print_decisions(health, t);
	print_events(health, t);
	status = print_hits(
	    &health->rules, (const char *[]){"rule", "hits", "on trial"}, "", top, t);
	if (status == PS_OK)
		status = print_hits(
		    &health->feeds, (const char *[]){"feed", "hits", "entries"}, "", top, t);
	if (status == PS_OK)
		status = print_hits(&health->groups,
		    (const char *[]){"group", "queries", "blocked"}, "(in no group)", top, t);
	if (health->problem_count > 0)
		(void)fputc('\n', t->stream);
	for (size_t i = 0; i < health->problem_count; i++) {
		ps_terminal_styled(t, PS_STYLE_BAD, "problem:");
		(void)fprintf(t->stream, " %s\n", health->problems[i]);
	}
	return status;
}

/* --- for programs -------------------------------------------------------------------------- */

static json_t *hits_json(
    const struct ps_health_list *list, const char *other, size_t top, bool *whole)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count && i < top; i++) {
		json_t *object = json_object();

		*whole &= ps_fact_text(object, "id", list->items[i].id);
		*whole &= ps_fact_number(object, "hits", list->items[i].hits);
		*whole &= ps_fact_number(object, other, list->items[i].other);
		*whole &= ps_fact_add(array, object);
	}
	return array;
}

static json_t *groups_json(const struct ps_health_list *list, size_t top, bool *whole)
{
	json_t *array = json_array();

	for (size_t i = 0; i < list->count && i < top; i++) {
		json_t *object = json_object();

		*whole &= list->items[i].id[0] != '\0' ? ps_fact_text(object, "id", list->items[i].id)
		                                        : ps_fact_null(object, "id");
		*whole &= ps_fact_number(object, "queries", list->items[i].hits);
		*whole &= ps_fact_number(object, "blocked", list->items[i].other);
		*whole &= ps_fact_add(array, object);
	}
	return array;
}

static json_t *disk_json(const struct ps_health *health, bool *whole)
{
	static const char *const words[] = {"same", "none", "bad", "pending", "other"};
	json_t *object = json_object();

	*whole &= ps_fact_text(object, "path", health->snapshot_path);
	*whole &= ps_fact_text(object, "state", words[health->disk]);
	*whole &= ps_fact_text(object, "digest", health->disk_digest);
	*whole &= ps_fact_text(object, "reason", health->disk_reason);
	return object;
}

static json_t *decisions_json(const struct ps_health *health, bool *whole)
{
	json_t *object = json_object();

	for (unsigned i = 0; i < PS_ACTION_COUNT; i++)
		*whole &= ps_fact_number(object, ps_action_name(i), health->decisions[i]);
	return object;
}

static bool put_state(json_t *root, const struct ps_health *health)
{
	const struct ps_counters_state *state = &health->state;
	bool whole = true;

	whole &= ps_fact_flag(root, "seen", health->seen);
	whole &= ps_fact_flag(root, "alive", health->alive);
	whole &= ps_fact_number(root, "heartbeat", state->now);
	whole &= ps_fact_number(root, "silence_seconds", health->silence);
	whole &= ps_fact_number(root, "start_time", state->start_time);
	whole &= ps_fact_text(root, "version", health->version);
	whole &= ps_fact_number(root, "generation", state->generation);
	whole &= ps_fact_number(root, "activation_time", state->activation_time);
	whole &= ps_fact_number(root, "activation_microseconds", state->activation_microseconds);
	whole &= ps_fact_text(root, "digest", state->digest);
	whole &= ps_fact_number(root, "names", state->names);
	whole &= ps_fact_number(root, "resident_bytes", state->resident_bytes);
	whole &= ps_fact_number(root, "unjudged", health->unjudged);
	whole &= ps_fact_number(root, "rejected", state->rejected);
	whole &= ps_fact_text(root, "rejection", state->rejection);
	whole &= ps_fact_number(root, "events_open", state->events_open);
	whole &= ps_fact_number(root, "event_spool_bytes", state->event_spool_octets);
	whole &= ps_fact_flag(root, "event_spool_failing", state->events_failing);
	return whole;
}

static json_t *counts_json(const struct ps_health *health, bool *whole)
{
	json_t *object = json_object();

	for (size_t i = 0; i < health->counts.count; i++)
		*whole &= ps_fact_number(
		    object, health->counts.items[i].id, health->counts.items[i].hits);
	return object;
}

static json_t *origin_json(const struct origin *origin, bool *whole)
{
	json_t *object = json_object();
	bool known = origin->serves < origin->kept.count;

	*whole &= origin->published > 0 ? ps_fact_moment(object, "published", origin->published)
	                                : ps_fact_null(object, "published");
	*whole &= ps_fact_text(object, "by",
	    !known                 ? "unknown"
	        : origin->serves > 0 ? "rollback"
	                             : "build");
	*whole &= ps_fact_number(object, "kept", origin->kept.count);
	return object;
}

static json_t *relief_json(const struct ps_relief *relief, bool *whole)
{
	json_t *array = json_array();

	for (size_t i = 0; i < relief->count; i++)
		*whole &= ps_fact_add(array, ps_relief_json(&relief->entry[i], whole));
	return array;
}

static enum ps_status print_json(const struct view *view, const struct ps_terminal *t)
{
	const struct ps_health *health = &view->health;
	size_t top = view->top;
	json_t *root = json_object();
	json_t *problems = json_array();
	bool whole = true;

	for (size_t i = 0; i < health->problem_count; i++)
		whole &= ps_fact_add(problems, json_string(health->problems[i]));
	whole &= put_state(root, health);
	whole &= ps_fact_put(root, "counters", counts_json(health, &whole));
	whole &= ps_fact_put(root, "disk", disk_json(health, &whole));
	whole &= ps_fact_put(root, "decisions", decisions_json(health, &whole));
	whole &= ps_fact_put(root, "rules", hits_json(&health->rules, "shadow", top, &whole));
	whole &= ps_fact_put(root, "feeds", hits_json(&health->feeds, "entries", top, &whole));
	whole &= ps_fact_put(root, "groups", groups_json(&health->groups, top, &whole));
	whole &= ps_fact_put(root, "origin", origin_json(&view->origin, &whole));
	whole &= ps_fact_put(root, "relief", relief_json(&view->relief, &whole));
	whole &= ps_fact_put(root, "problems", problems);
	return ps_fact_print(t->stream, root, whole);
}

/* --- the run ---------------------------------------------------------------------------------- */

static enum ps_status read_top(const struct ps_cli *cli, size_t *out, struct ps_error *err)
{
	const char *given = ps_options_value(cli->options, PS_OPTION_TOP, 0);
	char *end = NULL;
	unsigned long value;

	*out = TOP_DEFAULT;
	if (given == NULL)
		return PS_OK;
	value = strtoul(given, &end, 10);
	if (given[0] < '0' || given[0] > '9' || *end != '\0' || value > 1000000)
		return ps_error_set(err, PS_INVALID, "--top: '%.48s' is no such number", given);
	*out = value;
	return PS_OK;
}

/* A bad file of what is let through is told by the resolver; here it counts for none, too. */
static enum ps_status look(const struct ps_cli *cli, struct view *view, struct ps_error *err)
{
	struct ps_error own;
	uint32_t now = 0;
	enum ps_status status = read_top(cli, &view->top, err);

	if (status == PS_OK)
		status = ps_cli_now(cli, &now, err);
	if (status == PS_OK)
		status = ps_health_read(&view->health, now, err);
	if (status == PS_OK)
		status = find_origin(&view->health, &view->origin, err);
	if (status != PS_OK)
		return status;
	ps_error_clear(&own);
	status = ps_relief_load(&view->relief, now, &own);
	if (status == PS_NO_MEMORY) {
		*err = own;
		return status;
	}
	if (status != PS_OK)
		ps_cli_warn(cli, "what is let through for a while cannot be read: the policy holds");
	return PS_OK;
}

enum ps_exit ps_status_run(const struct ps_cli *cli)
{
	static struct view view; /* 100 KiB; one command a process */
	struct ps_error err;
	enum ps_status status;
	enum ps_exit code;

	ps_error_clear(&err);
	status = look(cli, &view, &err);
	if (status != PS_OK) {
		code = ps_cli_fail(cli, status, &err);
		goto out;
	}
	code = view.health.problem_count > 0 ? PS_EXIT_FINDINGS : PS_EXIT_DONE;
	if (ps_cli_has(cli, PS_OPTION_JSON))
		status = print_json(&view, &cli->out);
	else
		status = print_text(&view, &cli->out);
	if (status != PS_OK)
		code = ps_cli_fail_status(cli, status);
out:
	ps_health_clear(&view.health);
	return code;
}
