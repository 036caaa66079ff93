#include "cli/trace.h"

static bool names_feed(const struct ps_condition_view *condition, uint16_t feed)
{
	for (uint32_t i = 0; i < condition->feed_count; i++)
		if (ps_load_le16(condition->feeds + 2 * (size_t)i) == feed)
			return true;
	return condition->feed_count == 0;
}

/* How near a feed's row comes to a condition: what is the first thing amiss. */
enum miss {
	MISS_FEED,
	MISS_TIME,
	MISS_CATEGORY,
	MISS_CONFIDENCE,
	MISS_NOTHING,
};

static enum miss miss_of(
    const struct ps_condition_view *condition, const struct ps_listing *listing, uint32_t now)
{
	const struct ps_row *row = &listing->row;

	if (!names_feed(condition, row->source))
		return MISS_FEED;
	if (!ps_listing_is_valid(listing, now))
		return MISS_TIME;
	if (condition->categories != 0 && (condition->categories >> row->category & 1u) == 0)
		return MISS_CATEGORY;
	if (row->confidence < condition->confidence_min ||
	    row->confidence > condition->confidence_max)
		return MISS_CONFIDENCE;
	return MISS_NOTHING;
}

static void describe_miss(const struct ps_case *what, const struct ps_condition_view *condition,
    const struct ps_listing *nearest, enum miss miss, char *out, size_t size)
{
	char source[PS_SOURCE_TEXT_MAX], moment[PS_MOMENT_TEXT_MAX];
	const struct ps_row *row = &nearest->row;

	ps_listing_source(nearest, what->snapshot, source);
	switch (miss) {
	case MISS_FEED:
		(void)snprintf(out, size, "%s lists it, which this rule does not ask", source);
		break;
	case MISS_TIME:
		if (what->now < row->valid_from)
			(void)snprintf(out, size, "%s lists it only from %s", source,
			    ps_terminal_moment(row->valid_from, moment));
		else
			(void)snprintf(out, size, "%s listed it until %s", source,
			    ps_terminal_moment(row->valid_until, moment));
		break;
	case MISS_CATEGORY:
		(void)snprintf(out, size, "%s lists it as %s, another category", source,
		    ps_category_name(row->category));
		break;
	case MISS_CONFIDENCE:
		(void)snprintf(out, size, "%s lists it with confidence %u, not %u to %u", source,
		    row->confidence, condition->confidence_min, condition->confidence_max);
		break;
	case MISS_NOTHING:
		break;
	}
}

static enum ps_outcome listed(
    const struct ps_case *what, const struct ps_condition_view *condition, char *why, size_t size)
{
	const struct ps_listing *nearest = NULL;
	enum miss nearest_miss = MISS_FEED;
	enum ps_outcome best = PS_OUTCOME_NOT;

	for (size_t i = 0; i < what->listings->count; i++) {
		const struct ps_listing *listing = &what->listings->items[i];
		enum miss miss;

		if (listing->row.kind != PS_ROW_FEED ||
		    (listing->row.origin == PS_ORIGIN_SERVER && !what->of_server))
			continue;
		miss = miss_of(condition, listing, what->now);
		if (nearest == NULL || miss > nearest_miss) {
			nearest = listing;
			nearest_miss = miss;
		}
		if (miss == MISS_NOTHING && !listing->row.trial)
			return PS_OUTCOME_HOLDS;
		if (miss == MISS_NOTHING)
			best = PS_OUTCOME_ON_TRIAL;
	}
	if (best == PS_OUTCOME_NOT && nearest == NULL)
		(void)snprintf(why, size, "no feed lists it");
	else if (best == PS_OUTCOME_NOT)
		describe_miss(what, condition, nearest, nearest_miss, why, size);
	return best;
}

static enum ps_outcome named(
    const struct ps_case *what, const struct ps_condition_view *condition, char *why, size_t size)
{
	for (size_t i = 0; i < what->listings->count; i++) {
		const struct ps_listing *listing = &what->listings->items[i];

		if (listing->row.kind == PS_ROW_NAMES &&
		    listing->row.source == condition->name_set &&
		    ps_listing_is_valid(listing, what->now))
			return listing->row.trial ? PS_OUTCOME_ON_TRIAL : PS_OUTCOME_HOLDS;
	}
	(void)snprintf(why, size, "it is not among the rule's names");
	return PS_OUTCOME_NOT;
}

