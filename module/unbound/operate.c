#include "unbound/operate.h"

#include "unbound/answer.h"
#include "unbound/clients.h"
#include "unbound/events.h"
#include "unbound/facts.h"
#include "unbound/structured.h"

/* What the calls leave for one another: the generation that judged, and marks. It fits
 * into the pointer that Unbound keeps for us, so an unblocked query allocates nothing. A
 * CNAME that waits keeps a real pointer there instead, whose low bit is 0. NULL: a lookup
 * that began behind us, see ps_operate_response(). */
#define MARK_JUDGED 1u   /* always set */
#define MARK_SUBQUERY 2u /* a lookup of the resolver's own when it began */
#define MARK_BLOCKED 4u  /* for a blocked name: never stored, never given to a client */
#define MARK_WITHHELD 8u /* no_cache_store was set for the response that came last */
#define MARK_PASSES 16u  /* that generation blocks the name for nobody */
#define MARK_OWN 32u     /* it does for others: the answer is for who asked, and never stored */
#define MARK_PART 64u /* what was withheld last is not the answer, but stood on the way to it */
#define MARK_CHAIN 128u /* a CNAME or DNAME has led elsewhere */
#define MARK_SHIFT 8

static void mark(struct module_qstate *qstate, int id, uint64_t generation, uintptr_t marks)
{
	qstate->minfo[id] =
	    (void *)((uintptr_t)generation << MARK_SHIFT | MARK_JUDGED | marks); /* NOLINT */
}

/* Lookups for name server addresses, DS and DNSKEY have nobody waiting for an answer
 * but another query state or (cb_list) a part of the resolver: a trust anchor's probe, an
 * auth-zone that looks for its primary. A prefetch has nobody at all, and a leeway. */
static bool is_subquery(const struct module_qstate *qstate)
{
	return qstate->is_priming || qstate->is_valrec ||
	       (qstate->mesh_info->reply_list == NULL && qstate->prefetch_leeway == 0);
}

/* Class ANY is answered from the IN zones as well. */
bool ps_operate_read(struct ps_asked *out, const struct query_info *query)
{
	out->type = query->qtype;
	return (query->qclass == LDNS_RR_CLASS_IN || query->qclass == LDNS_RR_CLASS_ANY) &&
	       query->qname != NULL &&
	       ps_name_from_wire(&out->name, &out->storage,
	           ps_bytes_of(query->qname, query->qname_len), NULL) == PS_OK;
}

void ps_operate_judge(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_env *env, const struct ps_asked *asked,
    const struct ps_answer_facts *facts, unsigned client, struct ps_verdict *verdict)
{
	struct ps_question question = {.name = asked->name,
	    .type = asked->type,
	    .now = (uint32_t)*env->now,
	    .client = client,
	    .answer = facts};

	ps_verdict_judge(generation->snapshot, generation->matcher, worker->scratch, &question,
	    verdict);
	if (verdict->pattern_failures > 0)
		ps_count(worker, PS_COUNT(pattern_limits));
}

/* For anybody: what is found must then not be where somebody for whom it is could find it. */
static bool blocks(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_qstate *qstate, const struct query_info *query)
{
	struct ps_asked asked;
	struct ps_verdict verdict;

	if (!ps_operate_read(&asked, query))
		return false;
	ps_operate_judge(generation, worker, qstate->env, &asked, NULL, 0, &verdict);
	return ps_verdict_blocks_some(&verdict);
}

static void count_verdict(const struct ps_generation *generation, struct ps_worker *worker,
    const struct ps_verdict *verdict)
{
	ps_count(worker,
	    verdict->rule == PS_INDEX_NONE ? PS_COUNT(undecided) : PS_COUNT(decided));
	if (verdict->reason == PS_REASON_NEVER)
		ps_count(worker, PS_COUNT(never_hits));
	if (verdict->reason == PS_REASON_ALLOWED)
		ps_count(worker, PS_COUNT(allowed_hits));
	if (verdict->shadow_count > 0)
		ps_count(worker, PS_COUNT(shadow_hits));
	if (verdict->shadow_count > 0 || verdict->rule != PS_INDEX_NONE)
		ps_generation_count(generation, worker, verdict);
}

