#include "verdict/verdict.h"

/* How far a condition or a rule holds. Ordered: the least of a rule's conditions is
 * the rule's. */
enum holds { HOLDS_NOT, HOLDS_ON_TRIAL, HOLDS };

/* Into both loops that ask rules: calls would cost a blocked name a tenth of its judgement. */
#define INLINED __attribute__((always_inline)) static inline

struct judgement {
	const struct ps_snapshot *snapshot;
	const struct ps_matcher *matcher;
	struct ps_scratch *scratch;
	const struct ps_question *question;
	struct ps_hits hits;
	size_t text_len; /* 0: not made yet */
	char text[PS_NAME_TEXT_MAX];
	uint32_t pattern_failures;
	uint32_t row_kinds; /* bit 1 << enum ps_row_kind: what the hits have at all */
	bool likeness_known;
	struct ps_likeness likeness;
};

static struct ps_evidence evidence_of(const struct ps_hit *hit, uint32_t row)
{
	return (struct ps_evidence){
	    .row = row, .entry = hit->entry, .labels = hit->labels, .itself = hit->itself};
}

/* Also notes which kinds of rows there are, so that rules which need others are not asked. */
static bool on_never_list(struct judgement *j, struct ps_evidence *evidence)
{
	j->row_kinds = 0;
	for (uint32_t h = 0; h < j->hits.count; h++) {
		const struct ps_hit *hit = &j->hits.hit[h];

		for (uint32_t i = 0; i < hit->row_count; i++) {
			struct ps_row row = ps_snapshot_row(j->snapshot, hit->first_row + i);

			j->row_kinds |= 1u << row.kind;
			if (row.kind == PS_ROW_NEVER &&
			    ps_row_applies(&row, hit->itself, j->question->now)) {
				*evidence = evidence_of(hit, hit->first_row + i);
				return true;
			}
		}
	}
	return false;
}

