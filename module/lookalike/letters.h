/* A term or a word as the tables hold it: letters without gaps.
 *
 * Threads: pure functions.
 */
#ifndef PS_LOOKALIKE_LETTERS_H
#define PS_LOOKALIKE_LETTERS_H

#include "lookalike/fold.h"

#define PS_WORD_MAX 63

struct ps_word {
	char plain[PS_WORD_MAX + 1]; /* as ps_fold_code_point() gives it */
	char fold[PS_WORD_MAX + 1];  /* and ps_fold_octet after it */
	uint32_t gaps;               /* bit i: a word begins before letter i, i from 1 to 31 */
	uint8_t len;
};

/* Spaces, hyphens and dots are gaps; other signs that no name can have are left out.
 * False: no letter is left, or more than PS_WORD_MAX octets of them. */
PS_MUST_USE bool ps_word_from_text(struct ps_word *out, const char *text);

#endif
