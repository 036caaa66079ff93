/* Rules: conditions, answers and what they tell. */
#include "policy/compile.h"
#include "policy/ede.h"
#include "policy/fix.h"

/* One rule on its way into the plan. */
struct making {
	struct ps_compiler *compiler;
	const struct ps_doc_rule *doc;
	struct ps_rule *rule;
	struct ps_rule_check *check;
	struct ps_condition conditions[PS_CONDITIONS_MAX];
	uint32_t count;
	const struct ps_answer *answer; /* NULL: not known */
};

static struct ps_condition *add_condition(
    struct making *making, enum ps_condition_kind kind, const struct ps_yaml_node *node)
{
	struct ps_condition *condition = &making->conditions[making->count++];

	*condition = (struct ps_condition){.kind = kind,
	    .place = ps_compile_place(ps_yaml_span(node)),
	    .confidence_max = PS_CONFIDENCE_MAX,
	    .score_max = PS_CONFIDENCE_MAX};
	return condition;
}

/* --- name ------------------------------------------------------------------------- */

static void add_names(struct making *making, const struct ps_list *list, enum ps_scope scope)
{
	struct ps_compiler *compiler = making->compiler;
	const struct ps_name_field *items = list->items;
	struct ps_gathered gathered;

	if (list->field.node == NULL)
		return;
	if (!list->field.ok)
		making->check->whole = false;
	if (!ps_gathered_init(compiler, &gathered, list->count))
		return;
	for (size_t i = 0; i < list->count; i++) {
		if (items[i].field.ok)
			ps_gathered_add(compiler, &gathered, items[i].name, scope,
			    ps_yaml_span(items[i].field.node));
		else
			making->check->whole = false;
	}
	ps_gathered_check(compiler, &gathered);
	add_condition(making, PS_CONDITION_NAMES, list->field.node)->names =
	    ps_gathered_set(&gathered);
	making->check->name_spans = gathered.spans;
}

static void add_name(struct making *making, const struct ps_doc_name_condition *name)
{
	/* The table allows one of the three in a rule. */
	if (name->is.field.node != NULL)
		add_names(making, &name->is, PS_SCOPE_EXACT);
	else if (name->under.field.node != NULL)
		add_names(making, &name->under, PS_SCOPE_SUBTREE);
	else
		add_names(making, &name->below, PS_SCOPE_BELOW);
	if (name->pattern.field.ok)
		add_condition(making, PS_CONDITION_PATTERN, name->pattern.field.node)->pattern =
		    ps_compile_text(making->compiler, name->pattern.text);
	else if (name->pattern.field.node != NULL)
		making->check->whole = false;
}

/* --- listed ------------------------------------------------------------------------- */

static bool has_index(const uint16_t *indices, uint32_t count, uint32_t index)
{
	for (uint32_t i = 0; i < count; i++)
		if (indices[i] == index)
			return true;
	return false;
}

/* The indices of what the list names by id, each once; NULL: out of memory. */
static uint16_t *find_indices(struct making *making, const struct ps_registry *among,
    const struct ps_list *list, uint32_t *count)
{
	struct ps_compiler *compiler = making->compiler;
	const struct ps_text *items = list->items;
	uint16_t *indices = ps_compile_array(compiler, list->count, sizeof(*indices));

	if (indices == NULL)
		return NULL;
	for (size_t i = 0; i < list->count; i++) {
		uint32_t index = 0;

		if (!items[i].field.ok ||
		    !ps_compile_find(compiler, among, &items[i], &index)) {
			making->check->whole = false;
			continue;
		}
		if (has_index(indices, *count, index)) {
			ps_report(compiler->diagnostics, PS_CODE_DUPLICATE_NAME,
			    ps_yaml_span(items[i].field.node), "the %s '%.*s' stands here again",
			    among->what, PS_QUOTED(items[i].text));
			ps_fix_repeated(
			    compiler->diagnostics, ps_yaml_span(items[i].field.node));
		} else {
			indices[(*count)++] = (uint16_t)index;
		}
	}
	return indices;
}

static void add_listed(struct making *making, const struct ps_doc_listed *listed)
{
	struct ps_condition *condition =
	    add_condition(making, PS_CONDITION_LISTED, listed->field.node);
	const struct ps_number *categories = listed->categories.items;

	if (!listed->field.ok || (listed->feeds.field.node != NULL && !listed->feeds.field.ok) ||
	    (listed->confidence.field.node != NULL && !listed->confidence.field.ok))
		making->check->whole = false;
	condition->feeds = find_indices(
	    making, &making->compiler->feeds, &listed->feeds, &condition->feed_count);
	for (size_t i = 0; i < listed->categories.count; i++) {
		if (categories[i].field.ok)
			condition->categories |= UINT32_C(1) << categories[i].value;
		else
			making->check->whole = false;
	}
	if (listed->confidence.field.ok) {
		condition->confidence_min = listed->confidence.min;
		condition->confidence_max = listed->confidence.max;
	}
}