/* Answers the query by the verdict and sets the module's state. */
static void block(const struct ps_generation *generation, struct ps_worker *worker,
    struct module_qstate *qstate, int id, const struct ps_verdict *verdict)
{
	qstate->return_msg = NULL;
	qstate->return_rcode = LDNS_RCODE_NOERROR;
	switch (ps_answer_make(qstate, id, generation->snapshot, verdict)) {
	case PS_ANSWER_DONE:
		qstate->ext_state[id] = module_finished;
		return;
	case PS_ANSWER_WAIT:
		qstate->ext_state[id] = module_wait_subquery;
		return;
	case PS_ANSWER_FAILED:
		break;
	}
	/* No memory for an answer: what is blocked stays blocked, by one that needs none. */
	ps_count(worker, PS_COUNT(answers_failed));
	qstate->return_msg = NULL;
	qstate->return_rcode = LDNS_RCODE_REFUSED;
	qstate->ext_state[id] = module_finished;
}

/* Unbound drops what was asked by TCP by closing the connection. When two questions of one
 * state came down the same one, it closes that twice, and its list of free handlers may then
 * run in a circle (netevent.c, reclaim_tcp_handler: in 1.17.1 and 1.22.0, mended in 1.26.1).
 * Only a query that waited can have more than one. */
static bool can_drop(const struct module_qstate *qstate)
{
	unsigned looks = 0;

	for (const struct mesh_reply *r = qstate->mesh_info->reply_list; r != NULL; r = r->next) {
		if (r->query_reply.c->type == comm_udp)
			continue;
		for (const struct mesh_reply *other = r->next; other != NULL; other = other->next) {
			if (other->query_reply.c == r->query_reply.c || ++looks > 1000)
				return false;
		}
	}
	return true;
}

static void refuse(struct module_qstate *qstate)
{
	qstate->is_drop = 0;
	qstate->return_msg = NULL;
	qstate->return_rcode = LDNS_RCODE_REFUSED;
}

/* Who waits gets no answer, asks again, and is judged for themselves. */
static void send_away(struct ps_worker *worker, struct module_qstate *qstate)
{
	ps_count(worker, PS_COUNT(late_blocks));
	qstate->no_cache_store = 1;
	qstate->return_msg = NULL;
	qstate->is_drop = 1;
	if (!can_drop(qstate))
		refuse(qstate);
}

/* --- what rules about answers have yet to see ---------------------------------------------- */

#define ASKS_SERVERS (1u << PS_FACT_SERVER_NAME | 1u << PS_FACT_SERVER_ADDRESS)

/* Has the cache the beginning of a chain? Then Unbound may put the whole together from RRsets, and
 * store that, without a response that we see (iterator.c: processFinished()). */
static bool has_chain(const struct module_qstate *qstate)
{
	uint8_t *name = qstate->qinfo.qname;
	size_t len = qstate->qinfo.qname_len;
	uint16_t type = LDNS_RR_TYPE_CNAME;

	for (;;) {
		struct ub_packed_rrset_key *found = rrset_cache_lookup(qstate->env->rrset_cache, name,
		    len, type, qstate->qinfo.qclass, 0, *qstate->env->now, 0);

		if (found != NULL) {
			lock_rw_unlock(&found->entry.lock);
			return true;
		}
		if (len <= 1)
			return false;
		dname_remove_label(&name, &len);
		type = LDNS_RR_TYPE_DNAME;
	}
}

/* The query passes, as far as its question says, and rules ask of its answer; marks are set. */
static void hold_back_chain(struct ps_worker *worker, struct module_qstate *qstate, int id)
{
	uintptr_t marks = (uintptr_t)qstate->minfo[id];

	if (qstate->no_cache_store || !has_chain(qstate))
		return;
	qstate->no_cache_store = 1;
	qstate->minfo[id] = (void *)(marks | MARK_WITHHELD | MARK_CHAIN); /* NOLINT */
	ps_count(worker, PS_COUNT(responses_unstored));
}

/* It leads elsewhere, and is needed for that. */
static bool is_referral(const struct reply_info *rep)
{
	bool servers = false;

	if (rep->an_numrrsets > 0 || FLAGS_GET_RCODE(rep->flags) != LDNS_RCODE_NOERROR)
		return false;
	for (size_t i = 0; i < rep->ns_numrrsets; i++) {
		uint16_t type = ntohs(rep->rrsets[i]->rk.type);

		if (type == LDNS_RR_TYPE_SOA)
			return false;
		servers = servers || type == LDNS_RR_TYPE_NS;
	}
	return servers;
}

