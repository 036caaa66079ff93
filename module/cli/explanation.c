#include "cli/explanation.h"

#include <stdlib.h>

static void look_at_lists(struct ps_explanation *e)
{
	for (size_t i = 0; i < e->listings.count; i++) {
		const struct ps_listing *listing = &e->listings.items[i];

		if (!ps_listing_is_valid(listing, e->question.now))
			continue;
		e->never |= listing->row.kind == PS_ROW_NEVER;
		e->official |= listing->row.kind == PS_ROW_OFFICIAL;
		e->unjudged |= ps_verdict_spares(
		    e->snapshot, e->question.name, listing->row.kind, listing->name.labels);
	}
}

static enum ps_status trace_rules(
    struct ps_explanation *e, const struct ps_matcher *matcher, struct ps_scratch *scratch)
{
	struct ps_case what = {.snapshot = e->snapshot,
	    .matcher = matcher,
	    .scratch = scratch,
	    .name = e->question.name,
	    .now = e->question.now,
	    .client = e->question.client,
	    .client_known = e->client.family != 0,
	    .listings = &e->listings,
	    .likeness = &e->likeness,
	    .shown = e->at_once ? NULL : &e->shown};
	uint32_t asked = ps_snapshot_rule_count(e->snapshot);

	if (e->verdict.reason == PS_REASON_NEVER)
		asked = 0;
	if (e->verdict.rule != PS_INDEX_NONE)
		asked = e->verdict.rule + 1;
	e->traces = calloc(asked + 1u, sizeof(*e->traces));
	if (e->traces == NULL)
		return PS_NO_MEMORY;
	e->asked = asked;
	for (uint32_t i = 0; i < asked; i++)
		ps_trace_rule(&what, i, &e->traces[i]);
	return PS_OK;
}

static enum ps_status judge(struct ps_explanation *e, const struct ps_answer_facts *answer,
    const struct ps_matcher *matcher, struct ps_scratch *scratch)
{
	enum ps_status status = PS_OK;

	for (uint32_t i = 0; answer != NULL && i < answer->count && status == PS_OK; i++)
		status = ps_shown_add(&e->shown, &answer->facts[i]);
	if (status == PS_OK)
		status = ps_shown_look_up(&e->shown, e->snapshot, e->question.now);
	if (status != PS_OK)
		return status;
	e->question.answer = ps_shown_answer(&e->shown);
	e->at_once = !ps_verdict_judge_in_turn(
	    e->snapshot, matcher, scratch, &e->question, &e->verdict);
	e->question.answer = NULL;
	return PS_OK;
}

enum ps_status ps_explanation_make(struct ps_explanation *out, const struct ps_snapshot *snapshot,
    const char *path, const struct ps_question *question, const struct ps_address *client,
    struct ps_error *err)
{
	struct ps_matcher *matcher = NULL;
	struct ps_scratch *scratch = NULL;
	enum ps_status status;

	*out = (struct ps_explanation){.snapshot = snapshot,
	    .path = path,
	    .question = *question,
	    .client_prefix = PS_INDEX_NONE};
	if (client != NULL && client->family != 0) {
		out->client = *client;
		out->question.client =
		    ps_snapshot_client(snapshot, client, &out->client_prefix);
	}
	memcpy(out->storage.wire, question->name.wire, question->name.len);
	out->question.name.wire = out->storage.wire;
	status = ps_matcher_create(&matcher, snapshot, err);
	if (status != PS_OK)
		return status;
	status = ps_scratch_create(&scratch);
	if (status == PS_OK) {
		out->asks_clients = ps_matcher_asks_clients(matcher);
		out->asks_answer = ps_matcher_asks_answer(matcher);
		status = judge(out, question->answer, matcher, scratch);
	}
	if (status == PS_OK)
		status = ps_listings_of_name(&out->listings, snapshot, out->question.name);
	if (status == PS_OK) {
		look_at_lists(out);
		if (!out->unjudged)
			ps_lookalike_judge(
			    ps_snapshot_tables(snapshot), out->question.name, &out->likeness);
		status = trace_rules(out, matcher, scratch);
	}
	if (status != PS_OK)
		(void)ps_error_set(err, status, "out of memory");
	ps_scratch_destroy(scratch);
	ps_matcher_destroy(matcher);
	return status;
}

void ps_explanation_clear(struct ps_explanation *explanation)
{
	ps_listings_clear(&explanation->listings);
	ps_shown_clear(&explanation->shown);
	free(explanation->traces);
	explanation->traces = NULL;
}

bool ps_explanation_by_client(const struct ps_explanation *e)
{
	bool by_client = e->verdict.by_client;

	for (uint32_t i = 0; i < e->asked && !by_client; i++) {
		struct ps_rule_view rule = ps_snapshot_rule(e->snapshot, i);

		by_client = rule.condition_count > 0 &&
		    ps_snapshot_condition(
		        e->snapshot, rule.first_condition + rule.condition_count - 1)
		            .kind == PS_CONDITION_CLIENT &&
		    (e->traces[i].outcome != PS_OUTCOME_NOT ||
		        e->traces[i].condition ==
		            rule.first_condition + rule.condition_count - 1);
	}
	return by_client;
}

