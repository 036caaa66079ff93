/* The tables: what is built is found, what is wrong is refused. */
#include "lookalike/tables.h"

#include "core/random.h"
#include "lookalike/builder.h"
#include "lookalike/letters.h"
#include "lookalike/sample.h"
#include "lookalike/typo.h"
#include "lookalike/unfiltered.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct lookalike_sample *sample;
static const struct ps_tables *tables;
static struct ps_bytes image;

static void setup(void)
{
	sample = lookalike_sample_create(lookalike_brands, SAMPLE_BRANDS, NULL);
	tables = lookalike_sample_tables(sample);
	image = lookalike_sample_bytes(sample);
}

static void teardown(void)
{
	lookalike_sample_destroy(sample);
}

/* --- found as built ----------------------------------------------------------------------- */

/* The term at whose end a walk over text comes out; PS_SLOT_NONE: none. */
static uint32_t walk(const struct ps_tables *t, uint32_t root, const uint8_t *text, size_t len)
{
	uint32_t slot = root;

	for (size_t i = 0; i < len && slot != PS_SLOT_NONE; i++)
		slot = ps_tables_step(t, slot, text[i]);
	if (slot != PS_SLOT_NONE)
		slot = ps_tables_step(t, slot, 0);
	return slot == PS_SLOT_NONE ? slot : ps_tables_value(t, slot);
}

static uint32_t root_of(const struct ps_term *term)
{
	return term->kind == PS_TERM_BRAND ? PS_TRIE_BRANDS : PS_TRIE_WORDS;
}

static void fold_of(const struct ps_term *term, uint8_t out[256])
{
	for (unsigned i = 0; i < term->len; i++)
		out[i] = ps_fold_octet[(uint8_t)term->text[i]];
}

/* The first term of a root that has these letters, by going through all. */
static uint32_t search(
    const struct ps_tables *t, uint32_t root, const uint8_t *text, size_t len)
{
	for (uint32_t i = 0; i < t->terms; i++) {
		struct ps_term term = ps_tables_term(t, i);
		uint8_t fold[256];

		fold_of(&term, fold);
		if (root_of(&term) == root && term.len == len && memcmp(fold, text, len) == 0)
			return i;
	}
	return PS_SLOT_NONE;
}

/* All stretches of random texts made of pieces of terms. */
START_TEST(trie_against_going_through_all)
{
	struct random random = {1};
	unsigned hits = 0;

	for (int i = 0; i < 400; i++) {
		uint8_t text[96];
		size_t len = 0;

		while (len < 60) {
			struct ps_term term = ps_tables_term(
			    tables, (uint32_t)random_below(&random, tables->terms));
			size_t take = 1 + random_below(&random, term.len);

			for (size_t k = 0; k < take && len < sizeof(text); k++)
				text[len++] = ps_fold_octet[(uint8_t)term.text[k]];
			if (random_below(&random, 4) == 0)
				text[len - 1] = (uint8_t)(1 + random_below(&random, 255));
		}
		for (size_t first = 0; first < len; first++)
			for (size_t end = first + 1; end <= len && end <= first + 20; end++)
				for (uint32_t root = 0; root <= PS_TRIE_WORDS; root++) {
					uint32_t by_walk =
					    walk(tables, root, text + first, end - first);

					ck_assert_uint_eq(by_walk,
					    search(tables, root, text + first, end - first));
					hits += by_walk != PS_SLOT_NONE;
				}
	}
	ck_assert_uint_gt(hits, 500);
}
END_TEST

static bool has_spelling(const struct ps_tables *t, uint32_t hash, uint32_t term)
{
	uint32_t mask = (UINT32_C(1) << t->typo_bits) - 1;

	for (uint32_t at = hash & mask;; at = (at + 1) & mask) {
		const uint8_t *p = t->typo + (size_t)at * PS_TYPO_RECORD;

		if (ps_load_le32(p + PS_TYPO_TERM) == 0)
			return false;
		if (ps_load_le32(p + PS_TYPO_HASH) == hash &&
		    ps_load_le32(p + PS_TYPO_TERM) == term + 1)
			return true;
	}
}