static bool is_same_question(const struct query_info *a, const struct query_info *b)
{
	return a->qtype == b->qtype && a->qclass == b->qclass && a->qname_len == b->qname_len &&
	       query_dname_compare(a->qname, b->qname) == 0;
}

static bool has_facts(const struct reply_info *rep)
{
	for (size_t i = 0; i < rep->an_numrrsets; i++) {
		switch (ntohs(rep->rrsets[i]->rk.type)) {
		case LDNS_RR_TYPE_A:
		case LDNS_RR_TYPE_AAAA:
		case LDNS_RR_TYPE_CNAME:
		case LDNS_RR_TYPE_DNAME:
		case LDNS_RR_TYPE_SVCB:
		case LDNS_RR_TYPE_HTTPS:
			return true;
		default:
			break;
		}
	}
	return false;
}

/* A response after which Unbound could store what no rule about answers has seen: what is in it,
 * or the chain of CNAMEs that it ends. What the root, DS and DNSKEY are asked for shows nothing
 * of that. */
static bool is_to_be_seen(const struct ps_generation *generation,
    const struct module_qstate *qstate, const struct dns_msg *response)
{
	uint32_t asks = generation->asks_answer;

	if (asks == 0 || is_referral(response->rep) || qstate->is_priming)
		return false;
	/* The name asked, or above it (RFC 9156): no chain has led elsewhere. */
	return has_facts(response->rep) ||
	       ((asks & ASKS_SERVERS) != 0 && !qstate->is_valrec &&
	           is_same_question(&response->qinfo, &qstate->qinfo)) ||
	       !dname_subdomain_c(qstate->qinfo.qname, response->qinfo.qname);
}

/* The marks of a response that is held back. Of a question on the way (RFC 9156), behind which
 * the answer may come from the cache, it is a part; not where a chain leads up again. */
static uintptr_t marks_of(
    const struct module_qstate *qstate, const struct dns_msg *response, uintptr_t marks)
{
	for (size_t i = 0; i < response->rep->an_numrrsets; i++) {
		uint16_t type = ntohs(response->rep->rrsets[i]->rk.type);

		if (type == LDNS_RR_TYPE_CNAME || type == LDNS_RR_TYPE_DNAME)
			marks |= MARK_CHAIN;
	}
	if ((marks & MARK_CHAIN) == 0 && !is_same_question(&response->qinfo, &qstate->qinfo) &&
	    dname_subdomain_c(qstate->qinfo.qname, response->qinfo.qname))
		marks |= MARK_PART;
	return marks | MARK_WITHHELD;
}

/* Unbound hides that ANY or a CNAME is asked for: it asks for an address first (RFC 9156). Where that finds
 * an alias, it takes more than was asked for: follows it and puts ANY together with signatures of two
 * zones, or takes for a CNAME's the rcode of what it leads to. To the validator that is bogus; it begins
 * again (and has a blacklist then), and as it finds the alias in the cache, asks for what is wanted at
 * once. We keep it out of there, so that time an alias is nothing to follow. It stays in the message, for
 * that must be signed. */
static void follow_no_alias(const struct module_qstate *qstate, const struct dns_msg *response)
{
	struct reply_info *rep = response->rep;

	if ((qstate->qinfo.qtype != LDNS_RR_TYPE_ANY &&
	        qstate->qinfo.qtype != LDNS_RR_TYPE_CNAME) ||
	    qstate->blacklist == NULL || rep->an_numrrsets == 0 ||
	    is_same_question(&response->qinfo, &qstate->qinfo))
		return;
	rep->ns_numrrsets += rep->an_numrrsets;
	rep->an_numrrsets = 0;
}

/* It is kept out of the cache as an answer; its RRsets need not be: whoever finds them comes by
 * here with what they are put together to. But from which servers they came is not known then. */
static void hold_back(const struct ps_generation *generation, struct ps_worker *worker,
    struct module_qstate *qstate, const struct dns_msg *response)
{
	ps_count(worker, PS_COUNT(responses_unstored));
	qstate->no_cache_store = 1;
	if ((generation->asks_answer & ASKS_SERVERS) != 0)
		follow_no_alias(qstate, response);
	else if (!ps_cache_store_rrsets(qstate, response))
		log_err("postshield: no memory to cache records");
}

