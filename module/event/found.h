/* What an answer led to that a rule about answers found: a name or an address.
 *
 * It comes from outside: what prints it escapes it.
 * Threads: pure functions.
 */
#ifndef PS_EVENT_FOUND_H
#define PS_EVENT_FOUND_H

#include "core/address.h"
#include "core/name.h"

/* Numbers stand in files. One more than enum ps_fact_kind of what was found. */
enum ps_found_kind {
	PS_FOUND_NONE = 0,
	PS_FOUND_TARGET = 1, /* a name that a CNAME, DNAME, HTTPS or SVCB record leads to */
	PS_FOUND_ADDRESS = 2,
	PS_FOUND_SERVER = 3, /* a name server's name */
	PS_FOUND_SERVER_ADDRESS = 4,
	PS_FOUND_KIND_COUNT = 5,
};

struct ps_found {
	enum ps_found_kind kind;
	uint8_t len; /* octets: of a name in wire form and lower case; 4 or 16; 0 with NONE */
	uint8_t bytes[PS_NAME_WIRE_MAX];
};

/* "target", "address", "server", "server-address"; "" for none. */
const char *ps_found_kind_name(unsigned kind);

static inline bool ps_found_is_name(enum ps_found_kind kind)
{
	return kind == PS_FOUND_TARGET || kind == PS_FOUND_SERVER;
}

/* As octets, which are borrowed from what is given. */
struct ps_bytes ps_found_octets_of_name(struct ps_name name);
struct ps_bytes ps_found_octets_of_address(const struct ps_address *address);

/* octets: at most PS_NAME_WIRE_MAX. */
struct ps_found ps_found_of(enum ps_found_kind kind, struct ps_bytes octets);

/* Is it what ps_found_of() makes of a name or an address? */
bool ps_found_is_valid(const struct ps_found *found);

bool ps_found_equal(const struct ps_found *a, const struct ps_found *b);

/* Of one that is a name. */
struct ps_name ps_found_name(const struct ps_found *found);

/* Printable ASCII; "" for none. */
void ps_found_to_text(const struct ps_found *found, char out[PS_NAME_TEXT_MAX]);

#endif
