/* Rules that go against what the policy says elsewhere: against their own conditions, and
 * against names that it knows to be good. Warnings only. */
#include "policy/compile.h"

#include "policy/pattern_match.h"
#include "policy/pattern_tail.h"

#include <stdio.h>

/* The one about the question. */
static const struct ps_condition *condition_of(
    const struct ps_rule *rule, enum ps_condition_kind kind)
{
	for (uint32_t i = 0; i < rule->condition_count; i++)
		if (rule->conditions[i].kind == kind &&
		    rule->conditions[i].of == PS_OF_QUESTION)
			return &rule->conditions[i];
	return NULL;
}

/* --- conditions that never hold together --------------------------------------------- */

/* Whether some name within the reach of `name` may end in tail. */
static bool may_end_in(const struct ps_scoped_name *name, struct ps_bytes tail)
{
	char text[PS_NAME_TEXT_MAX];
	size_t len = ps_name_to_text(name->name, text);

	if (tail.len <= len)
		return memcmp(text + len - tail.len, tail.ptr, tail.len) == 0;
	/* Longer than the name: it goes on in what stands below. */
	return name->scope != PS_SCOPE_EXACT &&
	       memcmp(tail.ptr + tail.len - len, text, len) == 0 &&
	       tail.ptr[tail.len - len - 1] == '.';
}

static void warn_pattern_elsewhere(
    struct ps_compiler *compiler, const struct ps_rule_check *check, const struct ps_rule *rule)
{
	const struct ps_condition *pattern = condition_of(rule, PS_CONDITION_PATTERN);
	char tail[PS_PATTERN_TAIL_MAX];
	size_t len;

	if (pattern == NULL || check->names == NULL)
		return;
	len = ps_pattern_tail(ps_bytes_of_text(pattern->pattern), tail);
	for (uint32_t i = 0; i < check->names->names.count; i++)
		if (len == 0 || may_end_in(&check->names->names.names[i], ps_bytes_of(tail, len)))
			return;
	ps_report(compiler->diagnostics, PS_CODE_EXCLUDING,
	    ps_yaml_span(check->doc->when.name.pattern.field.node),
	    "what this matches ends in '%.*s', which no name of this rule does",
	    PS_QUOTED(ps_bytes_of(tail, len)));
	ps_report_hint(compiler->diagnostics, "all that stands under 'when' must hold at once");
	ps_report_other(compiler->diagnostics, check->name_spans[0], "the rule's names");
}

/* Names that are known, so that whether they, or what stands below them, look like a
 * protected name is never asked. */
static bool find_unjudged(struct ps_compiler *compiler, struct ps_reach *unjudged)
{
	const struct ps_gathered *lists[] = {
	    &compiler->official, &compiler->popular, &compiler->exceptions};
	size_t count = 0;

	for (size_t l = 0; l < 3; l++)
		count += lists[l]->count;
	if (ps_reach_init(unjudged, count, compiler->scratch) != PS_OK) {
		compiler->status = PS_NO_MEMORY;
		return false;
	}
	for (size_t l = 0; l < 3; l++)
		for (size_t i = 0; i < lists[l]->count; i++) {
			/* After its end an exception is none. */
			if (lists[l] == &compiler->exceptions &&
			    compiler->plan->lookalike.exceptions[i].valid_until != UINT32_MAX)
				continue;
			ps_reach_add(
			    unjudged, lists[l]->names[i].name, PS_SCOPE_SUBTREE, (uint32_t)l);
		}
	ps_reach_seal(unjudged);
	return true;
}

static void warn_unjudged(struct ps_compiler *compiler, const struct ps_reach *unjudged,
    const struct ps_rule_check *check)
{
	if (check->looks == NULL || check->names == NULL)
		return;
	for (uint32_t i = 0; i < check->names->names.count; i++)
		if (ps_reach_find(unjudged, check->names->names.names[i].name,
		        check->names->names.names[i].scope) == PS_REACH_NONE)
			return;
	ps_report(compiler->diagnostics, PS_CODE_EXCLUDING, check->name_spans[0],
	    "no name of this rule is ever judged a lookalike");
	ps_report_hint(compiler->diagnostics,
	    "official domains, popular names and exceptions are known, with all below them");
	ps_report_other(compiler->diagnostics, ps_yaml_span(check->doc->when.looks.field.node),
	    "and this asks for one");
}

static void warn_excluding(struct ps_compiler *compiler)
{
	struct ps_reach unjudged;

	if (!find_unjudged(compiler, &unjudged))
		return;
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_rule_check *check = &compiler->rule_checks[i];

		if (!check->whole)
			continue;
		warn_pattern_elsewhere(compiler, check, &compiler->plan_rules[i]);
		warn_unjudged(compiler, &unjudged, check);
	}
}

/* --- names that are known to be good --------------------------------------------------- */

enum good { GOOD_POPULAR, GOOD_OFFICIAL, GOOD_EXCEPTION, GOOD_COUNT };

static const char *const good_words[GOOD_COUNT] = {
    "a popular name", "an official domain", "an exception"};