INLINED bool feed_in(const struct ps_condition_view *condition, uint16_t feed)
{
	uint32_t low = 0, high = condition->feed_count;

	if (high == 0)
		return true; /* any feed */
	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint16_t at = ps_load_le16(condition->feeds + 2 * (size_t)middle);

		if (at == feed)
			return true;
		if (at < feed)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

INLINED bool row_meets(const struct ps_condition_view *condition, const struct ps_row *row)
{
	if (condition->kind == PS_CONDITION_NAMES)
		return row->kind == PS_ROW_NAMES && row->source == condition->name_set;
	return row->kind == PS_ROW_FEED && feed_in(condition, row->source) &&
	       (condition->categories == 0 || (condition->categories >> row->category & 1u)) &&
	       row->confidence >= condition->confidence_min &&
	       row->confidence <= condition->confidence_max;
}

/* The best row for the condition: one that is not on trial if there is any, the
 * closest listed name first. */
INLINED enum holds names_hold(const struct judgement *j,
    const struct ps_condition_view *condition, struct ps_evidence *evidence)
{
	enum holds best = HOLDS_NOT;

	for (uint32_t h = 0; h < j->hits.count; h++) {
		const struct ps_hit *hit = &j->hits.hit[h];

		for (uint32_t i = 0; i < hit->row_count; i++) {
			struct ps_row row = ps_snapshot_row(j->snapshot, hit->first_row + i);
			enum holds this = row.trial ? HOLDS_ON_TRIAL : HOLDS;

			if (this <= best || !row_meets(condition, &row) ||
			    !ps_row_applies(&row, hit->itself, j->question->now))
				continue;
			best = this;
			*evidence = evidence_of(hit, hit->first_row + i);
			if (best == HOLDS)
				return best;
		}
	}
	return best;
}

static enum holds pattern_holds(struct judgement *j, uint32_t condition)
{
	if (j->text_len == 0)
		j->text_len = ps_name_to_text(j->question->name, j->text);
	switch (ps_matcher_match(
	    j->matcher, j->scratch, condition, ps_bytes_of(j->text, j->text_len))) {
	case PS_MATCH_YES:
		return HOLDS;
	case PS_MATCH_NO:
		return HOLDS_NOT;
	case PS_MATCH_LIMIT:
		break;
	}
	j->pattern_failures++;
	return HOLDS_NOT;
}

bool ps_verdict_spares(const struct ps_snapshot *snapshot, struct ps_name name,
    enum ps_row_kind kind, unsigned labels)
{
	if (kind == PS_ROW_POPULAR)
		return !ps_lookalike_is_hosted(ps_snapshot_tables(snapshot), name, labels);
	return kind == PS_ROW_OFFICIAL || kind == PS_ROW_EXCEPTION;
}

/* A name whose owner is known, or that everybody uses. */
static bool is_unjudged(const struct judgement *j)
{
	const uint32_t kinds =
	    1u << PS_ROW_OFFICIAL | 1u << PS_ROW_EXCEPTION | 1u << PS_ROW_POPULAR;

	if ((j->row_kinds & kinds) == 0)
		return false;
	for (uint32_t h = 0; h < j->hits.count; h++) {
		const struct ps_hit *hit = &j->hits.hit[h];

		for (uint32_t i = 0; i < hit->row_count; i++) {
			struct ps_row row = ps_snapshot_row(j->snapshot, hit->first_row + i);

			if ((kinds >> row.kind & 1u) &&
			    ps_row_applies(&row, hit->itself, j->question->now) &&
			    ps_verdict_spares(
			        j->snapshot, j->question->name, row.kind, hit->labels))
				return true;
		}
	}
	return false;
}

static bool brand_in(const struct ps_condition_view *condition, uint32_t brand)
{
	for (uint32_t i = 0; i < condition->brand_count; i++)
		if (ps_load_le16(condition->brands + 2 * (size_t)i) == brand)
			return true;
	return condition->brand_count == 0;
}

static enum holds lookalike_holds(
    struct judgement *j, const struct ps_condition_view *condition)
{
	const struct ps_likeness *it = &j->likeness;

	if (!j->likeness_known) {
		j->likeness_known = true;
		j->likeness = (struct ps_likeness){.score = 0};
		if (!is_unjudged(j))
			ps_lookalike_judge(
			    ps_snapshot_tables(j->snapshot), j->question->name, &j->likeness);
	}
	return it->score > 0 && it->score >= condition->score_min &&
	        it->score <= condition->score_max &&
	        (condition->techniques == 0 || (condition->techniques >> it->technique & 1u)) &&
	        brand_in(condition, it->brand)
	    ? HOLDS
	    : HOLDS_NOT;
}

INLINED enum holds rule_holds(
    struct judgement *j, const struct ps_ready_rule *rule, struct ps_evidence *evidence)
{
	enum holds least = HOLDS;

	*evidence = (struct ps_evidence){.row = PS_INDEX_NONE, .entry = PS_INDEX_NONE};
	if (rule->row_kinds & ~j->row_kinds)
		return HOLDS_NOT;
	for (uint32_t i = 0; i < rule->condition_count && least != HOLDS_NOT; i++) {
		const struct ps_condition_view *condition = &rule->conditions[i];
		struct ps_evidence own = *evidence;
		enum holds holds;

		if (condition->kind == PS_CONDITION_PATTERN)
			holds = pattern_holds(j, rule->first_condition + i);
		else if (condition->kind == PS_CONDITION_LOOKALIKE)
			holds = lookalike_holds(j, condition);
		else
			holds = names_hold(j, condition, &own);
		if (evidence->row == PS_INDEX_NONE)
			*evidence = own;
		if (holds < least)
			least = holds;
	}
	return least;
}

/* This rule decides. */
INLINED void decide(const struct judgement *j, const struct ps_ready_rule *rule, uint32_t index,
    const struct ps_evidence *evidence, struct ps_verdict *out)
{
	out->evidence = *evidence;
	out->reason = PS_REASON_RULE;
	out->rule = index;
	out->answer = rule->answer;
	out->action = rule->action;
	out->pattern_failures = j->pattern_failures;
	if (j->likeness_known)
		out->likeness = j->likeness;
}

static void note_trial(uint32_t rule, struct ps_verdict *out)
{
	if (out->shadow_count < PS_VERDICT_SHADOWS_MAX)
		out->shadow[out->shadow_count] = rule;
	out->shadow_count++;
}

INLINED void ask_rules(struct judgement *j, const struct ps_ready_rule *rules, uint32_t count,
    struct ps_verdict *out)
{
	for (uint32_t i = 0; i < count; i++) {
		struct ps_evidence evidence;
		enum holds holds = rule_holds(j, &rules[i], &evidence);

		if (holds == HOLDS && rules[i].mode == PS_MODE_ENFORCE) {
			decide(j, &rules[i], i, &evidence, out);
			return;
		}
		if (holds != HOLDS_NOT)
			note_trial(i, out);
	}
	out->pattern_failures = j->pattern_failures;
	if (j->likeness_known)
		out->likeness = j->likeness;
}

/* The same where rules are for some clients. When this client's verdict is known, the rules
 * below are asked for the others, as far as it takes to know whether any of them is blocked
 * by another rule; nothing of that stands in this one's verdict but by_client. */
static void ask_rules_by_client(struct judgement *j, const struct ps_ready_rule *rules,
    uint32_t count, struct ps_verdict *out)
{
	uint64_t undecided = ps_matcher_clients(j->matcher);
	const uint64_t mine = UINT64_C(1) << j->question->client;
	bool blocked = false; /* somebody is, by a rule so far */
	uint32_t deciding = 0;

	for (uint32_t i = 0; i < count && undecided != 0; i++) {
		uint64_t takes = rules[i].clients & undecided;
		bool for_me = (takes & mine) != 0;
		struct ps_evidence evidence;
		enum holds holds;

		if (takes == 0 || (rules[i].mode != PS_MODE_ENFORCE && !for_me))
			continue;
		holds = rule_holds(j, &rules[i], &evidence);
		if (holds == HOLDS && rules[i].mode == PS_MODE_ENFORCE) {
			if (for_me)
				decide(j, &rules[i], i, &evidence, out);
			blocked = blocked || (rules[i].action != PS_ACTION_PASS &&
			                         rules[i].action != PS_ACTION_LOG);
			undecided &= ~takes;
			deciding++;
			if (blocked && (undecided & mine) == 0)
				break;
		} else if (holds != HOLDS_NOT && for_me) {
			note_trial(i, out);
		}
	}
	out->by_client = blocked && (deciding > 1 || undecided != 0);
	if (out->reason != PS_REASON_NONE)
		return;
	out->pattern_failures = j->pattern_failures;
	if (j->likeness_known)
		out->likeness = j->likeness;
}

void ps_verdict_judge(const struct ps_snapshot *snapshot, const struct ps_matcher *matcher,
    struct ps_scratch *scratch, const struct ps_question *question, struct ps_verdict *out)
{
	struct judgement j;

	*out = (struct ps_verdict){.rule = PS_INDEX_NONE,
	    .answer = PS_INDEX_NONE,
	    .fact = PS_INDEX_NONE,
	    .evidence = {.row = PS_INDEX_NONE, .entry = PS_INDEX_NONE}};
	/* Not zeroed whole: hits and text are 3 KiB that most queries never read. */
	j.snapshot = snapshot;
	j.matcher = matcher;
	j.scratch = scratch;
	j.question = question;
	j.text_len = 0;
	j.pattern_failures = 0;
	j.likeness_known = false;
	ps_snapshot_find(snapshot, question->name, &j.hits);
	if (j.hits.count == 0 && !ps_matcher_asks_unlisted(matcher))
		return;
	if (on_never_list(&j, &out->evidence)) {
		out->reason = PS_REASON_NEVER;
		return;
	}
	if (ps_matcher_asks_clients(matcher))
		ask_rules_by_client(&j, ps_matcher_rules(matcher),
		    ps_snapshot_rule_count(snapshot), out);
	else
		ask_rules(&j, ps_matcher_rules(matcher), ps_snapshot_rule_count(snapshot), out);
}
