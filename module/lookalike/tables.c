/* Opening: everything that the judge trusts is checked here. */
#include "lookalike/tables.h"
#include "core/pace.h"
#include "policy/plan.h"

static size_t align8(size_t len)
{
	return (len + 7) & ~(size_t)7;
}

static enum ps_status wrong(struct ps_error *err, size_t offset, const char *what)
{
	ps_error_at(err, NULL, 0, 0, offset);
	return ps_error_set(err, PS_INVALID, "lookalike tables: %s", what);
}

/* Takes count records of so many octets from *at on; false: there are not so many. */
static bool take(struct ps_tables *t, size_t *at, uint64_t count, size_t record,
    const uint8_t **out)
{
	if (*at > t->bytes.len || count > (t->bytes.len - *at) / record)
		return false;
	*out = t->bytes.ptr + *at;
	*at = align8(*at + (size_t)count * record);
	return true;
}

static bool is_string(const struct ps_tables *t, uint32_t offset)
{
	return offset < t->strings_len; /* the last octet is a NUL: see ps_tables_open() */
}

/* A list of strings ends with an empty one, and is not too long to be gone through at each
 * find. */
static bool is_list(const struct ps_tables *t, uint32_t offset)
{
	uint32_t first = offset;

	while (offset < t->strings_len && offset - first < PS_TAILS_MAX) {
		size_t len = strnlen(t->strings + offset, PS_TAILS_MAX);

		if (len == 0)
			return true;
		offset += (uint32_t)len + 1;
	}
	return false;
}

static enum ps_status check_brands(const struct ps_tables *t, struct ps_error *err)
{
	for (uint32_t i = 0; i < t->brands; i++) {
		const uint8_t *p = t->brand + (size_t)i * PS_BRAND_RECORD;

		if (!is_string(t, ps_load_le32(p + PS_BRAND_ID)) ||
		    !is_string(t, ps_load_le32(p + PS_BRAND_OWNER)) ||
		    !is_string(t, ps_load_le32(p + PS_BRAND_FILE)) ||
		    !is_string(t, ps_load_le32(p + PS_BRAND_COUNTRIES)) ||
		    !is_list(t, ps_load_le32(p + PS_BRAND_TAILS)))
			return wrong(err, (size_t)(p - t->bytes.ptr), "a brand's text lies outside");
		ps_pace_each(i);
	}
	return PS_OK;
}

static enum ps_status check_terms(const struct ps_tables *t, struct ps_error *err)
{
	uint32_t same = 0;

	for (uint32_t i = 0; i < t->terms; i++) {
		const uint8_t *p = t->term + (size_t)i * PS_TERM_RECORD;
		size_t at = (size_t)(p - t->bytes.ptr);
		uint32_t text = ps_load_le32(p + PS_TERM_TEXT);

		if (text >= t->strings_len || p[PS_TERM_LEN] == 0 ||
		    p[PS_TERM_LEN] != strnlen(t->strings + text, UINT8_MAX + 1u))
			return wrong(err, at, "a term's text is not as long as it says");
		if (p[PS_TERM_KIND] >= PS_TERM_KIND_COUNT || p[PS_TERM_TOPIC] >= PS_TOPIC_COUNT ||
		    p[PS_TERM_FLAGS] > (PS_TERM_WEAK | PS_TERM_DOMAIN | PS_TERM_MORE | PS_TERM_GENERIC |
		                          PS_TERM_MAIL | PS_TERM_NATIVE | PS_TERM_PLAIN))
			return wrong(err, at, "a term of no known kind");
		if (ps_load_le16(p + PS_TERM_BRAND_NUMBER) >= t->brands)
			return wrong(err, at, "a term of no brand");
		same = (p[PS_TERM_FLAGS] & PS_TERM_MORE) != 0 ? same + 1 : 0;
		if (same > 0 && i + 1 == t->terms)
			return wrong(err, at, "a next term is promised");
		if (same == PS_SAME_TERMS_MAX)
			return wrong(err, at, "too many terms of the same letters");
		ps_pace_each(i);
	}
	return PS_OK;
}

static uint32_t base_of(const struct ps_tables *t, uint32_t slot)
{
	return ps_load_le32(t->trie + (size_t)slot * PS_SLOT_RECORD) & ~PS_SLOT_ENDS;
}

