/* Rules that are never asked or never match, names that the never list keeps from
 * a rule, feeds that no rule uses. Warnings only: each is valid, and none is meant. */
#include "policy/compile.h"

static struct ps_span rule_span(const struct ps_compiler *compiler, uint32_t rule)
{
	const struct ps_doc_rule *doc = compiler->rule_checks[rule].doc;

	return ps_yaml_span(doc->id.field.node != NULL ? doc->id.field.node : doc->field.node);
}

static bool decides(const struct ps_compiler *compiler, uint32_t rule)
{
	return compiler->rule_checks[rule].whole &&
	       compiler->plan_rules[rule].mode == PS_MODE_ENFORCE;
}

/* --- never asked ---------------------------------------------------------------------- */

/* What the rules so far decide whatever the rest of a query is like. */
struct decided {
	struct ps_reach names; /* rules with one NAMES condition; rank: the rule */
	uint32_t everything;   /* the first rule without conditions; UINT32_MAX: none */
};

static size_t count_names(const struct ps_compiler *compiler)
{
	size_t count = 0;

	for (uint32_t i = 0; i < compiler->plan->rule_count; i++)
		if (compiler->rule_checks[i].names != NULL)
			count += compiler->rule_checks[i].names->names.count;
	return count;
}

static bool find_decided(struct ps_compiler *compiler, struct decided *decided)
{
	decided->everything = UINT32_MAX;
	if (ps_reach_init(&decided->names, count_names(compiler), compiler->scratch) != PS_OK) {
		compiler->status = PS_NO_MEMORY;
		return false;
	}
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_condition *names = compiler->rule_checks[i].names;
		uint32_t conditions = compiler->plan_rules[i].condition_count;

		if (!decides(compiler, i))
			continue;
		if (conditions == 0 && decided->everything == UINT32_MAX)
			decided->everything = i;
		if (conditions != 1 || names == NULL)
			continue;
		for (uint32_t n = 0; n < names->names.count; n++)
			ps_reach_add(&decided->names, names->names.names[n].name,
			    names->names.names[n].scope, i);
	}
	ps_reach_seal(&decided->names);
	return true;
}

/* A rule before `rule` that decides all names of its condition; UINT32_MAX: none. */
static uint32_t names_decided(
    const struct decided *decided, const struct ps_condition *names, uint32_t rule)
{
	uint32_t by = UINT32_MAX;

	for (uint32_t i = 0; i < names->names.count; i++) {
		uint32_t rank = ps_reach_find(&decided->names, names->names.names[i].name,
		    names->names.names[i].scope);

		if (rank >= rule)
			return UINT32_MAX;
		if (by == UINT32_MAX)
			by = rank;
	}
	return by;
}

/* Whether each of inner is one of outer; none at all stands for any. */
static bool indices_within(const uint16_t *inner, uint32_t inner_count, const uint16_t *outer,
    uint32_t outer_count)
{
	if (outer_count == 0)
		return true;
	if (inner_count == 0 || inner_count > outer_count)
		return false;
	for (uint32_t i = 0; i < inner_count; i++) {
		bool found = false;

		for (uint32_t j = 0; j < outer_count && !found; j++)
			found = inner[i] == outer[j];
		if (!found)
			return false;
	}
	return true;
}

static bool bits_within(uint32_t inner, uint32_t outer)
{
	return outer == 0 || (inner != 0 && (inner & ~outer) == 0);
}

/* Every listing that satisfies inner satisfies outer. */
static bool listing_within(const struct ps_condition *inner, const struct ps_condition *outer)
{
	return bits_within(inner->categories, outer->categories) &&
	       inner->confidence_min >= outer->confidence_min &&
	       inner->confidence_max <= outer->confidence_max &&
	       indices_within(inner->feeds, inner->feed_count, outer->feeds, outer->feed_count);
}

/* Every likeness that satisfies inner satisfies outer: a name has one score, with one
 * brand and one technique. */
static bool likeness_within(const struct ps_condition *inner, const struct ps_condition *outer)
{
	return bits_within(inner->techniques, outer->techniques) &&
	       inner->score_min >= outer->score_min && inner->score_max <= outer->score_max &&
	       indices_within(
	           inner->brands, inner->brand_count, outer->brands, outer->brand_count);
}

