#include "cli/event_row.h"

#include "cli/fact.h"
#include "policy/rrtype.h"

#include <inttypes.h>
#include <time.h>

#define SHOWN_MAX (PS_NAME_TEXT_MAX + 8)

/* "2025-11-21T22:41:05.250Z" */
#define INSTANT_TEXT_MAX 40
static const char *instant(uint64_t milliseconds, char out[INSTANT_TEXT_MAX])
{
	char moment[PS_MOMENT_TEXT_MAX];
	size_t len;

	(void)ps_terminal_moment(milliseconds / 1000, moment);
	len = strlen(moment);
	if (len > 0 && moment[len - 1] == 'Z')
		moment[len - 1] = '\0';
	(void)snprintf(
	    out, INSTANT_TEXT_MAX, "%s.%03uZ", moment, (unsigned)(milliseconds % 1000));
	return out;
}

static const char *or_none(const char *text)
{
	return text[0] != '\0' ? text : "-";
}

static void listed_name(const struct ps_event *event, char out[PS_NAME_TEXT_MAX])
{
	out[0] = '\0';
	if (event->entry != PS_EVENT_NO_ENTRY)
		(void)ps_name_to_text(ps_event_listed(event), out);
}

void ps_event_name_text(const struct ps_event *event, char out[PS_EVENT_NAME_TEXT_MAX])
{
	struct ps_name name = ps_event_name(event);

	(void)snprintf(out, PS_EVENT_NAME_TEXT_MAX, "%s",
	    !event->subtree ? "" : name.labels == 0 ? "*" : "*.");
	if (!event->subtree || name.labels > 0)
		(void)ps_name_to_text(name, out + strlen(out));
}

/* Of a record of version 1 only the number is known. */
#define GROUP_TEXT_MAX (PS_EVENT_TEXT_MAX + 16)
static const char *group_text(const struct ps_event *event, char out[GROUP_TEXT_MAX])
{
	(void)snprintf(out, GROUP_TEXT_MAX, "%s", event->group_id);
	if (event->group_id[0] == '\0' && event->group > 0)
		(void)snprintf(out, GROUP_TEXT_MAX, "#%" PRIu32, event->group);
	return out;
}

static void snapshot_text(const struct ps_event *event, char out[17])
{
	for (size_t i = 0; i < sizeof(event->snapshot); i++)
		(void)snprintf(out + 2 * i, 3, "%02x", event->snapshot[i]);
}

/* --- for people ------------------------------------------------------------------------- */

static void print_found(const struct ps_terminal *t, const struct ps_event *event)
{
	static const char *const words[PS_FOUND_KIND_COUNT] = {
	    "", "it leads to", "its answer has", "a name server of it is", "a name server of it is at"};
	char text[PS_NAME_TEXT_MAX];

	if (event->found.kind == PS_FOUND_NONE)
		return;
	ps_found_to_text(&event->found, text);
	(void)fprintf(t->stream, "  %s %s", words[event->found.kind], text);
}

static void print_who(const struct ps_terminal *t, const struct ps_event *event)
{
	char client[PS_CLIENT_TEXT_MAX], group[GROUP_TEXT_MAX];

	if (group_text(event, group)[0] != '\0')
		(void)fprintf(t->stream, "  group %s", group);
	ps_client_to_text(&event->client, client);
	if (client[0] != '\0')
		(void)fprintf(t->stream, "  from %s%s", client,
		    event->clients_differ ? " and others" : "");
}

static void print_why(const struct ps_terminal *t, const struct ps_event *event)
{
	if (event->score > 0)
		(void)fprintf(t->stream, "  looks like %s: %s, score %u", or_none(event->brand),
		    ps_technique_name(event->technique), event->score);
	if (event->feed[0] != '\0')
		(void)fprintf(t->stream, "  %s: %s, confidence %u", event->feed,
		    ps_category_name(event->category), event->confidence);
}

