/* What the verifier must refuse: one fault at a time, sealed again, so that it is the
 * check behind the digests that speaks. */
#include "lookalike/tables.h"
#include "snapshot/sample.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct ps_bytes image; /* of the fixed sample, made once for all tests */
static struct sample *sample;

static void setup(void)
{
	struct sample_shape shape = {
	    .feeds = 4, .answers = 12, .rules = 12, .names = 150, .addresses = 60,
	    .brands = 3};

	sample = sample_create(4, shape);
	image = sample_build(sample, 1);
}

static void teardown(void)
{
	free((void *)image.ptr);
	sample_destroy(sample);
}

static enum ps_status try_open(
    const uint8_t *bytes, size_t len, enum ps_snapshot_part part, struct ps_error *err)
{
	struct ps_snapshot *snapshot = NULL;
	enum ps_status status;

	ps_error_clear(err);
	status = ps_snapshot_open(&snapshot, ps_bytes_of(bytes, len), part, err);
	if (status != PS_OK) {
		ck_assert_ptr_null(snapshot);
		ck_assert_str_ne(err->text, "");
		ck_assert_uint_ne(err->offset, UINT64_MAX);
		ck_assert_int_eq(err->status, status);
	}
	ps_snapshot_close(snapshot);
	return status;
}

/* RELIABILITY M2: every shorter length and some longer ones, in memory of exactly that
 * size, both parts. */
START_TEST(every_length)
{
	uint64_t lookup_len = ps_load_le64(image.ptr + PS_HEADER_LOOKUP_LEN);
	struct ps_error err;

	for (size_t len = 0; len < image.len + 200; len++) {
		uint8_t *bytes = calloc(1, len == 0 ? 1 : len);

		memcpy(bytes, image.ptr, len < image.len ? len : image.len);
		ck_assert_int_eq(try_open(bytes, len, PS_SNAPSHOT_WHOLE, &err),
		    len == image.len ? PS_OK : PS_INVALID);
		ck_assert_int_eq(try_open(bytes, len, PS_SNAPSHOT_LOOKUP, &err),
		    len == image.len || len == lookup_len ? PS_OK : PS_INVALID);
		free(bytes);
	}
}
END_TEST

START_TEST(other_files)
{
	uint8_t *bytes = malloc(image.len);
	struct ps_error err;

	memset(bytes, 0, image.len);
	ck_assert_int_eq(try_open(bytes, image.len, PS_SNAPSHOT_LOOKUP, &err), PS_INVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "is no snapshot"));
	memcpy(bytes, image.ptr, image.len);
	memmove(bytes + 6, bytes + 7, image.len - 7); /* the CR is gone */
	ck_assert_int_eq(try_open(bytes, image.len, PS_SNAPSHOT_LOOKUP, &err), PS_INVALID);
	ck_assert_ptr_nonnull(strstr(err.text, "copied as text"));
	free(bytes);
}
END_TEST

/* A newer version is not called broken, whatever the rest of the file looks like, and
 * the message names the way back. */
START_TEST(newer_version)
{
	uint8_t *bytes = malloc(image.len);
	struct ps_error err;

	memcpy(bytes, image.ptr, image.len);
	ps_store_le32(bytes + PS_HEADER_VERSION, PS_SNAPSHOT_VERSION + 1);
	ck_assert_int_eq(try_open(bytes, image.len, PS_SNAPSHOT_LOOKUP, &err), PS_UNSUPPORTED);
	ck_assert_ptr_nonnull(strstr(err.text, "postshield build"));
	ck_assert_uint_eq(err.offset, PS_HEADER_VERSION);
	ps_store_le32(bytes + PS_HEADER_VERSION, 0);
	ck_assert_int_eq(try_open(bytes, image.len, PS_SNAPSHOT_LOOKUP, &err), PS_INVALID);
	free(bytes);
}
END_TEST

/* --- one field at a time -------------------------------------------------- */