/* Wherever a walk may come, its next steps lie inside; and a term's end names a term. The
 * roots are nobody's children: what stands there is no term. */
static enum ps_status check_trie(const struct ps_tables *t, struct ps_error *err)
{
	for (uint32_t i = 0; i < t->slots; i++) {
		const uint8_t *p = t->trie + (size_t)i * PS_SLOT_RECORD;
		uint32_t base = ps_load_le32(p + PS_SLOT_BASE);
		uint32_t check = ps_load_le32(p + PS_SLOT_CHECK);
		bool is_end;

		ps_pace_each(i);
		if (i <= PS_TRIE_WORDS && check != i)
			return wrong(err, (size_t)(p - t->bytes.ptr), "a root below another slot");
		if (check == PS_SLOT_NONE)
			continue; /* nobody comes here */
		if (i > PS_TRIE_WORDS && check >= t->slots)
			return wrong(err, (size_t)(p - t->bytes.ptr), "a slot of no other");
		is_end = i > PS_TRIE_WORDS && base_of(t, check) == i;
		if (!is_end)
			base &= ~PS_SLOT_ENDS;
		if (is_end ? base >= t->terms : base > t->slots - 256)
			return wrong(err, (size_t)(p - t->bytes.ptr),
			    is_end ? "an end of no term" : "a slot leads outside");
	}
	return PS_OK;
}

static bool is_free_spelling(const uint8_t *p)
{
	return ps_load_le32(p + PS_TYPO_TERM) == 0;
}

static bool is_free_domain(const uint8_t *p)
{
	return ps_load_le64(p + PS_DOMAIN_HASH) == 0;
}

/* No run of taken slots is too long, the way round the end included. */
static enum ps_status check_runs(const struct ps_tables *t, const uint8_t *slots, uint32_t bits,
    size_t record, bool (*is_free)(const uint8_t *), struct ps_error *err)
{
	uint32_t run = 0, size = UINT32_C(1) << bits;

	for (uint32_t i = 0; i < size + PS_PROBES_MAX; i++) {
		const uint8_t *p = slots + (size_t)(i & (size - 1)) * record;

		run = is_free(p) ? 0 : run + 1;
		if (run > PS_PROBES_MAX)
			return wrong(err, (size_t)(p - t->bytes.ptr), "too many slots side by side");
		ps_pace_each(i);
	}
	return PS_OK;
}

static enum ps_status check_typos(const struct ps_tables *t, struct ps_error *err)
{
	for (uint32_t i = 0; i < UINT32_C(1) << t->typo_bits; i++) {
		const uint8_t *p = t->typo + (size_t)i * PS_TYPO_RECORD;

		if (ps_load_le32(p + PS_TYPO_TERM) > t->terms)
			return wrong(err, (size_t)(p - t->bytes.ptr), "a spelling of no term");
		ps_pace_each(i);
	}
	return check_runs(t, t->typo, t->typo_bits, PS_TYPO_RECORD, is_free_spelling, err);
}

static bool is_gram_bits(uint32_t bits)
{
	return bits >= PS_GRAM_BITS_MIN && bits <= PS_GRAM_BITS_MAX;
}

