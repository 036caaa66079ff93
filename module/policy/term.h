/* The text of a protected name, a keyword or a common word, in the one form in which
 * the plan holds it: UTF-8 in NFC, small letters, one space between words.
 *
 * What stays: letters of any script with their marks, digits, and ' - . & between
 * them. Other punctuation, and blanks of every kind, become one space; typographic
 * apostrophes and hyphens become ' and -; joiners go. Everything else (symbols,
 * controls, unassigned code points) is refused, because a name cannot hold it.
 *
 * Threads: pure functions on the caller's storage. Not for the resolver: needs
 * libunistring.
 */
#ifndef PS_POLICY_TERM_H
#define PS_POLICY_TERM_H

#include "core/bytes.h"
#include "core/status.h"
#include "policy/plan.h"

struct ps_term {
	uint8_t text[PS_TERM_TEXT_MAX + 1]; /* ends in NUL */
	uint8_t len;                        /* octets without it */
};

enum ps_term_fault {
	PS_TERM_GOOD = 0,
	PS_TERM_CHARACTER, /* something that is neither kept nor dropped */
	PS_TERM_SHORT,     /* under two letters, marks or digits */
	PS_TERM_LONG,      /* over PS_TERM_TEXT_MAX octets */
	PS_TERM_MARK,      /* a mark that stands on no letter */
	PS_TERM_NO_MEMORY,
};

/* Changes *out only when it says GOOD. CHARACTER, MARK: *offset (may be NULL) is the
 * octet in text where the culprit begins; MARK: 0 when only NFC brought it forth. */
PS_MUST_USE enum ps_term_fault ps_term_make(
    struct ps_term *out, struct ps_bytes text, size_t *offset);

/* How much a name of this text says by itself: its letters and digits, those that
 * are written wide (a syllable or a word each) counted twice. */
unsigned ps_term_weight(struct ps_bytes term);

#endif
