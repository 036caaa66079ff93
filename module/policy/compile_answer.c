/* Answers: the built-in ones first, then those that the files define. */
#include "policy/compile.h"

static const enum ps_action built_in[] = {PS_ACTION_PASS, PS_ACTION_LOG, PS_ACTION_NXDOMAIN,
    PS_ACTION_NODATA, PS_ACTION_REFUSED, PS_ACTION_DROP, PS_ACTION_TRUNCATE};

#define BUILT_IN_COUNT (sizeof(built_in) / sizeof(built_in[0]))

static size_t count_answers(const struct ps_compiler *compiler)
{
	size_t count = BUILT_IN_COUNT;

	for (size_t i = 0; i < compiler->document_count; i++)
		count += compiler->documents[i].answers.count;
	return count;
}

static uint32_t copy_addresses(const struct ps_list *list, struct ps_address *out)
{
	const struct ps_address_field *items = list->items;
	uint32_t count = 0;

	for (size_t i = 0; i < list->count && count < PS_SINKHOLE_ADDRESSES_MAX; i++)
		if (items[i].field.ok)
			out[count++] = items[i].address;
	return count;
}

static bool all_ok(const struct ps_list *list)
{
	const struct ps_address_field *items = list->items;

	if (list->field.node != NULL && !list->field.ok)
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (!items[i].field.ok)
			return false;
	return true;
}

static void copy_sinkhole(
    struct ps_compiler *compiler, const struct ps_doc_sinkhole *doc, struct ps_answer *answer)
{
	answer->action = PS_ACTION_SINKHOLE;
	answer->a_count = copy_addresses(&doc->a, answer->a);
	answer->aaaa_count = copy_addresses(&doc->aaaa, answer->aaaa);
	if (doc->cname.field.ok) {
		struct ps_bytes wire = ps_bytes_of(doc->cname.name.wire, doc->cname.name.len);
		uint8_t *copy = ps_arena_copy(compiler->arena, wire);

		if (copy == NULL) {
			compiler->status = PS_NO_MEMORY;
			return;
		}
		answer->has_cname = true;
		answer->cname =
		    ps_name_trusted(copy, doc->cname.name.len, doc->cname.name.labels);
	}
}

/* A name that a rule could not tell from a built-in one. */
static bool check_id(struct ps_compiler *compiler, const struct ps_doc_answer *doc)
{
	enum ps_action action;

	if (!doc->named.id_ok)
		return false;
	if (!ps_action_from_text(doc->named.key->text, &action))
		return true;
	ps_report(compiler->diagnostics, PS_CODE_DUPLICATE_ID, ps_yaml_span(doc->named.key),
	    "'%.*s' is built in and cannot be defined", PS_QUOTED(doc->named.key->text));
	ps_report_hint(compiler->diagnostics, "choose another name");
	return false;
}

static bool compile_answer(
    struct ps_compiler *compiler, const struct ps_doc_answer *doc, struct ps_answer *answer)
{
	answer->name = ps_compile_text(compiler, doc->named.key->text);
	answer->ttl = doc->ttl.field.ok ? (uint32_t)doc->ttl.value : PS_TTL_DEFAULT;
	for (unsigned i = 0; i < PS_ACTION_COUNT; i++)
		if (doc->plain[i].ok)
			answer->action = (enum ps_action)i;
	if (doc->sinkhole.field.node != NULL)
		copy_sinkhole(compiler, &doc->sinkhole, answer);
	return doc->named.field.ok &&
	       (doc->sinkhole.field.node == NULL ||
	           (doc->sinkhole.field.ok && all_ok(&doc->sinkhole.a) &&
	               all_ok(&doc->sinkhole.aaaa)));
}

void ps_compile_answers(struct ps_compiler *compiler)
{
	size_t count = count_answers(compiler);
	struct ps_answer *answers = ps_compile_array(compiler, count, sizeof(*answers));
	bool *ok = ps_compile_scratch(compiler, count, sizeof(*ok));
	uint32_t next = BUILT_IN_COUNT;

	if (answers == NULL || ok == NULL ||
	    ps_registry_init(&compiler->answers, "answer", count, compiler->scratch) != PS_OK) {
		compiler->status = PS_NO_MEMORY;
		return;
	}
	for (uint32_t i = 0; i < BUILT_IN_COUNT; i++) {
		const char *name = ps_action_name(built_in[i]);

		answers[i] = (struct ps_answer){
		    .name = name, .action = built_in[i], .ttl = PS_TTL_DEFAULT};
		ok[i] = true;
		ps_registry_add(&compiler->answers, ps_bytes_of_text(name),
		    (struct ps_span){.source = NULL}, i);
	}
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].answers;
		const struct ps_doc_answer *items = list->items;

		for (size_t i = 0; i < list->count; i++, next++) {
			ok[next] = compile_answer(compiler, &items[i], &answers[next]);
			if (check_id(compiler, &items[i]))
				ps_registry_add(&compiler->answers, items[i].named.key->text,
				    ps_yaml_span(items[i].named.key), next);
		}
	}
	ps_registry_seal(&compiler->answers, compiler->diagnostics);
	if (count > PS_ANSWERS_MAX)
		ps_report(compiler->diagnostics, PS_CODE_TOO_MANY,
		    ps_span_of_file(&compiler->sources[0]),
		    "the policy has more than %d answers", PS_ANSWERS_MAX);
	compiler->plan_answers = answers;
	compiler->answer_ok = ok;
	compiler->plan->answers = answers;
	compiler->plan->answer_count = (uint32_t)count;
}
