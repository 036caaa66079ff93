/* What an answer tells of its reason: the code and text of its Extended DNS Error (RFC 8914).
 *
 * To clients that ask for it the text is JSON (draft-ietf-dnsop-structured-dns-error-22, in
 * I-JSON, RFC 7493): whom to ask (c), why (j), the kind of abuse (s), who blocks (o), and the
 * language of j and o (l). They are never told of a forged answer, since they are never given
 * one: see ps_telling_is_forged().
 *
 * Ownership: a plain value. Threads: pure functions of an immutable snapshot.
 */
#ifndef PS_VERDICT_TELLING_H
#define PS_VERDICT_TELLING_H

#include "verdict/verdict.h"

/* Of JSON, with every octet of the two texts escaped. */
#define PS_TELLING_TEXT_MAX \
	(64 + PS_STRUCTURED_CONTACTS_MAX * (PS_CONTACT_MAX + 3) + 2 * PS_EDE_TEXT_MAX + \
	    2 * PS_ORGANIZATION_MAX)

struct ps_telling {
	int32_t code; /* PS_EDE_NONE: nothing is told */
	size_t len;
	char text[PS_TELLING_TEXT_MAX + 1]; /* UTF-8, ends in NUL */
};

/* To everybody: at most PS_EDE_TEXT_MAX octets. The rule's own text; else what the name looks
 * like, where that was asked; else the kind of abuse that a feed says. verdict: one by a rule. */
void ps_telling_plain(const struct ps_snapshot *snapshot, const struct ps_verdict *verdict,
    struct ps_telling *out);

/* To clients that ask for JSON: at most room octets of text. What does not fit goes in the
 * draft's order: without j, o and l; then the code alone. Plain text where the rule's code is one
 * beside which clients discard JSON. The snapshot has structured errors. */
void ps_telling_structured(const struct ps_snapshot *snapshot, const struct ps_verdict *verdict,
    size_t room, struct ps_telling *out);

/* Would the verdict's answer lead a client elsewhere? One that asks for structured errors gets
 * NODATA instead: the same as the answer has for types without an address. (Not NXDOMAIN: that
 * would deny names below, which the rule may not be about: RFC 8020.) */
static inline bool ps_telling_is_forged(const struct ps_verdict *verdict)
{
	return verdict->action == PS_ACTION_SINKHOLE;
}

#endif
