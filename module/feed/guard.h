/* The guard: what no feed can make us block, whatever it lists.
 *
 * One question per indicator: may it stand, must it be narrowed to its exact
 * host, or is it refused, and why.
 *   root, TLDs, ICANN public suffixes      refused, whatever the scope
 *   private public suffixes (github.io)    refused as subtree; one exact host stands
 *   special-use names (RFC 6761, RFC 8375) refused
 *   the never list, publishers' and our own hosts: the name and all below it refused;
 *       a subtree above one of them is narrowed to its exact host
 *   official domains of operators, and .post: anything at, below or (as a subtree)
 *       above one is narrowed to exactly the listed host, never refused
 *   "*.name" (below) where a subtree would be narrowed: refused as never, because it lists
 *       no host of its own that could be left of it
 *   popular names: the row stands, on trial (held, shown, not answered)
 *
 * Ownership: the guard copies what it is given. Threads: immutable once filled,
 * then any number of threads.
 */
#ifndef PS_FEED_GUARD_H
#define PS_FEED_GUARD_H

#include "feed/feed.h"

struct ps_guard;

/* Loads the public suffix list (libpsl's built-in one, or the file that
 * PS_PUBLIC_SUFFIX_FILE names at run time where it is newer). */
PS_MUST_USE enum ps_status ps_guard_create(struct ps_guard **out, struct ps_error *err);
void ps_guard_destroy(struct ps_guard *guard);

/* The name and all below it are never blocked. */
PS_MUST_USE enum ps_status ps_guard_add_never(struct ps_guard *guard, struct ps_name name);
/* An operator's own domain. */
PS_MUST_USE enum ps_status ps_guard_add_official(struct ps_guard *guard, struct ps_name name);
/* A name whose blocking would be noticed by everybody: the name and its www. */
PS_MUST_USE enum ps_status ps_guard_add_popular(struct ps_guard *guard, struct ps_name name);

struct ps_guard_ruling {
	bool refused;
	enum ps_refusal reason; /* when refused */
	enum ps_scope scope;    /* the scope that may stand */
	bool narrowed;          /* scope is less than what was asked for */
	bool trial;             /* stands, but is not answered: a popular name */
};

struct ps_guard_ruling ps_guard_judge(
    const struct ps_guard *guard, struct ps_name name, enum ps_scope scope);

/* Addresses that no feed may list: unspecified, loopback, private, link-local,
 * multicast, documentation is allowed (tests use it); prefixes shorter than /8
 * (IPv4) or /19 (IPv6). True when the prefix may stand. */
#define PS_GUARD_SHORTEST_IPV4 8
#define PS_GUARD_SHORTEST_IPV6 19
bool ps_guard_address_may_stand(const struct ps_prefix *prefix);

#endif
