/* What an answer of Unbound's shows, gathered for the verdict (verdict/fact.h).
 *
 * Targets and addresses are those of the answer section: of the whole chain, which Unbound puts
 * together there. Name servers are those that the authority section names, with their addresses
 * from the additional section, and the addresses from which the answer came. What came from the
 * cache alone came from nowhere, and an answer need not name its servers.
 *
 * Ownership: facts and their names lie in the region that is given. Threads: the region's.
 */
#ifndef PS_UNBOUND_FACTS_H
#define PS_UNBOUND_FACTS_H

#include "unbound/compat.h"
#include "verdict/fact.h"

/* kinds: bits 1 << enum ps_fact_kind, others are left out. origin: where it came from; NULL: from
 * nowhere. The caller sees to it that the RRsets stay. False: no memory. */
bool ps_facts_gather(struct ps_answer_facts *out, struct regional *region,
    const struct reply_info *rep, const struct sock_list *origin, uint32_t kinds);

#endif
