/* UTF-8 as people and terminals see it: characters, the cells they take, and which
 * of them must never reach a terminal as they are.
 *
 * Independent of the locale. Threads: pure functions.
 */
#ifndef PS_CORE_UTF8_H
#define PS_CORE_UTF8_H

#include "core/bytes.h"

/* Reads the character (RFC 3629) at *pos < text.len and moves *pos behind it.
 * Octets that are no UTF-8 (overlong and surrogates too): false, *character is
 * the first octet, and *pos moves by one. */
bool ps_utf8_next(struct ps_bytes text, size_t *pos, uint32_t *character);

/* True when text is well-formed UTF-8 without NUL. */
bool ps_utf8_is_text(struct ps_bytes text);

/* Control characters (C0, DEL, C1) but for tab, LF and CR. */
bool ps_character_is_control(uint32_t character);

/* Characters that change what is seen without being seen: bidirectional controls
 * (CVE-2021-42574), invisible ones, and line breaks that most editors do not show
 * as such. The joiners U+200C and U+200D are not among them: names need them. */
bool ps_character_is_hidden(uint32_t character);

/* The last two code points of each plane, which Unicode will never give a character. */
static inline bool ps_character_is_none(uint32_t character)
{
	return (character & 0xfffe) == 0xfffe;
}

/* Terminal cells: 0 for combining marks, 2 for wide letters (UAX #11), else 1. */
unsigned ps_character_width(uint32_t character);

/* What is written for a character (valid: as ps_utf8_next() returned it) so that
 * it cannot command a terminal: itself, or \xNN, or \u{NNNN}. Returns the octets
 * written (at most PS_SHOWN_MAX) and adds its cells to *cells. */
#define PS_SHOWN_MAX 12
size_t ps_character_show(
    uint32_t character, bool valid, char out[PS_SHOWN_MAX], unsigned *cells);

/* The length of the longest beginning of text of at most max octets that does not
 * cut a character. */
size_t ps_utf8_cut(struct ps_bytes text, size_t max);

#endif
