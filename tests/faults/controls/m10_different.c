/* Negative controls of RELIABILITY M10.
 *
 * M10_ALTERED: of one in 250 answers that pass, the first RRset is left out: of the
 * answer to whoever asked, for it is in the cache by then.
 * M10_UNSTORED: one in 250 queries is answered as it is and kept out of the cache, as
 * it would be if the module took it for one that some clients must not see. */
#include "unbound/operate.h"

#ifdef M10_ALTERED
void __wrap_ps_operate_done(struct ps_module *module, /* NOLINT: ld --wrap */
    struct module_qstate *qstate, int id);
void __real_ps_operate_done(struct ps_module *module, /* NOLINT */
    struct module_qstate *qstate, int id);

void __wrap_ps_operate_done(struct ps_module *module, struct module_qstate *qstate, int id)
{
	static _Thread_local unsigned number;
	struct reply_info *rep;

	__real_ps_operate_done(module, qstate, id);
	rep = qstate->return_msg != NULL ? qstate->return_msg->rep : NULL;
	if (qstate->mesh_info->reply_list == NULL || rep == NULL || rep->rrset_count == 0 ||
	    ++number % 250 != 0)
		return;
	rep->rrset_count--;
	if (rep->an_numrrsets > 0)
		rep->an_numrrsets--;
	else if (rep->ns_numrrsets > 0)
		rep->ns_numrrsets--;
	else
		rep->ar_numrrsets--;
	memmove(rep->rrsets, rep->rrsets + 1, rep->rrset_count * sizeof(*rep->rrsets));
}
#endif

#ifdef M10_UNSTORED
void __wrap_ps_operate_new(struct ps_module *module, /* NOLINT: ld --wrap */
    struct module_qstate *qstate, int id);
void __real_ps_operate_new(struct ps_module *module, /* NOLINT */
    struct module_qstate *qstate, int id);

void __wrap_ps_operate_new(struct ps_module *module, struct module_qstate *qstate, int id)
{
	static _Thread_local unsigned number;

	__real_ps_operate_new(module, qstate, id);
	if (qstate->mesh_info->reply_list != NULL && ++number % 250 == 0)
		qstate->no_cache_store = 1;
}
#endif
