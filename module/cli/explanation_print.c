/* An explanation as a tree. */
#include "cli/explanation.h"

#include "core/address.h"

#include <stdlib.h>

#define LABEL_COLUMNS 17
#define NESTED_COLUMNS 14 /* labels one step further in begin their text below */
#define NESTED_MAX 40
#define RULES_SHOWN 20u

/* A line of the tree: where it hangs, its label in a column of its own, its text. */
static void head(
    const struct ps_terminal *t, enum ps_tree_line line, const char *label, enum ps_style style)
{
	(void)fputs(ps_terminal_tree(t, line), t->stream);
	ps_terminal_styled(t, style, "%s", label);
	(void)fprintf(t->stream, "%*s", LABEL_COLUMNS - (int)strlen(label), "");
}

/* An id of a rule or feed in a column as wide as the longest needs. */
static void nested(const struct ps_terminal *t, const char *id, int width)
{
	(void)fprintf(t->stream, "%-*s  ", width, id);
}

static int wider(int width, const char *id)
{
	int len = (int)strlen(id);

	return len <= width ? width : len < NESTED_MAX ? len : NESTED_MAX;
}

static void escaped(const struct ps_terminal *t, const char *text)
{
	ps_terminal_text(t, ps_bytes_of_text(text));
}

static void print_rule_place(const struct ps_explanation *e, const struct ps_terminal *t)
{
	struct ps_rule_view rule = ps_snapshot_rule(e->snapshot, e->verdict.rule);

	(void)fputs("rule ", t->stream);
	escaped(t, rule.id);
	(void)fputs(" (", t->stream);
	escaped(t, rule.file);
	(void)fprintf(t->stream, ":%u)", rule.line);
}

static void print_decision(const struct ps_explanation *e, const struct ps_terminal *t)
{
	const struct ps_verdict *v = &e->verdict;

	if (!ps_verdict_blocks(v)) {
		ps_terminal_styled(t, v->action == PS_ACTION_LOG ? PS_STYLE_WARN : PS_STYLE_GOOD,
		    "%s", v->action == PS_ACTION_LOG ? "LOG" : "PASS");
		(void)fputs(v->action == PS_ACTION_LOG ? "    " : "   ", t->stream);
		if (v->reason == PS_REASON_NEVER)
			(void)fputs("on the never list", t->stream);
		else if (v->rule == PS_INDEX_NONE)
			(void)fputs("no rule matched", t->stream);
		else
			print_rule_place(e, t);
	} else {
		struct ps_rule_view rule = ps_snapshot_rule(e->snapshot, v->rule);
		const char *rcode = ps_action_rcode(v->action);

		ps_terminal_styled(t, PS_STYLE_BAD, "BLOCK");
		(void)fprintf(t->stream, "  %s", rcode != NULL ? rcode : "no answer at all");
		if (v->action == PS_ACTION_SINKHOLE || v->action == PS_ACTION_NODATA ||
		    v->action == PS_ACTION_TRUNCATE)
			(void)fprintf(t->stream, " (%s)", ps_action_name(v->action));
		if (rule.ede_code != PS_EDE_NONE)
			(void)fprintf(t->stream, ", EDE %d", (int)rule.ede_code);
		(void)fputs("   ", t->stream);
		print_rule_place(e, t);
	}
	(void)fputc('\n', t->stream);
}

/* The never list and the official domains: what of them covers the name. */
static void print_list(const struct ps_explanation *e, const struct ps_terminal *t,
    const char *label, enum ps_row_kind kind)
{
	char subject[PS_NAME_TEXT_MAX];

	head(t, PS_TREE_BRANCH, label, PS_STYLE_PLAIN);
	for (size_t i = 0; i < e->listings.count; i++) {
		const struct ps_listing *listing = &e->listings.items[i];

		if (listing->row.kind != kind)
			continue;
		ps_listing_subject(listing, subject);
		ps_terminal_styled(t, PS_STYLE_STRONG, "%s",
		    kind == PS_ROW_NEVER           ? "protected"
		        : kind == PS_ROW_OFFICIAL  ? "an operator's own"
		        : kind == PS_ROW_EXCEPTION ? "known to be another's"
		                                   : "used by everybody");
		(void)fputs(
		    listing->row.scope == PS_SCOPE_BELOW ? ": all below " : ": ", t->stream);
		escaped(t, subject);
		if (listing->row.scope == PS_SCOPE_SUBTREE)
			(void)fputs(" and below", t->stream);
		if (listing->provenance.line != 0) {
			(void)fputs(" (", t->stream);
			ps_terminal_text(t, listing->provenance.reference);
			(void)fprintf(
			    t->stream, ":%llu)", (unsigned long long)listing->provenance.line);
		}
		if (kind == PS_ROW_POPULAR && !e->unjudged)
			(void)fputs("; judged, since anybody may name things there", t->stream);
		(void)fputc('\n', t->stream);
		return;
	}
	ps_terminal_styled(t, PS_STYLE_FAINT, "no match\n");
}

