/* What an answer of Unbound's shows, gathered for the verdict (verdict/fact.h).
 *
 * Targets and addresses are those of the answer section: of the whole chain, which Unbound puts
 * together there. Name servers are those that the authority section names, with their addresses
 * from the additional section; the delegation under which the cache has each name of the chain;
 * and the addresses from which the answer came. A delegation may end before what was found by it,
 * and what came from the cache alone came from nowhere.
 *
 * Ownership: facts and their names lie in the region that is given. Threads: the region's.
 */
#ifndef PS_UNBOUND_FACTS_H
#define PS_UNBOUND_FACTS_H

#include "unbound/compat.h"
#include "verdict/fact.h"

#define PS_FACTS_DELEGATIONS_MAX 16u

/* Where an answer's facts are from. */
struct ps_facts_source {
	const struct reply_info *rep;
	const struct sock_list *origin; /* NULL: nowhere */
	const struct delegpt *delegations[PS_FACTS_DELEGATIONS_MAX];
	uint32_t delegation_count;
};

/* Adds the delegation of the cache that this name stands under, if there is room. Takes locks
 * of RRsets, so none may be held. env: also the daemon's, which has no clock. */
void ps_facts_add_delegation(struct ps_facts_source *source, struct module_env *env,
    struct regional *region, uint8_t *name, size_t len, uint16_t class, time_t now);

/* kinds: bits 1 << enum ps_fact_kind, others are left out. The caller sees to it that the RRsets
 * stay. False: no memory. */
bool ps_facts_gather(struct ps_answer_facts *out, struct regional *region,
    const struct ps_facts_source *source, uint32_t kinds);

#endif
