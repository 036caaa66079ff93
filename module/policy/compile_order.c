/* Rules that are never asked or never match, names that the never list keeps from
 * a rule, feeds that no rule uses. Warnings only: each is valid, and none is meant. */
#include "policy/compile.h"

#include <stdio.h>

static struct ps_span rule_span(const struct ps_compiler *compiler, uint32_t rule)
{
	const struct ps_doc_rule *doc = compiler->rule_checks[rule].doc;

	return ps_yaml_span(doc->id.field.node != NULL ? doc->id.field.node : doc->field.node);
}

/* --- never asked ---------------------------------------------------------------------- */

/* A rule before `rule` that decides all names of its condition; UINT32_MAX: none. */
static uint32_t names_decided(
    const struct ps_decided *decided, const struct ps_condition *names, uint32_t rule)
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

/* A listing that may be one of a feed on trial decides nothing, so that what stands below
 * is asked. */
static bool may_be_trial(const struct ps_compiler *compiler, const struct ps_condition *listed)
{
	uint32_t count =
	    listed->feed_count > 0 ? listed->feed_count : compiler->plan->feed_count;

	for (uint32_t i = 0; i < count; i++)
		if (compiler->plan_feeds[listed->feed_count > 0 ? listed->feeds[i] : i].trial)
			return true;
	return false;
}

/* So many names are compared in all, some seconds' work; then nothing is claimed any more. */
#define COMPARED_MAX UINT64_C(50000000)

static bool name_within(const struct ps_scoped_name *inner, const struct ps_scoped_name *outer)
{
	if (outer->scope == PS_SCOPE_EXACT)
		return inner->scope == PS_SCOPE_EXACT &&
		       ps_name_equal(inner->name, outer->name);
	if (!ps_name_is_under(inner->name, outer->name))
		return false;
	return outer->scope == PS_SCOPE_SUBTREE || inner->scope == PS_SCOPE_BELOW ||
	       !ps_name_equal(inner->name, outer->name);
}

/* left: how many may still be compared. */
static bool names_within(
    const struct ps_name_set *inner, const struct ps_name_set *outer, uint64_t *left)
{
	for (uint32_t i = 0; i < inner->count; i++) {
		bool within = false;

		for (uint32_t o = 0; o < outer->count && !within && *left > 0; o++, (*left)--)
			within = name_within(&inner->names[i], &outer->names[o]);
		if (!within)
			return false;
	}
	return true;
}

static bool prefix_within(const struct ps_prefix *inner, const struct ps_prefix *outer)
{
	return outer->len <= inner->len && ps_prefix_covers(outer, &inner->address);
}

static bool prefixes_within(
    const struct ps_condition *inner, const struct ps_condition *outer, uint64_t *left)
{
	for (uint32_t i = 0; i < inner->prefix_count; i++) {
		bool within = false;

		for (uint32_t o = 0; o < outer->prefix_count && !within && *left > 0; o++) {
			within = prefix_within(
			    &inner->prefixes[i].prefix, &outer->prefixes[o].prefix);
			(*left)--;
		}
		if (!within)
			return false;
	}
	return true;
}

/* Whatever satisfies inner satisfies outer; false: not, or it cannot be told. */
static bool condition_within(const struct ps_compiler *compiler,
    const struct ps_condition *inner, const struct ps_condition *outer, uint64_t *left)
{
	if (inner->kind != outer->kind || inner->of != outer->of)
		return false;
	switch (inner->kind) {
	case PS_CONDITION_NAMES:
		return names_within(&inner->names, &outer->names, left);
	case PS_CONDITION_PATTERN:
		return strcmp(inner->pattern, outer->pattern) == 0;
	case PS_CONDITION_LISTED:
		return outer->feed_count <= 8 && !may_be_trial(compiler, inner) &&
		       listing_within(inner, outer);
	case PS_CONDITION_LOOKALIKE:
		return outer->brand_count <= 8 && likeness_within(inner, outer);
	case PS_CONDITION_CLIENT:
		return (inner->clients & ~outer->clients) == 0;
	case PS_CONDITION_ADDRESSES:
		return prefixes_within(inner, outer, left);
	case PS_CONDITION_COUNT:
		break;
	}
	return false;
}