static void print_policy(const struct ps_explanation *e, const struct ps_terminal *t)
{
	char path[4 * 4096];

	if (!e->of_policy)
		return;
	head(t, PS_TREE_BRANCH, "policy", PS_STYLE_PLAIN);
	(void)ps_terminal_escape(ps_bytes_of_text(e->path), path, sizeof(path));
	(void)fprintf(t->stream, "%s, as it is now: the resolver goes by what was built\n", path);
}

static void print_client(const struct ps_explanation *e, const struct ps_terminal *t)
{
	char text[PS_ADDRESS_TEXT_MAX], prefix[PS_PREFIX_TEXT_MAX];
	bool by_client = ps_explanation_by_client(e);

	if (e->client.family == 0 && !by_client)
		return;
	head(t, PS_TREE_BRANCH, "client", PS_STYLE_PLAIN);
	if (e->client.family == 0) {
		ps_terminal_styled(t, PS_STYLE_WARN,
		    "not said, so one in no group; it matters here: say --client ADDRESS\n");
		return;
	}
	ps_address_to_text(&e->client, text);
	(void)fprintf(t->stream, "%s: ", text);
	if (!e->asks_clients) {
		(void)fputs("no rule of this policy depends on the client\n", t->stream);
		return;
	}
	if (e->client_prefix == PS_INDEX_NONE) {
		(void)fputs("in no group", t->stream);
	} else {
		uint32_t group;
		struct ps_prefix found =
		    ps_snapshot_client_prefix(e->snapshot, e->client_prefix, &group);
		struct ps_group_view view = ps_snapshot_group(e->snapshot, group);

		ps_prefix_to_text(&found, prefix);
		(void)fputs("in ", t->stream);
		escaped(t, view.id);
		(void)fprintf(t->stream, ", by %s (", prefix);
		escaped(t, view.file);
		(void)fprintf(t->stream, ":%u)", view.line);
	}
	(void)fprintf(t->stream, "%s\n", by_client ? "" : "; it does not matter here");
}

static void print_times(
    const struct ps_listing *listing, uint32_t now, const struct ps_terminal *t)
{
	char moment[PS_MOMENT_TEXT_MAX];

	if (now < listing->row.valid_from)
		ps_terminal_styled(t, PS_STYLE_WARN, ", only from %s",
		    ps_terminal_moment(listing->row.valid_from, moment));
	else if (now >= listing->row.valid_until)
		ps_terminal_styled(t, PS_STYLE_WARN, ", ended %s",
		    ps_terminal_moment(listing->row.valid_until, moment));
	else if (listing->row.valid_until != PS_TIME_FOREVER)
		(void)fprintf(t->stream, ", until %s",
		    ps_terminal_moment(listing->row.valid_until, moment));
}

static void print_listing(const struct ps_explanation *e, const struct ps_listing *listing,
    int width, const struct ps_terminal *t)
{
	char source[PS_SOURCE_TEXT_MAX], subject[PS_NAME_TEXT_MAX];

	ps_listing_source(listing, e->snapshot, source);
	nested(t, source, width);
	(void)fprintf(t->stream, "%s, confidence %u", ps_category_name(listing->row.category),
	    listing->row.confidence);
	print_times(listing, e->question.now, t);
	if (listing->row.trial)
		ps_terminal_styled(t, PS_STYLE_WARN, ", on trial");
	if (!listing->itself) {
		ps_listing_subject(listing, subject);
		(void)fputs(", as part of ", t->stream);
		escaped(t, subject);
	}
	if (listing->provenance.line != 0)
		(void)fprintf(
		    t->stream, ", line %llu", (unsigned long long)listing->provenance.line);
	if (listing->provenance.reference.len > 0) {
		(void)fputs(", ", t->stream);
		ps_terminal_text(t, listing->provenance.reference);
	}
	(void)fputc('\n', t->stream);
}