/* --- queries that begin --------------------------------------------------------------------- */

static void new_subquery(const struct ps_generation *generation, struct ps_worker *worker,
    struct module_qstate *qstate, int id)
{
	uintptr_t marks = MARK_SUBQUERY;

	ps_count(worker, PS_COUNT(subqueries));
	if (blocks(generation, worker, qstate, &qstate->qinfo)) {
		/* Never broken; but what it finds must not be there for a client. */
		qstate->no_cache_store = 1;
		marks |= MARK_BLOCKED;
		ps_count(worker, PS_COUNT(responses_unstored));
	} else {
		marks |= MARK_PASSES;
	}
	mark(qstate, id, generation->number, marks);
	if ((marks & MARK_BLOCKED) == 0 && generation->asks_answer != 0)
		hold_back_chain(worker, qstate, id);
	qstate->ext_state[id] = module_wait_module;
}

/* Nobody asked, so it is nobody's decision; but nothing is fetched for a cache that must not
 * have it. Where clients differ it ends at once: none may join and take it for theirs. */
static void new_prefetch(const struct ps_generation *generation, struct ps_worker *worker,
    struct module_qstate *qstate, int id, const struct ps_verdict *verdict)
{
	if (!ps_verdict_blocks_some(verdict))
		return;
	ps_count(worker, PS_COUNT(prefetches_blocked));
	if (!verdict->by_client) {
		block(generation, worker, qstate, id, verdict);
		return;
	}
	qstate->no_cache_store = 1;
	refuse(qstate);
	qstate->ext_state[id] = module_finished;
}

static void new_query(const struct ps_generation *generation, struct ps_worker *worker,
    struct module_qstate *qstate, int id)
{
	const struct mesh_reply *reply = qstate->mesh_info->reply_list;
	struct ps_asked asked;
	struct ps_verdict verdict;
	unsigned client;

	mark(qstate, id, generation->number, MARK_PASSES); /* else nobody asks any more */
	qstate->ext_state[id] = module_wait_module;
	if (generation->asks_answer != 0)
		hold_back_chain(worker, qstate, id);
	if (!ps_operate_read(&asked, &qstate->qinfo))
		return;
	client = ps_client_class(generation, reply);
	ps_client_judge(generation, worker, qstate->env, &asked, NULL, reply, client, &verdict);
	if (reply == NULL) {
		new_prefetch(generation, worker, qstate, id, &verdict);
		return;
	}
	if (reply->next != NULL &&
	    !ps_clients_agree(generation, worker, qstate, NULL, &verdict)) {
		send_away(worker, qstate);
		qstate->ext_state[id] = module_finished;
		return;
	}
	if (verdict.by_client || ps_matcher_answer_asks_clients(generation->matcher))
		ps_client_set_apart(qstate);
	count_verdict(generation, worker, &verdict);
	if (generation->classes > 0)
		ps_generation_count_class(
		    generation, worker, client, ps_verdict_blocks(&verdict));
	if (verdict.rule != PS_INDEX_NONE || verdict.shadow_count > 0)
		ps_events_note(generation, worker, qstate, asked.name, &verdict, NULL, client);
	if (ps_verdict_blocks(&verdict))
		block(generation, worker, qstate, id, &verdict);
	if (verdict.by_client && !ps_verdict_blocks(&verdict)) {
		qstate->no_cache_store = 1;
		mark(qstate, id, generation->number, MARK_OWN);
		ps_count(worker, PS_COUNT(responses_unstored));
	}
}

void ps_operate_pass(struct module_qstate *qstate, int id)
{
	mark(qstate, id, 0, is_subquery(qstate) ? MARK_SUBQUERY : 0);
	qstate->ext_state[id] = module_wait_module;
}

