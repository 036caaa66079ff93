/* Negative control: nobody looks whether those who wait together still have one answer. */
#include "unbound/clients.h"

bool __wrap_ps_clients_agree(const struct ps_generation *generation, /* NOLINT: ld --wrap */
    struct ps_worker *worker, const struct module_qstate *qstate,
    const struct ps_answer_facts *facts, const struct ps_verdict *verdict);

bool __wrap_ps_clients_agree(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_qstate *qstate,
    const struct ps_answer_facts *facts, const struct ps_verdict *verdict)
{
	(void)generation;
	(void)worker;
	(void)qstate;
	(void)facts;
	(void)verdict;
	return true;
}
