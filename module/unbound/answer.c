#include "unbound/answer.h"

#include "unbound/structured.h"
#include "verdict/telling.h"

#define ANSWER_RRSETS_MAX 64u

struct ps_cname_wait {
	struct ub_packed_rrset_key *cname;
	time_t ttl;
	/* The target's answer section, copied to the region of the query that waits. */
	struct ub_packed_rrset_key *rrsets[ANSWER_RRSETS_MAX];
	size_t count;
	unsigned rcode; /* of the target's answer, hence of ours: RFC 6604 section 3 */
};

/* --- RRsets ------------------------------------------------------------------- */

/* An RRset of count records of rdlen octets each; the rdata is at the n-th of
 * (*rdata)[], behind its length octets. One allocation for all of it. */
static struct ub_packed_rrset_key *rrset_create(struct regional *region, const uint8_t *owner,
    size_t owner_len, uint16_t type, time_t ttl, size_t count, const size_t *rdlens)
{
	struct ub_packed_rrset_key *key = regional_alloc_zero(region, sizeof(*key));
	struct packed_rrset_data *data;
	size_t bytes = sizeof(*data) + count * (sizeof(size_t) + sizeof(uint8_t *) + sizeof(time_t));
	size_t total = bytes;
	uint8_t *p;

	for (size_t i = 0; i < count; i++)
		total += 2 + rdlens[i];
	data = regional_alloc_zero(region, total);
	if (key == NULL || data == NULL)
		return NULL;
	key->rk.dname = regional_alloc_init(region, owner, owner_len);
	if (key->rk.dname == NULL)
		return NULL;
	key->rk.dname_len = owner_len;
	key->rk.type = htons(type);
	key->rk.rrset_class = htons(LDNS_RR_CLASS_IN);
	key->entry.key = key;
	key->entry.data = data;
	data->ttl = ttl;
	data->count = count;
	data->trust = rrset_trust_ultimate;
	data->security = sec_status_insecure;
	data->rr_len = (size_t *)(data + 1);
	data->rr_data = (uint8_t **)(data->rr_len + count);
	data->rr_ttl = (time_t *)(data->rr_data + count);
	p = (uint8_t *)(data->rr_ttl + count);
	for (size_t i = 0; i < count; i++) {
		data->rr_len[i] = 2 + rdlens[i];
		data->rr_ttl[i] = ttl;
		data->rr_data[i] = p;
		p[0] = (uint8_t)(rdlens[i] >> 8);
		p[1] = (uint8_t)rdlens[i];
		p += data->rr_len[i];
	}
	return key;
}

static uint8_t *rdata_of(struct ub_packed_rrset_key *key, size_t i)
{
	return ((struct packed_rrset_data *)key->entry.data)->rr_data[i] + 2;
}

static struct ub_packed_rrset_key *addresses_rrset(struct module_qstate *qstate, uint16_t type,
    time_t ttl, const uint8_t *addresses, uint32_t count)
{
	size_t width = type == LDNS_RR_TYPE_A ? 4 : 16;
	size_t rdlens[PS_SINKHOLE_ADDRESSES_MAX] = {0};
	struct ub_packed_rrset_key *key;

	for (uint32_t i = 0; i < count; i++)
		rdlens[i] = width;
	key = rrset_create(qstate->region, qstate->qinfo.qname, qstate->qinfo.qname_len, type, ttl,
	    count, rdlens);
	for (uint32_t i = 0; key != NULL && i < count; i++)
		memcpy(rdata_of(key, i), addresses + 16 * (size_t)i, width);
	return key;
}

/* --- messages ----------------------------------------------------------------- */

static struct dns_msg *message_create(struct module_qstate *qstate, unsigned rcode, time_t ttl,
    size_t capacity)
{
	struct dns_msg *msg = dns_msg_create(qstate->qinfo.qname, qstate->qinfo.qname_len,
	    qstate->qinfo.qtype, qstate->qinfo.qclass, qstate->region, capacity);

	if (msg == NULL)
		return NULL;
	msg->rep->flags = (uint16_t)(BIT_QR | BIT_RA | rcode);
	msg->rep->security = sec_status_insecure;
	ps_reply_set_ttl(msg->rep, ttl);
	return msg;
}

static void message_add_answer(struct dns_msg *msg, struct ub_packed_rrset_key *rrset)
{
	msg->rep->rrsets[msg->rep->rrset_count++] = rrset;
	msg->rep->an_numrrsets++;
}

static enum ps_answer_state done(struct module_qstate *qstate, struct dns_msg *msg)
{
	qstate->return_msg = msg;
	qstate->return_rcode = LDNS_RCODE_NOERROR;
	return PS_ANSWER_DONE;
}