static bool lay_out(struct ps_tables *t)
{
	const uint8_t *header = t->bytes.ptr, *strings = NULL;
	size_t at = PS_TABLES_HEADER;

	t->brands = ps_load_le32(header + PS_TABLES_BRANDS);
	t->terms = ps_load_le32(header + PS_TABLES_TERMS);
	t->slots = ps_load_le32(header + PS_TABLES_SLOTS);
	t->typo_bits = ps_load_le32(header + PS_TABLES_TYPO_BITS);
	t->domain_bits = ps_load_le32(header + PS_TABLES_DOMAIN_BITS);
	t->strings_len = ps_load_le32(header + PS_TABLES_STRINGS);
	t->name_bits = ps_load_le32(header + PS_TABLES_NAME_BITS);
	t->word_bits = ps_load_le32(header + PS_TABLES_WORD_BITS);
	t->end_bits = ps_load_le32(header + PS_TABLES_END_BITS);
	t->spelling_bits = ps_load_le32(header + PS_TABLES_SPELLING_BITS);
	if (!is_gram_bits(t->name_bits) || !is_gram_bits(t->word_bits) ||
	    !is_gram_bits(t->end_bits) || t->spelling_bits < PS_SPELLING_BITS_MIN || t->spelling_bits > PS_SPELLING_BITS_MAX)
		return false;
	if (t->slots < 512 || t->typo_bits > PS_TABLES_BITS_MAX || t->typo_bits < 7 ||
	    t->domain_bits > PS_TABLES_BITS_MAX || t->domain_bits < 7 || t->strings_len == 0 ||
	    t->brands > PS_BRANDS_MAX)
		return false;
	if (!take(t, &at, t->brands, PS_BRAND_RECORD, &t->brand) ||
	    !take(t, &at, t->terms, PS_TERM_RECORD, &t->term) ||
	    !take(t, &at, t->slots, PS_SLOT_RECORD, &t->trie) ||
	    !take(t, &at, UINT64_C(1) << t->typo_bits, PS_TYPO_RECORD, &t->typo) ||
	    !take(t, &at, UINT64_C(1) << t->domain_bits, PS_DOMAIN_RECORD, &t->domain) ||
	    !take(t, &at, UINT64_C(1) << t->name_bits >> 3, 1, &t->name_filter) ||
	    !take(t, &at, UINT64_C(1) << t->word_bits >> 3, 1, &t->word_filter) ||
	    !take(t, &at, UINT64_C(1) << t->end_bits >> 3, 1, &t->end_filter) ||
	    !take(t, &at, UINT64_C(1) << t->spelling_bits, 4, &t->spelling_filter) ||
	    !take(t, &at, t->strings_len, 1, &strings))
		return false;
	t->strings = (const char *)strings;
	return at == t->bytes.len && t->strings[t->strings_len - 1] == '\0';
}

enum ps_status ps_tables_open(struct ps_tables *out, struct ps_bytes bytes, struct ps_error *err)
{
	struct ps_tables t = {.bytes = bytes};
	enum ps_status status;

	if (bytes.len == 0) {
		*out = t;
		return PS_OK;
	}
	if (bytes.len < PS_TABLES_HEADER || !lay_out(&t))
		return wrong(err, 0, "the counts do not fit the length");
	for (size_t i = PS_TABLES_RESERVED; i < PS_TABLES_HEADER; i++)
		if (bytes.ptr[i] != 0)
			return wrong(err, i, "reserved octets are not zero");
	status = check_brands(&t, err);
	if (status == PS_OK)
		status = check_terms(&t, err);
	if (status == PS_OK)
		status = check_trie(&t, err);
	if (status == PS_OK)
		status = check_typos(&t, err);
	if (status == PS_OK)
		status = check_runs(
		    &t, t.domain, t.domain_bits, PS_DOMAIN_RECORD, is_free_domain, err);
	if (status == PS_OK)
		*out = t;
	return status;
}

struct ps_term ps_tables_term(const struct ps_tables *t, uint32_t index)
{
	const uint8_t *p = t->term + (size_t)index * PS_TERM_RECORD;

	return (struct ps_term){
	    .text = t->strings + ps_load_le32(p + PS_TERM_TEXT),
	    .gaps = ps_load_le32(p + PS_TERM_GAPS),
	    .brand = ps_load_le16(p + PS_TERM_BRAND_NUMBER),
	    .len = p[PS_TERM_LEN],
	    .kind = p[PS_TERM_KIND],
	    .flags = p[PS_TERM_FLAGS],
	    .topic = p[PS_TERM_TOPIC],
	};
}

struct ps_brand_view ps_tables_brand(const struct ps_tables *t, uint32_t index)
{
	const uint8_t *p = t->brand + (size_t)index * PS_BRAND_RECORD;

	return (struct ps_brand_view){
	    .id = t->strings + ps_load_le32(p + PS_BRAND_ID),
	    .owner = t->strings + ps_load_le32(p + PS_BRAND_OWNER),
	    .file = t->strings + ps_load_le32(p + PS_BRAND_FILE),
	    .line = ps_load_le32(p + PS_BRAND_LINE),
	    .tails = t->strings + ps_load_le32(p + PS_BRAND_TAILS),
	    .countries = t->strings + ps_load_le32(p + PS_BRAND_COUNTRIES),
	};
}
