/* The tables by which names are judged, as they stand in a snapshot's LOOKALIKE section:
 * TABLES.md is the specification. What is opened here has been verified.
 *
 * Ownership: the view borrows the bytes. Threads: immutable once open.
 */
#ifndef PS_LOOKALIKE_TABLES_H
#define PS_LOOKALIKE_TABLES_H

#include "core/bytes.h"
#include "core/status.h"
#include "lookalike/gram.h"

enum ps_term_kind {
	PS_TERM_BRAND = 0,     /* a protected name */
	PS_TERM_KEYWORD = 1,   /* parcel, douane, redelivery */
	PS_TERM_AUTHORITY = 2, /* a country, gov, official */
	PS_TERM_COMMON = 3,    /* a word that means something else */
	PS_TERM_KIND_COUNT = 4,
};
#define PS_TERM_WEAK 1u   /* counts with a second sign only */
#define PS_TERM_DOMAIN 2u /* the label of an official domain */
#define PS_TERM_GENERIC 8u /* it is a keyword or a common word as well */
#define PS_TERM_MAIL 16u  /* a weak one that means e-mail as well */
#define PS_TERM_NATIVE 32u /* written in another script than Latin, as its owner writes it */
#define PS_TERM_PLAIN 64u /* its letters are the same folded */
#define PS_TERM_MORE 4u   /* the next term has the same letters once folded */

/* As the topic of a common word: of another trade, a pastime or an institution. */
#define PS_TERM_TRADE 1u

/* Weak names of so many letters are named also where chance may have put them there. */
#define PS_TERM_TELLING 6u

struct ps_term {
	const char *text; /* letters as ps_fold_code_point() gives them, without gaps */
	uint32_t gaps;    /* bit i: a word begins before letter i */
	uint16_t brand;   /* of PS_TERM_BRAND */
	uint8_t len;
	uint8_t kind;
	uint8_t flags;
	uint8_t topic; /* of PS_TERM_KEYWORD; of PS_TERM_COMMON PS_TERM_TRADE or 0 */
};

/* The first part of an official label, behind which its hyphen stands: named under its own
 * suffixes alone, and never acted on. */
static inline bool ps_term_is_half(const struct ps_term *term)
{
	return term->len < 32 && (term->gaps >> term->len & 1) != 0;
}

struct ps_brand_view {
	const char *id;
	const char *owner;
	const char *file;
	uint32_t line;
	const char *tails; /* "com\0co.uk\0\0": what follows the label in its own domains */
	const char *countries; /* "PL GB" */
};

/* What stands under a name's suffixes. */
#define PS_DOMAIN_SUFFIX 1u    /* a public suffix */
#define PS_DOMAIN_WILDCARD 2u  /* each name directly below is one */
#define PS_DOMAIN_EXCEPTION 4u /* but this one */
#define PS_DOMAIN_PRIVATE 8u   /* of the list's private part, or free hosting */
#define PS_DOMAIN_ABOVE 16u    /* other entries lie below it */

struct ps_tables {
	struct ps_bytes bytes;
	uint32_t brands;
	uint32_t terms;
	uint32_t slots;       /* of the trie */
	uint32_t typo_bits;   /* 2^bits slots */
	uint32_t domain_bits;
	const uint8_t *brand;
	const uint8_t *term;
	const uint8_t *trie;
	const uint8_t *typo;
	const uint8_t *domain;
	uint32_t name_bits; /* filters: 2^bits bits; of spellings so many words of 32 bits */
	uint32_t word_bits;
	uint32_t end_bits;
	uint32_t spelling_bits;
	const uint8_t *name_filter;
	const uint8_t *word_filter;
	const uint8_t *end_filter; /* of the last letters of names that are compared */
	const uint8_t *spelling_filter;
	const char *strings;
	uint32_t strings_len;
};

/* Layout. Little-endian, sections one after another, each begins at a multiple of 8. */
enum {
	PS_TABLES_BRANDS = 0, /* u32 each: counts */
	PS_TABLES_TERMS = 4,
	PS_TABLES_SLOTS = 8,
	PS_TABLES_TYPO_BITS = 12,
	PS_TABLES_DOMAIN_BITS = 16,
	PS_TABLES_STRINGS = 20, /* u32: octets */
	PS_TABLES_NAME_BITS = 24,
	PS_TABLES_WORD_BITS = 28,
	PS_TABLES_END_BITS = 32,
	PS_TABLES_SPELLING_BITS = 36,
	PS_TABLES_RESERVED = 40,
	PS_TABLES_HEADER = 64,
	PS_BRAND_RECORD = 32,
	PS_TERM_RECORD = 16,
	PS_SLOT_RECORD = 8,
	PS_TYPO_RECORD = 8,
	PS_DOMAIN_RECORD = 16,
};
enum { PS_BRAND_ID = 0, PS_BRAND_OWNER = 4, PS_BRAND_FILE = 8, PS_BRAND_LINE = 12,
	PS_BRAND_TAILS = 16, PS_BRAND_COUNTRIES = 20 };
enum { PS_TERM_TEXT = 0, PS_TERM_GAPS = 4, PS_TERM_BRAND_NUMBER = 8, PS_TERM_LEN = 10,
	PS_TERM_KIND = 11, PS_TERM_FLAGS = 12, PS_TERM_TOPIC = 13 };
enum { PS_SLOT_BASE = 0, PS_SLOT_CHECK = 4 };
enum { PS_TYPO_HASH = 0, PS_TYPO_TERM = 4 }; /* term + 1; 0: free */
enum { PS_DOMAIN_HASH = 0, PS_DOMAIN_FLAGS = 8, PS_DOMAIN_RATIO = 10 }; /* hash 0: free */

