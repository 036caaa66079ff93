/* The tables by which names are judged, as they stand in a snapshot's LOOKALIKE section:
 * TABLES.md is the specification. What is opened here has been verified.
 *
 * Ownership: the view borrows the bytes. Threads: immutable once open.
 */
#ifndef PS_LOOKALIKE_TABLES_H
#define PS_LOOKALIKE_TABLES_H

#include "core/bytes.h"
#include "core/status.h"

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
#define PS_TERM_MORE 4u   /* the next term has the same letters once folded */

/* Weak names of so many letters are named also where chance may have put them there. */
#define PS_TERM_TELLING 6u

struct ps_term {
	const char *text; /* letters as ps_fold_code_point() gives them, without gaps */
	uint32_t gaps;    /* bit i: a word begins before letter i */
	uint16_t brand;   /* of PS_TERM_BRAND */
	uint8_t len;
	uint8_t kind;
	uint8_t flags;
	uint8_t topic; /* of PS_TERM_KEYWORD */
};

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
#define PS_PROBES_MAX 64u /* a table with a longer run of taken slots is refused */
#define PS_TABLES_BITS_MAX 26u
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
	uint32_t next = ps_load_le32(t->trie + (size_t)slot * PS_SLOT_RECORD) + letter;

	return ps_load_le32(t->trie + (size_t)next * PS_SLOT_RECORD + PS_SLOT_CHECK) == slot
	    ? next
	    : PS_SLOT_NONE;
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

/* Of a domain in wire form without the root label, walked from its last label to the left:
 * state 0 for the root. Who wanted another's flags for a name of his would need 2^63 names. */
static inline uint64_t ps_domain_hash(uint64_t state, const uint8_t *label)
{
	uint64_t h = state ^ UINT64_C(0x9e3779b97f4a7c15);

	for (unsigned i = 0; i <= label[0]; i++)
		h = (h ^ label[i]) * UINT64_C(0x100000001b3);
	h ^= h >> 29;
	h *= UINT64_C(0xbf58476d1ce4e5b9);
	return (h ^ h >> 32) | 1;
}

#endif
