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

		if (listing->row.kind != PS_ROW_FEED)
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

void ps_trace_rule(const struct ps_case *what, uint32_t index, struct ps_trace *out)
{
	struct ps_rule_view rule = ps_snapshot_rule(what->snapshot, index);

	*out = (struct ps_trace){.outcome = PS_OUTCOME_HOLDS, .condition = PS_INDEX_NONE};
	for (uint32_t i = 0; i < rule.condition_count; i++) {
		uint32_t at = rule.first_condition + i;
		struct ps_condition_view condition = ps_snapshot_condition(what->snapshot, at);
		enum ps_outcome outcome = PS_OUTCOME_NOT;

		if (condition.kind == PS_CONDITION_PATTERN)
			outcome = matched(what, at, out->why, sizeof(out->why));
		else if (condition.kind == PS_CONDITION_LOOKALIKE)
			outcome = looks(what, &condition, out->why, sizeof(out->why));
		else if (condition.kind == PS_CONDITION_CLIENT)
			outcome = asked_by(what, &condition, out->why, sizeof(out->why));
		else if (condition.kind == PS_CONDITION_NAMES)
			outcome = named(what, &condition, out->why, sizeof(out->why));
		else
			outcome = listed(what, &condition, out->why, sizeof(out->why));
		if (outcome < out->outcome)
			out->outcome = outcome;
		if (outcome == PS_OUTCOME_NOT) {
			out->condition = at;
			return;
		}
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

void ps_condition_text(
    const struct ps_snapshot *snapshot, uint32_t index, char out[PS_CONDITION_TEXT_MAX])
{
	struct ps_condition_view condition = ps_snapshot_condition(snapshot, index);
	char pattern[160];

	switch (condition.kind) {
	case PS_CONDITION_NAMES:
		(void)snprintf(out, PS_CONDITION_TEXT_MAX, "name on the rule's list");
		return;
	case PS_CONDITION_PATTERN:
		(void)ps_terminal_escape(
		    ps_bytes_of_text(condition.pattern), pattern, sizeof(pattern));
		(void)snprintf(out, PS_CONDITION_TEXT_MAX, "name matches %s", pattern);
		return;
	case PS_CONDITION_LISTED:
		listed_text(snapshot, &condition, out, PS_CONDITION_TEXT_MAX);
		return;
	case PS_CONDITION_LOOKALIKE:
		lookalike_text(snapshot, &condition, out, PS_CONDITION_TEXT_MAX);
		return;
	case PS_CONDITION_CLIENT:
		(void)snprintf(out, PS_CONDITION_TEXT_MAX, "client in ");
		clients_text(snapshot, condition.clients, out, PS_CONDITION_TEXT_MAX);
		return;
	case PS_CONDITION_COUNT:
		break;
	}
	(void)snprintf(out, PS_CONDITION_TEXT_MAX, "unknown condition");
}