void ps_operate_new(struct ps_module *module, struct module_qstate *qstate, int id)
{
	struct ps_worker *worker = ps_module_worker(module, qstate->env);
	const struct ps_generation *generation;

	qstate->ext_state[id] = module_wait_module;
	if (worker == NULL) {
		if (atomic_fetch_add_explicit(
		        &module->unjudged_crowd, 1, memory_order_relaxed) == 0)
			log_warn("postshield: more than %u threads: what the others are asked is let "
			         "through",
			    module->worker_max);
		return;
	}
	generation = ps_worker_enter(worker, &module->current);
	if (generation == NULL) {
		ps_operate_pass(qstate, id);
		ps_count(worker, is_subquery(qstate) ? PS_COUNT(subqueries) : PS_COUNT(unjudged));
	} else if (is_subquery(qstate)) {
		new_subquery(generation, worker, qstate, id);
	} else {
		uint64_t began = ps_worker_clock(worker);

		new_query(generation, worker, qstate, id);
		if (began != 0)
			ps_worker_count_time(worker, began);
	}
	ps_worker_leave(worker);
}

/* --- responses --------------------------------------------------------------------- */

/* Is what came stored under a blocked name? The query's own is judged as well when the
 * snapshot has changed since, or a row may have begun to hold. */
static bool is_unwanted(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_qstate *qstate, const struct query_info *asked, uintptr_t *marks)
{
	bool known = (*marks & MARK_PASSES) != 0 && !generation->opens_later &&
	             generation->number == (uint64_t)(*marks >> MARK_SHIFT);

	if (!known && blocks(generation, worker, qstate, &qstate->qinfo))
		return true;
	if (generation->number == (uint64_t)(*marks >> MARK_SHIFT))
		*marks |= MARK_PASSES;
	return !is_same_question(asked, &qstate->qinfo) &&
	       blocks(generation, worker, qstate, asked);
}

/* The iterator is about to use a response, and will store it under the name that it asked
 * for. That may be another than the client's: a CNAME's target, an ancestor (RFC 9156),
 * a name server's host; and lookups that the iterator starts begin at the iterator,
 * unseen by ps_operate_new(). This is the one place that all of them pass before they are
 * stored, so that what is stored under a blocked name never is, not even for a moment. */
void ps_operate_response(struct ps_module *module, struct module_qstate *qstate,
    const struct dns_msg *response, int id)
{
	struct ps_worker *worker = ps_module_worker(module, qstate->env);
	const struct ps_generation *generation;
	uintptr_t marks = (uintptr_t)qstate->minfo[id];

	if (worker == NULL || response == NULL)
		return;
	if (marks & MARK_WITHHELD) {
		qstate->no_cache_store = 0;
		marks &= ~(uintptr_t)(MARK_WITHHELD | MARK_PART);
	} else if (qstate->no_cache_store) {
		return; /* for the whole query, by us or by another module */
	}
	generation = ps_worker_enter(worker, &module->current);
	if (generation != NULL) {
		if (marks == 0) {
			ps_count(worker, PS_COUNT(subqueries));
			marks = (uintptr_t)generation->number << MARK_SHIFT | MARK_SUBQUERY;
		}
		if (is_unwanted(generation, worker, qstate, &response->qinfo, &marks)) {
			ps_count(worker, PS_COUNT(responses_unstored));
			qstate->no_cache_store = 1;
			marks |= MARK_WITHHELD;
		} else if (is_to_be_seen(generation, qstate, response)) {
			hold_back(generation, worker, qstate, response);
			marks = marks_of(qstate, response, marks);
		}
		mark(qstate, id, (uint64_t)(marks >> MARK_SHIFT),
		    marks & (((uintptr_t)1 << MARK_SHIFT) - 1));
	}
	ps_worker_leave(worker);
}

/* --- the end ------------------------------------------------------------------------ */

/* As the iterator stores that it failed (error_response_cache()), where it could not. */
static void store_failure(struct module_qstate *qstate)
{
	struct query_info *q = &qstate->qinfo;
	struct reply_info failure = {.flags = (uint16_t)(BIT_QR | BIT_RA | LDNS_RCODE_SERVFAIL),
	    .qdcount = 1,
	    .security = sec_status_indeterminate};
	struct msgreply_entry *better = msg_cache_lookup(qstate->env, q->qname, q->qname_len,
	    q->qtype, q->qclass, qstate->query_flags,
	    qstate->env->cfg->serve_expired ? 0 : *qstate->env->now, 0);

	if (better != NULL) {
		lock_rw_unlock(&better->entry.lock);
		return;
	}
	ps_reply_set_ttl(&failure, NORR_TTL);
	failure.prefetch_ttl = PREFETCH_TTL_CALC(failure.ttl);
	(void)ps_cache_store(qstate, &failure, true);
}

