/* A name's labels as letters, laid out for looking up.
 *
 * Threads: pure functions on the caller's storage.
 */
#ifndef PS_LOOKALIKE_TEXT_H
#define PS_LOOKALIKE_TEXT_H

#include "core/name.h"
#include "lookalike/fold.h"
#include "lookalike/gram.h"

#define PS_TEXT_MAX 768 /* letters that are looked at; a name of IDNs may have more */
#define PS_TEXT_LABELS_MAX 24u /* labels above the suffix that are looked at: the nearest */

#define PS_TEXT_ROOM (PS_TEXT_MAX + PS_TEXT_LABELS_MAX + 8)

#define PS_LETTER_GAP 1u     /* a hyphen, or the label's edge, stands before it */
#define PS_LETTER_DIGIT 2u
#define PS_LETTER_MAPPED 4u  /* a letter beyond ASCII that looks like this one */
#define PS_LETTER_FOREIGN 8u /* of another script than Latin */

struct ps_text_label {
	uint16_t first; /* letters [first, end) */
	uint16_t end;
	uint8_t hyphens;
	uint8_t digits;
	bool mixed; /* ASCII letters and letters of another script */
	bool whole; /* of another script throughout */
	bool broken; /* "xn--" and no Punycode behind it */
	bool pairs;  /* two letters side by side look like one: rn */
};

struct ps_text {
	uint16_t count;
	uint8_t labels; /* [0]: the leftmost that is looked at */
	uint8_t skipped; /* labels left of them */
	struct ps_text_label label[PS_TEXT_LABELS_MAX];
	/* Behind each label stands one more letter: 0, with PS_LETTER_GAP. Behind the last one
	 * is room to read or write eight at once. */
	uint8_t plain[PS_TEXT_ROOM];
	uint8_t fold[PS_TEXT_ROOM];
	uint8_t flags[PS_TEXT_ROOM];
};

/* The letter that the two look like together; 0: none. */
static inline uint8_t ps_text_pair(uint8_t first, uint8_t second)
{
	switch (second) {
	case 'n':
		return first == 'r' || first == 'n' ? 'm' : 0;
	case 'r':
		return first == 'r' ? 'm' : 0;
	case 'v':
		return first == 'v' ? 'w' : 0;
	case 'l':
		return first == 'c' ? 'd' : 0;
	default:
		return 0;
	}
}

/* The labels of name but for its last suffix_labels. */
void ps_text_make(struct ps_text *out, struct ps_name name, unsigned suffix_labels);

#endif
