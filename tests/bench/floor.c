/* The least that a module can do which blocks: it says NXDOMAIN to everything, knows no names,
 * counts nothing and tells nobody. What PostShield costs is compared with it (tests/bench/blocked).
 *
 * BENCH_FLOOR in the environment: "none", no SOA; "root", one of which all names are the root, the
 * smallest that there is; else the one that PostShield gives, of the parent of the name asked for.
 */
#include <stdlib.h>
#include <string.h>

#include "unbound/compat.h"

int init(struct module_env *env, int id);
void deinit(struct module_env *env, int id);
void operate(
    struct module_qstate *qstate, enum module_ev event, int id, struct outbound_entry *entry);
void inform_super(struct module_qstate *qstate, int id, struct module_qstate *super);
void clear(struct module_qstate *qstate, int id);
size_t get_mem(struct module_env *env, int id);

struct answer {
	struct dns_msg msg;
	struct reply_info rep;
	struct ub_packed_rrset_key *rrsets[1];
	struct ub_packed_rrset_key key;
	struct packed_rrset_data data;
	size_t rr_len;
	uint8_t *rr_data;
	time_t rr_ttl;
	uint8_t soa[24];
};

static enum { SOA_OF_PARENT, SOA_OF_ROOT, SOA_NONE } soa;

int init(struct module_env *env, int id)
{
	const char *which = getenv("BENCH_FLOOR");

	(void)env;
	(void)id;
	if (which != NULL && strcmp(which, "none") == 0)
		soa = SOA_NONE;
	if (which != NULL && strcmp(which, "root") == 0)
		soa = SOA_OF_ROOT;
	return 1;
}

void deinit(struct module_env *env, int id)
{
	(void)env;
	(void)id;
}

void inform_super(struct module_qstate *qstate, int id, struct module_qstate *super)
{
	(void)qstate;
	(void)id;
	(void)super;
}

void clear(struct module_qstate *qstate, int id)
{
	(void)qstate;
	(void)id;
}

size_t get_mem(struct module_env *env, int id)
{
	(void)env;
	(void)id;
	return 0;
}

static void add_soa(struct answer *a, const struct query_info *q)
{
	static const uint8_t octets[24] = {0, 22, 0, 0, 0, 0, 0, 1};
	static uint8_t root[1];

	a->key.rk.dname = soa == SOA_OF_ROOT ? root : q->qname + *q->qname + 1;
	a->key.rk.dname_len = soa == SOA_OF_ROOT ? 1 : q->qname_len - *q->qname - 1u;
	a->key.rk.type = htons(LDNS_RR_TYPE_SOA);
	a->key.rk.rrset_class = htons(LDNS_RR_CLASS_IN);
	a->key.entry.key = &a->key;
	a->key.entry.data = &a->data;
	a->data.count = 1;
	a->data.rr_len = &a->rr_len;
	a->data.rr_data = &a->rr_data;
	a->data.rr_ttl = &a->rr_ttl;
	a->rr_len = sizeof(a->soa);
	a->rr_data = a->soa;
	memcpy(a->soa, octets, sizeof(octets));
	a->rep.ns_numrrsets = 1;
	a->rep.rrset_count = 1;
	a->rep.rrsets = a->rrsets;
	a->rrsets[0] = &a->key;
}

void operate(
    struct module_qstate *qstate, enum module_ev event, int id, struct outbound_entry *entry)
{
	struct answer *a;

	(void)entry;
	/* Lookups of the resolver's own go on. */
	if (event != module_event_new || qstate->mesh_info->reply_list == NULL) {
		qstate->ext_state[id] =
		    event == module_event_moddone ? module_finished : module_wait_module;
		return;
	}
	a = regional_alloc_zero(qstate->region, sizeof(*a));
	if (a == NULL) {
		qstate->ext_state[id] = module_error;
		return;
	}
	a->msg.qinfo = qstate->qinfo;
	a->msg.rep = &a->rep;
	a->rep.flags = (uint16_t)(BIT_QR | BIT_RA | LDNS_RCODE_NXDOMAIN);
	a->rep.qdcount = 1;
	a->rep.security = sec_status_insecure;
	if (soa != SOA_NONE)
		add_soa(a, &qstate->qinfo);
	qstate->return_msg = &a->msg;
	qstate->return_rcode = LDNS_RCODE_NOERROR;
	qstate->no_cache_store = 1;
	qstate->ext_state[id] = module_finished;
}