/* Each condition of outer holds where those of inner do. */
static bool rule_within(const struct ps_compiler *compiler, const struct ps_rule *inner,
    const struct ps_rule *outer, uint64_t *left)
{
	for (uint32_t o = 0; o < outer->condition_count; o++) {
		bool within = false;

		for (uint32_t i = 0; i < inner->condition_count && !within; i++)
			within = condition_within(
			    compiler, &inner->conditions[i], &outer->conditions[o], left);
		if (!within)
			return false;
	}
	return true;
}

/* A rule before `rule` that holds where it does; UINT32_MAX: none. Quadratic in rules. Those
 * of names alone are looked up instead. */
static uint32_t rule_decided(
    const struct ps_compiler *compiler, uint32_t rule, uint64_t *left)
{
	for (uint32_t i = 0; i < rule; i++) {
		const struct ps_rule *outer = &compiler->plan_rules[i];

		if (ps_rule_decides(compiler, i) && outer->condition_count > 0 &&
		    (outer->condition_count > 1 || compiler->rule_checks[i].names == NULL) &&
		    rule_within(compiler, &compiler->plan_rules[rule], outer, left))
			return i;
	}
	return UINT32_MAX;
}

/* --- names of a rule that another decides -------------------------------------------------- */

static bool rule_blocks(const struct ps_compiler *compiler, uint32_t rule)
{
	return ps_action_blocks(
	    compiler->plan_answers[compiler->plan_rules[rule].answer].action);
}

/* Where the rule `by` says the name, or what it stands below. */
static struct ps_span span_by(
    const struct ps_compiler *compiler, uint32_t by, const struct ps_scoped_name *name)
{
	const struct ps_rule_check *check = &compiler->rule_checks[by];

	for (uint32_t i = 0; check->names != NULL && i < check->names->names.count; i++)
		if (name_within(name, &check->names->names.names[i]))
			return check->name_spans[i];
	return rule_span(compiler, by);
}

/* The same name, with the same reach, is blocked by one rule and let through by another. */
static bool is_contrary(const struct ps_compiler *compiler, const struct ps_decided *decided,
    uint32_t rule, const struct ps_scoped_name *name)
{
	uint32_t by = ps_reach_find(&decided->names, name->name, name->scope);

	return by < rule && by == ps_reach_at(&decided->names, name->name, name->scope) &&
	       ps_rule_decides(compiler, rule) && compiler->plan_rules[rule].condition_count == 1 &&
	       rule_blocks(compiler, rule) != rule_blocks(compiler, by);
}

/* True: that is so of every name of the rule, so that no more is to be said of it. */
static bool warn_contrary(
    struct ps_compiler *compiler, const struct ps_decided *decided, uint32_t rule)
{
	const struct ps_rule_check *check = &compiler->rule_checks[rule];
	uint32_t count = 0;

	for (uint32_t i = 0; i < check->names->names.count; i++) {
		const struct ps_scoped_name *name = &check->names->names.names[i];
		bool blocks = rule_blocks(compiler, rule);
		char text[PS_NAME_TEXT_MAX];
		uint32_t by;

		if (!is_contrary(compiler, decided, rule, name))
			continue;
		count++;
		by = ps_reach_find(&decided->names, name->name, name->scope);
		(void)ps_name_to_text(name->name, text);
		ps_report(compiler->diagnostics, PS_CODE_CONTRARY, check->name_spans[i],
		    "'%.*s' is %s here, and %s by the rule '%s'",
		    PS_QUOTED(ps_bytes_of_text(text)), blocks ? "blocked" : "let through",
		    blocks ? "let through" : "blocked", compiler->plan_rules[by].id);
		ps_report_hint(compiler->diagnostics,
		    "the first rule decides: take the name off one of the two");
		ps_report_other(
		    compiler->diagnostics, span_by(compiler, by, name), "this one decides");
	}
	return count > 0 && count == check->names->names.count;
}

/* Of one rule so many are told; the last says how many more there are. */
#define SHADOWED_MAX 10u

static void warn_shadowed(
    struct ps_compiler *compiler, const struct ps_decided *decided, uint32_t rule)
{
	const struct ps_rule_check *check = &compiler->rule_checks[rule];
	uint32_t told = 0, count = 0;

