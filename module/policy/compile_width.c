/* Rules that would block more than anybody means by accident. */
#include "policy/compile.h"

#include "feed/guard.h"

static bool blocks(const struct ps_compiler *compiler, const struct ps_rule *rule)
{
	return ps_action_blocks(compiler->plan_answers[rule->answer].action);
}

/* The guard of feeds, which knows the public suffixes; made when a rule first needs it. */
struct suffixes {
	struct ps_guard *guard;
	bool missing;
};

static void check_suffix(struct ps_compiler *compiler, const struct suffixes *suffixes,
    struct ps_name name, struct ps_span span)
{
	struct ps_guard_ruling ruling = ps_guard_judge(suffixes->guard, name, PS_SCOPE_SUBTREE);
	char text[PS_NAME_TEXT_MAX];

	if (!ruling.refused || (ruling.reason != PS_REFUSED_ROOT_OR_TLD &&
	                           ruling.reason != PS_REFUSED_PUBLIC_SUFFIX))
		return;
	(void)ps_name_to_text(name, text);
	ps_report(compiler->diagnostics, PS_CODE_WHOLE_SUFFIX, span,
	    "this blocks everything below '%.*s', where anybody registers names", PS_QUOTED_MAX,
	    text);
	ps_report_hint(compiler->diagnostics,
	    "if you mean it, write 'confirm: whole-suffix' in the rule");
}

/* False: there is no list, which is said once. */
static bool get_suffixes(
    struct ps_compiler *compiler, struct suffixes *suffixes, struct ps_span span)
{
	struct ps_error err;
	enum ps_status status;

	if (suffixes->guard != NULL || suffixes->missing)
		return !suffixes->missing;
	ps_error_clear(&err);
	status = ps_guard_create(&suffixes->guard, &err);
	if (status == PS_OK)
		return true;
	suffixes->missing = true;
	if (status == PS_NO_MEMORY)
		compiler->status = PS_NO_MEMORY;
	ps_report(compiler->diagnostics, PS_CODE_WHOLE_SUFFIX, span,
	    "whether this blocks a whole suffix cannot be told");
	ps_report_hint(compiler->diagnostics, "%s", err.text);
	return false;
}

static void check_names(struct ps_compiler *compiler, struct suffixes *suffixes,
    const struct ps_name_set *names, const struct ps_span *spans)
{
	for (uint32_t i = 0; i < names->count; i++) {
		const struct ps_scoped_name *name = &names->names[i];

		/* More than six labels: no suffix is so long. */
		if (name->scope == PS_SCOPE_EXACT || name->name.labels > 6)
			continue;
		if (!get_suffixes(compiler, suffixes, spans[i]))
			return;
		check_suffix(compiler, suffixes, name->name, spans[i]);
	}
}

/* What the guard takes from no feed. Rules may say it: answers with private addresses from
 * outside are an attack of their own. */
static void check_prefixes(struct ps_compiler *compiler, const struct ps_condition *condition,
    const struct ps_span *spans)
{
	for (uint32_t i = 0; i < condition->prefix_count; i++) {
		const struct ps_prefix *prefix = &condition->prefixes[i].prefix;
		bool is_wide = prefix->len < (prefix->address.family == 4
		                                     ? PS_GUARD_SHORTEST_IPV4
		                                     : PS_GUARD_SHORTEST_IPV6);
		char text[PS_PREFIX_TEXT_MAX];

		if (ps_guard_address_may_stand(prefix))
			continue;
		ps_prefix_to_text(prefix, text);
		ps_report(compiler->diagnostics, PS_CODE_SPECIAL_ADDRESSES, spans[i], "'%s' %s",
		    text,
		    !is_wide              ? "has addresses that local networks use"
		        : prefix->len > 0 ? "is a good part of all addresses"
		        : prefix->address.family == 4 ? "is every address there is in IPv4"
		                                      : "is every address there is in IPv6");
		ps_report_hint(compiler->diagnostics,
		    "if you mean it, write 'confirm: special-addresses' in the rule");
	}
}

static void check_everything(struct ps_compiler *compiler, const struct ps_rule *rule,
    const struct ps_rule_check *check)
{
	if (rule->mode != PS_MODE_ENFORCE)
		return;
	ps_report(compiler->diagnostics, PS_CODE_EVERYTHING,
	    ps_yaml_span(check->doc->when.field.node),
	    "this rule answers every query that reaches it%s",
	    check->client != NULL ? " from these clients" : "");
	ps_report_hint(compiler->diagnostics, "nothing else resolves any more%s",
	    check->client != NULL ? " for them" : "");
}

static bool confirms(const struct ps_rule_check *check, uint64_t what)
{
	return check->doc->confirm.field.ok && check->doc->confirm.value == what;
}

void ps_compile_width(struct ps_compiler *compiler)
{
	struct suffixes suffixes = {.guard = NULL};

	for (uint32_t i = 0; i < compiler->plan->rule_count; i++) {
		const struct ps_rule_check *check = &compiler->rule_checks[i];
		const struct ps_rule *rule = &compiler->plan_rules[i];
		uint32_t conditions;

		if (!check->whole || !blocks(compiler, rule))
			continue;
		conditions = rule->condition_count - (check->client != NULL);
		if (conditions == 0)
			check_everything(compiler, rule, check);
		/* A second condition narrows it down, but for the one that says who asks. */
		if (conditions != 1)
			continue;
		if (!confirms(check, PS_CONFIRM_WHOLE_SUFFIX))
			check_names(compiler, &suffixes, &rule->conditions[0].names,
			    check->conditions[0].spans);
		if (!confirms(check, PS_CONFIRM_SPECIAL_ADDRESSES))
			check_prefixes(
			    compiler, &rule->conditions[0], check->conditions[0].spans);
	}
	ps_guard_destroy(suffixes.guard);
}