static void print_feeds(const struct ps_explanation *e, const struct ps_terminal *t)
{
	char found[PS_COUNT_TEXT_MAX], feeds[PS_COUNT_TEXT_MAX], names[PS_COUNT_TEXT_MAX];
	uint32_t feed_count = ps_snapshot_feed_count(e->snapshot);
	uint64_t entries = 0;
	size_t count = 0, shown = 0;
	int width = NESTED_COLUMNS - 2;

	for (uint32_t i = 0; i < feed_count; i++)
		entries += ps_snapshot_feed(e->snapshot, i).kept;
	for (size_t i = 0; i < e->listings.count; i++) {
		const struct ps_row *row = &e->listings.items[i].row;

		if (row->kind != PS_ROW_FEED)
			continue;
		count++;
		width = wider(width, ps_snapshot_feed(e->snapshot, row->source).id);
	}
	head(t, PS_TREE_BRANCH, "feeds", PS_STYLE_PLAIN);
	if (count == 0)
		ps_terminal_styled(t, PS_STYLE_FAINT, "%-14s", "no match");
	else
		ps_terminal_styled(t, PS_STYLE_STRONG, "%-14s",
		    ps_terminal_count(count, "match", "matches", found));
	(void)fprintf(t->stream, "(%s, %s)\n",
	    ps_terminal_count(feed_count, "feed", "feeds", feeds),
	    ps_terminal_count(entries, "entry", "entries", names));
	for (size_t i = 0; i < e->listings.count; i++) {
		if (e->listings.items[i].row.kind != PS_ROW_FEED)
			continue;
		shown++;
		(void)fputs(ps_terminal_tree(t, PS_TREE_DOWN), t->stream);
		(void)fputs(ps_terminal_tree(t, shown == count ? PS_TREE_LAST : PS_TREE_BRANCH),
		    t->stream);
		print_listing(e, &e->listings.items[i], width, t);
	}
}

/* The conditions of the rule that decides: they all hold. */
static void print_conditions(
    const struct ps_explanation *e, const struct ps_rule_view *rule, const struct ps_terminal *t)
{
	for (uint32_t i = 0; i < rule->condition_count; i++) {
		char text[PS_CONDITION_TEXT_MAX];

		ps_condition_text(e->snapshot, rule->first_condition + i, text);
		(void)fprintf(t->stream, "%s%s", i == 0 ? ": " : ", and ", text);
	}
	if (rule->condition_count == 0)
		(void)fputs(": every query", t->stream);
}

static void print_rule(
    const struct ps_explanation *e, uint32_t index, int width, const struct ps_terminal *t)
{
	struct ps_rule_view rule = ps_snapshot_rule(e->snapshot, index);
	const struct ps_trace *trace = &e->traces[index];
	char id[128];

	(void)ps_terminal_escape(ps_bytes_of_text(rule.id), id, sizeof(id));
	nested(t, id, width);
	if (index == e->verdict.rule) {
		ps_terminal_styled(t, PS_STYLE_STRONG, "decides");
		print_conditions(e, &rule, t);
	} else if (trace->outcome == PS_OUTCOME_NOT) {
		ps_terminal_styled(t, PS_STYLE_FAINT, "%s", trace->why);
	} else {
		ps_terminal_styled(t, PS_STYLE_WARN, "on trial: would answer %s",
		    ps_action_name(ps_snapshot_answer(e->snapshot, rule.answer).action));
	}
	(void)fputc('\n', t->stream);
}

/* All that were asked when they are few; otherwise the first ones, every one that
 * held, and how many are left out. */
static void print_rules(const struct ps_explanation *e, const struct ps_terminal *t)
{
	char number[PS_NUMBER_TEXT_MAX], left[PS_COUNT_TEXT_MAX];
	int width = NESTED_COLUMNS - 2;
	uint32_t left_out = 0;

	head(t, PS_TREE_BRANCH, "rules", PS_STYLE_PLAIN);
	if (e->verdict.reason == PS_REASON_NEVER)
		(void)fputs("not asked\n", t->stream);
	else
		(void)fprintf(t->stream, "%s asked\n", ps_terminal_number(e->asked, number));
	for (uint32_t i = 0; i < e->asked; i++)
		if (i < RULES_SHOWN || e->traces[i].outcome != PS_OUTCOME_NOT)
			width = wider(width, ps_snapshot_rule(e->snapshot, i).id);
	for (uint32_t i = RULES_SHOWN; i < e->asked; i++)
		left_out += e->traces[i].outcome == PS_OUTCOME_NOT;
	for (uint32_t i = 0; i < e->asked; i++) {
		bool last = i + 1 == e->asked && left_out == 0;

		if (i >= RULES_SHOWN && e->traces[i].outcome == PS_OUTCOME_NOT)
			continue;
		(void)fputs(ps_terminal_tree(t, PS_TREE_DOWN), t->stream);
		(void)fputs(ps_terminal_tree(t, last ? PS_TREE_LAST : PS_TREE_BRANCH), t->stream);
		print_rule(e, i, width, t);
	}
	if (left_out > 0)
		(void)fprintf(t->stream, "%s%s%s that did not hold\n",
		    ps_terminal_tree(t, PS_TREE_DOWN), ps_terminal_tree(t, PS_TREE_LAST),
		    ps_terminal_count(left_out, "more rule", "more rules", left));
}