static void print_text(const struct ps_terminal *t, const struct ps_event *event,
    struct ps_bytes reference)
{
	char moment[PS_MOMENT_TEXT_MAX], name[PS_EVENT_NAME_TEXT_MAX], type[PS_RRTYPE_TEXT_MAX];
	char shown[80];

	ps_event_name_text(event, name);
	(void)fprintf(t->stream, "%s %6" PRIu32 "x  ",
	    ps_terminal_moment(event->first / 1000, moment), event->count);
	ps_terminal_styled(t,
	    event->trial                           ? PS_STYLE_FAINT
	        : event->action == PS_ACTION_LOG ? PS_STYLE_WARN
	                                           : PS_STYLE_BAD,
	    "%-8s", ps_action_name(event->action));
	(void)fputc(' ', t->stream);
	ps_terminal_styled(t, PS_STYLE_STRONG, "%s", name);
	(void)fprintf(
	    t->stream, " %s  rule %s", ps_rrtype_to_text(event->type, type), event->rule);
	if (event->trial)
		ps_terminal_styled(t, PS_STYLE_FAINT, " on trial");
	print_found(t, event);
	print_why(t, event);
	if (reference.len > 0) {
		(void)ps_terminal_escape(reference, shown, sizeof(shown));
		(void)fprintf(t->stream, ", %s", shown);
	}
	print_who(t, event);
	(void)fputc('\n', t->stream);
}

/* --- columns ------------------------------------------------------------------------------- */

static void print_tsv(const struct ps_terminal *t, const struct ps_event *event,
    struct ps_bytes reference)
{
	char first[INSTANT_TEXT_MAX], last[INSTANT_TEXT_MAX], name[PS_NAME_TEXT_MAX];
	char listed[PS_NAME_TEXT_MAX], type[PS_RRTYPE_TEXT_MAX], client[PS_CLIENT_TEXT_MAX];
	char digest[17], shown[SHOWN_MAX], group[GROUP_TEXT_MAX], found[PS_NAME_TEXT_MAX];

	(void)ps_name_to_text(ps_event_name(event), name);
	listed_name(event, listed);
	snapshot_text(event, digest);
	ps_client_to_text(&event->client, client);
	ps_found_to_text(&event->found, found);
	(void)ps_terminal_escape(reference, shown, sizeof(shown));
	(void)fprintf(t->stream, "%s\t%s\t%" PRIu32 "\t%s\t%s\t%s\t%s\t%s\t%s\t",
	    instant(event->first, first), instant(event->last, last), event->count, name,
	    ps_rrtype_to_text(event->type, type), ps_action_name(event->action),
	    event->trial ? "shadow" : "enforce", event->rule, ps_event_kind_name(event->kind));
	(void)fprintf(t->stream, "%s\t%s\t%u\t%s\t%s\t%s\t",
	    event->score > 0 ? ps_technique_name(event->technique) : "-",
	    or_none(event->brand), event->score, or_none(event->feed), or_none(listed),
	    or_none(shown));
	if (event->ede == PS_EDE_NONE)
		(void)fputs("-", t->stream);
	else
		(void)fprintf(t->stream, "%" PRId32, event->ede);
	(void)fprintf(t->stream, "\t%s\t%s\t%s%s\t%s\t%" PRIu64 "\t%s\t%s\t%s\n", digest,
	    or_none(group_text(event, group)), or_none(client), event->clients_differ ? "+" : "",
	    or_none(event->case_key), event->serial, event->subtree ? "subtree" : "name",
	    or_none(ps_found_kind_name(event->found.kind)), or_none(found));
}

/* --- JSON ------------------------------------------------------------------------------------ */

static bool put_or_null(json_t *object, const char *key, const char *text)
{
	return text[0] != '\0' ? ps_fact_text(object, key, text) : ps_fact_null(object, key);
}

