/* Misspellings at distance one.
 *
 * A word's neighbourhood is the word and what is left of it when one letter is taken out.
 * Two words at distance one (a letter more, less, other, or two swapped) share a member of
 * their neighbourhoods: Bocek et al., "Fast similarity search in large dictionaries", 2007.
 * So a protected name has a hash for each, and a name asked for looks its own up.
 *
 * Threads: pure functions.
 */
#ifndef PS_LOOKALIKE_TYPO_H
#define PS_LOOKALIKE_TYPO_H

#include "policy/plan.h"

#define PS_TYPO_TERM_MIN 5u  /* letters of a protected name that is compared */
#define PS_TYPO_TERM_MAX 24u
#define PS_TYPO_HALVES_MIN 9u /* one slip spares the first four letters or the last */
#define PS_TYPO_WORD_MAX (PS_TYPO_TERM_MAX + 1)

/* What ps_typo_mix() makes the hashes below of. */
void ps_typo_sums(const uint8_t *word, size_t len, uint32_t *sums);

/* hashes[0]: of the word; hashes[i + 1]: without letter i. len + 1 of them. */
void ps_typo_hashes(const uint8_t *word, size_t len, uint32_t *hashes);

/* How word comes from term, letters as they are (not folded), len 1 to 63 each: by one slip
 * or none; PS_TECHNIQUE_NONE when it is not so. */
enum ps_technique ps_typo_classify(
    const uint8_t *word, size_t word_len, const uint8_t *term, size_t term_len);

/* Is word the term with c for e, e for c, b for d, d for b, anywhere? Folded letters. */
bool ps_typo_is_blurred(
    const uint8_t *word, size_t word_len, const uint8_t *term, size_t term_len);

/* The term (folded letters, at most PS_TYPO_TERM_MAX; others have none) with two or more
 * letters e written c: at most PS_BLURS_MAX words as long as it; how many. One such letter is
 * one slip. */
#define PS_BLURS_MAX 4u
unsigned ps_typo_blur(
    const uint8_t *term, size_t len, uint8_t words[PS_BLURS_MAX][PS_TYPO_TERM_MAX]);

#endif
