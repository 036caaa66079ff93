/* What the answer shows, and what is known of that: as a branch of the tree, as JSON. */
#include "cli/explanation.h"

/* Rules below the one that decides, and above it, may ask about what was not said. */
static bool matters(const struct ps_explanation *e)
{
	return e->asks_answer != 0 && !ps_verdict_blocks(&e->verdict) &&
	       e->verdict.reason != PS_REASON_NEVER;
}

static void print_separator(const struct ps_terminal *t, bool *any)
{
	(void)fputs(*any ? "; " : "  ", t->stream);
	*any = true;
}

static void print_listing(const struct ps_explanation *e, const struct ps_listing *listing,
    const struct ps_terminal *t)
{
	char source[PS_SOURCE_TEXT_MAX], subject[PS_NAME_TEXT_MAX], shown[300];

	ps_listing_source(listing, e->snapshot, source);
	ps_listing_subject(listing, subject);
	(void)ps_terminal_escape(ps_bytes_of_text(subject), shown, sizeof(shown));
	if (listing->row.kind != PS_ROW_FEED) {
		(void)fprintf(t->stream, "%s has %s", source, shown);
		return;
	}
	(void)fprintf(t->stream, "%s lists %s as %s, confidence %u", source, shown,
	    ps_category_name(listing->row.category), listing->row.confidence);
	if (listing->row.origin == PS_ORIGIN_SERVER)
		(void)fputs(", of a name server", t->stream);
	if (!ps_listing_is_valid(listing, e->question.now))
		ps_terminal_styled(t, PS_STYLE_WARN, ", out of its time");
	if (listing->row.trial)
		ps_terminal_styled(t, PS_STYLE_WARN, ", on trial");
}

static void print_fact(
    const struct ps_explanation *e, uint32_t index, bool last, const struct ps_terminal *t)
{
	const struct ps_shown_fact *fact = e->shown.items[index];
	char text[PS_FACT_TEXT_MAX], shown[300];
	bool any = false;

	(void)fputs(ps_terminal_tree(t, PS_TREE_DOWN), t->stream);
	(void)fputs(ps_terminal_tree(t, last ? PS_TREE_LAST : PS_TREE_BRANCH), t->stream);
	ps_fact_text_of(&fact->fact, text);
	(void)ps_terminal_escape(ps_bytes_of_text(text), shown, sizeof(shown));
	(void)fprintf(t->stream, "%-12s  ", ps_fact_kind_words(fact->fact.kind));
	ps_terminal_styled(
	    t, index == e->verdict.fact ? PS_STYLE_STRONG : PS_STYLE_PLAIN, "%s", shown);
	for (size_t i = 0; i < fact->listings.count; i++) {
		if (!ps_listing_concerns(
		        &fact->listings.items[i], e->snapshot, 1u << fact->fact.kind))
			continue;
		print_separator(t, &any);
		print_listing(e, &fact->listings.items[i], t);
	}
	if (fact->likeness.score > 0) {
		char sentence[PS_LIKENESS_TEXT_MAX];

		print_separator(t, &any);
		(void)ps_likeness_sentence(ps_snapshot_tables(e->snapshot), &fact->likeness,
		    sentence, sizeof(sentence));
		(void)fprintf(t->stream, "score %u, ", fact->likeness.score);
		ps_terminal_text(t, ps_bytes_of_text(sentence));
	}
	if (fact->never) {
		print_separator(t, &any);
		ps_terminal_styled(t, PS_STYLE_GOOD, "protected, so no rule asks about it");
	}
	if (!any)
		ps_terminal_styled(t, PS_STYLE_FAINT, "  no match");
	(void)fputc('\n', t->stream);
}

void ps_explanation_print_shown(const struct ps_explanation *e, const struct ps_terminal *t)
{
	char number[PS_COUNT_TEXT_MAX];

	if (e->shown.count == 0 && !matters(e))
		return;
	(void)fputs(ps_terminal_tree(t, PS_TREE_BRANCH), t->stream);
	(void)fprintf(t->stream, "%-17s", "shows");
	if (e->shown.count == 0) {
		ps_terminal_styled(t, PS_STYLE_WARN,
		    "not said, and some rule asks about it: say --answer and --server\n");
		return;
	}
	(void)fprintf(t->stream, "%s of the answer%s\n",
	    ps_terminal_count(e->shown.count, "fact", "facts", number),
	    e->asks_answer == 0  ? ", which no rule asks about"
	        : e->at_once ? ", not asked for: what blocks the name needs none" : "");
	for (uint32_t i = 0; i < e->shown.count; i++)
		print_fact(e, i, i + 1 == e->shown.count, t);
}

static json_t *likeness_json(
    const struct ps_explanation *e, const struct ps_likeness *it, bool *whole)
{
	const struct ps_tables *tables = ps_snapshot_tables(e->snapshot);
	json_t *object;

	if (it->score == 0)
		return json_null();
	object = json_object();
	*whole &= ps_fact_number(object, "score", it->score);
	*whole &= ps_fact_text(object, "technique", ps_technique_name(it->technique));
	*whole &= ps_fact_text(object, "brand", ps_tables_brand(tables, it->brand).id);
	return object;
}

json_t *ps_explanation_shown_json(const struct ps_explanation *e, bool *whole)
{
	static const char *const kinds[PS_FACT_KIND_COUNT] = {
	    "leads-to", "address", "server-name", "server-address"};
	json_t *array = json_array();

	for (uint32_t i = 0; i < e->shown.count; i++) {
		const struct ps_shown_fact *fact = e->shown.items[i];
		json_t *object = json_object(), *listings = json_array();
		char text[PS_FACT_TEXT_MAX];

		ps_fact_text_of(&fact->fact, text);
		*whole &= ps_fact_text(object, "kind", kinds[fact->fact.kind]);
		*whole &= ps_fact_text(object, "text", text);
		*whole &= ps_fact_flag(object, "never", fact->never);
		*whole &= ps_fact_flag(object, "decided", i == e->verdict.fact);
		for (size_t n = 0; n < fact->listings.count; n++) {
			const struct ps_listing *listing = &fact->listings.items[n];
			json_t *item;

			if (!ps_listing_concerns(listing, e->snapshot, 1u << fact->fact.kind))
				continue;
			item = ps_listing_json(listing, e->snapshot, whole);
			*whole &= ps_fact_flag(
			    item, "valid", ps_listing_is_valid(listing, e->question.now));
			*whole &= ps_fact_add(listings, item);
		}
		*whole &= ps_fact_put(object, "listings", listings);
		*whole &= ps_fact_put(
		    object, "lookalike", likeness_json(e, &fact->likeness, whole));
		*whole &= ps_fact_add(array, object);
	}
	return array;
}
