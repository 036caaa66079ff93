/* What rules decide whatever the rest of a query is like. */
#include "policy/compile.h"

#include "policy/pattern_match.h"

bool ps_rule_decides(const struct ps_compiler *compiler, uint32_t rule)
{
	return compiler->rule_checks[rule].whole &&
	       compiler->plan_rules[rule].mode == PS_MODE_ENFORCE;
}

static size_t count_names(const struct ps_compiler *compiler)
{
	size_t count = 0;

	for (uint32_t i = 0; i < compiler->plan->rule_count; i++)
		if (compiler->rule_checks[i].names != NULL)
			count += compiler->rule_checks[i].names->names.count;
	return count;
}

static void add_names(const struct ps_compiler *compiler, struct ps_decided *decided)
{
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_condition *names = compiler->rule_checks[i].names;
		uint32_t conditions = compiler->plan_rules[i].condition_count;

		if (!ps_rule_decides(compiler, i))
			continue;
		if (conditions == 0 && decided->everything == UINT32_MAX)
			decided->everything = i;
		if (conditions != 1 || names == NULL)
			continue;
		for (uint32_t n = 0; n < names->names.count; n++)
			ps_reach_add(&decided->names, names->names.names[n].name,
			    names->names.names[n].scope, i);
	}
}

/* --- by patterns ------------------------------------------------------------------------ */

/* So many patterns are looked at, and so many names asked about in all: a second's work. */
#define PATTERNS_MAX 256u
#define ASKED_MAX 500000u

struct patterns {
	struct ps_pattern_match *match[PATTERNS_MAX];
	uint32_t rule[PATTERNS_MAX];
	uint32_t count;
	uint32_t asked;
};

/* Rules that ask for a pattern in the name that was asked, and nothing else. */
static void open_patterns(
    struct ps_compiler *compiler, struct ps_decided *decided, struct patterns *patterns)
{
	for (uint32_t i = 0; i < compiler->plan->rule_count && patterns->count < PATTERNS_MAX; i++) {
		const struct ps_rule *rule = &compiler->plan_rules[i];
		struct ps_pattern_match *match;

		if (!ps_rule_decides(compiler, i) || rule->condition_count != 1 ||
		    rule->conditions[0].kind != PS_CONDITION_PATTERN ||
		    rule->conditions[0].of != PS_OF_QUESTION)
			continue;
		match = ps_pattern_open(ps_bytes_of_text(rule->conditions[0].pattern));
		if (match == NULL) {
			compiler->status = PS_NO_MEMORY;
			return;
		}
		if (ps_pattern_matches_all(match) && i < decided->everything)
			decided->everything = i;
		patterns->rule[patterns->count] = i;
		patterns->match[patterns->count++] = match;
	}
}

/* The first rule above that has the name by its pattern; UINT32_MAX: none. */
static uint32_t caught_by(struct patterns *patterns, uint32_t rule, struct ps_name name)
{
	char text[PS_NAME_TEXT_MAX];
	struct ps_bytes bytes = ps_bytes_of(text, ps_name_to_text(name, text));

	for (uint32_t p = 0; p < patterns->count && patterns->rule[p] < rule; p++)
		if (patterns->asked++ < ASKED_MAX &&
		    ps_pattern_matches(patterns->match[p], bytes))
			return patterns->rule[p];
	return UINT32_MAX;
}

/* Names that a rule says alone, and a pattern above it matches. Of what is below a name
 * nothing can be told. */
static void add_caught(
    struct ps_compiler *compiler, struct ps_decided *decided, struct patterns *patterns)
{
	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_condition *names = compiler->rule_checks[i].names;

		for (uint32_t n = 0; names != NULL && n < names->names.count; n++) {
			struct ps_name name = names->names.names[n].name;
			uint32_t by = names->names.names[n].scope == PS_SCOPE_EXACT
			    ? caught_by(patterns, i, name)
			    : UINT32_MAX;

			if (by != UINT32_MAX)
				ps_reach_add(&decided->names, name, PS_SCOPE_EXACT, by);
		}
	}
}

bool ps_decided_find(struct ps_compiler *compiler, struct ps_decided *decided)
{
	struct patterns patterns = {.count = 0};

	decided->everything = UINT32_MAX;
	if (ps_reach_init(&decided->names, 2 * count_names(compiler), compiler->scratch) != PS_OK) {
		compiler->status = PS_NO_MEMORY;
		return false;
	}
	add_names(compiler, decided);
	open_patterns(compiler, decided, &patterns);
	if (compiler->status == PS_OK)
		add_caught(compiler, decided, &patterns);
	ps_reach_seal(&decided->names);
	while (patterns.count > 0)
		ps_pattern_close(patterns.match[--patterns.count]);
	return compiler->status == PS_OK;
}
