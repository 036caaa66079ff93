/* Four folded letters as one number, and the filter of such numbers that the tables have: what
 * says at once, and mostly from the first cache, that no word begins at a letter.
 *
 * A filter may say yes where there is nothing, never no where there is something, as long as
 * the builder made it: TABLES.md, "Filters". Whatever its bits, it is safe to ask.
 *
 * Threads: pure functions.
 */
#ifndef PS_LOOKALIKE_GRAM_H
#define PS_LOOKALIKE_GRAM_H

#include "core/bytes.h"

/* Tests build the judge a second time without its filters and shortcuts, and compare. */
#ifdef PS_LOOKALIKE_UNFILTERED
#define PS_LOOKALIKE_FILTERED false
#else
#define PS_LOOKALIKE_FILTERED true
#endif

#define PS_GRAM_LETTERS 4u
#define PS_GRAM_CODES 32u /* of a letter */
#define PS_GRAM_COUNT (UINT32_C(1) << 20)
#define PS_GRAM_BITS_MIN 10u /* a filter has 2^bits bits */
#define PS_GRAM_BITS_MAX 20u

/* The four letters one further, of which the last is letter. What is further left stays in
 * higher bits, where ps_gram_bit() does not look. */
static inline uint32_t ps_gram_next(uint32_t gram, uint8_t letter)
{
	return gram << 5 | (letter & (PS_GRAM_CODES - 1));
}

/* The first three of the four letters: the next to come is the fourth. */
static inline uint32_t ps_gram_begin(const uint8_t *letters)
{
	return ps_gram_next(ps_gram_next(ps_gram_next(0, letters[0]), letters[1]), letters[2]);
}

/* The filter's bit for the four letters: the upper ones of gram * 0x9e377 mod 2^20. */
static inline uint32_t ps_gram_bit(uint32_t gram, uint32_t bits)
{
	return gram * UINT32_C(0x9e377000) >> (32 - bits);
}

static inline bool ps_gram_test(const uint8_t *filter, uint32_t bits, uint32_t gram)
{
	uint32_t bit = ps_gram_bit(gram, bits);

	return !PS_LOOKALIKE_FILTERED ||
	    (ps_load_le32(filter + bit / 32 * 4) >> bit % 32 & 1) != 0;
}

#endif
