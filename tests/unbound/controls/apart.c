/* Negative control: clients whose answers differ wait for one lookup together. */
#include "unbound/clients.h"

void __wrap_ps_client_set_apart(struct module_qstate *qstate); /* NOLINT: ld --wrap */
bool __wrap_ps_clients_agree(const struct ps_generation *generation, /* NOLINT */
    struct ps_worker *worker, const struct module_qstate *qstate,
    const struct ps_answer_facts *facts, const struct ps_verdict *verdict);

void __wrap_ps_client_set_apart(struct module_qstate *qstate)
{
	(void)qstate;
}

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