	for (uint32_t pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < check->names->names.count; i++) {
			const struct ps_scoped_name *name = &check->names->names.names[i];
			uint32_t by = ps_reach_find(&decided->names, name->name, name->scope);
			char text[PS_NAME_TEXT_MAX], more[48] = "";

			if (by >= rule || is_contrary(compiler, decided, rule, name))
				continue;
			if (pass == 0) {
				count++;
				continue;
			}
			if (++told > SHADOWED_MAX)
				return;
			if (told == SHADOWED_MAX && count > told)
				(void)snprintf(more, sizeof(more), ", and so are %u more names",
				    count - told);
			(void)ps_name_to_text(name->name, text);
			ps_report(compiler->diagnostics, PS_CODE_SHADOWED, check->name_spans[i],
			    "'%.*s' is decided by the rule '%s' above%s",
			    PS_QUOTED(ps_bytes_of_text(text)), compiler->plan_rules[by].id, more);
			ps_report_hint(compiler->diagnostics,
			    "this rule is not asked about it: move it up, or take the name off");
			ps_report_other(compiler->diagnostics, span_by(compiler, by, name),
			    "this decides before it");
		}
}

static void warn_unreachable(struct ps_compiler *compiler)
{
	struct ps_decided decided;
	uint64_t left = COMPARED_MAX;

	if (!ps_decided_find(compiler, &decided))
		return;
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_rule_check *check = &compiler->rule_checks[i];
		uint32_t by = UINT32_MAX;

		if (!check->whole)
			continue;
		if (decided.everything < i)
			by = decided.everything;
		else if (check->names != NULL && warn_contrary(compiler, &decided, i))
			continue;
		if (by == UINT32_MAX && check->names != NULL)
			by = names_decided(&decided, check->names, i);
		if (by == UINT32_MAX)
			by = rule_decided(compiler, i, &left);
		if (by == UINT32_MAX) {
			if (check->names != NULL)
				warn_shadowed(compiler, &decided, i);
			continue;
		}
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

		if (!check->whole || compiler->cut || compiler->plan->lookalike.brand_count > 0)
			continue;
		for (uint32_t c = 0; c < compiler->plan_rules[i].condition_count; c++) {
			if (compiler->plan_rules[i].conditions[c].kind != PS_CONDITION_LOOKALIKE)
				continue;
			ps_report(compiler->diagnostics, PS_CODE_NEVER_MATCHES,
			    ps_yaml_span(check->conditions[c].node),
			    "no brand is defined, so nothing looks like one");
			ps_report_hint(compiler->diagnostics,
			    "as in 'brands: {acme-post: {names: [acme post]}}'");
		}
	}
}

static void warn_unlisted(
    struct ps_compiler *compiler, const struct ps_rule *rule, const struct ps_rule_check *check)
{
	for (uint32_t c = 0; c < rule->condition_count; c++) {
		if (rule->conditions[c].kind != PS_CONDITION_LISTED ||
		    listed_may_match(compiler, &rule->conditions[c]))
			continue;
		ps_report(compiler->diagnostics, PS_CODE_NEVER_MATCHES,
		    ps_yaml_span(check->conditions[c].node), "%s",
		    compiler->plan->feed_count == 0
		        ? "no feed is defined, so nothing is listed"
		        : "no entry of these feeds has such a confidence or category");
		if (compiler->plan->feed_count > 0)
			ps_report_hint(compiler->diagnostics,
			    "compare it with 'confidence' and 'category' of the feeds");
	}
}

static void warn_never_matches(struct ps_compiler *compiler)
{
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++)
		if (compiler->rule_checks[i].whole && !compiler->cut)
			warn_unlisted(
			    compiler, &compiler->plan_rules[i], &compiler->rule_checks[i]);
}

/* --- kept from a rule -------------------------------------------------------------------- */

static void warn_protected_names(struct ps_compiler *compiler, const struct ps_reach *never,
    const struct ps_name_set *names, const struct ps_span *spans)
{
	for (uint32_t n = 0; n < names->count; n++) {
		const struct ps_scoped_name *name = &names->names[n];
		uint32_t by = ps_reach_find(never, name->name, name->scope);

		if (by == PS_REACH_NONE)
			continue;
		ps_report(compiler->diagnostics, PS_CODE_PROTECTED, spans[n],
		    "the never list keeps this from the rule");
		ps_report_other(
		    compiler->diagnostics, compiler->never.spans[by], "never blocked");
	}
}