enum width { U8 = 1, U16 = 2, U32 = 4, U64 = 8 };

struct fault {
	enum ps_section section; /* PS_SECTION_COUNT: the header */
	uint64_t record;         /* counted from the section's beginning */
	uint32_t field;          /* octets into the record */
	enum width width;
	uint64_t value;
	bool text_only;          /* seen when the whole file is opened, and only then */
	const char *says;        /* part of the message */
};

/* Where rows stand depends on the snapshot's key, and that on all that is in it: the first
 * row of a kind. */
#define EXCEPTION_ROW (UINT32_MAX - 1)
#define POPULAR_ROW (UINT32_MAX - 2)
static uint64_t row_number(uint64_t record)
{
	const uint8_t *row =
	    image.ptr + ps_load_le64(image.ptr + PS_HEADER_TABLE + PS_SECTION_ROWS * 16);
	uint8_t kind = record == EXCEPTION_ROW ? PS_ROW_EXCEPTION : PS_ROW_POPULAR;
	uint64_t number = 0;

	if (record != EXCEPTION_ROW && record != POPULAR_ROW)
		return record;
	while (row[number * PS_ROW_RECORD + PS_ROW_KIND] != kind)
		number++;
	return number;
}

static uint64_t place_of(const struct fault *fault)
{
	uint64_t offset;

	if (fault->section == PS_SECTION_COUNT)
		return fault->field;
	offset = ps_load_le64(image.ptr + PS_HEADER_TABLE + (size_t)fault->section * 16);
	switch (fault->section) {
	case PS_SECTION_FEEDS:
		return offset + fault->record * PS_FEED_RECORD + fault->field;
	case PS_SECTION_ANSWERS:
		return offset + fault->record * PS_ANSWER_RECORD + fault->field;
	case PS_SECTION_RULES:
		return offset + fault->record * PS_RULE_RECORD + fault->field;
	case PS_SECTION_CONDITIONS:
		return offset + fault->record * PS_CONDITION_RECORD + fault->field;
	case PS_SECTION_ROWS:
		return offset + row_number(fault->record) * PS_ROW_RECORD + fault->field;
	case PS_SECTION_SETS:
		return offset + fault->record * PS_SET_RECORD + fault->field;
	case PS_SECTION_BUCKETS:
		return offset + fault->record * PS_BUCKET_RECORD + fault->field;
	case PS_SECTION_ENTRIES:
		return offset + fault->record * PS_ENTRY_RECORD + fault->field;
	case PS_SECTION_PREFIXES4:
		return offset + fault->record * PS_PREFIX4_RECORD + fault->field;
	case PS_SECTION_PREFIXES6:
		return offset + fault->record * PS_PREFIX6_RECORD + fault->field;
	default:
		return offset + fault->field;
	}
}

static void store(uint8_t *p, enum width width, uint64_t value)
{
	for (int i = 0; i < (int)width; i++)
		p[i] = (uint8_t)(value >> i * 8);
}

#define TOLD PS_HEADER_STRUCTURED