/* Where the SOA stands: the parent of the listed name, so that an NXDOMAIN's SOA is
 * never below what is denied; without a listed name, the parent of the name asked. */
static const uint8_t *soa_owner(
    const struct module_qstate *qstate, const struct ps_verdict *verdict, size_t *len)
{
	const uint8_t *name = qstate->qinfo.qname;
	int labels = dname_count_labels(qstate->qinfo.qname) - 1;
	int keep = labels > 0 ? labels - 1 : 0;

	if (verdict->evidence.entry != PS_INDEX_NONE && verdict->evidence.labels > 0 &&
	    !verdict->evidence.of_answer)
		keep = verdict->evidence.labels - 1;
	*len = qstate->qinfo.qname_len;
	for (; labels > keep; labels--) {
		*len -= (size_t)*name + 1;
		name += *name + 1;
	}
	return name;
}

/* All that a negative answer consists of, in one piece of the query's memory: what is
 * blocked most often should cost least (tests/bench). */
struct negative {
	struct dns_msg msg;
	struct reply_info rep;
	struct ub_packed_rrset_key *rrsets[1];
	struct ub_packed_rrset_key key;
	struct packed_rrset_data data;
	size_t rr_len;
	uint8_t *rr_data;
	time_t rr_ttl;
	uint8_t soa[24]; /* RDLENGTH and RDATA */
};

/* MNAME and RNAME are the root: there is nobody to ask, and nothing for the encoder to
 * compress. Then serial 1, refresh, retry, expire, minimum (RFC 1035 section 3.3.13). */
static void fill_soa(struct negative *n, const uint8_t *owner, size_t owner_len, uint32_t ttl)
{
	static const uint8_t soa[20] = {0, 22, 0, 0, 0, 0, 0, 1, 0, 0, 0x0e, 0x10, 0, 0, 0x04,
	    0xb0, 0, 0x09, 0x3a, 0x80};
	uint32_t minimum = htonl(ttl);

	n->key.rk.dname = (uint8_t *)(uintptr_t)owner; /* read only by the encoder */
	n->key.rk.dname_len = owner_len;
	n->key.rk.type = htons(LDNS_RR_TYPE_SOA);
	n->key.rk.rrset_class = htons(LDNS_RR_CLASS_IN);
	n->key.entry.key = &n->key;
	n->key.entry.data = &n->data;
	n->data.ttl = (time_t)ttl;
	n->data.count = 1;
	n->data.trust = rrset_trust_ultimate;
	n->data.security = sec_status_insecure;
	n->data.rr_len = &n->rr_len;
	n->data.rr_data = &n->rr_data;
	n->data.rr_ttl = &n->rr_ttl;
	n->rr_len = sizeof(n->soa);
	n->rr_data = n->soa;
	n->rr_ttl = (time_t)ttl;
	memcpy(n->soa, soa, sizeof(soa));
	memcpy(n->soa + sizeof(soa), &minimum, sizeof(minimum));
}

static enum ps_answer_state negative(struct module_qstate *qstate,
    const struct ps_verdict *verdict, unsigned rcode, uint32_t ttl)
{
	struct negative *n = regional_alloc_zero(qstate->region, sizeof(*n));
	size_t owner_len;
	const uint8_t *owner = soa_owner(qstate, verdict, &owner_len);

	if (n == NULL)
		return PS_ANSWER_FAILED;
	n->msg.qinfo = qstate->qinfo;
	n->msg.rep = &n->rep;
	n->rep.flags = (uint16_t)(BIT_QR | BIT_RA | rcode);
	n->rep.qdcount = 1;
	n->rep.security = sec_status_insecure;
	n->rep.reason_bogus = LDNS_EDE_NONE;
	ps_reply_set_ttl(&n->rep, (time_t)ttl);
	n->rep.ns_numrrsets = 1;
	n->rep.rrset_count = 1;
	n->rep.rrsets = n->rrsets;
	n->rrsets[0] = &n->key;
	fill_soa(n, owner, owner_len, ttl);
	return done(qstate, &n->msg);
}

/* REFUSED has no records: RFC 2308 does not cache it. */
static enum ps_answer_state refused(struct module_qstate *qstate)
{
	struct dns_msg *msg = message_create(qstate, LDNS_RCODE_REFUSED, 0, 1);

	return msg == NULL ? PS_ANSWER_FAILED : done(qstate, msg);
}

/* No records and TC: who asks again over TCP is let through (RFC 7766 section 5). */
static enum ps_answer_state truncated(struct module_qstate *qstate)
{
	struct dns_msg *msg = message_create(qstate, LDNS_RCODE_NOERROR, 0, 1);