/* What a rule, or a name of it, does to them. */
struct harm {
	uint32_t count;
	enum good kind; /* of the first */
	uint32_t index; /* in its list */
};

struct goods {
	struct ps_compiler *compiler;
	const struct ps_gathered *lists[GOOD_COUNT];
	struct ps_reach reach; /* rank: the index over all lists */
	struct ps_reach never;
	const struct ps_decided *decided;
	uint32_t *first; /* of each rule: where the harms of its names begin */
	struct harm *harms;
};

static bool make_goods(struct goods *goods)
{
	struct ps_compiler *compiler = goods->compiler;
	const struct ps_gathered *never = &compiler->never;
	size_t count = 0, names = 0;
	uint32_t rank = 0;

	for (unsigned k = 0; k < GOOD_COUNT; k++)
		count += goods->lists[k]->count;
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++)
		if (compiler->rule_checks[i].names != NULL)
			names += compiler->rule_checks[i].names->names.count;
	goods->first =
	    ps_compile_scratch(compiler, compiler->plan->rule_count, sizeof(*goods->first));
	goods->harms = ps_compile_scratch(compiler, names, sizeof(*goods->harms));
	if (ps_reach_init(&goods->reach, count, compiler->scratch) != PS_OK ||
	    ps_reach_init(&goods->never, never->count, compiler->scratch) != PS_OK)
		compiler->status = PS_NO_MEMORY;
	if (compiler->status != PS_OK)
		return false;
	for (unsigned k = 0; k < GOOD_COUNT; k++)
		for (size_t i = 0; i < goods->lists[k]->count; i++)
			ps_reach_add(&goods->reach, goods->lists[k]->names[i].name,
			    k == GOOD_POPULAR ? PS_SCOPE_EXACT : PS_SCOPE_SUBTREE, rank++);
	for (size_t i = 0; i < never->count; i++)
		ps_reach_add(&goods->never, never->names[i].name, never->names[i].scope, 0);
	ps_reach_seal(&goods->reach);
	ps_reach_seal(&goods->never);
	return true;
}

static void add_harm(struct harm *harm, enum good kind, size_t index)
{
	if (harm->count++ == 0) {
		harm->kind = kind;
		harm->index = (uint32_t)index;
	}
}

/* The kind and the index of what stands at a rank of the reach. */
static enum good kind_at(const struct goods *goods, uint32_t *rank)
{
	unsigned kind = 0;

	while (kind + 1 < GOOD_COUNT && *rank >= goods->lists[kind]->count)
		*rank -= (uint32_t)goods->lists[kind++]->count;
	return (enum good)kind;
}

static bool covers(const struct ps_scoped_name *outer, struct ps_name name)
{
	if (outer->scope == PS_SCOPE_EXACT)
		return ps_name_equal(outer->name, name);
	return ps_name_is_under(name, outer->name) &&
	       (outer->scope == PS_SCOPE_SUBTREE || !ps_name_equal(name, outer->name));
}

/* Blocks, and by names or patterns alone: the judge of lookalikes, and feeds, leave good
 * names alone; who says for whom a name is blocked knows that others use it; and an answer
 * says more of a name than that it is good. */
static bool is_suspect(const struct ps_compiler *compiler, uint32_t index)
{
	const struct ps_rule *rule = &compiler->plan_rules[index];

	return compiler->rule_checks[index].whole && rule->mode == PS_MODE_ENFORCE &&
	       ps_action_blocks(compiler->plan_answers[rule->answer].action) &&
	       rule->condition_count > 0 && !compiler->rule_checks[index].asks_answer &&
	       condition_of(rule, PS_CONDITION_LISTED) == NULL &&
	       condition_of(rule, PS_CONDITION_LOOKALIKE) == NULL &&
	       condition_of(rule, PS_CONDITION_CLIENT) == NULL;
}

/* Each good name is decided by the first rule that names it: no later one harms it. */
static void harm_within(struct goods *goods)
{
	struct ps_compiler *compiler = goods->compiler;

	for (unsigned k = 0; k < GOOD_COUNT; k++)
		for (size_t g = 0; g < goods->lists[k]->count; g++) {
			struct ps_name name = goods->lists[k]->names[g].name;
			uint32_t rule = ps_decided_by(goods->decided, name, PS_SCOPE_EXACT);
			const struct ps_name_set *set;
			uint32_t n = 0;

			if (rule == UINT32_MAX || !is_suspect(compiler, rule) ||
			    compiler->rule_checks[rule].names == NULL ||
			    ps_reach_find(&goods->never, name, PS_SCOPE_EXACT) != PS_REACH_NONE)
				continue;
			set = &compiler->rule_checks[rule].names->names;
			while (n < set->count && !covers(&set->names[n], name))
				n++;
			if (n < set->count)
				add_harm(&goods->harms[goods->first[rule] + n], (enum good)k, g);
		}
}