START_TEST(each_spelling_stands)
{
	unsigned checked = 0;

	for (uint32_t i = 0; i < tables->terms; i++) {
		struct ps_term term = ps_tables_term(tables, i);
		uint32_t hashes[PS_TYPO_TERM_MAX + 1];
		uint8_t fold[256];

		fold_of(&term, fold);
		if (term.kind != PS_TERM_BRAND || term.len < 7 || term.len > PS_TYPO_TERM_MAX ||
		    search(tables, PS_TRIE_BRANDS, fold, term.len) != i)
			continue;
		ps_typo_hashes(fold, term.len, hashes);
		for (unsigned k = 0; k <= term.len; k++)
			ck_assert(has_spelling(tables, hashes[k], i));
		checked++;
	}
	ck_assert_uint_gt(checked, 4);
}
END_TEST

/* --- filters --------------------------------------------------------------------------------- */

static bool passes(const uint8_t *filter, uint32_t bits, const uint8_t *letters)
{
	return ps_gram_test(filter, bits, ps_gram_next(ps_gram_begin(letters), letters[3]));
}

/* Nothing that is there is filtered out: each term, whatever stands behind it, and each of its
 * spellings; and the filters do filter. */
START_TEST(filters_have_all_terms)
{
	struct random random = {3};
	unsigned ends = 0, refused = 0;

	for (uint32_t i = 0; i < tables->terms; i++) {
		struct ps_term term = ps_tables_term(tables, i);
		bool is_brand = term.kind == PS_TERM_BRAND;
		uint32_t sums[PS_TYPO_TERM_MAX + 1];
		uint8_t fold[256 + PS_GRAM_LETTERS];

		fold_of(&term, fold);
		ck_assert_int_eq((term.flags & PS_TERM_PLAIN) != 0,
		    memcmp(fold, term.text, term.len) == 0);
		for (unsigned k = 0; k < 300; k++) {
			for (unsigned n = 0; n < PS_GRAM_LETTERS; n++)
				fold[term.len + n] = (uint8_t)random_next(&random);
			ck_assert(is_brand || term.len < 3 ||
			    passes(tables->word_filter, tables->word_bits, fold));
			ck_assert(!is_brand ||
			    passes(tables->name_filter, tables->name_bits, fold));
		}
		if (!is_brand || term.len < 7 || term.len > PS_TYPO_TERM_MAX)
			continue;
		ck_assert(passes(
		    tables->end_filter, tables->end_bits, fold + term.len - PS_GRAM_LETTERS));
		ps_typo_sums(fold, term.len, sums);
		for (unsigned k = 0; k <= term.len; k++)
			ck_assert(ps_tables_may_spell(tables, sums[k]));
		ends++;
	}
	ck_assert_uint_gt(ends, 4);
	for (unsigned i = 0; i < 1000; i++) {
		uint8_t letters[PS_GRAM_LETTERS];

		for (unsigned n = 0; n < PS_GRAM_LETTERS; n++)
			letters[n] = (uint8_t)('a' + random_below(&random, 26));
		refused += !passes(tables->name_filter, tables->name_bits, letters);
		refused += !passes(tables->word_filter, tables->word_bits, letters);
		refused += !passes(tables->end_filter, tables->end_bits, letters);
		refused += !ps_tables_may_spell(tables, (uint32_t)random_next(&random));
	}
	ck_assert_uint_gt(refused, 3200);
}
END_TEST

/* A slot says that a term ends there just where one does. */
START_TEST(slots_say_where_terms_end)
{
	unsigned ends = 0;

	for (uint32_t i = 0; i < tables->slots; i++) {
		uint32_t check =
		    ps_load_le32(tables->trie + (size_t)i * PS_SLOT_RECORD + PS_SLOT_CHECK);

		/* Nobody goes on from an end: its base is a term's number. */
		if (check == PS_SLOT_NONE || (i > PS_TRIE_WORDS &&
		        ps_tables_step(tables, check, 0) == i))
			continue;
		ck_assert_uint_eq(ps_tables_end(tables, i), ps_tables_step(tables, i, 0));
		ends += ps_tables_end(tables, i) != PS_SLOT_NONE;
	}
	ck_assert_uint_gt(ends, 20);
}
END_TEST

