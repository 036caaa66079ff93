/* Rules: conditions, answers and what they tell. */
#include "policy/compile.h"
#include "policy/ede.h"
#include "policy/fix.h"

#include <stdlib.h>

/* One rule on its way into the plan. */
struct making {
	struct ps_compiler *compiler;
	const struct ps_doc_rule *doc;
	struct ps_rule *rule;
	struct ps_rule_check *check;
	struct ps_condition conditions[PS_CONDITIONS_MAX];
	struct ps_condition_check places[PS_CONDITIONS_MAX];
	uint32_t count;
	const struct ps_answer *answer; /* NULL: not known */
};

/* of: PS_OF_*; not below that of the one before. */
static struct ps_condition *add_condition(struct making *making, enum ps_condition_kind kind,
    uint8_t of, const struct ps_yaml_node *node)
{
	struct ps_condition *condition = &making->conditions[making->count];

	making->places[making->count++] = (struct ps_condition_check){.node = node};
	*condition = (struct ps_condition){.kind = kind,
	    .of = of,
	    .place = ps_compile_place(ps_yaml_span(node)),
	    .confidence_max = PS_CONFIDENCE_MAX,
	    .score_max = PS_CONFIDENCE_MAX};
	return condition;
}

/* --- name ------------------------------------------------------------------------- */

static void add_names(
    struct making *making, uint8_t of, const struct ps_list *list, enum ps_scope scope)
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
	add_condition(making, PS_CONDITION_NAMES, of, list->field.node)->names =
	    ps_gathered_set(&gathered);
	making->places[making->count - 1].spans = gathered.spans;
}

