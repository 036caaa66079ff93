/* Every query begins with an event that no module is sent: what the module does where a check of
 * its own fails. */
#include "unbound/operate.h"

void operate(
    struct module_qstate *qstate, enum module_ev event, int id, struct outbound_entry *entry);
void __wrap_ps_operate_new(struct ps_module *module, struct module_qstate *qstate, int id); /* NOLINT: ld --wrap */

void __wrap_ps_operate_new(struct ps_module *module, struct module_qstate *qstate, int id)
{
	(void)module;
	operate(qstate, (enum module_ev)77, id, NULL);
}