/* What was withheld on the way, for another name's sake or for this one's. whole: as an
 * answer to the question; else its RRsets alone, which no client can ask for but the
 * resolver finds again (the address of a name server, a DS). Either way what it denies, which
 * serves names that are not blocked: whether those are looked up again depends on it. */
static void store(struct module_qstate *qstate, bool whole)
{
	struct reply_info *rep = qstate->return_msg != NULL ? qstate->return_msg->rep : NULL;
	enum sec_status security = rep != NULL ? rep->security : sec_status_unchecked;
	bool stored;

	if (whole && rep == NULL && qstate->return_rcode == LDNS_RCODE_SERVFAIL)
		store_failure(qstate);
	if (rep == NULL || qstate->return_rcode != LDNS_RCODE_NOERROR ||
	    (!whole && rep->security == sec_status_bogus) || !(qstate->query_flags & BIT_RD))
		return;
	/* What the validator has let pass unseen (validator.c, needs_validation()) it calls so, when
	 * the iterator has stored it as yet to be validated. */
	if (security == sec_status_indeterminate)
		rep->security = sec_status_unchecked;
	stored = ps_cache_store(qstate, rep, whole);
	rep->security = security;
	if (!stored)
		log_err("postshield: no memory to cache an answer");
	else
		ps_cache_add_denial(qstate, rep);
}

static void forget_cached(struct module_qstate *qstate)
{
	struct query_info *q = &qstate->qinfo;

	msg_cache_remove(
	    qstate->env, q->qname, q->qname_len, q->qtype, q->qclass, qstate->query_flags);
}

static void drop_clients(struct ps_worker *worker, struct module_qstate *qstate)
{
	if (qstate->mesh_info->reply_list == NULL)
		return;
	ps_count(worker, PS_COUNT(late_blocks));
	qstate->is_drop = 1;
	if (!can_drop(qstate))
		refuse(qstate);
}

/* A client that asked for the very lookup the resolver was making (possible without RD)
 * must not see what it found. Dropped, it asks again and is judged. */
static void keep_from_clients(struct ps_worker *worker, struct module_qstate *qstate)
{
	store(qstate, false);
	drop_clients(worker, qstate);
}

/* Is the name blocked by now, for anybody? It may have been stored under the old rules, by a
 * thread that judged before the swap and stored after the watcher went over the cache. And
 * those who wait may have come by the old rules together, and differ now. True: it is, and
 * the query is dealt with. */
static bool judge_again(const struct ps_generation *generation, struct ps_worker *worker,
    struct module_qstate *qstate, int id, bool subquery)
{
	const struct mesh_reply *reply = qstate->mesh_info->reply_list;
	struct ps_asked asked;
	struct ps_verdict verdict;
	unsigned client;

	if (!ps_operate_read(&asked, &qstate->qinfo))
		return false;
	client = ps_client_class(generation, subquery ? NULL : reply);
	ps_client_judge(generation, worker, qstate->env, &asked, NULL, subquery ? NULL : reply,
	    client, &verdict);
	if (!ps_verdict_blocks_some(&verdict))
		return false;
	forget_cached(qstate);
	if (subquery) {
		keep_from_clients(worker, qstate);
		return true;
	}
	if (!ps_clients_agree(generation, worker, qstate, NULL, &verdict)) {
		send_away(worker, qstate);
		return true;
	}
	if (!ps_verdict_blocks(&verdict) || (verdict.by_client && reply == NULL)) {
		store(qstate, false);
		return true;
	}
	ps_count(worker, PS_COUNT(late_blocks));
	ps_generation_count(generation, worker, &verdict);
	ps_events_note(generation, worker, qstate, asked.name, &verdict, NULL, client);
	block(generation, worker, qstate, id, &verdict);
	if (qstate->is_drop && !can_drop(qstate))
		refuse(qstate);
	return true;
}

/* Who came while the target was looked up joined by the rules of then. Only where some rule
 * asks who asks can they differ by now. */
static bool still_agree(const struct ps_generation *generation, struct ps_worker *worker,
    struct module_qstate *qstate)
{
	const struct mesh_reply *reply = qstate->mesh_info->reply_list;
	struct ps_asked asked;
	struct ps_verdict verdict;

