/* A client's address, reduced to what the policy keeps of it.
 *
 * The hash is SipHash-1-3 under a key that lives in the resolver's memory alone, is drawn anew
 * every day (UTC) and at every start, and is never written: so one day's events of one client
 * can be told to be one client's, and nobody can go back from hash to address, not even by
 * trying all addresses.
 *
 * Threads: pure functions.
 */
#ifndef PS_EVENT_CLIENT_H
#define PS_EVENT_CLIENT_H

#include "core/address.h"
#include "core/siphash.h"
#include "policy/plan.h"

#define PS_CLIENT_PREFIX4 24u
#define PS_CLIENT_PREFIX6 48u

struct ps_client {
	enum ps_client_form form;
	uint8_t family;    /* 4 or 6; 0 with NONE and HASH, and when there was no address */
	uint8_t len;       /* PREFIX: bits; else 0 */
	uint8_t bytes[16]; /* HASH: 8 octets; else network order; the rest 0 */
};

/* What is kept of address; its family 0 (not known): nothing. key: for HASH. */
struct ps_client ps_client_reduce(
    enum ps_client_form form, const struct ps_address *address, struct ps_hash_key key);

/* The key of one day (UTC), for HASH: at another day than it was drawn on it is drawn anew, so that
 * nothing leads from one day's hashes to the next day's. All 0: none was drawn yet. */
struct ps_client_key {
	struct ps_hash_key key;
	uint64_t day; /* since 1970; 0: there is no key */
};

/* Sees to the key of that day; draw fills it in. now: milliseconds since 1970. False: none could be
 * drawn, and there is none. */
PS_MUST_USE bool ps_client_key_renew(
    struct ps_client_key *key, uint64_t now, bool (*draw)(struct ps_hash_key *key));

/* Is it what ps_client_reduce() can make? */
bool ps_client_is_valid(const struct ps_client *client);

bool ps_client_equal(const struct ps_client *a, const struct ps_client *b);

/* "192.0.2.7", "192.0.2.0/24", "#1f2e3d4c5b6a7988"; "" for none. */
#define PS_CLIENT_TEXT_MAX PS_PREFIX_TEXT_MAX
void ps_client_to_text(const struct ps_client *client, char out[PS_CLIENT_TEXT_MAX]);

#endif
