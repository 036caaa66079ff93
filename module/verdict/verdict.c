#include "verdict/verdict.h"

/* How far a condition or a rule holds. Ordered: the least of a rule's conditions is
 * the rule's. */
enum holds { HOLDS_NOT, HOLDS_ON_TRIAL, HOLDS };

/* Into both loops that ask rules: calls would cost a blocked name a tenth of its judgement. */
#define INLINED __attribute__((always_inline)) static inline

/* Of so many facts it is kept what rows they have at all: most have none. */
#define FACTS_KEPT 64u /* bits of `seen` */
#define FACT_NEVER 0x8000u /* the never list covers the name */

struct fact_likeness {
	uint32_t fact;
	struct ps_likeness likeness;
};

struct judgement {
	const struct ps_snapshot *snapshot;
	const struct ps_matcher *matcher;
	struct ps_scratch *scratch;
	const struct ps_question *question;
	struct ps_hits hits;
	size_t text_len; /* 0: not made yet */
	char text[PS_NAME_TEXT_MAX];
	uint32_t pattern_failures;
	/* Bits 1 << enum ps_row_kind: what the hits have at all; and PS_NEEDS_*: which facts the
	 * answer shows. */
	uint32_t has;
	bool likeness_known;
	struct ps_likeness likeness;
	/* Of the answer's facts; used only where there is an answer. */
	uint64_t seen; /* bit n: fact n has been looked at */
	uint16_t rows[FACTS_KEPT]; /* the kinds of rows that each has; or FACT_NEVER */
	uint32_t fact; /* whose hits these are; PS_INDEX_NONE: nobody's */
	struct ps_hits fact_hits;
	uint32_t likeness_count;
	struct fact_likeness likenesses[PS_LIKENESSES_KEPT];
	struct ps_likeness last_likeness; /* of a name beyond those */
};

/* What made a rule hold. */
struct ground {
	struct ps_evidence evidence;
	uint32_t fact;
	uint32_t likeness; /* the fact that was asked what it looks like, or PS_INDEX_NONE */
};

static struct ps_evidence evidence_of(const struct ps_hit *hit, uint32_t row)
{
	return (struct ps_evidence){.row = row,
	    .entry = hit->entry,
	    .labels = hit->labels,
	    .itself = hit->itself,
	    .prefix = PS_INDEX_NONE};
}