	if (msg == NULL)
		return PS_ANSWER_FAILED;
	msg->rep->flags |= BIT_TC;
	return done(qstate, msg);
}

static enum ps_answer_state sink_addresses(struct module_qstate *qstate,
    const struct ps_verdict *verdict, const struct ps_answer_view *answer)
{
	uint16_t type = qstate->qinfo.qtype;
	bool a = (type == LDNS_RR_TYPE_A || type == LDNS_RR_TYPE_ANY) && answer->a_count > 0;
	bool aaaa =
	    (type == LDNS_RR_TYPE_AAAA || type == LDNS_RR_TYPE_ANY) && answer->aaaa_count > 0;
	struct dns_msg *msg;

	if (!a && !aaaa)
		return negative(qstate, verdict, LDNS_RCODE_NOERROR, answer->ttl);
	msg = message_create(qstate, LDNS_RCODE_NOERROR, (time_t)answer->ttl, 2);
	if (msg == NULL)
		return PS_ANSWER_FAILED;
	if (a) {
		struct ub_packed_rrset_key *rrset = addresses_rrset(qstate, LDNS_RR_TYPE_A,
		    (time_t)answer->ttl, answer->a, answer->a_count);

		if (rrset == NULL)
			return PS_ANSWER_FAILED;
		message_add_answer(msg, rrset);
	}
	if (aaaa) {
		struct ub_packed_rrset_key *rrset = addresses_rrset(qstate, LDNS_RR_TYPE_AAAA,
		    (time_t)answer->ttl, answer->aaaa, answer->aaaa_count);

		if (rrset == NULL)
			return PS_ANSWER_FAILED;
		message_add_answer(msg, rrset);
	}
	return done(qstate, msg);
}

/* --- CNAME --------------------------------------------------------------------- */

/* Has the target looked up as a query of its own. False: not possible (a circle, or
 * no memory), the CNAME then stands alone. */
static bool look_up_target(struct module_qstate *qstate, const struct ps_name *target)
{
	struct module_qstate *sub = NULL;
	struct query_info query = {
	    .qname = regional_alloc_init(qstate->region, target->wire, target->len),
	    .qname_len = target->len,
	    .qtype = qstate->qinfo.qtype,
	    .qclass = qstate->qinfo.qclass,
	};
	uint16_t flags = (uint16_t)(BIT_RD | (qstate->query_flags & BIT_CD));

	/* DS: a validation that asks the same at the same time must not meet this query while
	 * it waits, or it would take our CNAME for the answer. */
	if (query.qname == NULL || qstate->qinfo.qtype == LDNS_RR_TYPE_CNAME ||
	    qstate->qinfo.qtype == LDNS_RR_TYPE_ANY || qstate->qinfo.qtype == LDNS_RR_TYPE_DS ||
	    qstate->qinfo.qtype == LDNS_RR_TYPE_DNSKEY)
		return false;
	/* Two CNAMEs that lead to each other, or to themselves. */
	if (query_dname_compare(query.qname, qstate->qinfo.qname) == 0 ||
	    qstate->env->detect_cycle(qstate, &query, flags, 0, 0))
		return false;
	return ps_attach_sub(qstate, &query, flags, &sub) != 0;
}

static enum ps_answer_state sink_cname(
    struct module_qstate *qstate, int id, const struct ps_answer_view *answer)
{
	size_t rdlen = answer->cname.len;
	struct ps_cname_wait *wait = regional_alloc_zero(qstate->region, sizeof(*wait));

	if (wait == NULL)
		return PS_ANSWER_FAILED;
	wait->ttl = (time_t)answer->ttl;
	wait->cname = rrset_create(qstate->region, qstate->qinfo.qname, qstate->qinfo.qname_len,
	    LDNS_RR_TYPE_CNAME, wait->ttl, 1, &rdlen);
	if (wait->cname == NULL)
		return PS_ANSWER_FAILED;
	memcpy(rdata_of(wait->cname, 0), answer->cname.wire, answer->cname.len);
	if (!look_up_target(qstate, &answer->cname))
		return ps_answer_finish(qstate, wait);
	qstate->minfo[id] = wait;
	return PS_ANSWER_WAIT;
}

void ps_answer_take_target(
    struct ps_cname_wait *wait, struct module_qstate *sub, struct module_qstate *super)
{
	struct reply_info *rep = sub->return_msg != NULL ? sub->return_msg->rep : NULL;