/* Filters that say no to everything, and to some: fewer finds or other ones, nothing worse;
 * those that say yes to everything change nothing. */
START_TEST(filters_that_lie)
{
	static const char *const names[] = {"usps.top", "inpots.com", "parcel-laposte.icu",
	    "mondialreley.net", "royal-mail.co.uk", "xn--80a1afff93e.com", "dhl-track.top"};
	size_t first = (size_t)(tables->name_filter - image.ptr);
	size_t end = (size_t)((const uint8_t *)tables->strings - image.ptr);
	uint8_t *bytes = malloc(image.len);
	struct random random = {4};

	for (unsigned i = 0; i < 100; i++) {
		struct ps_tables lying;

		memcpy(bytes, image.ptr, image.len);
		for (size_t at = first; at < end; at++)
			bytes[at] = i == 0 ? 0 : i == 1 ? 0xff : (uint8_t)random_next(&random);
		ck_assert_int_eq(ps_tables_open(&lying, ps_bytes_of(bytes, image.len), NULL), PS_OK);
		for (size_t k = 0; k < sizeof(names) / sizeof(*names); k++) {
			struct ps_name_buffer storage;
			struct ps_name name = lookalike_name(names[k], &storage);
			struct ps_likeness likeness, honest;

			ps_lookalike_judge(&lying, name, &likeness);
			ps_lookalike_judge(tables, name, &honest);
			ck_assert_uint_gt(honest.score, 0);
			if (i == 0)
				ck_assert_uint_eq(likeness.score, 0);
			if (i == 1)
				ck_assert(likeness_is_same(&likeness, &honest));
			ck_assert_uint_le(likeness.score, PS_SCORE_MAX);
		}
	}
	free(bytes);
}
END_TEST

/* Terms of the plan, labels of official domains, and what they are. */
START_TEST(terms_of_a_brand)
{
	static const struct {
		const char *text;
		uint16_t brand;
		uint8_t flags;
	} terms[] = {
	    {"usps", SAMPLE_USPS, 0},
	    {"laposte", SAMPLE_LAPOSTE, 0},
	    {"poste", SAMPLE_LAPOSTE, PS_TERM_WEAK},
	    {"dhl", SAMPLE_DHL, PS_TERM_WEAK},
	    {"logistics", SAMPLE_DHL, PS_TERM_WEAK | PS_TERM_DOMAIN},
	    {"deutschepost", SAMPLE_DEUTSCHE, 0},
	};

	for (size_t i = 0; i < sizeof(terms) / sizeof(*terms); i++) {
		unsigned found = 0;

		for (uint32_t t = 0; t < tables->terms; t++) {
			struct ps_term term = ps_tables_term(tables, t);

			if (term.kind != PS_TERM_BRAND || term.brand != terms[i].brand ||
			    strcmp(term.text, terms[i].text) != 0)
				continue;
			ck_assert_uint_eq(
			    term.flags & ~(PS_TERM_MORE | PS_TERM_GENERIC | PS_TERM_MAIL | PS_TERM_PLAIN),
			    terms[i].flags);
			found++;
		}
		ck_assert_msg(found == 1, "%s: %u times", terms[i].text, found);
	}
	ck_assert_str_eq(ps_tables_brand(tables, SAMPLE_ROYAL).tails, "com");
	ck_assert_str_eq(ps_tables_brand(tables, SAMPLE_ROYAL).tails + 4, "co.uk");
	ck_assert_str_eq(ps_tables_brand(tables, SAMPLE_ROYAL).tails + 10, "");
}
END_TEST

START_TEST(same_input_same_bytes)
{
	struct lookalike_sample *again =
	    lookalike_sample_create(lookalike_brands, SAMPLE_BRANDS, NULL);

	ck_assert(ps_bytes_equal(lookalike_sample_bytes(again), image));
	lookalike_sample_destroy(again);
}
END_TEST

