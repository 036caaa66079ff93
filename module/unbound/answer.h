/* Answers that the module makes itself.
 *
 * All memory comes from the query's region. Every made answer is insecure (else the
 * validator would turn it into SERVFAIL), carries no AA, and has RA set; negative
 * ones have a SOA in the authority section whose TTL and minimum are the rule's
 * (RFC 2308 sections 3 and 5), so that stubs and forwarders may keep them as long.
 *
 * Threads: as module operate: one query state, one thread.
 */
#ifndef PS_UNBOUND_ANSWER_H
#define PS_UNBOUND_ANSWER_H

#include "unbound/compat.h"
#include "verdict/verdict.h"

enum ps_answer_state {
	PS_ANSWER_DONE,   /* qstate holds the answer: module_finished */
	PS_ANSWER_WAIT,   /* a CNAME's target is being looked up: module_wait_subquery */
	PS_ANSWER_FAILED, /* no memory */
};

/* Puts the verdict's answer into qstate (return_msg, or is_drop), with its EDE. Where those who
 * wait ask for structured errors (unbound/structured.h) no sinkhole is among the answers. */
enum ps_answer_state ps_answer_make(struct module_qstate *qstate, int id,
    const struct ps_snapshot *snapshot, const struct ps_verdict *verdict);

/* What a sinkhole's CNAME waits for: kept in the query's region between the calls. */
struct ps_cname_wait;

/* The lookup of the target ended (inform_super): copies what it found. */
void ps_answer_take_target(struct ps_cname_wait *wait, struct module_qstate *sub,
    struct module_qstate *super);

/* Makes the answer from what the lookup found, or the CNAME alone. */
enum ps_answer_state ps_answer_finish(struct module_qstate *qstate, struct ps_cname_wait *wait);

#endif
