/* Who among those that wait for an answer asks for structured errors
 * (draft-ietf-dnsop-structured-dns-error-22).
 *
 * Threads: as module operate: one query state, one thread.
 */
#ifndef PS_UNBOUND_STRUCTURED_H
#define PS_UNBOUND_STRUCTURED_H

#include "snapshot/snapshot.h"
#include "unbound/compat.h"

enum ps_asked_by {
	PS_ASKED_BY_NOBODY, /* also where the policy has no structured errors */
	PS_ASKED_BY_ALL,
	PS_ASKED_BY_SOME, /* one answer cannot serve all of them */
};

/* Costs a look at a pointer for each client without EDNS options. */
enum ps_asked_by ps_structured_asked(
    const struct module_qstate *qstate, const struct ps_snapshot *snapshot);

#endif