/* A name below an official domain or an exception. */
static void harm_below(struct goods *goods, uint32_t rule)
{
	const struct ps_rule_check *check = &goods->compiler->rule_checks[rule];

	for (uint32_t n = 0; n < check->names->names.count; n++) {
		const struct ps_scoped_name *name = &check->names->names.names[n];
		struct harm *harm = &goods->harms[goods->first[rule] + n];
		uint32_t rank = ps_reach_find(&goods->reach, name->name, name->scope);
		enum good kind;

		if (rank == PS_REACH_NONE || harm->count > 0 ||
		    ps_decided_by(goods->decided, name->name, name->scope) < rule ||
		    ps_reach_find(&goods->never, name->name, name->scope) != PS_REACH_NONE)
			continue;
		kind = kind_at(goods, &rank);
		add_harm(harm, kind, rank);
	}
}

static void report_harm(struct goods *goods, const struct harm *harm, struct ps_span span)
{
	const struct ps_gathered *list = goods->lists[harm->kind];
	char name[PS_NAME_TEXT_MAX], more[48] = "";

	if (harm->count == 0)
		return;
	(void)ps_name_to_text(list->names[harm->index].name, name);
	if (harm->count > 1)
		(void)snprintf(more, sizeof(more), ", and %u more", harm->count - 1);
	ps_report(goods->compiler->diagnostics, PS_CODE_KNOWN_GOOD, span,
	    "this blocks %s '%.*s'%s",
	    harm->kind == GOOD_POPULAR        ? "the popular name"
	        : harm->kind == GOOD_OFFICIAL ? "names of the official domain"
	                                      : "names of the exception",
	    PS_QUOTED(ps_bytes_of_text(name)), more);
	ps_report_hint(goods->compiler->diagnostics,
	    "to let it through, name it in a rule with 'then: pass' above, or under 'never'");
	ps_report_other(
	    goods->compiler->diagnostics, list->spans[harm->index], good_words[harm->kind]);
}

/* --- patterns ------------------------------------------------------------------------------ */

static bool matches(struct ps_pattern_match *match, struct ps_name name)
{
	char text[PS_NAME_TEXT_MAX];
	size_t len = ps_name_to_text(name, text);

	return ps_pattern_matches(match, ps_bytes_of(text, len));
}

/* What of the good names the pattern matches, no earlier rule decides, and this one's names
 * allow. */
static void harm_by_pattern(
    struct goods *goods, uint32_t rule, struct ps_pattern_match *match, struct harm *harm)
{
	const struct ps_condition *names = goods->compiler->rule_checks[rule].names;

	for (unsigned k = 0; k < GOOD_COUNT; k++)
		for (size_t g = 0; g < goods->lists[k]->count; g++) {
			struct ps_name name = goods->lists[k]->names[g].name;
			bool meant = names == NULL;

			for (uint32_t n = 0; !meant && n < names->names.count; n++)
				meant = covers(&names->names.names[n], name);
			if (meant && matches(match, name) &&
			    ps_decided_by(goods->decided, name, PS_SCOPE_EXACT) >= rule &&
			    ps_reach_find(&goods->never, name, PS_SCOPE_EXACT) == PS_REACH_NONE)
				add_harm(harm, (enum good)k, g);
		}
}

static void check_pattern(
    struct goods *goods, uint32_t rule, const struct ps_condition *pattern)
{
	struct ps_compiler *compiler = goods->compiler;
	struct harm harm = {.count = 0};
	struct ps_pattern_match *match = ps_pattern_open(ps_bytes_of_text(pattern->pattern));

	if (match == NULL) { /* it compiled before */
		compiler->status = PS_NO_MEMORY;
		return;
	}
	harm_by_pattern(goods, rule, match, &harm);
	ps_pattern_close(match);
	report_harm(goods, &harm,
	    ps_yaml_span(compiler->rule_checks[rule].doc->when.name.pattern.field.node));
}

/* So many patterns are asked of all good names: a second's work. */
#define PATTERNS_MAX 512

static void warn_known_good(struct ps_compiler *compiler, const struct ps_decided *decided)
{
	struct goods goods = {.compiler = compiler,
	    .lists = {&compiler->popular, &compiler->official, &compiler->exceptions},
	    .decided = decided};
	unsigned patterns = 0;
	uint32_t next = 0;

	if (!make_goods(&goods))
		return;
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		goods.first[i] = next;
		if (compiler->rule_checks[i].names != NULL)
			next += compiler->rule_checks[i].names->names.count;
	}
	harm_within(&goods);
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_rule_check *check = &compiler->rule_checks[i];
		const struct ps_condition *pattern =
		    condition_of(&compiler->plan_rules[i], PS_CONDITION_PATTERN);

		if (!is_suspect(compiler, i) || decided->everything < i)
			continue;
		if (pattern != NULL) {
			if (patterns++ < PATTERNS_MAX && compiler->status == PS_OK)
				check_pattern(&goods, i, pattern);
			continue;
		}
		harm_below(&goods, i);
		for (uint32_t n = 0; n < check->names->names.count; n++)
			report_harm(
			    &goods, &goods.harms[goods.first[i] + n], check->name_spans[n]);
	}
}

void ps_compile_clash(struct ps_compiler *compiler)
{
	struct ps_decided decided;

	warn_excluding(compiler);
	if (compiler->status == PS_OK && ps_decided_find(compiler, &decided))
		warn_known_good(compiler, &decided);
}