static const struct fault faults[] = {
    {PS_SECTION_COUNT, 0, PS_HEADER_SECTIONS, U32, 3, false, "number of sections"},
    {PS_SECTION_COUNT, 0, PS_HEADER_RESERVED, U8, 1, false, "should be zero"},
    {PS_SECTION_COUNT, 0, PS_HEADER_EVENT_CLIENT, U8, PS_CLIENT_FORM_COUNT, false, "what events keep"},
    {PS_SECTION_COUNT, 0, TOLD + PS_STRUCTURED_RESERVED, U8, 1, false, "should be zero"},
    {PS_SECTION_COUNT, 0, TOLD + PS_STRUCTURED_CONTACTS, U8, 0, false, "should be zero"},
    {PS_SECTION_COUNT, 0, TOLD + PS_STRUCTURED_CONTACTS, U8, 1, false, "should be zero"},
    {PS_SECTION_COUNT, 0, TOLD + PS_STRUCTURED_CONTACTS, U8, 3, false, "contact is too short"},
    {PS_SECTION_COUNT, 0, TOLD + PS_STRUCTURED_CONTACTS, U8, 4, false, "too many contacts"},
    {PS_SECTION_COUNT, 0, TOLD + PS_STRUCTURED_CONTACT, U32, UINT32_MAX, false, "to a string"},
    {PS_SECTION_COUNT, 0, TOLD + PS_STRUCTURED_CONTACT + 4, U32, 0, false, "contact is too short"},
    {PS_SECTION_COUNT, 0, TOLD + PS_STRUCTURED_CONTACT + 8, U32, 1, false, "should be zero"},
    {PS_SECTION_COUNT, 0, TOLD + PS_STRUCTURED_ORGANIZATION, U32, 2, false, "to a string"},
    {PS_SECTION_COUNT, 0, TOLD + PS_STRUCTURED_LANGUAGE, U32, 0, false, "language is too short"},
    {PS_SECTION_COUNT, 0, PS_HEADER_BUCKET_BITS, U32, 0, false, "bucket bits"},
    {PS_SECTION_COUNT, 0, PS_HEADER_BUCKET_BITS, U32, UINT32_MAX, false, "bucket bits"},
    {PS_SECTION_COUNT, 0, PS_HEADER_DEPTHS, U64, 0, true, "depths differ"},
    {PS_SECTION_COUNT, 0, PS_HEADER_DEPTHS + 15, U8, 0x80, true, "depths differ"},
    {PS_SECTION_COUNT, 0, PS_HEADER_KEY, U64, 5, true, "not the one that its hash"},
    {PS_SECTION_COUNT, 0, PS_HEADER_LOOKUP_LEN, U64, PS_HEADER_SIZE, false, NULL},
    {PS_SECTION_COUNT, 0, PS_HEADER_LOOKUP_LEN, U64, PS_HEADER_SIZE + 1, false, "lookup part's length"},
    {PS_SECTION_COUNT, 0, PS_HEADER_LOOKUP_LEN, U64, UINT64_MAX, false, "lookup part's length"},
    {PS_SECTION_COUNT, 0, PS_HEADER_FILE_LEN, U64, UINT64_MAX, false, "file's length"},
    {PS_SECTION_COUNT, 0, PS_HEADER_TABLE, U64, 0, false, "STRINGS does not begin"},
    {PS_SECTION_COUNT, 0, PS_HEADER_TABLE, U64, PS_HEADER_SIZE + 64, false, "STRINGS does not begin"},
    {PS_SECTION_COUNT, 0, PS_HEADER_TABLE + 8, U64, UINT64_MAX, false, "STRINGS ends outside"},
    {PS_SECTION_COUNT, 0, PS_HEADER_TABLE + 8, U64, 1, false, NULL},
    {PS_SECTION_COUNT, 0, PS_HEADER_TABLE + 16 * PS_SECTION_FEEDS + 8, U64, 63, false,
        "does not hold whole records"},

    {PS_SECTION_STRINGS, 0, 0, U8, 'x', false, "empty string"},
    {PS_SECTION_STRINGS, 0, 1, U8, 0xc0, false, "not UTF-8"},
    {PS_SECTION_STRINGS, 0, 1, U16, 0x80ed, false, NULL},

    {PS_SECTION_FEEDS, 0, PS_FEED_ID, U32, UINT32_MAX, false, "id does not point"},
    {PS_SECTION_FEEDS, 0, PS_FEED_ID, U32, 2, false, "id does not point"},
    {PS_SECTION_FEEDS, 1, PS_FEED_TITLE, U32, 2, false, "title does not point"},
    {PS_SECTION_FEEDS, 1, PS_FEED_FILE, U32, 2, false, "file does not point"},
    {PS_SECTION_FEEDS, 0, PS_FEED_FORMAT, U8, PS_FEED_FORMAT_COUNT, false, "no such format"},
    {PS_SECTION_FEEDS, 0, PS_FEED_FLAGS, U8, 4, false, "no such flag"},
    {PS_SECTION_FEEDS, 0, PS_FEED_FLAGS + 1, U8, 1, false, "should be zero"},
    {PS_SECTION_FEEDS, 3, PS_FEED_RECORD - 1, U8, 1, false, "should be zero"},

    {PS_SECTION_ANSWERS, 0, PS_ANSWER_NAME, U32, 2, false, "name does not point"},
    {PS_SECTION_ANSWERS, 0, PS_ANSWER_ACTION, U8, PS_ACTION_COUNT, false, "no such action"},
    {PS_SECTION_ANSWERS, 0, PS_ANSWER_TTL, U32, PS_TTL_MAX + 1, false, "TTL"},
    {PS_SECTION_ANSWERS, 0, PS_ANSWER_A_COUNT, U8, 9, false, NULL},
    {PS_SECTION_ANSWERS, 11, PS_ANSWER_ADDRESS, U32, UINT32_MAX, false, "addresses are out"},
    {PS_SECTION_ANSWERS, 0, PS_ANSWER_RECORD - 1, U8, 1, false, "should be zero"},

    {PS_SECTION_RULES, 0, PS_RULE_ID, U32, 2, false, "id does not point"},
    {PS_SECTION_RULES, 0, PS_RULE_FILE, U32, 2, false, "file does not point"},
    {PS_SECTION_RULES, 0, PS_RULE_MODE, U8, PS_MODE_COUNT, false, "no such mode"},
    {PS_SECTION_RULES, 3, PS_RULE_SUB_ERROR, U8, 2, false, "sub-error without a code"},
    {PS_SECTION_RULES, 0, PS_RULE_ANSWER, U16, 12, false, "no answer"},
    {PS_SECTION_RULES, 0, PS_RULE_CONDITION, U32, 1, false, "conditions are out"},
    {PS_SECTION_RULES, 0, PS_RULE_CONDITION_COUNT, U16, 17, false, "conditions are out"},
    {PS_SECTION_RULES, 11, PS_RULE_CONDITION_COUNT, U16, 16, false, "conditions are out"},
    {PS_SECTION_RULES, 0, PS_RULE_EDE_CODE, U32, 65536, false, "EDE code"},
    {PS_SECTION_RULES, 0, PS_RULE_EDE_CODE, U32, (uint32_t)-2, false, "EDE code"},
    {PS_SECTION_RULES, 0, PS_RULE_EDE_TEXT, U32, 2, false, "EDE text does not point"},

    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_KIND, U8, PS_CONDITION_COUNT, false, "no such kind"},
    {PS_SECTION_CONDITIONS, 1, PS_CONDITION_RECORD - 1, U8, 1, false, "should be zero"},
    {PS_SECTION_CONDITIONS, 1, PS_CONDITION_BRAND_COUNT, U32, 1, false, "should be zero"},
    {PS_SECTION_CONDITIONS, 3, PS_CONDITION_BRAND_COUNT, U32, 1, false, "should be zero"},
    {PS_SECTION_CONDITIONS, 4, PS_CONDITION_TECHNIQUES, U32, 2, false, "should be zero"},
    {PS_SECTION_CONDITIONS, 4, PS_CONDITION_MIN, U8, 1, false, "should be zero"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_OF, U8, 16, false, "do not ascend"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_FEED, U32, 1, false, "feeds are out of order"},
    {PS_SECTION_FEED_LISTS, 0, 0, U16, 4, false, "not ascending or do not exist"},

    /* The first condition asks for lookalikes of one brand. */
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_MIN, U8, 101, false, "score is no range"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_MAX, U8, 101, false, "score is no range"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_MAX, U8, 0, false, "score is no range"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_TECHNIQUES, U32, 1u << PS_TECHNIQUE_COUNT, false,
        "no such technique"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_FEED_COUNT, U32, 1, false, "should be zero"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_CATEGORIES, U32, 1, false, "should be zero"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_PATTERN_TEXT, U32, 1, false, "does not fit its kind"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_BRAND, U32, 1, false, "brands are out of order"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_BRAND_COUNT, U32, 8, false, "out of order or outs"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_BRAND_COUNT, U32, UINT32_MAX, false, "outside"},
    {PS_SECTION_CONDITIONS, 0, PS_CONDITION_BRAND_COUNT, U32, 0, false, "brands are out of order"},
    {PS_SECTION_COUNT, 0, PS_HEADER_TABLE + 16 * PS_SECTION_BRAND_LISTS + 8, U64, 16, false,
        "brand lists are used by no"},
    {PS_SECTION_BRAND_LISTS, 0, 0, U16, 3, false, "not ascending or do not exist"},
    {PS_SECTION_BRAND_LISTS, 0, 8, U16, 0, false, "not ascending or do not exist"},
    {PS_SECTION_LOOKALIKE, 0, PS_TABLES_BRANDS, U32, UINT32_MAX, false, "do not fit the length"},
    {PS_SECTION_LOOKALIKE, 0, PS_TABLES_RESERVED, U32, 1, false, "reserved octets"},
    {PS_SECTION_LOOKALIKE, 0, PS_TABLES_HEADER + PS_BRAND_OWNER, U32, UINT32_MAX, false,
        "lookalike tables: a brand's text lies outside"},

    {PS_SECTION_ROWS, 0, PS_ROW_KIND, U8, PS_ROW_KIND_COUNT, false, "row 0 has a wrong value"},
    {PS_SECTION_ROWS, 0, PS_ROW_SCOPE, U8, 3, false, "row 0 has a wrong value"},
    {PS_SECTION_ROWS, 0, PS_ROW_SOURCE, U16, 4, false, "row 0 has a wrong value"},
    {PS_SECTION_ROWS, 0, PS_ROW_CATEGORY, U8, PS_CATEGORY_COUNT, false, "wrong value"},
    {PS_SECTION_ROWS, 0, PS_ROW_CONFIDENCE, U8, 101, false, "row 0 has a wrong value"},
    {PS_SECTION_ROWS, 0, PS_ROW_TLP, U8, PS_TLP_COUNT, false, "row 0 has a wrong value"},
    {PS_SECTION_ROWS, 0, PS_ROW_ORIGIN, U8, 5, false, "row 0 has a wrong value"},
    /* Of an exception, and of a popular name: only the first may end. */
    {PS_SECTION_ROWS, EXCEPTION_ROW, PS_ROW_VALID_FROM, U32, 1, false, "has a wrong value"},
    {PS_SECTION_ROWS, EXCEPTION_ROW, PS_ROW_SOURCE, U16, 1, false, "has a wrong value"},
    {PS_SECTION_ROWS, POPULAR_ROW, PS_ROW_VALID_UNTIL, U32, 1, false, "has a wrong value"},
    {PS_SECTION_ROWS, POPULAR_ROW, PS_ROW_CATEGORY, U8, 1, false, "has a wrong value"},
    {PS_SECTION_SETS, 0, 0, U32, 1, false, "does not begin at row 0"},
    {PS_SECTION_SETS, 1, 0, U32, 0, false, "set 0 is empty"},
    {PS_SECTION_SETS, 1, 0, U32, 0x3fffffff, false, "set 0 is empty or ends outside"},
    {PS_SECTION_SETS, 0, 3, U8, 0, false, "flags of set 0"},

    {PS_SECTION_BUCKETS, 0, PS_BUCKET_FIRST, U32, 1, false, "first bucket begins inside"},
    {PS_SECTION_BUCKETS, 1, PS_BUCKET_FIRST, U32, UINT32_MAX, false, "bucket 0 ends"},
    {PS_SECTION_BUCKETS, 1, PS_BUCKET_FIRST, U32, 100, false, NULL},
    {PS_SECTION_BUCKETS, 0, PS_BUCKET_FILTER, U32, 0, false, "filter of bucket 0"},
    {PS_SECTION_BUCKETS, 0, PS_BUCKET_FILTER, U32, UINT32_MAX, false, "filter of bucket 0"},
    {PS_SECTION_ENTRIES, 0, PS_ENTRY_HI, U64, UINT64_MAX, false, "wrong bucket"},
    {PS_SECTION_ENTRIES, 1, PS_ENTRY_HI, U64, 0, false, "entry 1 is out of order"},
    {PS_SECTION_ENTRIES, 0, PS_ENTRY_LO, U32, 1, false, NULL},
    {PS_SECTION_ENTRIES, 0, PS_ENTRY_SET, U32, 0x80000001, false, "points to no set"},
    {PS_SECTION_ENTRIES, 9, PS_ENTRY_SET, U32, 0xbfffffff, false, "points to no set"},

    {PS_SECTION_PREFIXES4, 0, 4 + PS_PREFIX_LEN, U8, 33, false, "prefix 0 has a wrong value"},
    {PS_SECTION_PREFIXES4, 0, 4 + PS_PREFIX_LEN + 1, U8, 1, false, "prefix 0 has a wrong"},
    {PS_SECTION_PREFIXES4, 0, 0, U32, UINT32_MAX, false, NULL},
    {PS_SECTION_PREFIXES4, 1, 4 + PS_PREFIX_SET, U32, UINT32_MAX, false, "points to no set"},
    {PS_SECTION_PREFIXES4, 1, 4 + PS_PREFIX_PARENT, U32, 1, false, "points to another"},
    {PS_SECTION_PREFIXES4, 1, 4 + PS_PREFIX_PARENT, U32, 0x7fffffff, false, "points to another"},
    {PS_SECTION_PREFIXES6, 0, 16 + PS_PREFIX_LEN, U8, 129, false, "prefix 0 has a wrong value"},
    {PS_SECTION_PREFIXES6, 1, 16 + PS_PREFIX_PARENT, U32, 1, false, "points to another"},

    {PS_SECTION_TEXT_INDEX, 0, 0, U64, 1, true, "wrong place for record 0"},
    {PS_SECTION_TEXT_INDEX, 0, 8, U64, UINT64_MAX, true, "wrong place for record 64"},
    {PS_SECTION_TEXT, 0, 0, U8, 0xc0, true, "name of entry 0 is malformed"},
    {PS_SECTION_TEXT, 0, 1, U8, 'A', true, "name of entry 0 is malformed"},
    {PS_SECTION_TEXT, 0, 1, U8, '!', true, "not the one that its hash"},
    {PS_SECTION_PREFIX_INDEX, 0, 0, U64, 1, true, "wrong place for record 0"},
    {PS_SECTION_PREFIX_TEXT, 0, 0, U16, 0x0080, true, NULL},
    {PS_SECTION_REFERENCES, 0, 0, U8, 0, true, NULL},
};

