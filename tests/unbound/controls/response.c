/* Negative control: what the resolver finds on its way is stored under whatever name. */
#include "unbound/operate.h"

void __wrap_ps_operate_response(struct ps_module *module, /* NOLINT: ld --wrap */
    struct module_qstate *qstate, const struct dns_msg *response, int id);

void __wrap_ps_operate_response(struct ps_module *module, struct module_qstate *qstate,
    const struct dns_msg *response, int id)
{
	(void)module;
	(void)qstate;
	(void)response;
	(void)id;
}