static enum ps_outcome lies_in(
    const struct ps_case *what, const struct ps_condition_view *condition, char *why, size_t size)
{
	for (size_t i = 0; i < what->listings->count; i++) {
		const struct ps_listing *listing = &what->listings->items[i];

		if (listing->row.kind == PS_ROW_ADDRESSES &&
		    listing->row.source == condition->name_set)
			return PS_OUTCOME_HOLDS;
	}
	(void)snprintf(why, size, "it is in none of the rule's prefixes");
	return PS_OUTCOME_NOT;
}

static enum ps_outcome looks(
    const struct ps_case *what, const struct ps_condition_view *condition, char *why, size_t size)
{
	const struct ps_likeness *it = what->likeness;
	bool asked = condition->brand_count == 0;

	for (uint32_t i = 0; i < condition->brand_count && it->score > 0; i++)
		asked |= ps_load_le16(condition->brands + (size_t)i * 2) == it->brand;
	if (it->score == 0)
		(void)snprintf(why, size, "it looks like no protected name");
	else if (!asked)
		(void)snprintf(why, size, "it looks like another protected name");
	else if (condition->techniques != 0 && !(condition->techniques >> it->technique & 1u))
		(void)snprintf(why, size, "it looks like one, but by %s",
		    ps_technique_name(it->technique));
	else if (it->score < condition->score_min || it->score > condition->score_max)
		(void)snprintf(why, size, "its score is %u, not %u to %u", it->score,
		    condition->score_min, condition->score_max);
	else
		return PS_OUTCOME_HOLDS;
	return PS_OUTCOME_NOT;
}

static enum ps_outcome matched(
    const struct ps_case *what, uint32_t condition, char *why, size_t size)
{
	char text[PS_NAME_TEXT_MAX];
	size_t len = ps_name_to_text(what->name, text);

	switch (
	    ps_matcher_match(what->matcher, what->scratch, condition, ps_bytes_of(text, len))) {
	case PS_MATCH_YES:
		return PS_OUTCOME_HOLDS;
	case PS_MATCH_NO:
		(void)snprintf(why, size, "the pattern does not match");
		return PS_OUTCOME_NOT;
	case PS_MATCH_LIMIT:
		break;
	}
	(void)snprintf(why, size, "the pattern ran into its limit, which counts as no match");
	return PS_OUTCOME_NOT;
}

static void add(char *out, size_t size, const char *text)
{
	size_t used = strlen(out);

	(void)snprintf(out + used, size - used, "%s", text);
}

static void clients_text(
    const struct ps_snapshot *snapshot, uint64_t clients, char *out, size_t size)
{
	const char *word = "";

	if (clients & 1) {
		add(out, size, "no group");
		word = " or ";
	}
	for (uint32_t i = 0; i < ps_snapshot_group_count(snapshot); i++) {
		char id[100];

		if ((clients >> i >> 1 & 1) == 0)
			continue;
		(void)ps_terminal_escape(
		    ps_bytes_of_text(ps_snapshot_group(snapshot, i).id), id, sizeof(id));
		add(out, size, word);
		add(out, size, id);
		word = " or ";
	}
}

static enum ps_outcome asked_by(const struct ps_case *what,
    const struct ps_condition_view *condition, char *why, size_t size)
{
	if (condition->clients >> what->client & 1)
		return PS_OUTCOME_HOLDS;
	(void)snprintf(why, size, "is for clients in ");
	clients_text(what->snapshot, condition->clients, why, size);
	add(why, size, what->client_known ? "" : ", and no client was said");
	return PS_OUTCOME_NOT;
}

static enum ps_outcome holds(const struct ps_case *what, uint32_t at, char *why, size_t size)
{
	struct ps_condition_view condition = ps_snapshot_condition(what->snapshot, at);

	switch (condition.kind) {
	case PS_CONDITION_PATTERN:
		return matched(what, at, why, size);
	case PS_CONDITION_LOOKALIKE:
		return looks(what, &condition, why, size);
	case PS_CONDITION_CLIENT:
		return asked_by(what, &condition, why, size);
	case PS_CONDITION_NAMES:
		return named(what, &condition, why, size);
	case PS_CONDITION_ADDRESSES:
		return lies_in(what, &condition, why, size);
	case PS_CONDITION_LISTED:
	case PS_CONDITION_COUNT:
		break;
	}
	return listed(what, &condition, why, size);
}

/* --- of the answer -------------------------------------------------------------------- */