const char *ps_explanation_decision(const struct ps_explanation *e)
{
	if (ps_verdict_blocks(&e->verdict))
		return "block";
	return e->verdict.action == PS_ACTION_LOG ? "log" : "pass";
}

bool ps_explanation_structured(const struct ps_explanation *e, struct ps_telling *telling)
{
	if (!ps_snapshot_structured(e->snapshot).on || !ps_verdict_blocks(&e->verdict) ||
	    e->verdict.action == PS_ACTION_DROP || e->verdict.action == PS_ACTION_TRUNCATE)
		return false;
	ps_telling_structured(e->snapshot, &e->verdict, PS_TELLING_TEXT_MAX, telling);
	return telling->code != PS_EDE_NONE;
}

const char *ps_action_rcode(enum ps_action action)
{
	switch (action) {
	case PS_ACTION_NXDOMAIN:
		return "NXDOMAIN";
	case PS_ACTION_NODATA:
	case PS_ACTION_SINKHOLE:
	case PS_ACTION_TRUNCATE:
		return "NOERROR";
	case PS_ACTION_REFUSED:
		return "REFUSED";
	case PS_ACTION_PASS:
	case PS_ACTION_LOG:
	case PS_ACTION_DROP:
	case PS_ACTION_COUNT:
		break;
	}
	return NULL;
}

static bool is_evidence(const struct ps_explanation *e, const struct ps_listing *listing)
{
	return listing->row_index == e->verdict.evidence.row &&
	       listing->name.labels == e->verdict.evidence.labels;
}

bool ps_explanation_rests_on(const struct ps_explanation *e, const struct ps_listing *listing)
{
	return !e->verdict.evidence.of_answer && is_evidence(e, listing);
}

/* --- in words ---------------------------------------------------------------------- */

/* The listing that the verdict rests on, or NULL. */
static const struct ps_listing *ground(const struct ps_explanation *e)
{
	for (uint32_t f = 0; e->verdict.evidence.of_answer && f < e->shown.count; f++) {
		const struct ps_listings *listings =
		    &e->shown.items[(e->verdict.fact + f) % e->shown.count]->listings;

		for (size_t i = 0; i < listings->count; i++)
			if (is_evidence(e, &listings->items[i]))
				return &listings->items[i];
	}
	for (size_t i = 0; i < e->listings.count; i++)
		if (ps_explanation_rests_on(e, &e->listings.items[i]))
			return &e->listings.items[i];
	return NULL;
}

static const struct ps_listing *first_of_feeds(const struct ps_explanation *e)
{
	for (size_t i = 0; i < e->listings.count; i++)
		if (e->listings.items[i].row.kind == PS_ROW_FEED)
			return &e->listings.items[i];
	return NULL;
}

static void rule_words(const struct ps_explanation *e, uint32_t index, char *out, size_t size)
{
	struct ps_rule_view rule = ps_snapshot_rule(e->snapshot, index);
	char id[100], file[200];

	(void)ps_terminal_escape(ps_bytes_of_text(rule.id), id, sizeof(id));
	(void)ps_terminal_escape(ps_bytes_of_text(rule.file), file, sizeof(file));
	(void)snprintf(out, size, "rule %s (%s:%u)", id, file, rule.line);
}

static void ground_words(const struct ps_explanation *e, char *out, size_t size)
{
	const struct ps_listing *listing = ground(e);
	char subject[PS_NAME_TEXT_MAX], shown[280], source[PS_SOURCE_TEXT_MAX];

	out[0] = '\0';
	if (listing == NULL)
		return;
	ps_listing_subject(listing, subject);
	(void)ps_terminal_escape(ps_bytes_of_text(subject), shown, sizeof(shown));
	ps_listing_source(listing, e->snapshot, source);
	if (listing->row.kind == PS_ROW_FEED)
		(void)snprintf(out, size, ": %s lists %s as %s with confidence %u", source, shown,
		    ps_category_name(listing->row.category), listing->row.confidence);
	else
		(void)snprintf(out, size, ": it names %s", shown);
}

void ps_explanation_fact_words(const struct ps_explanation *e, char out[PS_FACT_WORDS_MAX])
{
	static const char *const words[PS_FACT_KIND_COUNT] = {"it leads to", "its answer has",
	    "a name server of it is", "a name server of it is at"};
	char text[PS_FACT_TEXT_MAX], shown[280];

	out[0] = '\0';
	if (e->verdict.fact == PS_INDEX_NONE)
		return;
	ps_fact_text_of(&e->shown.items[e->verdict.fact]->fact, text);
	(void)ps_terminal_escape(ps_bytes_of_text(text), shown, sizeof(shown));
	(void)snprintf(out, PS_FACT_WORDS_MAX, "%s %s",
	    words[e->shown.items[e->verdict.fact]->fact.kind], shown);
}