START_TEST(without_brands)
{
	struct ps_lookalike_plan plan = {0};
	struct ps_buffer out;
	struct ps_tables empty;

	ps_buffer_init(&out, 1 << 20);
	ck_assert_int_eq(ps_tables_build(&out, &plan, ps_bytes_of(NULL, 0), NULL), PS_OK);
	ck_assert_uint_eq(out.len, 0);
	ck_assert_int_eq(ps_tables_open(&empty, ps_buffer_bytes(&out), NULL), PS_OK);
	ck_assert_uint_eq(empty.terms, 0);
	ps_buffer_clear(&out);
}
END_TEST

START_TEST(without_suffixes)
{
	struct ps_lookalike_plan plan = *lookalike_sample_plan(sample);
	struct ps_buffer out;
	struct ps_error err;

	plan.abused_tld_count = 0;
	plan.free_hosting.count = 0;
	ps_error_clear(&err);
	ps_buffer_init(&out, 1 << 20);
	ck_assert_int_eq(
	    ps_tables_build(&out, &plan, ps_bytes_of_text("// nothing\n"), &err), PS_INVALID);
	ck_assert_str_eq(err.text, "the public suffix list is empty");
	ps_buffer_clear(&out);
}
END_TEST

static enum ps_status try_open(const uint8_t *bytes, size_t len, struct ps_error *err)
{
	struct ps_tables opened = {0};
	enum ps_status status;

	ps_error_clear(err);
	status = ps_tables_open(&opened, ps_bytes_of(bytes, len), err);
	if (status != PS_OK) {
		ck_assert_ptr_null(opened.bytes.ptr);
		ck_assert_uint_le(err->offset, len);
		ck_assert(strncmp(err->text, "lookalike tables: ", 18) == 0);
	}
	return status;
}

/* --- what could be too much of one thing ------------------------------------------------------ */

#define MANY 400

struct many {
	char names[MANY][24];
	struct lookalike_brand brands[MANY];
};

static struct many *make_many(const char *front)
{
	struct many *many = calloc(1, sizeof(*many));

	for (int i = 0; i < MANY; i++) {
		/* Letters only, each other: base 20 of consonants. */
		char number[4] = {"bcdfghjkmnpqrtvwxyz"[i % 19], "bcdfghjkmnpqrtvwxyz"[i / 19 % 19],
		    "ae"[i / 361], '\0'};

		(void)snprintf(many->names[i], sizeof(many->names[i]), "%s%s", front, number);
		many->brands[i] = (struct lookalike_brand){
		    .id = many->names[i], .names = {many->names[i]}, .domains = {"a.com"}};
	}
	return many;
}

/* The last of those with the same letters promises one more. */
static void refuse_one_more(const struct lookalike_sample *built)
{
	const struct ps_tables *t = lookalike_sample_tables(built);
	struct ps_bytes bytes = lookalike_sample_bytes(built);
	uint8_t *copied = malloc(bytes.len);
	struct ps_error err;
	uint32_t last = 0;

	memcpy(copied, bytes.ptr, bytes.len);
	for (uint32_t i = 0; i < t->terms; i++)
		if (strcmp(ps_tables_term(t, i).text, "correos") == 0)
			last = i;
	last = (uint32_t)(t->term - bytes.ptr) + last * PS_TERM_RECORD;
	copied[last + PS_TERM_FLAGS] |= PS_TERM_MORE;
	ck_assert_int_eq(try_open(copied, bytes.len, &err), PS_INVALID);
	ck_assert_str_eq(err.text, "lookalike tables: too many terms of the same letters");
	ck_assert_uint_eq(err.offset, last);
	free(copied);
}