/* The same for listings and likenesses. Quadratic in rules, but for lists that are long. */
static uint32_t listing_decided(const struct ps_compiler *compiler, uint32_t rule)
{
	const struct ps_condition *inner = compiler->rule_checks[rule].listed;

	for (uint32_t i = 0; i < rule; i++) {
		const struct ps_condition *outer = compiler->rule_checks[i].listed;

		if (decides(compiler, i) && outer != NULL &&
		    compiler->plan_rules[i].condition_count == 1 && outer->feed_count <= 8 &&
		    listing_within(inner, outer))
			return i;
	}
	return UINT32_MAX;
}

static uint32_t likeness_decided(const struct ps_compiler *compiler, uint32_t rule)
{
	const struct ps_condition *inner = compiler->rule_checks[rule].looks;

	for (uint32_t i = 0; i < rule; i++) {
		const struct ps_condition *outer = compiler->rule_checks[i].looks;

		if (decides(compiler, i) && outer != NULL &&
		    compiler->plan_rules[i].condition_count == 1 && outer->brand_count <= 8 &&
		    likeness_within(inner, outer))
			return i;
	}
	return UINT32_MAX;
}

static void warn_unreachable(struct ps_compiler *compiler)
{
	struct decided decided;

	if (!find_decided(compiler, &decided))
		return;
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_rule_check *check = &compiler->rule_checks[i];
		uint32_t by = UINT32_MAX;

		if (!check->whole)
			continue;
		if (decided.everything < i)
			by = decided.everything;
		if (by == UINT32_MAX && check->names != NULL)
			by = names_decided(&decided, check->names, i);
		if (by == UINT32_MAX && check->listed != NULL)
			by = listing_decided(compiler, i);
		if (by == UINT32_MAX && check->looks != NULL)
			by = likeness_decided(compiler, i);
		if (by == UINT32_MAX)
			continue;
		ps_report(compiler->diagnostics, PS_CODE_UNREACHABLE, rule_span(compiler, i),
		    "the rule '%s' is never asked", compiler->plan_rules[i].id);
		ps_report_other(compiler->diagnostics, rule_span(compiler, by),
		    "this rule decides before it");
	}
}

/* --- never matches ------------------------------------------------------------------------ */

/* Every entry of such a feed has the feed's own confidence, or category. */
static bool has_fixed_rows(const struct ps_feed_config *feed, const char *column)
{
	return feed->format == PS_FEED_PLAIN || feed->format == PS_FEED_HOSTS ||
	       feed->format == PS_FEED_RPZ || (feed->format == PS_FEED_CSV && column == NULL);
}

static bool feed_may_match(const struct ps_feed_config *feed, const struct ps_condition *listed)
{
	if (has_fixed_rows(feed, feed->csv.confidence) &&
	    (feed->confidence < listed->confidence_min ||
	        feed->confidence > listed->confidence_max))
		return false;
	return listed->categories == 0 || !has_fixed_rows(feed, feed->csv.category) ||
	       (listed->categories >> feed->category & 1) != 0;
}

/* A rule for any feed may wait for one that is still to come. */
static bool listed_may_match(
    const struct ps_compiler *compiler, const struct ps_condition *listed)
{
	if (listed->feed_count == 0)
		return compiler->plan->feed_count > 0;
	for (uint32_t i = 0; i < listed->feed_count; i++) {
		uint32_t feed = listed->feeds[i];

		if (!compiler->feed_ok[feed] ||
		    feed_may_match(&compiler->plan_feeds[feed], listed))
			return true;
	}
	return false;
}

static void warn_no_likeness(struct ps_compiler *compiler)
{
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_rule_check *check = &compiler->rule_checks[i];

		if (!check->whole || check->looks == NULL || compiler->cut ||
		    compiler->plan->lookalike.brand_count > 0)
			continue;
		ps_report(compiler->diagnostics, PS_CODE_NEVER_MATCHES,
		    ps_yaml_span(check->doc->when.looks.field.node),
		    "no brand is defined, so nothing looks like one");
		ps_report_hint(compiler->diagnostics,
		    "as in 'brands: {acme-post: {names: [acme post]}}'");
	}
}