	/* Nobody who asks for structured errors began to wait for a CNAME's target. */
	if (ps_structured_asked(qstate, generation->snapshot) != PS_ASKED_BY_NOBODY)
		return false;
	if (reply == NULL || reply->next == NULL || !ps_operate_read(&asked, &qstate->qinfo))
		return true;
	ps_client_judge(generation, worker, qstate->env, &asked, NULL, reply,
	    ps_client_class(generation, reply), &verdict);
	if (!verdict.by_client)
		return true;
	return ps_verdict_blocks(&verdict) &&
	       ps_clients_agree(generation, worker, qstate, NULL, &verdict);
}

static void finish_cname(struct ps_module *module, struct ps_worker *worker,
    struct module_qstate *qstate, int id)
{
	struct ps_cname_wait *wait = qstate->minfo[id];
	const struct ps_generation *generation;
	bool agree = true;

	if (worker != NULL) {
		generation = ps_worker_enter(worker, &module->current);
		agree = generation == NULL || still_agree(generation, worker, qstate);
		ps_worker_leave(worker);
	}
	if (!agree)
		send_away(worker, qstate);
	else if (ps_answer_finish(qstate, wait) == PS_ANSWER_FAILED)
		refuse(qstate);
	qstate->ext_state[id] = module_finished;
}

/* --- the answer's side --------------------------------------------------------------------- */

/* What the question has led to was counted and noted when it came. */
static void note_answer(const struct ps_generation *generation, struct ps_worker *worker,
    const struct module_qstate *qstate, struct ps_name name,
    const struct ps_answer_facts *facts, const struct ps_verdict *verdict, unsigned client)
{
	struct ps_verdict own = *verdict;

	own.shadow_count = 0;
	for (uint32_t i = 0; i < verdict->shadow_count && i < PS_VERDICT_SHADOWS_MAX; i++) {
		if (!ps_matcher_rule_asks_answer(generation->matcher, verdict->shadow[i]))
			continue;
		own.shadow_fact[own.shadow_count] = verdict->shadow_fact[i];
		own.shadow[own.shadow_count++] = verdict->shadow[i];
	}
	if (verdict->fact == PS_INDEX_NONE) {
		own.rule = PS_INDEX_NONE;
		own.action = PS_ACTION_PASS;
	}
	if (own.rule == PS_INDEX_NONE && own.shadow_count == 0)
		return;
	if (own.rule != PS_INDEX_NONE)
		ps_count(worker, PS_COUNT(decided));
	if (own.shadow_count > 0)
		ps_count(worker, PS_COUNT(shadow_hits));
	ps_generation_count(generation, worker, &own);
	if (ps_verdict_blocks(&own))
		ps_generation_count_class_block(generation, worker, client);
	ps_events_note(generation, worker, qstate, name, &own, facts, client);
}

/* Of the name asked, and of each that the answer leads to. */
static void add_delegations(struct module_qstate *qstate, struct ps_facts_source *source)
{
	const struct query_info *q = &qstate->qinfo;
	uint8_t *last = q->qname;

	ps_facts_add_delegation(
	    source, qstate->env, qstate->region, q->qname, q->qname_len, q->qclass,
	    *qstate->env->now);
	for (size_t i = 0; i < source->rep->an_numrrsets; i++) {
		struct ub_packed_rrset_key *rrset = source->rep->rrsets[i];

		if (query_dname_compare(rrset->rk.dname, last) == 0)
			continue;
		last = rrset->rk.dname;
		ps_facts_add_delegation(source, qstate->env, qstate->region, rrset->rk.dname,
		    rrset->rk.dname_len, q->qclass, *qstate->env->now);
	}
}

/* The answer is there, and was not blocked by its question. It may lie in the cache: in a
 * part, for another's sake. True: some rule about answers keeps it from somebody, and the query is
 * dealt with. */
static bool judge_answer(const struct ps_generation *generation, struct ps_worker *worker,
    struct module_qstate *qstate, int id, bool subquery)
{
	const uint32_t asks = generation->asks_answer;
	const struct mesh_reply *reply = qstate->mesh_info->reply_list;
	const struct reply_info *rep = qstate->return_msg != NULL ? qstate->return_msg->rep : NULL;
	struct ps_facts_source source = {.rep = rep, .origin = qstate->reply_origin};
	struct ps_answer_facts facts;
	struct ps_asked asked;
	struct ps_verdict verdict;
	unsigned client;
	bool blocks;

