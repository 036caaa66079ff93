/* What a name looks like, and why: in words, as a branch of the tree, as JSON. */
#include "cli/explanation.h"
#include "cli/likeness_view.h"

/* Both names, one above the other. */
static void print_view(const struct ps_explanation *e, const struct ps_terminal *t)
{
	const struct ps_tables *tables = ps_snapshot_tables(e->snapshot);
	struct ps_term term = ps_tables_term(tables, e->likeness.term);
	struct ps_likeness_view view;
	char before[16];

	(void)snprintf(before, sizeof(before), "%s  ", ps_terminal_tree(t, PS_TREE_DOWN));
	ps_likeness_view_make(
	    &view, e->question.name, term.text, term.gaps, e->likeness.label);
	ps_likeness_view_print(&view, e->question.name, before, t);
}

void ps_explanation_print_likeness(
    const struct ps_explanation *e, const struct ps_terminal *t)
{
	const struct ps_likeness *it = &e->likeness;
	char sentence[PS_LIKENESS_TEXT_MAX], shown[2 * PS_LIKENESS_TEXT_MAX];

	(void)fputs(ps_terminal_tree(t, PS_TREE_BRANCH), t->stream);
	(void)fprintf(t->stream, "%-17s", "lookalike");
	if (e->unjudged || it->score == 0) {
		ps_terminal_styled(t, PS_STYLE_FAINT, "%s\n",
		    e->unjudged ? "not asked: the name is known" : "no match");
		return;
	}
	(void)ps_likeness_sentence(
	    ps_snapshot_tables(e->snapshot), it, sentence, sizeof(sentence));
	(void)ps_terminal_escape(ps_bytes_of_text(sentence), shown, sizeof(shown));
	ps_terminal_styled(t, PS_STYLE_STRONG, "score %u", it->score);
	(void)fprintf(t->stream, ", %s, %s\n", ps_technique_name(it->technique), shown);
	print_view(e, t);
	for (unsigned i = 0; i < PS_SIGN_COUNT; i++) {
		int points;

		if ((it->signs >> i & 1) == 0)
			continue;
		points = ps_sign_points((enum ps_sign)i, it->ratio);
		(void)fprintf(t->stream, "%s   %+4d  %s", ps_terminal_tree(t, PS_TREE_DOWN), points,
		    ps_sign_words((enum ps_sign)i));
		if (i == PS_SIGN_TLD)
			(void)fprintf(t->stream, " (%u times as often)", it->ratio);
		(void)fputc('\n', t->stream);
	}
}

json_t *ps_explanation_likeness_json(const struct ps_explanation *e, bool *whole)
{
	const struct ps_likeness *it = &e->likeness;
	const struct ps_tables *tables = ps_snapshot_tables(e->snapshot);
	json_t *object = json_object(), *parts = json_array();

	*whole &= ps_fact_flag(object, "judged", !e->unjudged && tables->terms > 0);
	*whole &= ps_fact_number(object, "score", it->score);
	*whole &= ps_fact_text(object, "technique", ps_technique_name(it->technique));
	if (it->score == 0) {
		*whole &= ps_fact_null(object, "brand");
		*whole &= ps_fact_null(object, "term");
	} else {
		struct ps_brand_view brand = ps_tables_brand(tables, it->brand);

		*whole &= ps_fact_text(object, "brand", brand.id);
		*whole &= ps_fact_text(object, "term", ps_tables_term(tables, it->term).text);
	}
	for (unsigned i = 0; i < PS_SIGN_COUNT; i++) {
		json_t *part;

		if ((it->signs >> i & 1) == 0)
			continue;
		part = json_object();
		*whole &= ps_fact_text(part, "sign", ps_sign_name((enum ps_sign)i));
		*whole &= ps_fact_signed(
		    part, "points", ps_sign_points((enum ps_sign)i, it->ratio));
		*whole &= ps_fact_add(parts, part);
	}
	*whole &= ps_fact_put(object, "parts", parts);
	return object;
}