START_TEST(each_fault)
{
	const struct fault *fault = &faults[_i];
	uint64_t lookup_len = ps_load_le64(image.ptr + PS_HEADER_LOOKUP_LEN);
	uint8_t *bytes = malloc(image.len);
	uint64_t at = place_of(fault);
	struct ps_error err;
	enum ps_status status;

	memcpy(bytes, image.ptr, image.len);
	store(bytes + at, fault->width, fault->value);
	ck_assert_msg(memcmp(bytes, image.ptr, image.len) != 0, "the fault changes nothing");

	/* Not sealed again: refused as changed. */
	ck_assert_int_eq(try_open(bytes, image.len, PS_SNAPSHOT_WHOLE, &err), PS_INVALID);
	ps_snapshot_seal(bytes, image.len);
	ck_assert_msg(try_open(bytes, image.len, PS_SNAPSHOT_WHOLE, &err) == PS_INVALID,
	    "fault %d passed", _i);
	ck_assert_msg(fault->says == NULL || strstr(err.text, fault->says) != NULL,
	    "fault %d: \"%s\" does not say \"%s\"", _i, err.text, fault->says);
	ck_assert_uint_le(err.offset, image.len);

	status = try_open(bytes, image.len, PS_SNAPSHOT_LOOKUP, &err);
	ck_assert_int_eq(status, fault->text_only ? PS_OK : PS_INVALID);
	if (!fault->text_only && lookup_len == ps_load_le64(bytes + PS_HEADER_LOOKUP_LEN))
		ck_assert_int_eq(
		    try_open(bytes, lookup_len, PS_SNAPSHOT_LOOKUP, &err), PS_INVALID);
	free(bytes);
}
END_TEST