/* Conditions [first, end) of one fact. *condition: the first that does not hold. */
static enum ps_outcome fact_meets(const struct ps_case *what, const struct ps_shown_fact *fact,
    uint32_t first, uint32_t end, uint32_t *condition, char *why, size_t size)
{
	struct ps_case of_fact = *what;
	enum ps_outcome least = PS_OUTCOME_HOLDS;

	of_fact.name = fact->fact.name;
	of_fact.listings = &fact->listings;
	of_fact.likeness = &fact->likeness;
	of_fact.of_server = fact->fact.kind == PS_FACT_SERVER_NAME ||
	                    fact->fact.kind == PS_FACT_SERVER_ADDRESS;
	*condition = first;
	if (fact->never) {
		(void)snprintf(why, size, "the never list protects it");
		return PS_OUTCOME_NOT;
	}
	for (uint32_t at = first; at < end; at++) {
		enum ps_outcome outcome = holds(&of_fact, at, why, size);

		least = outcome < least ? outcome : least;
		if (outcome == PS_OUTCOME_NOT) {
			*condition = at;
			break;
		}
	}
	return least;
}

/* What a rule asks about, in words: "no address in the answer". */
static const char *subject_words(unsigned of)
{
	switch (of) {
	case PS_OF_TARGET:
		return "name that the answer leads to";
	case PS_OF_ADDRESS:
		return "address in the answer";
	case PS_OF_SERVER_NAME:
		return "name of a name server";
	case PS_OF_SERVER_ADDRESS:
		return "address of a name server";
	default:
		return "name server";
	}
}

/* Conditions [first, end), which are asked of the same: some fact must meet all of them. What is
 * told is how the first of several fails. */
static void trace_group(
    const struct ps_case *what, uint32_t first, uint32_t end, struct ps_trace *out)
{
	unsigned of = ps_snapshot_condition(what->snapshot, first).of;
	enum ps_outcome best = PS_OUTCOME_NOT;
	uint32_t asked = 0, failing = first, condition;
	char nearest[200] = "", own[200], text[PS_FACT_TEXT_MAX], shown[160];

	for (uint32_t i = 0; what->shown != NULL && i < what->shown->count; i++) {
		const struct ps_shown_fact *fact = what->shown->items[i];
		enum ps_outcome outcome;

		if ((of >> fact->fact.kind & 1u) == 0)
			continue;
		outcome = fact_meets(what, fact, first, end, &condition, own, sizeof(own));
		best = outcome > best ? outcome : best;
		if (asked++ > 0)
			continue;
		failing = condition;
		ps_fact_text_of(&fact->fact, text);
		(void)ps_terminal_escape(ps_bytes_of_text(text), shown, sizeof(shown));
		memcpy(nearest, own, sizeof(nearest));
	}
	if (best < out->outcome)
		out->outcome = best;
	if (best != PS_OUTCOME_NOT)
		return;
	out->condition = failing;
	if (what->shown == NULL || what->shown->count == 0)
		(void)snprintf(out->why, sizeof(out->why),
		    "asks about the %s, and there is none yet",
		    of & PS_OF_SERVER ? "name servers" : "answer");
	else if (asked == 0)
		(void)snprintf(out->why, sizeof(out->why), "there is no %s", subject_words(of));
	else
		(void)snprintf(out->why, sizeof(out->why), "%.110s: %.170s%s", shown, nearest,
		    asked > 1 ? "; none of the others either" : "");
}

void ps_trace_rule(const struct ps_case *what, uint32_t index, struct ps_trace *out)
{
	struct ps_rule_view rule = ps_snapshot_rule(what->snapshot, index);
	uint32_t end = rule.first_condition + rule.condition_count;

	*out = (struct ps_trace){.outcome = PS_OUTCOME_HOLDS, .condition = PS_INDEX_NONE};
	for (uint32_t at = rule.first_condition; at < end && out->outcome != PS_OUTCOME_NOT;) {
		unsigned of = ps_snapshot_condition(what->snapshot, at).of;
		uint32_t next = at + 1;
		enum ps_outcome outcome;

		if (of != PS_OF_QUESTION) {
			while (next < end && ps_snapshot_condition(what->snapshot, next).of == of)
				next++;
			trace_group(what, at, next, out);
		} else {
			outcome = holds(what, at, out->why, sizeof(out->why));
			out->outcome = outcome < out->outcome ? outcome : out->outcome;
			if (outcome == PS_OUTCOME_NOT)
				out->condition = at;
		}
		at = next;
	}
}

/* --- conditions in words ---------------------------------------------------------- */