static bool put_what(json_t *object, const struct ps_event *event)
{
	char text[PS_NAME_TEXT_MAX], type[PS_RRTYPE_TEXT_MAX];
	bool whole = true;

	whole &= ps_fact_text(object, "first", instant(event->first, text));
	whole &= ps_fact_text(object, "last", instant(event->last, text));
	whole &= ps_fact_number(object, "count", event->count);
	(void)ps_name_to_text(ps_event_name(event), text);
	whole &= ps_fact_text(object, "name", text);
	whole &= ps_fact_text(object, "scope", event->subtree ? "subtree" : "name");
	whole &= ps_fact_text(object, "type", ps_rrtype_to_text(event->type, type));
	whole &= ps_fact_text(object, "action", ps_action_name(event->action));
	whole &= ps_fact_text(object, "mode", event->trial ? "shadow" : "enforce");
	whole &= ps_fact_text(object, "rule", event->rule);
	whole &= ps_fact_text(object, "kind", ps_event_kind_name(event->kind));
	whole &= ps_fact_number(object, "serial", event->serial);
	return whole;
}

static bool put_why(json_t *object, const struct ps_event *event, struct ps_bytes reference)
{
	bool listed = event->entry != PS_EVENT_NO_ENTRY, by_feed = event->feed[0] != '\0';
	char text[PS_NAME_TEXT_MAX];
	bool whole = true;

	whole &= event->score > 0
	    ? ps_fact_text(object, "technique", ps_technique_name(event->technique))
	    : ps_fact_null(object, "technique");
	whole &= ps_fact_number(object, "score", event->score);
	whole &= put_or_null(object, "protected", event->brand);
	whole &= put_or_null(object, "feed", event->feed);
	listed_name(event, text);
	whole &= listed ? ps_fact_text(object, "listed", text) : ps_fact_null(object, "listed");
	whole &= by_feed ? ps_fact_text(object, "category", ps_category_name(event->category))
	                 : ps_fact_null(object, "category");
	whole &= by_feed ? ps_fact_number(object, "confidence", event->confidence)
	                 : ps_fact_null(object, "confidence");
	whole &= by_feed ? ps_fact_text(object, "tlp", ps_tlp_name(event->tlp))
	                 : ps_fact_null(object, "tlp");
	whole &= reference.len > 0 ? ps_fact_bytes(object, "reference", reference)
	                           : ps_fact_null(object, "reference");
	return whole;
}

static bool put_rest(json_t *object, const struct ps_event *event)
{
	char text[PS_CLIENT_TEXT_MAX], group[GROUP_TEXT_MAX], found[PS_NAME_TEXT_MAX];
	bool whole = true;

	ps_found_to_text(&event->found, found);
	whole &= put_or_null(object, "found_kind", ps_found_kind_name(event->found.kind));
	whole &= put_or_null(object, "found", found);

	whole &= event->ede != PS_EDE_NONE ? ps_fact_signed(object, "ede", event->ede)
	                                   : ps_fact_null(object, "ede");
	whole &= ps_fact_hex(object, "snapshot", event->snapshot, sizeof(event->snapshot));
	whole &= put_or_null(object, "group", group_text(event, group));
	ps_client_to_text(&event->client, text);
	whole &= put_or_null(object, "client", text);
	whole &= ps_fact_flag(object, "clients_differ", event->clients_differ);
	whole &= put_or_null(object, "case", event->case_key);
	return whole;
}

static enum ps_status print_json(const struct ps_terminal *t, const struct ps_event *event,
    struct ps_bytes reference)
{
	json_t *object = json_object();
	bool whole = put_what(object, event);

	whole &= put_why(object, event, reference);
	whole &= put_rest(object, event);
	return ps_fact_print_line(t->stream, object, whole);
}

enum ps_status ps_event_row_print(const struct ps_terminal *terminal, enum ps_event_form form,
    const struct ps_event *event, struct ps_bytes reference)
{
	if (form == PS_EVENT_FORM_JSON)
		return print_json(terminal, event, reference);
	if (form == PS_EVENT_FORM_TSV)
		print_tsv(terminal, event, reference);
	else
		print_text(terminal, event, reference);
	return ferror(terminal->stream) ? PS_IO : PS_OK;
}
