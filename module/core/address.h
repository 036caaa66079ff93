/* IP addresses and prefixes, as values.
 *
 * Text forms: RFC 4291 section 2.2 for IPv6, four decimal numbers for IPv4 (no
 * leading zeros, no octal, no short forms), prefixes as in RFC 4632 section 3.1
 * and RFC 4291 section 2.3.
 * Threads: pure functions.
 */
#ifndef PS_CORE_ADDRESS_H
#define PS_CORE_ADDRESS_H

#include "core/bytes.h"
#include "core/status.h"

#define PS_ADDRESS_TEXT_MAX 46
#define PS_PREFIX_TEXT_MAX 50

struct ps_address {
	uint8_t family;    /* 4 or 6 */
	uint8_t bytes[16]; /* network order; 4 octets for IPv4, the rest 0 */
};

struct ps_prefix {
	struct ps_address address; /* bits after len are 0 */
	uint8_t len;               /* 0 to 32, or 0 to 128 */
};

PS_MUST_USE enum ps_status ps_address_from_text(
    struct ps_address *out, struct ps_bytes text, struct ps_error *err);

/* "192.0.2.0/24", or an address alone as a full-length prefix. Bits set behind
 * the prefix length are an error (a typing slip more often than a wish). */
PS_MUST_USE enum ps_status ps_prefix_from_text(
    struct ps_prefix *out, struct ps_bytes text, struct ps_error *err);

void ps_address_to_text(const struct ps_address *address, char out[PS_ADDRESS_TEXT_MAX]);

/* Without "/32" or "/128" for a single address. */
void ps_prefix_to_text(const struct ps_prefix *prefix, char out[PS_PREFIX_TEXT_MAX]);

/* An IPv4 address that was written as an IPv6 one (::ffff:192.0.2.1, RFC 4291 section
 * 2.5.5.2) becomes that; likewise a prefix of such, of 96 bits or more. True: it was one. */
bool ps_address_unmap(struct ps_address *address);
bool ps_prefix_unmap(struct ps_prefix *prefix);

/* By family, address, then length. */
int ps_prefix_compare(const struct ps_prefix *a, const struct ps_prefix *b);

bool ps_prefix_covers(const struct ps_prefix *prefix, const struct ps_address *address);

#endif