/* The faults above count on it. */
START_TEST(an_exception_may_end)
{
	uint64_t rows = ps_load_le64(image.ptr + PS_HEADER_TABLE + PS_SECTION_ROWS * 16);
	uint8_t *bytes = malloc(image.len), *row;
	struct ps_error err;

	memcpy(bytes, image.ptr, image.len);
	row = bytes + rows + row_number(EXCEPTION_ROW) * PS_ROW_RECORD;
	ps_store_le32(row + PS_ROW_VALID_UNTIL, 1);
	ps_snapshot_seal(bytes, image.len);
	ck_assert_int_eq(try_open(bytes, image.len, PS_SNAPSHOT_WHOLE, &err), PS_OK);
	free(bytes);
}
END_TEST

/* Padding hides nothing: every octet between sections is checked. */
START_TEST(padding)
{
	uint64_t end = PS_HEADER_SIZE;
	uint8_t *bytes = malloc(image.len);
	struct ps_error err;

	for (uint32_t i = 0; i <= PS_SECTION_COUNT; i++) {
		const uint8_t *p = image.ptr + PS_HEADER_TABLE + i * 16;
		uint64_t next = i == PS_SECTION_COUNT ? image.len : ps_load_le64(p);

		for (uint64_t at = end; at < next; at++) {
			memcpy(bytes, image.ptr, image.len);
			bytes[at] = 1;
			ps_snapshot_seal(bytes, image.len);
			ck_assert_int_eq(
			    try_open(bytes, image.len, PS_SNAPSHOT_WHOLE, &err), PS_INVALID);
			ck_assert_ptr_nonnull(strstr(err.text, "should be zero"));
			ck_assert_uint_eq(err.offset, at);
		}
		end = next + (i < PS_SECTION_COUNT ? ps_load_le64(p + 8) : 0);
	}
	free(bytes);
}
END_TEST

