/* What the end of a name says.
 *
 * Threads: pure functions.
 */
#ifndef PS_LOOKALIKE_SUFFIX_H
#define PS_LOOKALIKE_SUFFIX_H

#include "core/bytes.h"

/* Labels in wire form, the last of the name and the one before it (NULL: there is none): is the
 * suffix one of those that are given to offices, armies, schools and treaties' organisations alone? */
bool ps_suffix_is_trusted(const uint8_t *tld, const uint8_t *second);

/* A top-level domain that is not "post", but looks so: p0st, po5t, and with letters beyond ASCII.
 * tld: in wire form. */
bool ps_suffix_is_like_post(const uint8_t *tld);

/* Are the two letters the code of one of the countries? countries: ISO 3166-1 codes with blanks between
 * them; the United Kingdom's is GB, and what people write is uk (RFC 1591's TLD). */
bool ps_suffix_is_of(const uint8_t *letters, const char *countries);

#endif
