/* How protected names may be misspelt, and the filters in front of the look-ups. */
#include "lookalike/building.h"
#include "lookalike/sound.h"
#include "lookalike/typo.h"

#include <stdlib.h>

/* --- misspellings ------------------------------------------------------------------------ */

/* Of words that differ in one letter and no more ("aost" to "zost") so many stand under what
 * they have in common: all of one hash are gone through at each look-up. */
#define SAME_SPELLINGS_MAX 32u

static void put_typo(struct ps_tables_builder *b, uint32_t bits, uint32_t hash, uint32_t term)
{
	uint32_t mask = (UINT32_C(1) << bits) - 1, at = hash & mask, same = 0;

	for (;; at = (at + 1) & mask) {
		uint8_t *p = b->typos.data + (size_t)at * PS_TYPO_RECORD;
		uint32_t there = ps_load_le32(p + PS_TYPO_TERM);

		if (there != 0) {
			if (ps_load_le32(p + PS_TYPO_HASH) == hash &&
			    (there == term + 1 || ++same == SAME_SPELLINGS_MAX))
				return;
			continue;
		}
		ps_store_le32(p + PS_TYPO_HASH, hash);
		ps_store_le32(p + PS_TYPO_TERM, term + 1);
		return;
	}
}

static bool typos_are_crowded(const struct ps_tables_builder *b, uint32_t bits)
{
	uint32_t run = 0, size = UINT32_C(1) << bits;

	for (uint32_t i = 0; i < size + PS_PROBES_MAX; i++) {
		const uint8_t *p = b->typos.data + (size_t)(i & (size - 1)) * PS_TYPO_RECORD;

		run = ps_load_le32(p + PS_TYPO_TERM) == 0 ? 0 : run + 1;
		if (run > PS_PROBES_MAX)
			return true;
	}
	return false;
}

static bool has_typos(const struct ps_built_term *term)
{
	/* The first of those with the same letters stands for them. */
	return term->kind == PS_TERM_BRAND && !ps_built_is_half(term) &&
	    term->word.len >= (term->flags & PS_TERM_WEAK ? PS_TERM_TELLING : PS_TYPO_TERM_MIN) &&
	    term->word.len <= PS_TYPO_TERM_MAX;
}

/* Other spellings that stand in the table, by all their letters: of the same sound, and with
 * letters that look nearly the same; both of a strong name alone, and the first of one long
 * enough that it cannot be chance. In folded letters; how many. */
#define SPELLINGS_MAX (PS_SOUND_SPELLINGS + PS_BLURS_MAX)
static unsigned spell(const struct ps_built_term *term, struct ps_spelling out[SPELLINGS_MAX])
{
	uint8_t blurred[PS_BLURS_MAX][PS_TYPO_TERM_MAX];
	const struct ps_word *word = &term->word;
	unsigned count = 0, blurs;

	if (term->kind != PS_TERM_BRAND || (term->flags & PS_TERM_WEAK))
		return 0;
	if (!(term->flags & PS_TERM_NATIVE) && word->len >= PS_TYPO_TERM_MIN &&
	    word->len <= PS_TYPO_TERM_MAX)
		count = ps_sound_spell((const uint8_t *)word->plain, word->len, out);
	for (unsigned k = 0; k < count; k++)
		for (unsigned i = 0; i < out[k].len; i++)
			out[k].letters[i] = ps_fold_octet[out[k].letters[i]];
	blurs = ps_typo_blur((const uint8_t *)word->fold, word->len, blurred);
	for (unsigned k = 0; k < blurs; k++) {
		out[count].len = (uint8_t)word->len;
		memcpy(out[count++].letters, blurred[k], word->len);
	}
	return count;
}

static uint32_t spelling_hash(const struct ps_spelling *spelling)
{
	uint32_t hashes[PS_SOUND_WORD_MAX + 1];

	ps_typo_hashes(spelling->letters, spelling->len, hashes);
	return hashes[0];
}

static void fill_typos(struct ps_tables_builder *b, uint32_t bits)
{
	b->typos.len = 0;
	ps_tables_failed(b, ps_buffer_append(&b->typos, NULL, ((size_t)1 << bits) * PS_TYPO_RECORD));
	for (uint32_t i = 0; i < b->term_count && b->status == PS_OK; i++) {
		const struct ps_word *word = &b->terms[i].word;
		uint32_t hashes[PS_TYPO_TERM_MAX + 1];
		struct ps_spelling spelling[SPELLINGS_MAX];
		unsigned spellings;

		if (!has_typos(&b->terms[i]) ||
		    (i > 0 && ps_built_same_letters(&b->terms[i - 1], &b->terms[i])))
			continue;
		ps_typo_hashes((const uint8_t *)word->fold, word->len, hashes);
		for (uint32_t k = 0; k <= word->len; k++)
			put_typo(b, bits, hashes[k], i);
		spellings = spell(&b->terms[i], spelling);
		for (unsigned k = 0; k < spellings; k++)
			put_typo(b, bits, spelling_hash(&spelling[k]), i);
	}
}

void ps_tables_build_typos(struct ps_tables_builder *b, uint32_t *bits)
{
	uint64_t spellings = 0;

	for (uint32_t i = 0; i < b->term_count; i++)
		if (has_typos(&b->terms[i])) {
			struct ps_spelling spelling[SPELLINGS_MAX];

			spellings += b->terms[i].word.len + 1u;
			spellings += spell(&b->terms[i], spelling);
		}
	for (*bits = 7; UINT64_C(1) << *bits < spellings * 5 / 2; (*bits)++)
		continue;
	for (; b->status == PS_OK; (*bits)++) {
		if (*bits > PS_TABLES_BITS_MAX) {
			ps_tables_failed(b, PS_LIMIT);
			return;
		}
		fill_typos(b, *bits);
		if (b->status != PS_OK || !typos_are_crowded(b, *bits))
			return;
	}
}

