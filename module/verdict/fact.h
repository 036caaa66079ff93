/* What an answer shows: names that it leads to, its addresses, and the name servers on the way.
 *
 * Whoever has the answer's message gathers the facts; rules ask of them (verdict.h).
 *
 * Ownership: the caller's, until the judgement returns; a name is borrowed. Facts are plain
 * values. Threads: immutable while they are judged.
 */
#ifndef PS_VERDICT_FACT_H
#define PS_VERDICT_FACT_H

#include "core/address.h"
#include "core/name.h"

/* Numbers stand in snapshot files: never reuse one. */
enum ps_fact_kind {
	/* A name that the answer leads to: of CNAME, DNAME, HTTPS, SVCB (RFC 9460). */
	PS_FACT_TARGET = 0,
	PS_FACT_ADDRESS = 1, /* of an A or AAAA record, or a hint of HTTPS or SVCB */
	PS_FACT_SERVER_NAME = 2, /* of a name server that was seen on the way */
	PS_FACT_SERVER_ADDRESS = 3, /* of a name server that was seen or that answered */
	PS_FACT_KIND_COUNT = 4,
};

struct ps_fact {
	enum ps_fact_kind kind;
	struct ps_name name; /* TARGET, SERVER_NAME */
	struct ps_address address; /* ADDRESS, SERVER_ADDRESS; an IPv4-mapped one is an IPv4 one */
};

/* The bounds of a judgement (verdict.h) are for each fact, and who answers decides how many there
 * are: so whoever gathers them bounds their number.
 * In the order in which they were seen: that of the first one that makes a rule hold is told.
 * (struct ps_answer is a policy's way to answer: policy/plan.h.) */
struct ps_answer_facts {
	const struct ps_fact *facts;
	uint32_t count;
};

static inline bool ps_fact_is_name(enum ps_fact_kind kind)
{
	return kind == PS_FACT_TARGET || kind == PS_FACT_SERVER_NAME;
}

#endif