/* So many owners of one name are told apart; a reader refuses more. */
START_TEST(owners_of_one_name)
{
	struct many *many = make_many("correo");
	struct lookalike_sample *built;
	unsigned same = 0;

	for (int i = 0; i < MANY; i++)
		many->brands[i].names[0] = "correos";
	built = lookalike_sample_create(many->brands, MANY, NULL);
	for (uint32_t i = 0; i < lookalike_sample_tables(built)->terms; i++)
		same += strcmp(ps_tables_term(lookalike_sample_tables(built), i).text, "correos") == 0;
	ck_assert_uint_eq(same, PS_SAME_TERMS_MAX);
	refuse_one_more(built);
	lookalike_sample_destroy(built);
	free(many);
}
END_TEST

/* Hundreds of names that differ in one letter share what is left without it. */
START_TEST(names_alike_but_for_one_letter)
{
	struct many *many = make_many("");
	struct lookalike_sample *built;
	int count = 0;

	for (int at = 0; at < 5; at++)
		for (char c = 'a'; c <= 'z'; c++, count++) {
			(void)snprintf(many->names[count], sizeof(many->names[count]), "poste");
			many->names[count][at] = c;
		}
	built = lookalike_sample_create(many->brands, MANY, NULL); /* opens, or aborts */
	ck_assert_uint_gt(lookalike_sample_tables(built)->terms, 100);
	lookalike_sample_destroy(built);
	free(many);
}
END_TEST

/* An owner under hundreds of suffixes. */
START_TEST(tails_end)
{
	enum { COUNT = 2000 };
	static struct ps_name_buffer storage[COUNT];
	static struct ps_scoped_name names[COUNT];
	struct ps_brand_term term = {.text = "usps"};
	struct ps_brand brand = {.id = "b", .owner = "b", .terms = &term, .term_count = 1,
	    .domains = {.names = names, .count = COUNT}};
	struct ps_lookalike_plan plan = {.brands = &brand, .brand_count = 1};
	struct ps_tables opened;
	struct ps_buffer out;
	struct ps_error err;

	for (int i = 0; i < COUNT; i++) {
		char text[40];

		(void)snprintf(text, sizeof(text), "usps.t%d", i);
		names[i].name = lookalike_name(text, &storage[i]);
	}
	ps_error_clear(&err);
	ps_buffer_init(&out, PS_TABLES_MAX);
	ck_assert_int_eq(ps_tables_build(&out, &plan, ps_bytes_of_text("com\n"), &err), PS_OK);
	ck_assert_msg(ps_tables_open(&opened, ps_buffer_bytes(&out), &err) == PS_OK, "%s", err.text);
	ps_buffer_clear(&out);
}
END_TEST

/* --- refusals ----------------------------------------------------------------------------- */

START_TEST(every_length)
{
	struct ps_error err;

	for (size_t len = 1; len < image.len + 100; len++) {
		uint8_t *bytes = calloc(1, len);

		memcpy(bytes, image.ptr, len < image.len ? len : image.len);
		ck_assert_int_eq(
		    try_open(bytes, len, &err), len == image.len ? PS_OK : PS_INVALID);
		free(bytes);
	}
}
END_TEST

enum part { HEADER, BRAND, TERM, SLOT, TYPO, DOMAIN, STRING };

static size_t place_of(enum part part, uint32_t record, uint32_t field)
{
	switch (part) {
	case BRAND:
		return (size_t)(tables->brand - image.ptr) + record * PS_BRAND_RECORD + field;
	case TERM:
		return (size_t)(tables->term - image.ptr) + record * PS_TERM_RECORD + field;
	case SLOT:
		return (size_t)(tables->trie - image.ptr) + record * PS_SLOT_RECORD + field;
	case TYPO:
		return (size_t)(tables->typo - image.ptr) + record * PS_TYPO_RECORD + field;
	case DOMAIN:
		return (size_t)(tables->domain - image.ptr) + record * PS_DOMAIN_RECORD + field;
	case STRING:
		return (size_t)((const uint8_t *)tables->strings - image.ptr) + field;
	case HEADER:
		break;
	}
	return field;
}

#define LAST (UINT32_MAX - 1) /* the last record */
#define COUNTS "the counts do not fit the length"