static void print_addresses(const struct ps_terminal *t, const char *type, uint8_t family,
    const uint8_t *bytes, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		struct ps_address address = {.family = family};
		char text[PS_ADDRESS_TEXT_MAX];

		memcpy(address.bytes, bytes + 16 * (size_t)i, 16);
		ps_address_to_text(&address, text);
		(void)fprintf(t->stream, "%s %s, ", type, text);
	}
}

/* What clients that ask for structured errors get, where the policy has them. */
static void print_structured(const struct ps_explanation *e, const struct ps_terminal *t)
{
	const struct ps_verdict *v = &e->verdict;
	struct ps_telling telling;

	if (!ps_explanation_structured(e, &telling))
		return;
	head(t, PS_TREE_BRANCH, "who asks why", PS_STYLE_PLAIN);
	(void)fprintf(t->stream, "%s%s, EDE %d", ps_action_rcode(v->action),
	    ps_telling_is_forged(v) ? " (nodata)" : "", (int)telling.code);
	if (telling.len > 0) {
		(void)fputs(", ", t->stream);
		escaped(t, telling.text);
	}
	(void)fputc('\n', t->stream);
}

static void print_answer(const struct ps_explanation *e, const struct ps_terminal *t)
{
	const struct ps_verdict *v = &e->verdict;
	struct ps_answer_view answer;
	struct ps_telling telling;
	char text[PS_NAME_TEXT_MAX];

	head(t, PS_TREE_LAST, "answer", PS_STYLE_PLAIN);
	if (!ps_verdict_blocks(v)) {
		(void)fprintf(t->stream, "the name's own%s\n",
		    v->action == PS_ACTION_LOG ? ", and a record of it" : "");
		return;
	}
	if (v->action == PS_ACTION_DROP) {
		(void)fputs("none: the query is dropped\n", t->stream);
		return;
	}
	if (v->action == PS_ACTION_TRUNCATE) {
		(void)fputs("truncated over UDP, so that the client asks again over TCP; there the "
		            "name's own\n", t->stream);
		return;
	}
	answer = ps_snapshot_answer(e->snapshot, v->answer);
	ps_telling_plain(e->snapshot, v, &telling);
	(void)fprintf(t->stream, "%s, ", ps_action_rcode(v->action));
	print_addresses(t, "A", 4, answer.a, answer.a_count);
	print_addresses(t, "AAAA", 6, answer.aaaa, answer.aaaa_count);
	if (answer.cname.wire != NULL) {
		(void)ps_name_to_text(answer.cname, text);
		(void)fputs("CNAME ", t->stream);
		escaped(t, text);
		(void)fputs(", ", t->stream);
	}
	(void)fprintf(t->stream, "TTL %u", answer.ttl);
	if (telling.len > 0) {
		(void)fputs(", \"", t->stream);
		escaped(t, telling.text);
		(void)fputc('"', t->stream);
	}
	(void)fputc('\n', t->stream);
}

void ps_explanation_print(const struct ps_explanation *e, const struct ps_terminal *terminal)
{
	char next[PS_SENTENCE_MAX];

	print_decision(e, terminal);
	print_policy(e, terminal);
	print_client(e, terminal);
	print_list(e, terminal, "never list", PS_ROW_NEVER);
	print_list(e, terminal, "official domain", PS_ROW_OFFICIAL);
	if (ps_snapshot_tables(e->snapshot)->terms > 0) {
		print_list(e, terminal, "exceptions", PS_ROW_EXCEPTION);
		print_list(e, terminal, "popular", PS_ROW_POPULAR);
	}
	print_feeds(e, terminal);
	if (ps_snapshot_tables(e->snapshot)->terms > 0)
		ps_explanation_print_likeness(e, terminal);
	ps_explanation_print_shown(e, terminal);
	print_rules(e, terminal);
	print_structured(e, terminal);
	print_answer(e, terminal);
	ps_explanation_next(e, next);
	(void)fprintf(terminal->stream, "Try: %s\n", next);
}
