/* STIX patterns (STIX 2.1 section 9): which names, URLs and addresses they ask for.
 *
 * The whole language is read, so that a mistake in a pattern is told from a pattern that
 * says more than a resolver can hold to. What is understood: comparisons of
 * domain-name:value, url:value, ipv4-addr:value and ipv6-addr:value with a string by
 * "=" or IN, of the addresses also by ISSUBSET (which is what "=" with a prefix means),
 * joined by OR inside and between observations. Anything else (AND, NOT, other
 * comparisons, objects, paths, and all qualifiers) makes the whole pattern
 * unsupported: to list one half of "this AND that" would list too much.
 *
 * Cost: linear in the text; nested at most PS_STIX_PATTERN_DEPTH_MAX deep.
 * Threads: pure functions.
 */
#ifndef PS_FEED_STIX_PATTERN_H
#define PS_FEED_STIX_PATTERN_H

#include "core/bytes.h"
#include "core/status.h"

#define PS_STIX_PATTERN_DEPTH_MAX 64

enum ps_stix_object {
	PS_STIX_DOMAIN_NAME,
	PS_STIX_URL,
	PS_STIX_IPV4_ADDR,
	PS_STIX_IPV6_ADDR,
};

/* Takes one value that the pattern asks for, borrowed until return. Anything but
 * PS_OK ends the reading with that status. */
typedef enum ps_status (*ps_stix_visit)(
    void *ctx, enum ps_stix_object object, struct ps_bytes value);

/* Hands each value to visit, in their order, when the whole pattern is understood.
 * Errors, before any visit: PS_INVALID (no pattern), PS_UNSUPPORTED (a pattern that
 * says something else, or asks for nothing), PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_stix_pattern_read(
    struct ps_bytes text, ps_stix_visit visit, void *ctx);

#endif