	if (asks == 0 || rep == NULL || qstate->return_rcode != LDNS_RCODE_NOERROR)
		return false;
	if (asks & ASKS_SERVERS)
		add_delegations(qstate, &source);
	if (!ps_facts_gather(&facts, qstate->region, &source, asks)) {
		ps_count(worker, PS_COUNT(unjudged_answers)); /* it passes, and nobody finds it again */
		return true;
	}
	if (facts.count == 0 || !ps_operate_read(&asked, &qstate->qinfo))
		return false;
	client = ps_client_class(generation, subquery ? NULL : reply);
	ps_client_judge(generation, worker, qstate->env, &asked, &facts, subquery ? NULL : reply,
	    client, &verdict);
	blocks = verdict.fact != PS_INDEX_NONE && ps_verdict_blocks(&verdict);
	/* What does not validate stays SERVFAIL; whoever asks with CD must not find it. */
	if (rep->security == sec_status_bogus && !(qstate->query_flags & BIT_CD)) {
		if (blocks || verdict.by_client)
			forget_cached(qstate);
		return blocks || verdict.by_client;
	}
	if (!subquery && reply != NULL)
		note_answer(generation, worker, qstate, asked.name, &facts, &verdict, client);
	if (!blocks && !verdict.by_client)
		return false;
	forget_cached(qstate);
	/* From which servers RRsets came is not known any more when they are found again. */
	if ((asks & ASKS_SERVERS) == 0)
		store(qstate, false);
	if (subquery) {
		drop_clients(worker, qstate);
	} else if (!ps_clients_agree(generation, worker, qstate, &facts, &verdict)) {
		send_away(worker, qstate);
	} else if (blocks && reply != NULL) {
		block(generation, worker, qstate, id, &verdict);
		if (qstate->is_drop && !can_drop(qstate))
			refuse(qstate);
	}
	return true;
}

/* --- the end of a query --------------------------------------------------------------------- */

static void done(const struct ps_generation *generation, struct ps_worker *worker,
    struct module_qstate *qstate, int id, uintptr_t marks)
{
	/* Others may have joined a client's query: a lookup is never broken. */
	bool subquery = marks == 0 || (marks & MARK_SUBQUERY) != 0 ||
	                qstate->mesh_info->super_set.count > 0;
	const struct mesh_reply *reply = qstate->mesh_info->reply_list;
	bool changed = generation->number != (uint64_t)(marks >> MARK_SHIFT) ||
	               generation->opens_later;
	bool joined = reply != NULL && reply->next != NULL; /* never, while it is apart */
	bool again = changed || (marks & MARK_WITHHELD) != 0 || ((marks & MARK_OWN) && joined);

	if (marks == 0)
		ps_count(worker, PS_COUNT(subqueries));
	if (again && judge_again(generation, worker, qstate, id, subquery))
		return;
	if ((marks & MARK_BLOCKED) == 0 && judge_answer(generation, worker, qstate, id, subquery))
		return;
	if (marks & MARK_OWN)
		store(qstate, false);
	else if (marks & MARK_BLOCKED)
		keep_from_clients(worker, qstate);
	else if ((marks & (MARK_WITHHELD | MARK_PART)) == MARK_WITHHELD)
		store(qstate, true);
}

void ps_operate_done(struct ps_module *module, struct module_qstate *qstate, int id)
{
	uintptr_t marks = (uintptr_t)qstate->minfo[id];
	struct ps_worker *worker = ps_module_worker(module, qstate->env);
	const struct ps_generation *generation;

	qstate->ext_state[id] = module_finished;
	if (marks != 0 && (marks & MARK_JUDGED) == 0) {
		finish_cname(module, worker, qstate, id);
		return;
	}
	if (worker == NULL)
		return;
	if (marks & MARK_WITHHELD)
		qstate->no_cache_store = 0;
	generation = ps_worker_enter(worker, &module->current);
	if (generation != NULL)
		done(generation, worker, qstate, id, marks);
	ps_worker_leave(worker);
}

bool ps_operate_is_withheld(const struct module_qstate *qstate, int id)
{
	uintptr_t marks = (uintptr_t)qstate->minfo[id];

	return (marks & MARK_JUDGED) && (marks & MARK_BLOCKED);
}