static void add_name(
    struct making *making, uint8_t of, const struct ps_doc_name_condition *name)
{
	if (name->field.node == NULL)
		return;
	making->check->whole = making->check->whole && name->field.ok;
	/* The table allows one of the three in a rule. */
	if (name->is.field.node != NULL)
		add_names(making, of, &name->is, PS_SCOPE_EXACT);
	else if (name->under.field.node != NULL)
		add_names(making, of, &name->under, PS_SCOPE_SUBTREE);
	else
		add_names(making, of, &name->below, PS_SCOPE_BELOW);
	if (name->pattern.field.ok)
		add_condition(making, PS_CONDITION_PATTERN, of, name->pattern.field.node)->pattern =
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

static void add_listed(struct making *making, uint8_t of, const struct ps_doc_listed *listed)
{
	const struct ps_number *categories = listed->categories.items;
	struct ps_condition *condition;

	if (listed->field.node == NULL)
		return;
	condition = add_condition(making, PS_CONDITION_LISTED, of, listed->field.node);
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

static void add_looks(struct making *making, uint8_t of, const struct ps_doc_looks *looks)
{
	const struct ps_number *techniques = looks->techniques.items;
	struct ps_condition *condition;

	if (looks->field.node == NULL)
		return;
	condition = add_condition(making, PS_CONDITION_LOOKALIKE, of, looks->field.node);
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
	    add_condition(making, PS_CONDITION_CLIENT, PS_OF_QUESTION, groups->field.node);
	uint32_t count = 0;
	const uint16_t *indices =
	    find_indices(making, &making->compiler->groups, groups, &count);

	if (!groups->field.ok || indices == NULL)
		making->check->whole = false;
	for (uint32_t i = 0; indices != NULL && i < count; i++)
		condition->clients |=
		    indices[i] < PS_CLIENT_GROUPS_MAX ? UINT64_C(2) << indices[i] : 0;
}

/* --- answer, server -------------------------------------------------------------------- */

static int compare_prefixes(const void *a, const void *b)
{
	const struct ps_prefix_field *const *x = a, *const *y = b;
	int order = ps_prefix_compare(&(*x)->prefix, &(*y)->prefix);

	return order != 0 ? order : (*x > *y) - (*x < *y);
}

/* One prefix twice does no harm, and is hardly meant. */
static void report_repeated(struct ps_compiler *compiler, const struct ps_list *list)
{
	const struct ps_prefix_field *items = list->items;
	const struct ps_prefix_field **sorted =
	    ps_compile_scratch(compiler, list->count, sizeof(*sorted));
	size_t count = 0;

	if (sorted == NULL)
		return;
	for (size_t i = 0; i < list->count; i++)
		if (items[i].field.ok)
			sorted[count++] = &items[i];
	if (count > 0)
		qsort(sorted, count, sizeof(*sorted), compare_prefixes);
	for (size_t i = 1; i < count; i++) {
		char text[PS_PREFIX_TEXT_MAX];

		if (ps_prefix_compare(&sorted[i - 1]->prefix, &sorted[i]->prefix) != 0)
			continue;
		ps_prefix_to_text(&sorted[i]->prefix, text);
		ps_report(compiler->diagnostics, PS_CODE_DUPLICATE_NAME,
		    ps_yaml_span(sorted[i]->field.node), "'%s' stands here again", text);
		ps_report_other(compiler->diagnostics, ps_yaml_span(sorted[i - 1]->field.node),
		    "it stands here too");
		ps_fix_repeated(compiler->diagnostics, ps_yaml_span(sorted[i]->field.node));
	}
}

static void add_prefixes(struct making *making, uint8_t of, const struct ps_list *list)
{
	struct ps_compiler *compiler = making->compiler;
	const struct ps_prefix_field *items = list->items;
	struct ps_placed_prefix *prefixes =
	    ps_compile_array(compiler, list->count, sizeof(*prefixes));
	struct ps_span *spans = ps_compile_scratch(compiler, list->count, sizeof(*spans));
	struct ps_condition *condition;
	uint32_t count = 0;

	if (prefixes == NULL || spans == NULL)
		return;
	for (size_t i = 0; i < list->count; i++) {
		if (!items[i].field.ok) {
			making->check->whole = false;
			continue;
		}
		spans[count] = ps_yaml_span(items[i].field.node);
		prefixes[count] = (struct ps_placed_prefix){.prefix = items[i].prefix,
		    .place = ps_compile_place(spans[count])};
		count++;
	}
	report_repeated(compiler, list);
	condition = add_condition(making, PS_CONDITION_ADDRESSES, of, list->field.node);
	condition->prefixes = prefixes;
	condition->prefix_count = count;
	making->places[making->count - 1].spans = spans;
}

static void add_address(
    struct making *making, uint8_t of, const struct ps_doc_address_condition *address)
{
	if (address->list.field.node == NULL)
		return;
	making->check->whole = making->check->whole && address->list.field.ok;
	if (address->list.items != NULL)
		add_prefixes(making, of, &address->list);
	add_listed(making, of, &address->listed);
}

static void add_answer(struct making *making, const struct ps_doc_answer_condition *answer)
{
	const struct ps_doc_target *target = &answer->target;

	if (answer->field.node == NULL)
		return;
	making->check->whole = making->check->whole && answer->field.ok &&
	                       (target->field.node == NULL || target->field.ok);
	add_name(making, PS_OF_TARGET, &target->name);
	add_listed(making, PS_OF_TARGET, &target->listed);
	add_looks(making, PS_OF_TARGET, &target->looks);
	add_address(making, PS_OF_ADDRESS, &answer->address);
}

static void add_server(struct making *making, const struct ps_doc_server_condition *server)
{
	if (server->field.node == NULL)
		return;
	making->check->whole = making->check->whole && server->field.ok;
	add_name(making, PS_OF_SERVER_NAME, &server->name);
	add_address(making, PS_OF_SERVER_ADDRESS, &server->address);
	add_listed(making, PS_OF_SERVER, &server->listed);
}

/* --- when ---------------------------------------------------------------------------- */

/* Notes what later checks ask of the rule's conditions. */
static void note_condition(struct ps_rule_check *check, const struct ps_condition *condition,
    const struct ps_condition_check *place)
{
	if (condition->of != PS_OF_QUESTION) {
		check->asks_answer = true;
	} else if (condition->kind == PS_CONDITION_NAMES) {
		check->names = condition;
		check->name_spans = place->spans;
	} else if (condition->kind == PS_CONDITION_LISTED) {
		check->listed = condition;
	} else if (condition->kind == PS_CONDITION_LOOKALIKE) {
		check->looks = condition;
	} else if (condition->kind == PS_CONDITION_CLIENT) {
		check->client = condition;
	}
}

static void add_conditions(struct making *making)
{
	const struct ps_doc_when *when = &making->doc->when;
	struct ps_condition_check *places;
	struct ps_condition *kept;

	if (!when->field.ok)
		making->check->whole = false;
	add_name(making, PS_OF_QUESTION, &when->name);
	add_listed(making, PS_OF_QUESTION, &when->listed);
	add_looks(making, PS_OF_QUESTION, &when->looks);
	add_answer(making, &when->answer);
	add_server(making, &when->server);
	if (when->clients.field.node != NULL)
		add_clients(making, &when->clients);
	kept = ps_compile_array(making->compiler, making->count, sizeof(*kept));
	places = ps_compile_scratch(making->compiler, making->count, sizeof(*places));
	if (kept == NULL || places == NULL)
		return;
	memcpy(kept, making->conditions, making->count * sizeof(*kept));
	memcpy(places, making->places, making->count * sizeof(*places));
	making->rule->conditions = kept;
	making->rule->condition_count = making->count;
	making->check->conditions = places;
	for (uint32_t i = 0; i < making->count; i++)
		note_condition(making->check, &kept[i], &places[i]);
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
		    "pass, log, nxdomain, nodata, refused, drop, truncate, or one from 'answers'");
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
	return action != PS_ACTION_PASS && action != PS_ACTION_LOG && action != PS_ACTION_DROP &&
	       action != PS_ACTION_TRUNCATE;
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
	if (tell->sub_error.field.ok)
		rule->sub_error = (uint8_t)tell->sub_error.value;
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
