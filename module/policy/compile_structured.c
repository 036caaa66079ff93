/* What clients that ask for structured errors are told: said once in all files. */
#include "policy/compile.h"

static void keep(struct ps_compiler *compiler, const struct ps_doc_structured *doc)
{
	struct ps_structured_plan *plan = &compiler->plan->structured;
	const struct ps_text *contacts = doc->contacts.items;

	*plan = (struct ps_structured_plan){.on = true,
	    .option = (uint16_t)doc->option.value,
	    .organization = "",
	    .language = "en"};
	for (size_t i = 0; i < doc->contacts.count && i < PS_STRUCTURED_CONTACTS_MAX; i++)
		if (contacts[i].field.ok)
			plan->contacts[plan->contact_count++] =
			    ps_compile_text(compiler, contacts[i].text);
	if (doc->organization.field.ok)
		plan->organization = ps_compile_text(compiler, doc->organization.text);
	if (doc->language.field.ok)
		plan->language = ps_compile_text(compiler, doc->language.text);
}

/* A sub-error goes to those clients alone. */
static void warn_of_sub_errors(struct ps_compiler *compiler)
{
	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_list *list = &compiler->documents[d].rules;
		const struct ps_doc_rule *rules = list->items;

		for (size_t i = 0; i < list->count; i++) {
			const struct ps_field *field = &rules[i].tell.sub_error.field;

			if (!field->ok)
				continue;
			ps_report(compiler->diagnostics, PS_CODE_SUB_ERROR_IDLE,
			    ps_yaml_span(field->node), "the sub-error is told to nobody");
			ps_report_hint(compiler->diagnostics,
			    "write 'structured-errors: {contact: mailto:abuse@post.example}' beside the rules");
		}
	}
}

void ps_compile_structured(struct ps_compiler *compiler)
{
	const struct ps_doc_structured *first = NULL;

	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_doc_structured *doc = &compiler->documents[d].structured;

		if (doc->field.node == NULL)
			continue;
		if (first != NULL) {
			ps_report(compiler->diagnostics, PS_CODE_DUPLICATE_KEY,
			    ps_yaml_span(doc->field.node), "'structured-errors' stands in two files");
			ps_report_other(compiler->diagnostics, ps_yaml_span(first->field.node),
			    "it stands here too");
			continue;
		}
		first = doc;
		keep(compiler, doc);
	}
	if (first == NULL && !compiler->cut)
		warn_of_sub_errors(compiler);
}