/* --- lookalike ----------------------------------------------------------------------- */

static void add_looks(struct making *making, const struct ps_doc_looks *looks)
{
	struct ps_condition *condition =
	    add_condition(making, PS_CONDITION_LOOKALIKE, looks->field.node);
	const struct ps_number *techniques = looks->techniques.items;

	if (!looks->field.ok || !looks->score.field.ok ||
	    (looks->brands.field.node != NULL && !looks->brands.field.ok))
		making->check->whole = false;
	condition->brands = find_indices(
	    making, &making->compiler->brands, &looks->brands, &condition->brand_count);
	for (size_t i = 0; i < looks->techniques.count; i++) {
		if (techniques[i].field.ok)
			condition->techniques |= UINT32_C(1) << techniques[i].value;
		else
			making->check->whole = false;
	}
	if (looks->score.field.ok) {
		condition->score_min = looks->score.min;
		condition->score_max = looks->score.max;
	}
}

/* --- client -------------------------------------------------------------------------- */

/* Behind all others: a rule's last condition. */
static void add_clients(struct making *making, const struct ps_list *groups)
{
	struct ps_condition *condition =
	    add_condition(making, PS_CONDITION_CLIENT, groups->field.node);
	uint32_t count = 0;
	const uint16_t *indices =
	    find_indices(making, &making->compiler->groups, groups, &count);

	if (!groups->field.ok || indices == NULL)
		making->check->whole = false;
	for (uint32_t i = 0; indices != NULL && i < count; i++)
		condition->clients |=
		    indices[i] < PS_CLIENT_GROUPS_MAX ? UINT64_C(2) << indices[i] : 0;
}

/* --- when ---------------------------------------------------------------------------- */

static void add_conditions(struct making *making)
{
	const struct ps_doc_when *when = &making->doc->when;
	struct ps_condition *kept;

	if (!when->field.ok)
		making->check->whole = false;
	if (when->name.field.node != NULL) {
		making->check->whole = making->check->whole && when->name.field.ok;
		add_name(making, &when->name);
	}
	if (when->listed.field.node != NULL)
		add_listed(making, &when->listed);
	if (when->looks.field.node != NULL)
		add_looks(making, &when->looks);
	if (when->clients.field.node != NULL)
		add_clients(making, &when->clients);
	kept = ps_compile_array(making->compiler, making->count, sizeof(*kept));
	if (kept == NULL)
		return;
	memcpy(kept, making->conditions, making->count * sizeof(*kept));
	making->rule->conditions = kept;
	making->rule->condition_count = making->count;
	for (uint32_t i = 0; i < making->count; i++) {
		if (kept[i].kind == PS_CONDITION_NAMES)
			making->check->names = &kept[i];
		if (kept[i].kind == PS_CONDITION_LISTED)
			making->check->listed = &kept[i];
		if (kept[i].kind == PS_CONDITION_LOOKALIKE)
			making->check->looks = &kept[i];
		if (kept[i].kind == PS_CONDITION_CLIENT)
			making->check->client = &kept[i];
	}
}

/* --- then, tell ------------------------------------------------------------------------ */

/* Where a file was cut off, an answer may stand in what is missing; but hardly one
 * that looks like a built-in one. */
void ps_compile_report_answer(struct ps_compiler *compiler, const struct ps_text *then)
{
	struct ps_suggest suggest;

	ps_suggest_init(&suggest, then->text);
	for (unsigned i = 0; i < PS_ACTION_COUNT; i++)
		if (i != PS_ACTION_SINKHOLE)
			ps_suggest_try(&suggest, ps_bytes_of_text(ps_action_name(i)));
	if (compiler->cut && suggest.best.len == 0)
		return;
	ps_registry_suggest(&compiler->answers, &suggest);
	ps_report(compiler->diagnostics, PS_CODE_UNKNOWN_REFERENCE,
	    ps_yaml_span(then->field.node), "there is no answer '%.*s'", PS_QUOTED(then->text));
	ps_fix_spelling(compiler->diagnostics, then->field.node, &suggest);
	if (ps_bytes_equal_text(then->text, "sinkhole"))
		ps_report_hint(compiler->diagnostics,
		    "a sinkhole needs addresses: define one under 'answers' and name it here");
	else if (ps_bytes_equal_text(then->text, "block"))
		ps_report_hint(compiler->diagnostics, "say how: nxdomain, nodata, refused or drop");
	else if (ps_bytes_equal_text(then->text, "allow"))
		ps_report_hint(compiler->diagnostics, "did you mean 'pass'?");
	else if (suggest.best.len > 0)
		ps_report_hint(
		    compiler->diagnostics, "did you mean '%.*s'?", PS_QUOTED(suggest.best));
	else
		ps_report_hint(compiler->diagnostics,
		    "pass, log, nxdomain, nodata, refused, drop, or one from 'answers'");
}