/* --- filters ------------------------------------------------------------------------------- */

/* A filter has so many bits for each thing in it, or up to twice as many. */
#define BITS_A_GRAM 16u
#define BITS_A_SPELLING 8u

/* All runs of four letters that begin with the word: of a shorter one, whatever follows. */
static uint32_t mark_grams(uint8_t *grams, const struct ps_word *word)
{
	uint32_t first = 0, count = 1, marked = 0;

	for (unsigned i = 0; i < PS_GRAM_LETTERS; i++) {
		first = first * PS_GRAM_CODES +
		    (i < word->len ? (uint8_t)word->fold[i] % PS_GRAM_CODES : 0);
		count *= i < word->len ? 1 : PS_GRAM_CODES;
	}
	for (uint32_t gram = first; gram < first + count; gram++) {
		marked += (grams[gram / 8] >> gram % 8 & 1) == 0;
		grams[gram / 8] |= (uint8_t)(1u << gram % 8);
	}
	return marked;
}

/* The four letters of a word from at on. */
static uint32_t mark_four(uint8_t *grams, const uint8_t *letters)
{
	struct ps_word four = {.len = PS_GRAM_LETTERS};

	memcpy(four.fold, letters, PS_GRAM_LETTERS);
	return mark_grams(grams, &four);
}

/* What begins (or, at_end, ends) the other spellings of the term: see may_be_half() of the
 * judge, which asks about long words alone. */
static uint32_t mark_spellings(uint8_t *grams, const struct ps_built_term *term, bool at_end)
{
	struct ps_spelling spelling[SPELLINGS_MAX];
	unsigned count = has_typos(term) ? spell(term, spelling) : 0;
	uint32_t marked = 0;

	for (unsigned k = 0; k < count; k++)
		if (spelling[k].len >= PS_TYPO_HALVES_MIN - 1)
			marked += mark_four(grams, spelling[k].letters +
			        (at_end ? spelling[k].len - PS_GRAM_LETTERS : 0));
	return marked;
}

/* How many grams of the term are new. */
static uint32_t mark_term(uint8_t *grams, const struct ps_built_term *term, enum ps_gram_filter filter)
{
	switch (filter) {
	case PS_NAME_FILTER:
		return term->kind != PS_TERM_BRAND
		    ? 0
		    : mark_grams(grams, &term->word) + mark_spellings(grams, term, false);
	case PS_WORD_FILTER: /* words of fewer letters than three nobody asks for */
		return term->kind != PS_TERM_BRAND && term->word.len >= 3
		    ? mark_grams(grams, &term->word)
		    : 0;
	case PS_END_FILTER:
		return !has_typos(term)
		    ? 0
		    : mark_four(grams, (const uint8_t *)term->word.fold + term->word.len -
		              PS_GRAM_LETTERS) +
		        mark_spellings(grams, term, true);
	}
	return 0;
}

void ps_tables_build_gram_filter(
    struct ps_tables_builder *b, enum ps_gram_filter filter, struct ps_buffer *out, uint32_t *bits)
{
	uint8_t *grams = calloc(PS_GRAM_COUNT / 8, 1);
	uint32_t count = 0;

	if (grams == NULL) {
		ps_tables_failed(b, PS_NO_MEMORY);
		return;
	}
	for (uint32_t i = 0; i < b->term_count; i++)
		count += mark_term(grams, &b->terms[i], filter);
	*bits = PS_GRAM_BITS_MIN;
	while (*bits < PS_GRAM_BITS_MAX && UINT32_C(1) << *bits < count * BITS_A_GRAM)
		(*bits)++;
	ps_tables_failed(b, ps_buffer_append(out, NULL, ((size_t)1 << *bits) / 8));
	for (uint32_t gram = 0; gram < PS_GRAM_COUNT && b->status == PS_OK; gram++) {
		uint32_t bit = ps_gram_bit(gram, *bits);

		if (grams[gram / 8] >> gram % 8 & 1)
			out->data[bit / 8] |= (uint8_t)(1u << bit % 8);
	}
	free(grams);
}

/* Of what stands in the table, whatever put it there. */
void ps_tables_build_spelling_filter(struct ps_tables_builder *b, uint32_t typo_bits, uint32_t *bits)
{
	uint64_t slots = UINT64_C(1) << typo_bits, spellings = 0;

	for (uint64_t i = 0; i < slots; i++)
		spellings += ps_load_le32(b->typos.data + i * PS_TYPO_RECORD + PS_TYPO_TERM) != 0;
	for (*bits = PS_SPELLING_BITS_MIN; *bits < PS_SPELLING_BITS_MAX &&
	     UINT64_C(32) << *bits < spellings * BITS_A_SPELLING; (*bits)++)
		continue;
	ps_tables_failed(b, ps_buffer_append(&b->spelling_filter, NULL, (size_t)4 << *bits));
	for (uint64_t i = 0; i < slots && b->status == PS_OK; i++) {
		const uint8_t *slot = b->typos.data + i * PS_TYPO_RECORD;
		uint64_t hash = ps_spelling_hash(ps_typo_unmix(ps_load_le32(slot + PS_TYPO_HASH)));
		uint8_t *p = b->spelling_filter.data + 4 * ps_spelling_word(hash, *bits);

		if (ps_load_le32(slot + PS_TYPO_TERM) != 0)
			ps_store_le32(p, ps_load_le32(p) | ps_spelling_mask(hash));
	}
}