static void listed_text(const struct ps_snapshot *snapshot,
    const struct ps_condition_view *condition, char *out, size_t size)
{
	char piece[160];
	const char *comma = " as ";

	(void)snprintf(out, size, "listed by %s", condition->feed_count == 0 ? "any feed" : "");
	for (uint32_t i = 0; i < condition->feed_count; i++) {
		uint16_t feed = ps_load_le16(condition->feeds + 2 * (size_t)i);

		if (i > 0)
			add(out, size, " or ");
		(void)ps_terminal_escape(
		    ps_bytes_of_text(ps_snapshot_feed(snapshot, feed).id), piece, sizeof(piece));
		add(out, size, piece);
	}
	for (unsigned c = 0; c < PS_CATEGORY_COUNT; c++) {
		if ((condition->categories >> c & 1u) == 0)
			continue;
		add(out, size, comma);
		add(out, size, ps_category_name(c));
		comma = " or ";
	}
	if (condition->confidence_min == 0 && condition->confidence_max == PS_CONFIDENCE_MAX)
		return;
	(void)snprintf(piece, sizeof(piece), ", confidence %u to %u", condition->confidence_min,
	    condition->confidence_max);
	add(out, size, piece);
}

static void lookalike_text(const struct ps_snapshot *snapshot,
    const struct ps_condition_view *condition, char *out, size_t size)
{
	char piece[128];

	(void)snprintf(out, size, "looks like %s",
	    condition->brand_count == 0 ? "a protected name" : "");
	for (uint32_t i = 0; i < condition->brand_count; i++) {
		struct ps_brand_view brand = ps_tables_brand(ps_snapshot_tables(snapshot),
		    ps_load_le16(condition->brands + (size_t)i * 2));

		(void)snprintf(piece, sizeof(piece), "%s%s", i > 0 ? ", " : "", brand.id);
		add(out, size, piece);
	}
	(void)snprintf(piece, sizeof(piece), ", score %u to %u", condition->score_min,
	    condition->score_max);
	add(out, size, piece);
	for (unsigned i = 0, said = 0; i < PS_TECHNIQUE_COUNT; i++) {
		if ((condition->techniques >> i & 1) == 0)
			continue;
		(void)snprintf(piece, sizeof(piece), "%s%s", said++ == 0 ? ", by " : ", ",
		    ps_technique_name(i));
		add(out, size, piece);
	}
}

static const char *subject_prefix(unsigned of)
{
	switch (of) {
	case PS_OF_QUESTION:
		return "";
	case PS_OF_TARGET:
		return "the answer leads to: ";
	case PS_OF_ADDRESS:
		return "an address in the answer: ";
	case PS_OF_SERVER_NAME:
		return "a name server's name: ";
	case PS_OF_SERVER_ADDRESS:
		return "a name server's address: ";
	default:
		return "a name server: ";
	}
}

static void plain_text(const struct ps_snapshot *snapshot, uint32_t index, char *out, size_t size)
{
	struct ps_condition_view condition = ps_snapshot_condition(snapshot, index);
	char pattern[160];

	switch (condition.kind) {
	case PS_CONDITION_NAMES:
		(void)snprintf(out, size, "name on the rule's list");
		return;
	case PS_CONDITION_PATTERN:
		(void)ps_terminal_escape(
		    ps_bytes_of_text(condition.pattern), pattern, sizeof(pattern));
		(void)snprintf(out, size, "name matches %s", pattern);
		return;
	case PS_CONDITION_LISTED:
		listed_text(snapshot, &condition, out, size);
		return;
	case PS_CONDITION_LOOKALIKE:
		lookalike_text(snapshot, &condition, out, size);
		return;
	case PS_CONDITION_CLIENT:
		(void)snprintf(out, size, "client in ");
		clients_text(snapshot, condition.clients, out, size);
		return;
	case PS_CONDITION_ADDRESSES:
		(void)snprintf(out, size, "in the rule's prefixes");
		return;
	case PS_CONDITION_COUNT:
		break;
	}
	(void)snprintf(out, size, "unknown condition");
}

void ps_condition_text(
    const struct ps_snapshot *snapshot, uint32_t index, char out[PS_CONDITION_TEXT_MAX])
{
	const char *prefix = subject_prefix(ps_snapshot_condition(snapshot, index).of);
	size_t len = strlen(prefix);

	(void)snprintf(out, PS_CONDITION_TEXT_MAX, "%s", prefix);
	plain_text(snapshot, index, out + len, PS_CONDITION_TEXT_MAX - len);
}
