/* What records show: the facts (verdict/fact.h) of one record's data.
 *
 * CNAME and DNAME: the target (RFC 1035 section 3.3.1, RFC 6672 section 2.1). A, AAAA: the
 * address (RFC 1035 section 3.4.1, RFC 3596 section 2.2). SVCB and HTTPS: the target, unless it is
 * ".", which stands for the owner or for none, and the addresses of ipv4hint and ipv6hint (RFC 9460
 * sections 2.2, 2.5, 7.3). NS: the server's name (RFC 1035 section 3.3.11).
 *
 * Data comes from the network: whatever it is, nothing is read beyond it, and of data that ends
 * early or is otherwise malformed those facts are shown that stand before.
 *
 * Threads: pure functions.
 */
#ifndef PS_VERDICT_RDATA_H
#define PS_VERDICT_RDATA_H

#include "verdict/fact.h"

enum ps_rdata_section {
	PS_RDATA_ANSWER, /* targets and addresses */
	PS_RDATA_SERVERS, /* authority and additional: servers' names and their addresses */
};

struct ps_fact_visitor {
	void *ctx;
	/* The fact's name is gone when this returns. */
	void (*fact)(void *ctx, const struct ps_fact *fact);
};

/* type: of the record, as in RFC 1035 section 3.2.2. rdata: uncompressed, without its length. */
void ps_rdata_visit(uint16_t type, enum ps_rdata_section section, struct ps_bytes rdata,
    const struct ps_fact_visitor *visitor);

#endif
