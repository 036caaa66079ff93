/* What a name looks like and why, in words for people.
 *
 * Threads: pure functions.
 */
#ifndef PS_LOOKALIKE_WORDS_H
#define PS_LOOKALIKE_WORDS_H

#include "lookalike/lookalike.h"

/* "digits for letters", "beside a word of the post's business". */
const char *ps_technique_words(enum ps_technique technique);
const char *ps_sign_words(enum ps_sign sign);
/* "leet", "keyword": the stable word of a sign. */
const char *ps_sign_name(enum ps_sign sign);

/* "looks like United States Postal Service (usps): the official domain in front of another".
 * UTF-8 with a NUL, cut at a character where size is too small; returns its octets. The
 * owner's name stands there as the policy has it: escape it for a terminal. */
#define PS_LIKENESS_TEXT_MAX 384
size_t ps_likeness_sentence(const struct ps_tables *tables, const struct ps_likeness *likeness,
    char *out, size_t size);

#endif