#define PS_TRIE_BRANDS 0u /* the roots: slots */
#define PS_TRIE_WORDS 1u
#define PS_SLOT_NONE UINT32_MAX
#define PS_SLOT_ENDS 0x80000000u /* of a base: a term ends here */
#define PS_PROBES_MAX 64u /* a table with a longer run of taken slots is refused */
#define PS_TABLES_BITS_MAX 26u
#define PS_SPELLING_BITS_MIN 5u
#define PS_SPELLING_BITS_MAX 22u
#define PS_SAME_TERMS_MAX 64u /* terms with the same letters once folded */
#define PS_TAILS_MAX 4096u    /* octets of a brand's tails, the end included */

/* bytes.len 0: no brands at all. Errors: PS_INVALID with err->offset. */
PS_MUST_USE enum ps_status ps_tables_open(
    struct ps_tables *out, struct ps_bytes bytes, struct ps_error *err);

struct ps_term ps_tables_term(const struct ps_tables *tables, uint32_t index);
struct ps_brand_view ps_tables_brand(const struct ps_tables *tables, uint32_t index);

/* --- walking the trie ------------------------------------------------------------------ */

/* The slot that letter leads to; PS_SLOT_NONE. letter 0: the end of a term, whose index
 * ps_tables_value() tells. */
static inline uint32_t ps_tables_step(const struct ps_tables *t, uint32_t slot, uint8_t letter)
{
	uint32_t base = ps_load_le32(t->trie + (size_t)slot * PS_SLOT_RECORD);
	uint32_t next = (base & ~PS_SLOT_ENDS) + letter;

	return ps_load_le32(t->trie + (size_t)next * PS_SLOT_RECORD + PS_SLOT_CHECK) == slot
	    ? next
	    : PS_SLOT_NONE;
}

/* The slot of the term's end that may stand here, as ps_tables_step() with letter 0 tells it; most
 * often without a look at another part of the trie. */
static inline uint32_t ps_tables_end(const struct ps_tables *t, uint32_t slot)
{
	if (PS_LOOKALIKE_FILTERED &&
	    (ps_load_le32(t->trie + (size_t)slot * PS_SLOT_RECORD) & PS_SLOT_ENDS) == 0)
		return PS_SLOT_NONE;
	return ps_tables_step(t, slot, 0);
}

static inline uint32_t ps_tables_value(const struct ps_tables *t, uint32_t slot)
{
	return ps_load_le32(t->trie + (size_t)slot * PS_SLOT_RECORD);
}

/* --- hashing ------------------------------------------------------------------------------ */

/* Of folded letters: polynomial, so that the hash with one letter left out costs one
 * multiplication. */
#define PS_TYPO_BASE UINT32_C(0x01000193)
static inline uint32_t ps_typo_mix(uint32_t h)
{
	h ^= h >> 16;
	h *= UINT32_C(0x7feb352d);
	h ^= h >> 15;
	h *= UINT32_C(0x846ca68b);
	return h ^ h >> 16;
}

/* Can there be a spelling with this hash, as it is before ps_typo_mix()? Two bits of one
 * word of the filter. */
static inline uint64_t ps_spelling_hash(uint32_t sum)
{
	return sum * UINT64_C(0x9e3779b97f4a7c15);
}
static inline size_t ps_spelling_word(uint64_t hash, uint32_t bits)
{
	return (size_t)(hash >> (64 - bits));
}
static inline uint32_t ps_spelling_mask(uint64_t hash)
{
	return UINT32_C(1) << (hash >> 30 & 31) | UINT32_C(1) << (hash >> 35 & 31);
}
static inline bool ps_tables_may_spell(const struct ps_tables *t, uint32_t sum)
{
	uint64_t hash = ps_spelling_hash(sum);
	uint32_t word = ps_load_le32(
	    t->spelling_filter + 4 * ps_spelling_word(hash, t->spelling_bits));

	return !PS_LOOKALIKE_FILTERED ||
	    (word >> (hash >> 30 & 31) & word >> (hash >> 35 & 31) & 1) != 0;
}

/* What ps_typo_mix() made h of. */
static inline uint32_t ps_typo_unmix(uint32_t h)
{
	h ^= h >> 16;
	h *= UINT32_C(0x43021123);
	h ^= h >> 15 ^ h >> 30;
	h *= UINT32_C(0x1d69e2a5);
	return h ^ h >> 16;
}

/* Of a domain in wire form without the root label, walked from its last label to the left:
 * state 0 for the root. Eight octets at once, so that a name's labels cost a few
 * multiplications, each of which waits for the one before. Who wanted another's flags for a
 * name of his would need 2^63 names. */
static inline uint64_t ps_domain_hash(uint64_t state, const uint8_t *label)
{
	uint64_t h = state ^ UINT64_C(0x9e3779b97f4a7c15), last;
	size_t len = label[0] + 1u;

	for (; len > 8; label += 8, len -= 8) {
		h = (h ^ ps_load_le64(label)) * UINT64_C(0xff51afd7ed558ccd);
		h ^= h >> 32;
	}
	if (len >= 4)
		last = ps_load_le32(label) | (uint64_t)ps_load_le32(label + len - 4) << 32;
	else
		last = label[0] | (uint64_t)label[len / 2] << 8 | (uint64_t)label[len - 1] << 16;
	h = (h ^ last) * UINT64_C(0xff51afd7ed558ccd);
	h ^= h >> 29;
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return (h ^ h >> 32) | 1;
}

#endif
