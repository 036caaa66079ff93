/* Record types as people write them: in a policy's tests and on the command line.
 *
 * Threads: constant data.
 */
#ifndef PS_POLICY_RRTYPE_H
#define PS_POLICY_RRTYPE_H

#include "core/bytes.h"
#include "core/status.h"

/* "A", "aaaa", "TYPE65" (RFC 3597 section 5), "65"; not 0. */
PS_MUST_USE bool ps_rrtype_from_text(struct ps_bytes text, uint16_t *out);

/* "AAAA", or "TYPE65" for those without a name here. */
#define PS_RRTYPE_TEXT_MAX 10
const char *ps_rrtype_to_text(uint16_t type, char out[PS_RRTYPE_TEXT_MAX]);

#endif