static void find_answer(struct making *making)
{
	struct ps_compiler *compiler = making->compiler;
	const struct ps_text *then = &making->doc->then;
	const struct ps_registered *answer;

	making->check->whole = making->check->whole && then->field.ok;
	if (!then->field.ok)
		return;
	answer = ps_registry_find(&compiler->answers, then->text);
	if (answer != NULL) {
		making->rule->answer = (uint16_t)answer->index;
		if (compiler->answer_ok[answer->index])
			making->answer = &compiler->plan_answers[answer->index];
		else
			making->check->whole = false;
		return;
	}
	making->check->whole = false;
	ps_compile_report_answer(compiler, then);
}

static bool action_tells(enum ps_action action)
{
	return action != PS_ACTION_PASS && action != PS_ACTION_LOG && action != PS_ACTION_DROP;
}

/* An answer of ours says that it is one, unless told not to: RFC 8914 sections 4.5
 * (an answer was forged) and 4.16 (blocked by the operator's security policy). */
static void set_tell(struct making *making)
{
	const struct ps_doc_tell *tell = &making->doc->tell;
	const struct ps_answer *answer = making->answer;
	struct ps_rule *rule = making->rule;

	rule->ede_code = PS_EDE_NONE;
	rule->ede_text = "";
	if (answer == NULL)
		return;
	if (!action_tells(answer->action)) {
		if (tell->field.node == NULL)
			return;
		ps_report(making->compiler->diagnostics, PS_CODE_TELL,
		    ps_yaml_span(tell->field.node), "nothing can be told with '%s'", answer->name);
		ps_report_hint(making->compiler->diagnostics,
		    answer->action == PS_ACTION_DROP ? "no answer is sent"
		                                     : "the answer is not ours; use 'note'");
		return;
	}
	rule->ede_code =
	    answer->action == PS_ACTION_SINKHOLE ? PS_EDE_FORGED_ANSWER : PS_EDE_BLOCKED;
	if (tell->ede.field.ok)
		rule->ede_code =
		    tell->ede.value == PS_EDE_WORD_NONE ? PS_EDE_NONE : (int32_t)tell->ede.value;
	if (tell->text.field.ok && tell->text.text.len > 0)
		rule->ede_text = ps_compile_text(making->compiler, tell->text.text);
}

/* --- one rule ---------------------------------------------------------------------------- */

static void compile_rule(struct ps_compiler *compiler, const struct ps_doc_rule *doc,
    struct ps_rule *rule, struct ps_rule_check *check)
{
	struct making making = {.compiler = compiler, .doc = doc, .rule = rule, .check = check};

	*check = (struct ps_rule_check){.doc = doc, .whole = doc->field.ok && doc->id.field.ok};
	rule->id = "";
	if (doc->id.field.ok)
		rule->id = ps_compile_text(compiler, doc->id.text);
	rule->place = ps_compile_place(ps_yaml_span(
	    doc->id.field.node != NULL ? doc->id.field.node : doc->field.node));
	rule->mode = doc->mode.field.ok ? (enum ps_mode)doc->mode.value : PS_MODE_ENFORCE;
	check->whole = check->whole && (doc->mode.field.node == NULL || doc->mode.field.ok);
	add_conditions(&making);
	find_answer(&making);
	set_tell(&making);
}

static size_t count_rules(const struct ps_compiler *compiler)
{
	size_t count = 0;

	for (size_t i = 0; i < compiler->document_count; i++)
		count += compiler->documents[i].rules.count;
	return count;
}

static bool make_room(struct ps_compiler *compiler, size_t count)
{
	compiler->plan_rules = ps_compile_array(compiler, count, sizeof(*compiler->plan_rules));
	compiler->rule_checks = ps_compile_scratch(compiler, count, sizeof(*compiler->rule_checks));
	if (compiler->plan_rules == NULL || compiler->rule_checks == NULL ||
	    ps_registry_init(&compiler->rules, "rule", count, compiler->scratch) != PS_OK)
		compiler->status = PS_NO_MEMORY;
	return compiler->status == PS_OK;
}

void ps_compile_rules(struct ps_compiler *compiler)
{
	size_t count = count_rules(compiler);
	uint32_t next = 0;

	if (!make_room(compiler, count))
		return;
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].rules;
		const struct ps_doc_rule *items = list->items;

		for (size_t i = 0; i < list->count; i++, next++) {
			compile_rule(compiler, &items[i], &compiler->plan_rules[next],
			    &compiler->rule_checks[next]);
			if (items[i].id.field.ok)
				ps_registry_add(&compiler->rules, items[i].id.text,
				    ps_yaml_span(items[i].id.field.node), next);
		}
	}
	ps_registry_seal(&compiler->rules, compiler->diagnostics);
	if (count > PS_RULES_MAX)
		ps_report(compiler->diagnostics, PS_CODE_TOO_MANY,
		    ps_span_of_file(&compiler->sources[0]), "the policy has more than %d rules",
		    PS_RULES_MAX);
	compiler->plan->rules = compiler->plan_rules;
	compiler->plan->rule_count = (uint32_t)count;
}
