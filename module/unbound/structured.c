#include "unbound/structured.h"

/* The draft's own option asks whatever its data (section 5.4). Chromium, which has it behind a
 * flag, and earlier revisions of the draft send an Extended DNS Error that is none instead: code 0
 * and no text; or nothing at all. */
static bool asks(const struct edns_option *options, uint16_t own)
{
	for (; options != NULL; options = options->next) {
		if (own != 0 && options->opt_code == own)
			return true;
		if (options->opt_code == LDNS_EDNS_EDE &&
		    (options->opt_len == 0 ||
		        (options->opt_len == 2 && options->opt_data[0] == 0 &&
		            options->opt_data[1] == 0)))
			return true;
	}
	return false;
}

enum ps_asked_by ps_structured_asked(
    const struct module_qstate *qstate, const struct ps_snapshot *snapshot)
{
	struct ps_structured_plan plan = {.on = false};
	bool some = false, all = true;

	for (const struct mesh_reply *r = qstate->mesh_info->reply_list; r != NULL; r = r->next) {
		if (r->edns.opt_list_in == NULL) {
			all = false;
			continue;
		}
		if (!plan.on)
			plan = ps_snapshot_structured(snapshot);
		if (!plan.on)
			return PS_ASKED_BY_NOBODY;
		if (asks(r->edns.opt_list_in, plan.option))
			some = true;
		else
			all = false;
	}
	if (!some)
		return PS_ASKED_BY_NOBODY;
	return all ? PS_ASKED_BY_ALL : PS_ASKED_BY_SOME;
}
