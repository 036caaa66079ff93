#include "unbound/facts.h"

#include "verdict/rdata.h"

/* Who answers decides how much there is to judge, so not all of it is: Unbound follows eleven
 * CNAMEs, and they stand first. What comes behind so many is as if it were not there. */
#define NAMES_MAX 64u
#define ADDRESSES_MAX 1024u

/* First counted, then kept: the visitor of both rounds. */
struct gathering {
	uint32_t kinds;
	uint32_t count;
	uint32_t name_count; /* of them */
	size_t octets;       /* of names */
	struct ps_fact *facts; /* NULL: this is the round that counts */
	uint8_t *names;
};

static void take(void *ctx, const struct ps_fact *fact)
{
	struct gathering *g = ctx;
	size_t len = ps_fact_is_name(fact->kind) ? fact->name.len : 0;

	if ((g->kinds >> fact->kind & 1u) == 0 ||
	    (ps_fact_is_name(fact->kind) ? g->name_count == NAMES_MAX
	                                 : g->count - g->name_count == ADDRESSES_MAX))
		return;
	if (g->facts != NULL) {
		struct ps_fact *kept = &g->facts[g->count];

		*kept = *fact;
		if (len > 0) {
			memcpy(g->names + g->octets, fact->name.wire, len);
			kept->name = ps_name_trusted(
			    g->names + g->octets, fact->name.len, fact->name.labels);
		}
	}
	g->octets += len;
	g->name_count += ps_fact_is_name(fact->kind);
	g->count++;
}

static void visit_rrset(const struct ub_packed_rrset_key *rrset, enum ps_rdata_section section,
    const struct ps_fact_visitor *visitor)
{
	const struct packed_rrset_data *data = rrset->entry.data;

	for (size_t i = 0; i < data->count; i++)
		ps_rdata_visit(ntohs(rrset->rk.type), section,
		    ps_bytes_of(data->rr_data[i] + 2, data->rr_len[i] - 2), visitor);
}

static void visit_socket(
    const struct sockaddr_storage *from, socklen_t len, const struct ps_fact_visitor *visitor)
{
	struct ps_fact fact = {.kind = PS_FACT_SERVER_ADDRESS};
	struct sockaddr_storage whole = {0};

	/* A list's entries may end where their addresses do. */
	if (len > sizeof(whole))
		return;
	memcpy(&whole, from, len);
	if (ps_socket_address(&whole, &fact.address))
		visitor->fact(visitor->ctx, &fact);
}

static void visit_delegation(
    const struct delegpt *delegation, const struct ps_fact_visitor *visitor)
{
	for (const struct delegpt_ns *ns = delegation->nslist; ns != NULL; ns = ns->next)
		ps_rdata_visit(LDNS_RR_TYPE_NS, PS_RDATA_SERVERS,
		    ps_bytes_of(ns->name, ns->namelen), visitor);
	for (const struct delegpt_addr *a = delegation->target_list; a != NULL; a = a->next_target)
		visit_socket(&a->addr, a->addrlen, visitor);
}

static void visit(const struct ps_facts_source *source, struct gathering *gathering)
{
	const struct ps_fact_visitor visitor = {gathering, take};
	const struct reply_info *rep = source->rep;

	for (size_t i = 0; i < rep->rrset_count; i++)
		visit_rrset(rep->rrsets[i],
		    i < rep->an_numrrsets ? PS_RDATA_ANSWER : PS_RDATA_SERVERS, &visitor);
	for (uint32_t i = 0; i < source->delegation_count; i++)
		visit_delegation(source->delegations[i], &visitor);
	for (const struct sock_list *at = source->origin; at != NULL; at = at->next)
		visit_socket(&at->addr, at->len, &visitor);
}

void ps_facts_add_delegation(struct ps_facts_source *source, struct module_env *env,
    struct regional *region, uint8_t *name, size_t len, uint16_t class, time_t now)
{
	const struct delegpt *found;

	if (source->delegation_count == PS_FACTS_DELEGATIONS_MAX)
		return;
	found = dns_cache_find_delegation(
	    env, name, len, LDNS_RR_TYPE_A, class, region, NULL, now, 0, NULL, 0);
	if (found != NULL)
		source->delegations[source->delegation_count++] = found;
}

bool ps_facts_gather(struct ps_answer_facts *out, struct regional *region,
    const struct ps_facts_source *source, uint32_t kinds)
{
	struct gathering counted = {.kinds = kinds};
	struct gathering kept = {.kinds = kinds};

	*out = (struct ps_answer_facts){NULL, 0};
	visit(source, &counted);
	if (counted.count == 0)
		return true;
	kept.facts = regional_alloc(region, counted.count * sizeof(*kept.facts));
	kept.names = regional_alloc(region, counted.octets + 1);
	if (kept.facts == NULL || kept.names == NULL)
		return false;
	visit(source, &kept);
	*out = (struct ps_answer_facts){kept.facts, kept.count};
	return true;
}