void ps_explanation_reason(const struct ps_explanation *e, char out[PS_SENTENCE_MAX])
{
	char rule[320], why[400 + PS_SOURCE_TEXT_MAX], fact[PS_FACT_WORDS_MAX];

	ps_explanation_fact_words(e, fact);
	ground_words(e, why, sizeof(why));
	if (why[0] == '\0' && e->verdict.likeness.score > 0) {
		char looks[PS_LIKENESS_TEXT_MAX], shown[2 * PS_LIKENESS_TEXT_MAX];

		(void)ps_likeness_sentence(ps_snapshot_tables(e->snapshot),
		    &e->verdict.likeness, looks, sizeof(looks));
		(void)ps_terminal_escape(ps_bytes_of_text(looks), shown, sizeof(shown));
		(void)snprintf(why, sizeof(why), ": %.480s", shown);
	}
	switch (e->verdict.reason) {
	case PS_REASON_NEVER:
		(void)snprintf(out, PS_SENTENCE_MAX, "the never list protects it%.400s", why);
		return;
	case PS_REASON_RULE:
		rule_words(e, e->verdict.rule, rule, sizeof(rule));
		/* What is known of the name comes first: a table may cut the rest off. */
		if (fact[0] != '\0')
			(void)snprintf(out, PS_SENTENCE_MAX, "%.160s%.280s; %.300s decides",
			    fact, why, rule);
		else if (why[0] == ':')
			(void)snprintf(
			    out, PS_SENTENCE_MAX, "%.400s; %s decides", why + sizeof(": ") - 1, rule);
		else
			(void)snprintf(out, PS_SENTENCE_MAX, "%s decides", rule);
		return;
	case PS_REASON_ALLOWED:
		(void)snprintf(out, PS_SENTENCE_MAX, "it is let through for a while");
		return;
	case PS_REASON_NONE:
		break;
	}
	(void)snprintf(out, PS_SENTENCE_MAX, "%s",
	    first_of_feeds(e) != NULL ? "a feed lists it, but no rule answers that"
	                              : "no rule and no feed speaks of it");
}

/* The entry of the never list that protects the name, and where it stands. */
static void never_words(const struct ps_explanation *e, char *out, size_t size)
{
	const struct ps_listing *listing = ground(e);
	char subject[PS_NAME_TEXT_MAX], shown[120], file[160];

	if (listing == NULL) {
		(void)snprintf(out, size, "it");
		return;
	}
	ps_listing_subject(listing, subject);
	(void)ps_terminal_escape(ps_bytes_of_text(subject), shown, sizeof(shown));
	(void)ps_terminal_escape(listing->provenance.reference, file, sizeof(file));
	(void)snprintf(
	    out, size, "%s (%s:%llu)", shown, file, (unsigned long long)listing->provenance.line);
}

void ps_explanation_next(const struct ps_explanation *e, char out[PS_SENTENCE_MAX])
{
	char text[PS_NAME_TEXT_MAX], name[280], rule[320], file[320];

	(void)ps_name_to_text(e->question.name, text);
	(void)ps_terminal_escape(ps_bytes_of_text(text), name, sizeof(name));
	if (e->verdict.rule != PS_INDEX_NONE && ps_verdict_blocks(&e->verdict)) {
		(void)ps_terminal_escape(
		    ps_bytes_of_text(ps_snapshot_rule(e->snapshot, e->verdict.rule).file), file,
		    sizeof(file));
		(void)snprintf(out, PS_SENTENCE_MAX,
		    "to let it through for a while, run postshield allow %s; for good, add it to never: "
		    "in %s and run postshield build", name, file);
	} else if (e->verdict.rule != PS_INDEX_NONE) {
		rule_words(e, e->verdict.rule, rule, sizeof(rule));
		(void)snprintf(out, PS_SENTENCE_MAX,
		    "%s lets it pass; the rules below it are not asked", rule);
	} else if (e->verdict.reason == PS_REASON_NEVER) {
		never_words(e, file, sizeof(file));
		(void)snprintf(out, PS_SENTENCE_MAX,
		    "take %s off never: to let feeds and rules decide again", file);
	} else if (e->verdict.shadow_count > 0) {
		rule_words(e, e->verdict.shadow[0], rule, sizeof(rule));
		(void)snprintf(out, PS_SENTENCE_MAX,
		    "%s would decide: end its trial, or that of the feed, to let it", rule);
	} else if (first_of_feeds(e) != NULL) {
		(void)snprintf(out, PS_SENTENCE_MAX,
		    "to have it answered, add or loosen a rule with listed: in the policy");
	} else {
		(void)snprintf(out, PS_SENTENCE_MAX,
		    "to block it, add it to the name: of a rule and run postshield build");
	}
}