static const struct {
	enum part part;
	uint32_t record;
	uint32_t field;
	unsigned width;
	uint64_t value;
	const char *says;
} faults[] = {
    {HEADER, 0, PS_TABLES_BRANDS, 4, 0, COUNTS},
    {HEADER, 0, PS_TABLES_BRANDS, 4, PS_BRANDS_MAX + 1, COUNTS},
    {HEADER, 0, PS_TABLES_BRANDS, 4, UINT32_MAX, COUNTS},
    {HEADER, 0, PS_TABLES_TERMS, 4, UINT32_MAX, COUNTS},
    {HEADER, 0, PS_TABLES_SLOTS, 4, 511, COUNTS},
    {HEADER, 0, PS_TABLES_SLOTS, 4, UINT32_MAX, COUNTS},
    {HEADER, 0, PS_TABLES_TYPO_BITS, 4, 6, COUNTS},
    {HEADER, 0, PS_TABLES_TYPO_BITS, 4, PS_TABLES_BITS_MAX + 1, COUNTS},
    {HEADER, 0, PS_TABLES_TYPO_BITS, 4, 64, COUNTS},
    {HEADER, 0, PS_TABLES_DOMAIN_BITS, 4, 6, COUNTS},
    {HEADER, 0, PS_TABLES_DOMAIN_BITS, 4, PS_TABLES_BITS_MAX, COUNTS},
    {HEADER, 0, PS_TABLES_DOMAIN_BITS, 4, PS_TABLES_BITS_MAX + 1, COUNTS},
    {HEADER, 0, PS_TABLES_STRINGS, 4, 0, COUNTS},
    {HEADER, 0, PS_TABLES_STRINGS, 4, UINT32_MAX, COUNTS},
    {HEADER, 0, PS_TABLES_NAME_BITS, 4, PS_GRAM_BITS_MIN - 1, COUNTS},
    {HEADER, 0, PS_TABLES_NAME_BITS, 4, PS_GRAM_BITS_MAX + 1, COUNTS},
    {HEADER, 0, PS_TABLES_WORD_BITS, 4, 0, COUNTS},
    {HEADER, 0, PS_TABLES_WORD_BITS, 4, UINT32_MAX, COUNTS},
    {HEADER, 0, PS_TABLES_END_BITS, 4, PS_GRAM_BITS_MIN - 1, COUNTS},
    {HEADER, 0, PS_TABLES_END_BITS, 4, 32, COUNTS},
    {HEADER, 0, PS_TABLES_SPELLING_BITS, 4, PS_SPELLING_BITS_MIN - 1, COUNTS},
    {HEADER, 0, PS_TABLES_SPELLING_BITS, 4, PS_SPELLING_BITS_MAX + 1, COUNTS},
    {HEADER, 0, PS_TABLES_SPELLING_BITS, 4, 64, COUNTS},
    {HEADER, 0, PS_TABLES_RESERVED, 1, 1, "reserved octets are not zero"},
    {HEADER, 0, PS_TABLES_HEADER - 1, 1, 1, "reserved octets are not zero"},
    {BRAND, 0, PS_BRAND_ID, 4, UINT32_MAX, "a brand's text lies outside"},
    {BRAND, 1, PS_BRAND_OWNER, 4, UINT32_MAX, "a brand's text lies outside"},
    {BRAND, 2, PS_BRAND_FILE, 4, UINT32_MAX, "a brand's text lies outside"},
    {BRAND, 3, PS_BRAND_COUNTRIES, 4, UINT32_MAX, "a brand's text lies outside"},
    {BRAND, LAST, PS_BRAND_TAILS, 4, UINT32_MAX, "a brand's text lies outside"},
    {TERM, 0, PS_TERM_TEXT, 4, UINT32_MAX, "a term's text is not as long as it says"},
    {TERM, 0, PS_TERM_LEN, 1, 0, "a term's text is not as long as it says"},
    {TERM, LAST, PS_TERM_LEN, 1, 255, "a term's text is not as long as it says"},
    {TERM, 3, PS_TERM_KIND, 1, PS_TERM_KIND_COUNT, "a term of no known kind"},
    {TERM, 3, PS_TERM_TOPIC, 1, PS_TOPIC_COUNT, "a term of no known kind"},
    {TERM, 3, PS_TERM_FLAGS, 1, 128, "a term of no known kind"},
    {TERM, 0, PS_TERM_BRAND_NUMBER, 2, SAMPLE_BRANDS, "a term of no brand"},
    {TERM, LAST, PS_TERM_BRAND_NUMBER, 2, SAMPLE_BRANDS, "a term of no brand"},
    {TERM, LAST, PS_TERM_FLAGS, 1, PS_TERM_MORE, "a next term is promised"},
    {SLOT, PS_TRIE_BRANDS, PS_SLOT_CHECK, 4, 5, "a root below another slot"},
    {SLOT, PS_TRIE_WORDS, PS_SLOT_CHECK, 4, PS_SLOT_NONE, "a root below another slot"},
    {SLOT, PS_TRIE_BRANDS, PS_SLOT_BASE, 4, UINT32_MAX, "a slot leads outside"},
    {SLOT, PS_TRIE_WORDS, PS_SLOT_BASE, 4, UINT32_MAX - 255, "a slot leads outside"},
    {SLOT, LAST, PS_SLOT_CHECK, 4, UINT32_MAX - 1, "a slot of no other"},
    {TYPO, 0, PS_TYPO_TERM, 4, UINT32_MAX, "a spelling of no term"},
};