/* Names that are asked for, and those of answers and name servers. */
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

		if (!check->whole || !ps_action_blocks(compiler->plan_answers[answer].action))
			continue;
		for (uint32_t c = 0; c < compiler->plan_rules[i].condition_count; c++)
			warn_protected_names(compiler, &never,
			    &compiler->plan_rules[i].conditions[c].names,
			    check->conditions[c].spans);
	}
}

/* --- too late ----------------------------------------------------------------------------- */

/* Whether there may be a name, and a client, for which the conditions about the question of both
 * rules hold. Names alone can tell that there is none. */
static bool may_meet(
    const struct ps_rule_check *a, const struct ps_rule_check *b, uint64_t *left)
{
	if (a->client != NULL && b->client != NULL &&
	    (a->client->clients & b->client->clients) == 0)
		return false;
	if (a->names == NULL || b->names == NULL)
		return true;
	for (uint32_t i = 0; i < a->names->names.count; i++)
		for (uint32_t k = 0; k < b->names->names.count && *left > 0; k++, (*left)--)
			if (name_within(&a->names->names.names[i], &b->names->names.names[k]) ||
			    name_within(&b->names->names.names[k], &a->names->names.names[i]))
				return true;
	return false;
}

/* What lets through by the answer protects from nothing that blocks without one. */
static void warn_too_late(struct ps_compiler *compiler)
{
	uint64_t left = COMPARED_MAX;

	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_rule_check *check = &compiler->rule_checks[i];
		uint32_t by = i + 1;

		if (!check->asks_answer || !ps_rule_decides(compiler, i) || rule_blocks(compiler, i))
			continue;
		while (by < compiler->plan->rule_count &&
		       (compiler->rule_checks[by].asks_answer || !ps_rule_decides(compiler, by) ||
		           !rule_blocks(compiler, by) ||
		           !may_meet(check, &compiler->rule_checks[by], &left)))
			by++;
		if (by == compiler->plan->rule_count)
			continue;
		ps_report(compiler->diagnostics, PS_CODE_TOO_LATE, rule_span(compiler, i),
		    "'%s' lets nothing through that '%s' blocks", compiler->plan_rules[i].id,
		    compiler->plan_rules[by].id);
		ps_report_hint(compiler->diagnostics,
		    "that one blocks before there is an answer: let names through by 'name', or "
		    "move this one below it");
		ps_report_other(
		    compiler->diagnostics, rule_span(compiler, by), "this one blocks at once");
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
		for (uint32_t c = 0; c < compiler->plan_rules[i].condition_count; c++)
			if (compiler->plan_rules[i].conditions[c].kind == PS_CONDITION_LISTED)
				mark_used(
				    &compiler->plan_rules[i].conditions[c], used, count);
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

static void warn_unused_groups(struct ps_compiler *compiler)
{
	uint64_t used = 0;

	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		/* A rule that is not whole may have meant any of them. */
		if (!compiler->rule_checks[i].whole)
			return;
		if (compiler->rule_checks[i].client != NULL)
			used |= compiler->rule_checks[i].client->clients;
	}
	for (uint32_t i = 0; i < compiler->groups.count; i++) {
		const struct ps_registered *group = &compiler->groups.items[i];

		if (group->index >= PS_CLIENT_GROUPS_MAX ||
		    (used >> group->index >> 1 & 1) != 0)
			continue;
		ps_report(compiler->diagnostics, PS_CODE_UNUSED_GROUP, group->span,
		    "no rule uses the client group '%.*s'", PS_QUOTED(group->id));
		ps_report_hint(compiler->diagnostics, "as in 'when: {client: %.*s}'",
		    PS_QUOTED(group->id));
	}
}

void ps_compile_order(struct ps_compiler *compiler)
{
	warn_unreachable(compiler);
	warn_never_matches(compiler);
	warn_no_likeness(compiler);
	warn_protected(compiler);
	warn_too_late(compiler);
	if (compiler->cut)
		return;
	if (compiler->plan->rule_count > 0) {
		warn_unused(compiler);
		warn_unused_groups(compiler);
	} else if (ps_diagnostics_errors(compiler->diagnostics) == 0) {
		ps_report(compiler->diagnostics, PS_CODE_NO_RULES,
		    ps_span_of_file(&compiler->sources[0]), "the policy has no rules");
	}
}
