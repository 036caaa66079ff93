#include "unbound/line.h"

#include <stdio.h>

#include "event/found.h"

#define FOUND_MAX (PS_NAME_TEXT_MAX + 32)

/* " found=target:tracker.evil.top", or "". */
static void found_text(const struct ps_answer_facts *answer, uint32_t index, char out[FOUND_MAX])
{
	const struct ps_fact *fact;
	char text[PS_NAME_TEXT_MAX];

	out[0] = '\0';
	if (answer == NULL || index >= answer->count)
		return;
	fact = &answer->facts[index];
	if (ps_fact_is_name(fact->kind))
		(void)ps_name_to_text(fact->name, text);
	else
		ps_address_to_text(&fact->address, text);
	(void)snprintf(out, FOUND_MAX, " found=%s:%s", ps_found_kind_name(fact->kind + 1u), text);
}

void ps_line_write(const struct ps_generation *generation, const struct module_qstate *qstate,
    const struct ps_answer_facts *answer, uint32_t index, uint32_t fact, bool trial)
{
	char name[LDNS_MAX_DOMAINLEN + 1], found[FOUND_MAX];
	enum verbosity_value level;
	struct ps_rule_view rule;
	enum ps_action action;

	rule = ps_snapshot_rule(generation->snapshot, index);
	action = ps_snapshot_answer(generation->snapshot, rule.answer).action;
	level = action == PS_ACTION_LOG && !trial ? VERB_OPS : VERB_DETAIL;
	dname_str(qstate->qinfo.qname, name);
	found_text(answer, fact, found);
	verbose(level, "postshield: name=%s type=%u action=%s rule=%s at=%s:%u%s%s", name,
	    qstate->qinfo.qtype, ps_action_name(action), rule.id, rule.file, rule.line,
	    trial ? " mode=shadow" : "", found);
}