START_TEST(each_fault)
{
	uint32_t record = faults[_i].record;
	uint8_t *bytes = malloc(image.len);
	struct ps_error err;
	size_t at;

	if (record == LAST)
		record = (faults[_i].part == BRAND ? tables->brands
		        : faults[_i].part == TERM ? tables->terms
		                                  : tables->slots) - 1;
	at = place_of(faults[_i].part, record, faults[_i].field);
	memcpy(bytes, image.ptr, image.len);
	for (unsigned i = 0; i < faults[_i].width; i++)
		bytes[at + i] = (uint8_t)(faults[_i].value >> i * 8);
	ck_assert_msg(try_open(bytes, image.len, &err) == PS_INVALID, "fault %d passed", _i);
	ck_assert_str_eq(err.text + 18, faults[_i].says);
	if (faults[_i].part == HEADER)
		ck_assert_uint_eq(err.offset, strcmp(faults[_i].says, COUNTS) == 0 ? 0 : at);
	else
		ck_assert_uint_eq(err.offset, place_of(faults[_i].part, record, 0));
	free(bytes);
}
END_TEST

static uint8_t *copy(void)
{
	uint8_t *bytes = malloc(image.len);

	memcpy(bytes, image.ptr, image.len);
	return bytes;
}

static void refused(uint8_t *bytes, const char *says, size_t offset)
{
	struct ps_error err;

	ck_assert_int_eq(try_open(bytes, image.len, &err), PS_INVALID);
	ck_assert_str_eq(err.text + 18, says);
	if (offset != SIZE_MAX)
		ck_assert_uint_eq(err.offset, offset);
	free(bytes);
}

/* A term's end that names no term: the first there is. */
START_TEST(an_end_of_no_term)
{
	uint8_t *bytes = copy();

	for (uint32_t i = 2; i < tables->slots; i++) {
		size_t at = place_of(SLOT, i, 0);
		uint32_t check = ps_load_le32(bytes + at + PS_SLOT_CHECK);

		if (check == PS_SLOT_NONE ||
		    (ps_load_le32(bytes + place_of(SLOT, check, PS_SLOT_BASE)) & ~PS_SLOT_ENDS) != i)
			continue;
		ps_store_le32(bytes + at + PS_SLOT_BASE, tables->terms);
		refused(bytes, "an end of no term", at);
		return;
	}
	ck_abort();
}
END_TEST

/* Runs of taken slots: one of as many as may be passes, one more does not; round the end as
 * well. A domain's slot is taken when any of its 64 bits is set. */
