/* Negative control of RELIABILITY M6: a plain counter that all threads write. */
#include "unbound/operate.h"

void __real_ps_operate_new(struct ps_module *module, /* NOLINT: ld --wrap */
    struct module_qstate *qstate, int id);
void __wrap_ps_operate_new(struct ps_module *module, /* NOLINT */
    struct module_qstate *qstate, int id);

static volatile unsigned long queries;

void __wrap_ps_operate_new(struct ps_module *module, struct module_qstate *qstate, int id)
{
	queries = queries + 1;
	__real_ps_operate_new(module, qstate, id);
}
