/* What is kept of events: said once in all files. */
#include "policy/compile.h"

void ps_compile_events(struct ps_compiler *compiler)
{
	const struct ps_doc_events *first = NULL;

	for (size_t d = 0; d < compiler->document_count; d++) {
		const struct ps_doc_events *events = &compiler->documents[d].events;

		if (events->field.node == NULL)
			continue;
		if (first != NULL) {
			ps_report(compiler->diagnostics, PS_CODE_DUPLICATE_KEY,
			    ps_yaml_span(events->field.node), "'events' stands in two files");
			ps_report_other(compiler->diagnostics, ps_yaml_span(first->field.node),
			    "it stands here too");
			continue;
		}
		first = events;
		compiler->plan->events = (struct ps_events_plan){
		    .client = (enum ps_client_form)events->client.value,
		    .keep_mib = (uint16_t)((events->keep.value + (1u << 20) - 1) >> 20)};
	}
}
