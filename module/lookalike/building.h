/* Inside of the tables' builder: what its files share. No other room includes this.
 *
 * Ownership: the builder owns all it points to; ps_tables_build() makes and ends it.
 * Threads: one at a time.
 */
#ifndef PS_LOOKALIKE_BUILDING_H
#define PS_LOOKALIKE_BUILDING_H

#include "core/arena.h"
#include "lookalike/builder.h"
#include "lookalike/letters.h"
#include "lookalike/tables.h"

struct ps_built_term {
	struct ps_word word;
	uint16_t brand;
	uint8_t kind;
	uint8_t flags;
	uint8_t topic;
};

struct ps_built_domain {
	uint64_t hash;
	uint16_t flags;
	uint16_t ratio;
};

struct ps_tables_builder {
	const struct ps_lookalike_plan *plan;
	struct ps_arena arena;
	struct ps_built_term *terms;
	uint32_t term_count, term_room;
	struct ps_built_domain *domains;
	uint32_t domain_count, domain_bits;
	struct ps_buffer strings, trie, typos, brands, records;
	struct ps_buffer name_filter, word_filter, end_filter, spelling_filter;
	uint32_t trie_free; /* no slot below is free */
	uint32_t trie_end;  /* no slot from there on is taken */
	enum ps_status status;
};

/* Keeps the first failure; true when there is one. */
static inline bool ps_tables_failed(struct ps_tables_builder *b, enum ps_status status)
{
	if (status != PS_OK && b->status == PS_OK)
		b->status = status;
	return b->status != PS_OK;
}

/* --- building_domains.c ------------------------------------------------------------ */

/* suffixes: the text of a public suffix list. */
void ps_tables_add_domains(struct ps_tables_builder *b, struct ps_bytes suffixes);

/* How many labels of name are its public suffix: the list's algorithm, private part
 * included. */
unsigned ps_tables_suffix_labels(struct ps_tables_builder *b, struct ps_name name);

/* --- building_spellings.c ---------------------------------------------------------- */

/* Of the terms, which are sorted by their letters. bits: out, of the number of slots. */
void ps_tables_build_typos(struct ps_tables_builder *b, uint32_t *bits);

enum ps_gram_filter { PS_NAME_FILTER, PS_WORD_FILTER, PS_END_FILTER };

/* bits: out, of the number of bits. */
void ps_tables_build_gram_filter(struct ps_tables_builder *b, enum ps_gram_filter filter,
    struct ps_buffer *out, uint32_t *bits);
/* Of the table that ps_tables_build_typos() made. */
void ps_tables_build_spelling_filter(
    struct ps_tables_builder *b, uint32_t typo_bits, uint32_t *bits);

/* The trie in which it stands. */
static inline int ps_built_root(const struct ps_built_term *term)
{
	return term->kind == PS_TERM_BRAND ? (int)PS_TRIE_BRANDS : (int)PS_TRIE_WORDS;
}

static inline bool ps_built_is_half(const struct ps_built_term *term)
{
	return term->word.len < 32 && (term->word.gaps >> term->word.len & 1) != 0;
}

static inline bool ps_built_same_letters(
    const struct ps_built_term *a, const struct ps_built_term *b)
{
	return ps_built_root(a) == ps_built_root(b) && strcmp(a->word.fold, b->word.fold) == 0;
}

#endif
