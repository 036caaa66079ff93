#include "unbound/facts.h"

#include "verdict/rdata.h"

/* First counted, then kept: the visitor of both rounds. */
struct gathering {
	uint32_t kinds;
	uint32_t count;
	size_t octets; /* of names */
	struct ps_fact *facts; /* NULL: this is the round that counts */
	uint8_t *names;
};

static void take(void *ctx, const struct ps_fact *fact)
{
	struct gathering *g = ctx;
	size_t len = ps_fact_is_name(fact->kind) ? fact->name.len : 0;

	if ((g->kinds >> fact->kind & 1u) == 0)
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

static void visit_origin(const struct sock_list *origin, const struct ps_fact_visitor *visitor)
{
	for (; origin != NULL; origin = origin->next) {
		struct ps_fact fact = {.kind = PS_FACT_SERVER_ADDRESS};
		struct sockaddr_storage from = {0};

		/* The list's entries end where their addresses do. */
		if (origin->len > sizeof(from))
			continue;
		memcpy(&from, &origin->addr, origin->len);
		if (ps_socket_address(&from, &fact.address))
			visitor->fact(visitor->ctx, &fact);
	}
}

static void visit(const struct reply_info *rep, const struct sock_list *origin,
    struct gathering *gathering)
{
	const struct ps_fact_visitor visitor = {gathering, take};

	for (size_t i = 0; i < rep->rrset_count; i++)
		visit_rrset(rep->rrsets[i],
		    i < rep->an_numrrsets ? PS_RDATA_ANSWER : PS_RDATA_SERVERS, &visitor);
	visit_origin(origin, &visitor);
}

bool ps_facts_gather(struct ps_answer_facts *out, struct regional *region,
    const struct reply_info *rep, const struct sock_list *origin, uint32_t kinds)
{
	struct gathering counted = {.kinds = kinds};
	struct gathering kept = {.kinds = kinds};

	*out = (struct ps_answer_facts){NULL, 0};
	visit(rep, origin, &counted);
	if (counted.count == 0)
		return true;
	kept.facts = regional_alloc(region, counted.count * sizeof(*kept.facts));
	kept.names = regional_alloc(region, counted.octets + 1);
	if (kept.facts == NULL || kept.names == NULL)
		return false;
	visit(rep, origin, &kept);
	*out = (struct ps_answer_facts){kept.facts, kept.count};
	return true;
}
