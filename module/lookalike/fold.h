/* Letters as they look: what makes "1npоst" (with a Cyrillic о) and "inpost" the same.
 *
 * Two steps. A code point becomes the ASCII letters that it looks like, with diacritics
 * taken off: by Unicode's confusables (UTS #39 section 4), NFKC_Casefold and NFD without
 * marks (UAX #15), CLDR's Latin-ASCII, in this order; the table is made from ICU when
 * PostShield is built. Then look-alikes within ASCII become one: i, l and 1; o and 0; and
 * the digits that stand for letters.
 *
 * Threads: pure functions.
 */
#ifndef PS_LOOKALIKE_FOLD_H
#define PS_LOOKALIKE_FOLD_H

#include "core/bytes.h"
#include "core/status.h"

#define PS_FOLD_LETTERS_MAX 4

struct ps_letters {
	uint8_t at[PS_FOLD_LETTERS_MAX]; /* ASCII; or UTF-8, of a letter without a Latin look */
	uint8_t len;
	bool mapped; /* it is none of these letters, but looks like them */
	bool other_script; /* neither Latin nor common to scripts */
};

/* c: any number. Lower-case ASCII stays as it is. */
struct ps_letters ps_fold_code_point(uint32_t c);

/* One of the letters that look alike, for each octet: both 'i' and '1' give 'l'. */
extern const uint8_t ps_fold_octet[256];

/* RFC 3492 section 6.2: what stands behind "xn--". At most 63 code points. False: no
 * Punycode, more than max, or nothing at all. */
PS_MUST_USE bool ps_punycode_decode(
    struct ps_bytes text, uint32_t *out, size_t max, size_t *count);

#endif
