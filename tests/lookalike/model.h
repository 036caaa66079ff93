/* What the judge can find, the slow way: every stretch of every label against every term,
 * every word against every term by an edit-distance matrix. It knows the terms from the
 * tables' records; trie, spellings and suffixes it does without.
 *
 * How finds are weighed it does not say: a weak name, or one in the middle of a word, may
 * count for nothing. What must be found is a name that is not weak at an edge of a word, a
 * misspelt word, and a weak name that is a word of its own, letter by letter.
 *
 * Threads: one at a time.
 */
#ifndef PS_TESTS_LOOKALIKE_MODEL_H
#define PS_TESTS_LOOKALIKE_MODEL_H

#include "lookalike/lookalike.h"

/* Damerau-Levenshtein as optimal string alignment (a letter more, less, other, or two
 * neighbours swapped), by the whole matrix. */
unsigned model_distance(const uint8_t *a, size_t a_len, const uint8_t *b, size_t b_len);

/* How many labels the public suffix of name has under the sample's own small list. */
unsigned model_suffix_labels(struct ps_name name);

/* NULL, or what is wrong with what the judge says of the name: nothing where something must
 * be found, or something that is not there. suffix: labels of name's public suffix. */
const char *model_compare(const struct ps_tables *tables, struct ps_name name, unsigned suffix,
    const struct ps_likeness *likeness);

#endif