static void warn_never_matches(struct ps_compiler *compiler)
{
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_rule_check *check = &compiler->rule_checks[i];

		if (!check->whole || check->listed == NULL || compiler->cut ||
		    listed_may_match(compiler, check->listed))
			continue;
		ps_report(compiler->diagnostics, PS_CODE_NEVER_MATCHES,
		    ps_yaml_span(check->doc->when.listed.field.node), "%s",
		    compiler->plan->feed_count == 0
		        ? "no feed is defined, so nothing is listed"
		        : "no entry of these feeds has such a confidence or category");
		if (compiler->plan->feed_count > 0)
			ps_report_hint(compiler->diagnostics,
			    "compare it with 'confidence' and 'category' of the feeds");
	}
}

/* --- kept from a rule -------------------------------------------------------------------- */

static void warn_protected(struct ps_compiler *compiler)
{
	struct ps_reach never;

	if (ps_reach_init(&never, compiler->never.count, compiler->scratch) != PS_OK) {
		compiler->status = PS_NO_MEMORY;
		return;
	}
	for (size_t i = 0; i < compiler->never.count; i++)
		ps_reach_add(&never, compiler->never.names[i].name,
		    compiler->never.names[i].scope, (uint32_t)i);
	ps_reach_seal(&never);
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_rule_check *check = &compiler->rule_checks[i];
		uint32_t answer = compiler->plan_rules[i].answer;

		if (!check->whole || check->names == NULL ||
		    !ps_action_blocks(compiler->plan_answers[answer].action))
			continue;
		for (uint32_t n = 0; n < check->names->names.count; n++) {
			const struct ps_scoped_name *name = &check->names->names.names[n];
			uint32_t by = ps_reach_find(&never, name->name, name->scope);

			if (by == PS_REACH_NONE)
				continue;
			ps_report(compiler->diagnostics, PS_CODE_PROTECTED,
			    check->name_spans[n], "the never list keeps this from the rule");
			ps_report_other(compiler->diagnostics, compiler->never.spans[by],
			    "never blocked");
		}
	}
}

/* --- does nothing ------------------------------------------------------------------------ */

static void mark_used(const struct ps_condition *listed, bool *used, uint32_t count)
{
	for (uint32_t i = 0; listed->feed_count == 0 && i < count; i++)
		used[i] = true;
	for (uint32_t i = 0; i < listed->feed_count; i++)
		used[listed->feeds[i]] = true;
}

static void warn_unused(struct ps_compiler *compiler)
{
	uint32_t count = compiler->plan->feed_count;
	bool *used = ps_compile_scratch(compiler, count, sizeof(*used));

	if (used == NULL)
		return;
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		/* A rule that is not whole may have meant any of them. */
		if (!compiler->rule_checks[i].whole)
			return;
		if (compiler->rule_checks[i].listed != NULL)
			mark_used(compiler->rule_checks[i].listed, used, count);
	}
	for (uint32_t i = 0; i < compiler->feeds.count; i++) {
		const struct ps_registered *feed = &compiler->feeds.items[i];

		if (used[feed->index] || !compiler->feed_ok[feed->index] ||
		    compiler->plan_feeds[feed->index].trial)
			continue;
		ps_report(compiler->diagnostics, PS_CODE_UNUSED_FEED, feed->span,
		    "no rule uses the feed '%.*s'", PS_QUOTED(feed->id));
		ps_report_hint(compiler->diagnostics,
		    "as in 'when: {listed: any}'; or say 'trial: yes' in the feed");
	}
}

void ps_compile_order(struct ps_compiler *compiler)
{
	warn_unreachable(compiler);
	warn_never_matches(compiler);
	warn_no_likeness(compiler);
	warn_protected(compiler);
	if (compiler->cut)
		return;
	if (compiler->plan->rule_count > 0)
		warn_unused(compiler);
	else if (ps_diagnostics_errors(compiler->diagnostics) == 0)
		ps_report(compiler->diagnostics, PS_CODE_NO_RULES,
		    ps_span_of_file(&compiler->sources[0]), "the policy has no rules");
}