/* Without sealing, no octet of the whole file may change; in LOOKUP none of the
 * lookup part, and of the text part any. */
START_TEST(unsealed_flips)
{
	uint64_t lookup_len = ps_load_le64(image.ptr + PS_HEADER_LOOKUP_LEN);
	uint8_t *bytes = malloc(image.len);
	struct ps_error err;

	memcpy(bytes, image.ptr, image.len);
	for (size_t at = 0; at < image.len; at++) {
		bytes[at] ^= 0x10;
		ck_assert_int_ne(try_open(bytes, image.len, PS_SNAPSHOT_WHOLE, &err), PS_OK);
		if (at < lookup_len)
			ck_assert_int_ne(
			    try_open(bytes, image.len, PS_SNAPSHOT_LOOKUP, &err), PS_OK);
		bytes[at] ^= 0x10;
	}
	ck_assert_int_eq(try_open(bytes, image.len, PS_SNAPSHOT_WHOLE, &err), PS_OK);
	free(bytes);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("verifier");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, every_length);
	tcase_add_test(tests, other_files);
	tcase_add_test(tests, newer_version);
	tcase_add_loop_test(tests, each_fault, 0, (int)(sizeof(faults) / sizeof(*faults)));
	tcase_add_test(tests, an_exception_may_end);
	tcase_add_test(tests, padding);
	tcase_add_test(tests, unsealed_flips);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