static void fill(uint8_t *bytes, enum part part, uint32_t first, uint32_t count)
{
	uint32_t size = UINT32_C(1) << (part == TYPO ? tables->typo_bits : tables->domain_bits);

	memset(bytes + place_of(part, 0, 0), 0,
	    (size_t)size * (part == TYPO ? PS_TYPO_RECORD : PS_DOMAIN_RECORD));
	for (uint32_t i = 0; i < count; i++) {
		uint32_t at = (first + i) & (size - 1);

		if (part == TYPO)
			ps_store_le32(bytes + place_of(TYPO, at, PS_TYPO_TERM), 1);
		else
			ps_store_le32(bytes + place_of(DOMAIN, at, PS_DOMAIN_HASH + 4), 1);
	}
}

START_TEST(runs)
{
	static const enum part parts[] = {TYPO, DOMAIN};
	struct ps_error err;

	for (size_t i = 0; i < 2; i++) {
		uint32_t size =
		    UINT32_C(1) << (parts[i] == TYPO ? tables->typo_bits : tables->domain_bits);

		for (uint32_t first = 0; first < size; first += size - 7) {
			uint8_t *bytes = copy();

			fill(bytes, parts[i], first, PS_PROBES_MAX);
			ck_assert_int_eq(try_open(bytes, image.len, &err), PS_OK);
			fill(bytes, parts[i], first, PS_PROBES_MAX + 1);
			refused(bytes, "too many slots side by side",
			    place_of(parts[i], (first + PS_PROBES_MAX) & (size - 1), 0));
		}
	}
}
END_TEST

/* The strings' end, tails that do not end soon enough, padding. */
START_TEST(strings)
{
	uint8_t *bytes = copy();

	bytes[place_of(STRING, 0, tables->strings_len - 1)] = 'x';
	refused(bytes, COUNTS, 0);
}
END_TEST

/* Every octet changed: refused, or nothing that is asked of it goes wrong. */
START_TEST(every_octet)
{
	static const char *const names[] = {"usps.top", "1npost-parcel.a.ck", "uspss.top",
	    "parcel!x.dhl1.top", "usps.com-track.icu", "xn--80a1acny.com"};
	uint8_t *bytes = copy();
	struct ps_error err;
	uint64_t sum = 0;

	for (size_t at = 0; at < image.len; at++) {
		static const uint8_t changes[] = {0x01, 0x80, 0xff};

		for (size_t k = 0; k < 3; k++) {
			struct ps_tables opened;

			bytes[at] ^= changes[k];
			if (try_open(bytes, image.len, &err) == PS_OK &&
			    ps_tables_open(&opened, ps_bytes_of(bytes, image.len), NULL) == PS_OK)
				for (size_t n = 0; n < sizeof(names) / sizeof(*names); n++) {
					struct ps_name_buffer storage;
					struct ps_likeness likeness;

					ps_lookalike_judge(
					    &opened, lookalike_name(names[n], &storage), &likeness);
					if (likeness.score > 0)
						sum += strlen(
						    ps_tables_brand(&opened, likeness.brand).id);
				}
			bytes[at] ^= changes[k];
		}
	}
	ck_assert_uint_gt(sum, 0);
	free(bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lookalike");
	TCase *tests = tcase_create("tables");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, trie_against_going_through_all);
	tcase_add_test(tests, each_spelling_stands);
	tcase_add_test(tests, filters_have_all_terms);
	tcase_add_test(tests, slots_say_where_terms_end);
	tcase_add_test(tests, filters_that_lie);
	tcase_add_test(tests, terms_of_a_brand);
	tcase_add_test(tests, same_input_same_bytes);
	tcase_add_test(tests, without_brands);
	tcase_add_test(tests, without_suffixes);
	tcase_add_test(tests, owners_of_one_name);
	tcase_add_test(tests, names_alike_but_for_one_letter);
	tcase_add_test(tests, tails_end);
	tcase_add_test(tests, every_length);
	tcase_add_loop_test(tests, each_fault, 0, (int)(sizeof(faults) / sizeof(*faults)));
	tcase_add_test(tests, an_end_of_no_term);
	tcase_add_test(tests, runs);
	tcase_add_test(tests, strings);
	tcase_add_test(tests, every_octet);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
