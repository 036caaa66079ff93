/* Tests: what they expect, resolved. */
#include "policy/compile.h"

/* An action by its word, or an answer by its name: as a rule's `then`, and the word
 * 'sinkhole' for any of them. */
static void expect_action(
    struct ps_compiler *compiler, const struct ps_text *text, struct ps_policy_test *test)
{
	const struct ps_registered *answer;
	enum ps_action action;

	if (!text->field.ok)
		return;
	if (ps_action_from_text(text->text, &action)) {
		test->action = (uint32_t)action;
		return;
	}
	answer = ps_registry_find(&compiler->answers, text->text);
	if (answer != NULL)
		test->answer = answer->index;
	else
		ps_compile_report_answer(compiler, text);
}

/* The index of what text names; that nothing is expected can be said as well, unless
 * something is called so. */
static uint32_t expect_index(struct ps_compiler *compiler, const struct ps_registry *among,
    const struct ps_text *text)
{
	uint32_t index = PS_TEST_ANY;

	if (!text->field.ok)
		return PS_TEST_ANY;
	if (ps_bytes_equal_text(text->text, "none") &&
	    ps_registry_find(among, text->text) == NULL)
		return PS_TEST_NONE;
	return ps_compile_find(compiler, among, text, &index) ? index : PS_TEST_ANY;
}

/* Into facts, as far as they were bound. */
static void add_facts(struct ps_compiler *compiler, const struct ps_list *list, bool of_server,
    struct ps_policy_test *test, struct ps_test_fact *facts)
{
	const struct ps_shown_field *items = list->items;

	for (size_t i = 0; i < list->count; i++) {
		struct ps_test_fact *fact = &facts[test->fact_count];
		struct ps_name name = items[i].name.name;
		bool is_name = items[i].address.family == 0;
		uint8_t *wire;

		if (!items[i].name.field.ok)
			continue;
		*fact = (struct ps_test_fact){.address = items[i].address};
		if (of_server)
			fact->of = is_name ? PS_OF_SERVER_NAME : PS_OF_SERVER_ADDRESS;
		else
			fact->of = is_name ? PS_OF_TARGET : PS_OF_ADDRESS;
		if (is_name) {
			wire = ps_arena_copy(compiler->arena, ps_bytes_of(name.wire, name.len));
			if (wire == NULL) {
				compiler->status = PS_NO_MEMORY;
				return;
			}
			fact->name = ps_name_trusted(wire, name.len, name.labels);
		}
		test->fact_count++;
	}
}

static void compile_facts(
    struct ps_compiler *compiler, const struct ps_doc_test *doc, struct ps_policy_test *test)
{
	size_t count = doc->answer.count + doc->server.count;
	struct ps_test_fact *facts;

	if (count == 0)
		return;
	facts = ps_compile_array(compiler, count, sizeof(*facts));
	if (facts == NULL)
		return;
	test->facts = facts;
	add_facts(compiler, &doc->answer, false, test, facts);
	add_facts(compiler, &doc->server, true, test, facts);
}

static void compile_test(
    struct ps_compiler *compiler, const struct ps_doc_test *doc, struct ps_policy_test *test)
{
	const struct ps_doc_expect *expect = &doc->expect;
	uint8_t *wire;

	*test = (struct ps_policy_test){.type = 1,
	    .place = ps_compile_place(ps_yaml_span(doc->name.field.node)),
	    .action = PS_TEST_ANY,
	    .answer = PS_TEST_ANY,
	    .technique = PS_TEST_ANY};
	wire = ps_arena_copy(
	    compiler->arena, ps_bytes_of(doc->name.name.wire, doc->name.name.len));
	if (wire == NULL) {
		compiler->status = PS_NO_MEMORY;
		return;
	}
	test->name = ps_name_trusted(wire, doc->name.name.len, doc->name.name.labels);
	if (doc->type.field.ok)
		test->type = (uint16_t)doc->type.value;
	if (doc->client.field.ok)
		test->client = doc->client.address;
	compile_facts(compiler, doc, test);
	if (doc->note.field.ok)
		test->note = ps_compile_text(compiler, doc->note.text);
	expect_action(compiler, &expect->action, test);
	test->rule = expect_index(compiler, &compiler->rules, &expect->rule);
	test->brand = expect_index(compiler, &compiler->brands, &expect->brand);
	if (expect->technique.field.ok)
		test->technique = (uint32_t)expect->technique.value;
}

void ps_compile_tests(struct ps_compiler *compiler)
{
	struct ps_policy_test *tests;
	size_t count = 0;
	uint32_t next = 0;

	for (size_t d = 0; d < compiler->document_count; d++)
		count += compiler->documents[d].tests.count;
	tests = ps_compile_array(compiler, count, sizeof(*tests));
	if (tests == NULL)
		return;
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].tests;
		const struct ps_doc_test *items = list->items;

		for (size_t i = 0; i < list->count && compiler->status == PS_OK; i++)
			if (items[i].name.field.ok)
				compile_test(compiler, &items[i], &tests[next++]);
	}
	ps_compile_limit(compiler, count, PS_TESTS_MAX, "tests");
	compiler->plan->tests = tests;
	compiler->plan->test_count = next;
}