	wait->count = 0;
	if (rep == NULL || rep->security == sec_status_bogus)
		return;
	if (FLAGS_GET_RCODE(rep->flags) == LDNS_RCODE_NXDOMAIN)
		wait->rcode = LDNS_RCODE_NXDOMAIN;
	for (size_t i = 0; i < rep->an_numrrsets && i < ANSWER_RRSETS_MAX; i++) {
		/* now 0: the TTLs of a message that modules hand on are relative. */
		struct ub_packed_rrset_key *copy =
		    packed_rrset_copy_region(rep->rrsets[i], super->region, 0);

		if (copy == NULL)
			break;
		wait->rrsets[wait->count++] = copy;
	}
}

enum ps_answer_state ps_answer_finish(struct module_qstate *qstate, struct ps_cname_wait *wait)
{
	struct dns_msg *msg =
	    message_create(qstate, wait->rcode, wait->ttl, 1 + wait->count);

	if (msg == NULL)
		return PS_ANSWER_FAILED;
	message_add_answer(msg, wait->cname);
	for (size_t i = 0; i < wait->count; i++)
		message_add_answer(msg, wait->rrsets[i]);
	return done(qstate, msg);
}

/* --- the verdict's answer -------------------------------------------------------- */

/* How many octets of an error's text fit beside a negative answer, for whoever waits with the
 * smallest buffer: what is too long would cost the whole OPT, or the answer (DESIGN fact 11). */
static size_t text_room(const struct module_qstate *qstate)
{
	/* Header, question, SOA whose owner stands in that, OPT, and the option's head; a cookie. */
	size_t used = 12 + qstate->qinfo.qname_len + 4 + (2 + 10 + 22) + 11 + (4 + 2) + (4 + 24);
	size_t size = UINT16_MAX;

	for (const struct mesh_reply *r = qstate->mesh_info->reply_list; r != NULL; r = r->next)
		if (r->edns.edns_present && r->edns.udp_size < size)
			size = r->edns.udp_size;
	if (qstate->env->cfg->nsid_len > 0)
		used += 4 + qstate->env->cfg->nsid_len;
	for (const struct edns_option *o = qstate->edns_opts_front_out; o != NULL; o = o->next)
		used += 4 + o->opt_len;
	return size > used ? size - used : 0;
}

static bool attach_ede(struct module_qstate *qstate, const struct ps_snapshot *snapshot,
    const struct ps_verdict *verdict, bool structured, bool may_wait)
{
	const struct mesh_reply *reply = qstate->mesh_info->reply_list;
	struct ps_telling telling;

	/* No OPT, no option (RFC 8914 section 2); but while a CNAME's target is looked up,
	 * clients with one may come. */
	while (!may_wait && reply != NULL && !reply->edns.edns_present)
		reply = reply->next;
	if (!may_wait && reply == NULL)
		return true;
	if (structured)
		ps_telling_structured(snapshot, verdict, text_room(qstate), &telling);
	else
		ps_telling_plain(snapshot, verdict, &telling);
	if (telling.code == PS_EDE_NONE)
		return true;
	/* RFC 8914; whatever `ede:` says in the host's configuration: DESIGN fact 11. */
	return edns_opt_list_append_ede(&qstate->edns_opts_front_out, qstate->region,
	           (sldns_ede_code)telling.code, telling.len > 0 ? telling.text : NULL) != 0;
}

enum ps_answer_state ps_answer_make(struct module_qstate *qstate, int id,
    const struct ps_snapshot *snapshot, const struct ps_verdict *verdict)
{
	struct ps_answer_view answer = ps_snapshot_answer(snapshot, verdict->answer);
	bool structured = ps_structured_asked(qstate, snapshot) != PS_ASKED_BY_NOBODY;
	bool forged = ps_telling_is_forged(verdict) && !structured;

	qstate->no_cache_store = 1;
	if (verdict->action == PS_ACTION_DROP) {
		qstate->is_drop = 1;
		return PS_ANSWER_DONE;
	}
	if (verdict->action == PS_ACTION_TRUNCATE)
		return truncated(qstate);
	if (!attach_ede(qstate, snapshot, verdict, structured, forged && answer.cname.wire != NULL))
		return PS_ANSWER_FAILED;
	switch (verdict->action) {
	case PS_ACTION_NXDOMAIN:
		return negative(qstate, verdict, LDNS_RCODE_NXDOMAIN, answer.ttl);
	case PS_ACTION_NODATA:
		return negative(qstate, verdict, LDNS_RCODE_NOERROR, answer.ttl);
	case PS_ACTION_SINKHOLE:
		if (!forged)
			return negative(qstate, verdict, LDNS_RCODE_NOERROR, answer.ttl);
		if (answer.cname.wire != NULL)
			return sink_cname(qstate, id, &answer);
		return sink_addresses(qstate, verdict, &answer);
	default:
		return refused(qstate);
	}
}