/* Also notes which kinds of rows there are, so that rules which need others are not asked. */
INLINED bool on_never_list(const struct judgement *j, const struct ps_hits *hits,
    uint32_t *kinds, struct ps_evidence *evidence)
{
	*kinds = 0;
	for (uint32_t h = 0; h < hits->count; h++) {
		const struct ps_hit *hit = &hits->hit[h];

		for (uint32_t i = 0; i < hit->row_count; i++) {
			enum ps_row_kind kind = ps_snapshot_row_kind(j->snapshot, hit->first_row + i);
			struct ps_row row;

			*kinds |= 1u << kind;
			if (kind != PS_ROW_NEVER)
				continue;
			row = ps_snapshot_row(j->snapshot, hit->first_row + i);
			if (ps_row_applies(&row, hit->itself, j->question->now)) {
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

/* of_server: it is a name server that the row lists. */
INLINED bool row_meets(
    const struct ps_condition_view *condition, const struct ps_row *row, bool of_server)
{
	if (condition->kind == PS_CONDITION_NAMES)
		return row->kind == PS_ROW_NAMES && row->source == condition->name_set;
	return row->kind == PS_ROW_FEED && (of_server || row->origin != PS_ORIGIN_SERVER) &&
	       feed_in(condition, row->source) &&
	       (condition->categories == 0 || (condition->categories >> row->category & 1u)) &&
	       row->confidence >= condition->confidence_min &&
	       row->confidence <= condition->confidence_max;
}

/* The best row for the condition: one that is not on trial if there is any, the
 * closest listed name first. */
INLINED enum holds names_hold(const struct judgement *j, const struct ps_hits *hits,
    const struct ps_condition_view *condition, bool of_server, struct ps_evidence *evidence)
{
	enum holds best = HOLDS_NOT;

	for (uint32_t h = 0; h < hits->count; h++) {
		const struct ps_hit *hit = &hits->hit[h];

		for (uint32_t i = 0; i < hit->row_count; i++) {
			struct ps_row row = ps_snapshot_row(j->snapshot, hit->first_row + i);
			enum holds this = row.trial ? HOLDS_ON_TRIAL : HOLDS;

			if (this <= best || !row_meets(condition, &row, of_server) ||
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

static enum holds text_holds(struct judgement *j, uint32_t condition, struct ps_bytes text)
{
	switch (ps_matcher_match(j->matcher, j->scratch, condition, text)) {
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

static enum holds pattern_holds(struct judgement *j, uint32_t condition)
{
	if (j->text_len == 0)
		j->text_len = ps_name_to_text(j->question->name, j->text);
	return text_holds(j, condition, ps_bytes_of(j->text, j->text_len));
}

bool ps_verdict_spares(const struct ps_snapshot *snapshot, struct ps_name name,
    enum ps_row_kind kind, unsigned labels)
{
	if (kind == PS_ROW_POPULAR)
		return !ps_lookalike_is_hosted(ps_snapshot_tables(snapshot), name, labels);
	return kind == PS_ROW_OFFICIAL || kind == PS_ROW_EXCEPTION;
}

/* A name whose owner is known, or that everybody uses. */
static bool is_unjudged(const struct judgement *j, struct ps_name name,
    const struct ps_hits *hits, uint32_t has)
{
	const uint32_t kinds =
	    1u << PS_ROW_OFFICIAL | 1u << PS_ROW_EXCEPTION | 1u << PS_ROW_POPULAR;

	if ((has & kinds) == 0)
		return false;
	for (uint32_t h = 0; h < hits->count; h++) {
		const struct ps_hit *hit = &hits->hit[h];

		for (uint32_t i = 0; i < hit->row_count; i++) {
			struct ps_row row = ps_snapshot_row(j->snapshot, hit->first_row + i);

			if ((kinds >> row.kind & 1u) &&
			    ps_row_applies(&row, hit->itself, j->question->now) &&
			    ps_verdict_spares(j->snapshot, name, row.kind, hit->labels))
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

static enum holds likeness_holds(
    const struct ps_condition_view *condition, const struct ps_likeness *it)
{
	return it->score > 0 && it->score >= condition->score_min &&
	        it->score <= condition->score_max &&
	        (condition->techniques == 0 || (condition->techniques >> it->technique & 1u)) &&
	        brand_in(condition, it->brand)
	    ? HOLDS
	    : HOLDS_NOT;
}

static enum holds lookalike_holds(
    struct judgement *j, const struct ps_condition_view *condition)
{
	if (!j->likeness_known) {
		j->likeness_known = true;
		j->likeness = (struct ps_likeness){.score = 0};
		if (!is_unjudged(j, j->question->name, &j->hits, j->has))
			ps_lookalike_judge(
			    ps_snapshot_tables(j->snapshot), j->question->name, &j->likeness);
	}
	return likeness_holds(condition, &j->likeness);
}

/* --- the answer --------------------------------------------------------------------------- */

static const struct ground no_ground = {
    .evidence = {.row = PS_INDEX_NONE, .entry = PS_INDEX_NONE, .prefix = PS_INDEX_NONE},
    .fact = PS_INDEX_NONE,
    .likeness = PS_INDEX_NONE,
};

static const struct ps_fact *fact_at(const struct judgement *j, uint32_t fact)
{
	return &j->question->answer->facts[fact];
}

/* Notes what there is to be asked about at all. */
static void see_answer(struct judgement *j)
{
	const uint32_t servers =
	    PS_NEEDS_FACT(PS_FACT_SERVER_NAME) | PS_NEEDS_FACT(PS_FACT_SERVER_ADDRESS);

	j->seen = 0;
	j->fact = PS_INDEX_NONE;
	j->likeness_count = 0;
	for (uint32_t i = 0; i < j->question->answer->count; i++)
		if ((unsigned)fact_at(j, i)->kind < PS_FACT_KIND_COUNT)
			j->has |= PS_NEEDS_FACT((unsigned)fact_at(j, i)->kind);
	if (j->has & servers)
		j->has |= PS_NEEDS_SERVER;
}

static void find_name(struct judgement *j, uint32_t fact)
{
	if (j->fact == fact)
		return;
	ps_snapshot_find(j->snapshot, fact_at(j, fact)->name, &j->fact_hits);
	j->fact = fact;
}

static struct ps_address address_of(const struct ps_fact *fact)
{
	struct ps_address address = fact->address;

	(void)ps_address_unmap(&address);
	return address;
}

/* The kinds of rows that a fact has; or that it meets nothing. */
static uint32_t look_at(struct judgement *j, uint32_t fact)
{
	const struct ps_fact *it = fact_at(j, fact);
	struct ps_evidence unused;
	uint32_t kinds = 0, prefix, first, count;
	struct ps_address address;

	if (ps_fact_is_name(it->kind)) {
		if (it->name.wire == NULL)
			return FACT_NEVER;
		find_name(j, fact);
		return on_never_list(j, &j->fact_hits, &kinds, &unused) ? FACT_NEVER : kinds;
	}
	address = address_of(it);
	if (address.family != 4 && address.family != 6)
		return FACT_NEVER;
	/* Which of the two kinds does not matter: to look again costs little. */
	return ps_snapshot_find_address(j->snapshot, &address, &prefix, &first, &count)
	           ? 1u << PS_ROW_FEED | 1u << PS_ROW_ADDRESSES
	           : 0;
}

static uint32_t rows_of(struct judgement *j, uint32_t fact)
{
	if (fact >= FACTS_KEPT)
		return look_at(j, fact);
	if ((j->seen >> fact & 1) == 0) {
		j->rows[fact] = (uint16_t)look_at(j, fact);
		j->seen |= UINT64_C(1) << fact;
	}
	return j->rows[fact];
}

static bool prefix_meets(
    const struct ps_condition_view *condition, const struct ps_row *row, bool of_server)
{
	if (condition->kind == PS_CONDITION_ADDRESSES)
		return row->kind == PS_ROW_ADDRESSES && row->source == condition->name_set;
	return row_meets(condition, row, of_server);
}

static enum holds address_holds(const struct judgement *j,
    const struct ps_condition_view *condition, uint32_t fact, struct ps_evidence *evidence)
{
	struct ps_address address = address_of(fact_at(j, fact));
	bool of_server = fact_at(j, fact)->kind == PS_FACT_SERVER_ADDRESS;
	enum holds best = HOLDS_NOT;
	uint32_t prefix, first, count;
	bool found = ps_snapshot_find_address(j->snapshot, &address, &prefix, &first, &count);

	while (found && best != HOLDS) {
		for (uint32_t i = 0; i < count && best != HOLDS; i++) {
			struct ps_row row = ps_snapshot_row(j->snapshot, first + i);
			enum holds this = row.trial ? HOLDS_ON_TRIAL : HOLDS;

			if (this <= best || !prefix_meets(condition, &row, of_server) ||
			    !ps_row_applies(&row, true, j->question->now))
				continue;
			best = this;
			*evidence = (struct ps_evidence){.row = first + i,
			    .entry = PS_INDEX_NONE,
			    .itself = true,
			    .of_answer = true,
			    .prefix = prefix};
		}
		found = ps_snapshot_find_wider(j->snapshot, &prefix, &first, &count);
	}
	return best;
}

static const struct ps_likeness *likeness_of(struct judgement *j, uint32_t fact)
{
	struct ps_likeness *out = &j->last_likeness;
	struct ps_name name = fact_at(j, fact)->name;

	for (uint32_t i = 0; i < j->likeness_count; i++)
		if (j->likenesses[i].fact == fact)
			return &j->likenesses[i].likeness;
	if (j->likeness_count < PS_LIKENESSES_KEPT) {
		j->likenesses[j->likeness_count].fact = fact;
		out = &j->likenesses[j->likeness_count++].likeness;
	}
	*out = (struct ps_likeness){.score = 0};
	find_name(j, fact);
	if (!is_unjudged(j, name, &j->fact_hits, UINT32_MAX))
		ps_lookalike_judge(ps_snapshot_tables(j->snapshot), name, out);
	return out;
}

/* One condition, of one fact that it can be asked of. */
static enum holds fact_holds(struct judgement *j, const struct ps_ready_rule *rule,
    uint32_t index, uint32_t fact, struct ground *ground)
{
	const struct ps_condition_view *condition = &rule->conditions[index];
	const struct ps_fact *it = fact_at(j, fact);
	char text[PS_NAME_TEXT_MAX];
	enum holds holds;

	if (condition->kind == PS_CONDITION_PATTERN)
		return text_holds(j, rule->first_condition + index,
		    ps_bytes_of(text, ps_name_to_text(it->name, text)));
	if (condition->kind == PS_CONDITION_LOOKALIKE) {
		ground->likeness = fact;
		return likeness_holds(condition, likeness_of(j, fact));
	}
	if (!ps_fact_is_name(it->kind))
		return address_holds(j, condition, fact, &ground->evidence);
	find_name(j, fact);
	holds = names_hold(j, &j->fact_hits, condition, it->kind == PS_FACT_SERVER_NAME,
	    &ground->evidence);
	if (holds != HOLDS_NOT)
		ground->evidence.of_answer = true;
	return holds;
}

/* All conditions [first, end) of one fact: the same evidence as over conditions of the question. */
static enum holds fact_meets(struct judgement *j, const struct ps_ready_rule *rule,
    uint32_t first, uint32_t end, uint32_t fact, struct ground *ground)
{
	enum holds least = HOLDS;

	*ground = no_ground;
	ground->fact = fact;
	for (uint32_t i = first; i < end && least != HOLDS_NOT; i++) {
		struct ground own = *ground;
		enum holds holds = fact_holds(j, rule, i, fact, &own);

		if (ground->evidence.row == PS_INDEX_NONE)
			ground->evidence = own.evidence;
		ground->likeness = own.likeness;
		if (holds < least)
			least = holds;
	}
	return least;
}

/* The rows without which no fact meets conditions [first, end). */
static uint32_t rows_needed(const struct ps_ready_rule *rule, uint32_t first, uint32_t end)
{
	uint32_t needed = 0;

	for (uint32_t i = first; i < end; i++) {
		if (rule->conditions[i].kind == PS_CONDITION_NAMES)
			needed |= 1u << PS_ROW_NAMES;
		else if (rule->conditions[i].kind == PS_CONDITION_LISTED)
			needed |= 1u << PS_ROW_FEED;
		else if (rule->conditions[i].kind == PS_CONDITION_ADDRESSES)
			needed |= 1u << PS_ROW_ADDRESSES;
	}
	return needed;
}

/* Conditions [first, end), which are asked of the same: the first fact for which they hold best. */
static enum holds some_fact_meets(struct judgement *j, const struct ps_ready_rule *rule,
    uint32_t first, uint32_t end, struct ground *ground)
{
	uint32_t needed = rows_needed(rule, first, end);
	unsigned of = rule->conditions[first].of;
	enum holds best = HOLDS_NOT;

	for (uint32_t i = 0; i < j->question->answer->count && best != HOLDS; i++) {
		unsigned kind = (unsigned)fact_at(j, i)->kind;
		struct ground own;
		enum holds holds;
		uint32_t rows;

		if (kind >= PS_FACT_KIND_COUNT || (of >> kind & 1u) == 0)
			continue;
		rows = rows_of(j, i);
		if (rows == FACT_NEVER || (needed & ~rows) != 0)
			continue;
		holds = fact_meets(j, rule, first, end, i, &own);
		if (holds > best) {
			best = holds;
			*ground = own;
		}
	}
	return best;
}

/* The rest of a rule of which the question's part holds as said. */
static enum holds answer_holds(struct judgement *j, const struct ps_ready_rule *rule,
    enum holds least, struct ground *ground)
{
	uint32_t end;

	for (uint32_t i = rule->question_count; i < rule->condition_count && least != HOLDS_NOT;
	     i = end) {
		struct ground own = no_ground;
		enum holds holds;

		for (end = i + 1; end < rule->condition_count &&
		     rule->conditions[end].of == rule->conditions[i].of;)
			end++;
		holds = some_fact_meets(j, rule, i, end, &own);
		if (ground->fact == PS_INDEX_NONE)
			ground->fact = own.fact;
		if (ground->evidence.row == PS_INDEX_NONE)
			ground->evidence = own.evidence;
		if (own.likeness != PS_INDEX_NONE)
			ground->likeness = own.likeness;
		if (holds < least)
			least = holds;
	}
	return least;
}

/* --- rules ------------------------------------------------------------------------------ */

INLINED enum holds rule_holds(
    struct judgement *j, const struct ps_ready_rule *rule, struct ground *ground)
{
	struct ps_evidence unused;
	enum holds least = HOLDS;

	if (rule->needs & ~j->has)
		return HOLDS_NOT;
	*ground = no_ground;
	for (uint32_t i = 0; i < rule->question_count && least != HOLDS_NOT; i++) {
		const struct ps_condition_view *condition = &rule->conditions[i];
		bool is_first = ground->evidence.row == PS_INDEX_NONE;
		enum holds holds;

		if (condition->kind == PS_CONDITION_PATTERN)
			holds = pattern_holds(j, rule->first_condition + i);
		else if (condition->kind == PS_CONDITION_LOOKALIKE)
			holds = lookalike_holds(j, condition);
		else
			holds = names_hold(j, &j->hits, condition, false,
			    is_first ? &ground->evidence : &unused);
		if (holds < least)
			least = holds;
	}
	if (rule->question_count < rule->condition_count && least != HOLDS_NOT)
		return answer_holds(j, rule, least, ground);
	return least;
}

/* This rule decides. */
INLINED void decide(struct judgement *j, const struct ps_ready_rule *rule, uint32_t index,
    const struct ground *ground, struct ps_verdict *out)
{
	out->evidence = ground->evidence;
	out->fact = ground->fact;
	out->reason = PS_REASON_RULE;
	out->rule = index;
	out->answer = rule->answer;
	out->action = rule->action;
	out->pattern_failures = j->pattern_failures;
	if (ground->likeness != PS_INDEX_NONE)
		out->likeness = *likeness_of(j, ground->likeness);
	else if (j->likeness_known)
		out->likeness = j->likeness;
}

static void note_trial(uint32_t rule, const struct ground *ground, struct ps_verdict *out)
{
	if (out->shadow_count < PS_VERDICT_SHADOWS_MAX) {
		out->shadow[out->shadow_count] = rule;
		out->shadow_fact[out->shadow_count] = ground->fact;
	}
	out->shadow_count++;
}

INLINED void ask_rules(struct judgement *j, const struct ps_ready_rule *rules, uint32_t count,
    struct ps_verdict *out)
{
	for (uint32_t i = 0; i < count; i++) {
		struct ground ground;
		enum holds holds = rule_holds(j, &rules[i], &ground);

		if (holds == HOLDS && rules[i].mode == PS_MODE_ENFORCE) {
			decide(j, &rules[i], i, &ground, out);
			return;
		}
		if (holds != HOLDS_NOT)
			note_trial(i, &ground, out);
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
		struct ground ground;
		enum holds holds;

		if (takes == 0 || (rules[i].mode != PS_MODE_ENFORCE && !for_me))
			continue;
		holds = rule_holds(j, &rules[i], &ground);
		if (holds == HOLDS && rules[i].mode == PS_MODE_ENFORCE) {
			if (for_me)
				decide(j, &rules[i], i, &ground, out);
			blocked = blocked || (rules[i].action != PS_ACTION_PASS &&
			                         rules[i].action != PS_ACTION_LOG);
			undecided &= ~takes;
			deciding++;
			if (blocked && (undecided & mine) == 0)
				break;
		} else if (holds != HOLDS_NOT && for_me) {
			note_trial(i, &ground, out);
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
	bool asks_answer;

	*out = (struct ps_verdict){.rule = PS_INDEX_NONE,
	    .answer = PS_INDEX_NONE,
	    .fact = PS_INDEX_NONE,
	    .evidence = no_ground.evidence};
	/* Not zeroed whole: hits and text are 6 KiB that most queries never read. */
	j.snapshot = snapshot;
	j.matcher = matcher;
	j.scratch = scratch;
	j.question = question;
	j.text_len = 0;
	j.pattern_failures = 0;
	j.likeness_known = false;
	ps_snapshot_find(snapshot, question->name, &j.hits);
	asks_answer = question->answer != NULL && ps_matcher_asks_answer(matcher) != 0;
	if (j.hits.count == 0 && !ps_matcher_asks_unlisted(matcher) && !asks_answer)
		return;
	if (on_never_list(&j, &j.hits, &j.has, &out->evidence)) {
		out->reason = PS_REASON_NEVER;
		return;
	}
	if (ps_matcher_allows(matcher, question->name, question->now)) {
		out->reason = PS_REASON_ALLOWED;
		return;
	}
	if (asks_answer)
		see_answer(&j);
	if (ps_matcher_asks_clients(matcher))
		ask_rules_by_client(&j, ps_matcher_rules(matcher, question->now),
		    ps_snapshot_rule_count(snapshot), out);
	else
		ask_rules(&j, ps_matcher_rules(matcher, question->now),
		    ps_snapshot_rule_count(snapshot), out);
}

bool ps_verdict_judge_in_turn(const struct ps_snapshot *snapshot,
    const struct ps_matcher *matcher, struct ps_scratch *scratch,
    const struct ps_question *question, struct ps_verdict *out)
{
	struct ps_question first = *question;

	first.answer = NULL;
	ps_verdict_judge(snapshot, matcher, scratch, &first, out);
	if (question->answer == NULL || ps_verdict_blocks(out) ||
	    ps_matcher_asks_answer(matcher) == 0)
		return false;
	ps_verdict_judge(snapshot, matcher, scratch, question, out);
	return true;
}
