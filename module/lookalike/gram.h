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

#define PS_GRAM_LETTERS 4u
#define PS_GRAM_CODES 32u /* of a letter */
#define PS_GRAM_COUNT (UINT32_C(1) << 20)
#define PS_GRAM_BITS_MIN 10u /* a filter has 2^bits bits */
#define PS_GRAM_BITS_MAX 20u

/* Of each folded letter, 0 to 31. */
extern const uint8_t ps_gram_code[256];

/* The four letters one further, of which the last is letter. */
static inline uint32_t ps_gram_next(uint32_t gram, uint8_t letter)
{
	return (gram << 5 | ps_gram_code[letter]) & (PS_GRAM_COUNT - 1);
}

/* The first three of the four letters: the next to come is the fourth. */
static inline uint32_t ps_gram_begin(const uint8_t *letters)
{
	return (uint32_t)ps_gram_code[letters[0]] << 10 |
	    (uint32_t)ps_gram_code[letters[1]] << 5 | ps_gram_code[letters[2]];
}

/* The filter's bit for the four letters. */
static inline uint32_t ps_gram_bit(uint32_t gram, uint32_t bits)
{
	return gram * UINT32_C(0x9e3779b1) >> (32 - bits);
}

static inline bool ps_gram_test(const uint8_t *filter, uint32_t bits, uint32_t gram)
{
#ifdef PS_LOOKALIKE_UNFILTERED /* what tests compare with */
	(void)filter, (void)bits, (void)gram;
	return true;
#else
	uint32_t bit = ps_gram_bit(gram, bits);

	return (filter[bit / 8] >> bit % 8 & 1) != 0;
#endif
}

#endif
