/* What the tests of refusals share: places in the known image, and images that must be refused.
 * Included by one .c file of a test. */
#ifndef PS_TESTS_SNAPSHOT_REFUSED_H
#define PS_TESTS_SNAPSHOT_REFUSED_H

#include "snapshot/known.h"
#include "snapshot/sample.h"

#include <check.h>
#include <stdlib.h>

static struct ps_bytes image;

static inline void setup(void)
{
	image = known_image();
}

static inline void teardown(void)
{
	free((void *)image.ptr);
}

/* --- places in it ---------------------------------------------------------- */

static inline uint64_t offset_of(const uint8_t *bytes, enum ps_section section)
{
	return ps_load_le64(bytes + PS_HEADER_TABLE + (size_t)section * 16);
}

static inline uint64_t len_of(const uint8_t *bytes, enum ps_section section)
{
	return ps_load_le64(bytes + PS_HEADER_TABLE + (size_t)section * 16 + 8);
}

static inline uint32_t record_size(enum ps_section section)
{
	static const uint8_t sizes[PS_SECTION_COUNT] = {
	    [PS_SECTION_FEEDS] = PS_FEED_RECORD,
	    [PS_SECTION_ANSWERS] = PS_ANSWER_RECORD,
	    [PS_SECTION_ADDRESSES] = PS_ADDRESS_RECORD,
	    [PS_SECTION_RULES] = PS_RULE_RECORD,
	    [PS_SECTION_CONDITIONS] = PS_CONDITION_RECORD,
	    [PS_SECTION_FEED_LISTS] = 2,
	    [PS_SECTION_GROUPS] = PS_GROUP_RECORD,
	    [PS_SECTION_CLIENTS4] = PS_PREFIX4_RECORD,
	    [PS_SECTION_CLIENTS6] = PS_PREFIX6_RECORD,
	    [PS_SECTION_ROWS] = PS_ROW_RECORD,
	    [PS_SECTION_SETS] = PS_SET_RECORD,
	    [PS_SECTION_BUCKETS] = PS_BUCKET_RECORD,
	    [PS_SECTION_ENTRIES] = PS_ENTRY_RECORD,
	    [PS_SECTION_PREFIXES4] = PS_PREFIX4_RECORD,
	    [PS_SECTION_PREFIXES6] = PS_PREFIX6_RECORD,
	    [PS_SECTION_TEXT_INDEX] = PS_INDEX_RECORD,
	    [PS_SECTION_PREFIX_INDEX] = PS_INDEX_RECORD,
	};

	return sizes[section] == 0 ? 1 : sizes[section];
}

static inline uint8_t *record(const uint8_t *bytes, enum ps_section section, uint64_t index)
{
	return (uint8_t *)bytes + offset_of(bytes, section) + index * record_size(section);
}

static inline uint64_t count_of(const uint8_t *bytes, enum ps_section section)
{
	return len_of(bytes, section) / record_size(section);
}

/* The first row of a kind. */
static inline uint64_t row_of(const uint8_t *bytes, enum ps_row_kind kind)
{
	uint64_t i = 0;

	while (record(bytes, PS_SECTION_ROWS, i)[PS_ROW_KIND] != kind)
		i++;
	ck_assert_uint_lt(i, count_of(bytes, PS_SECTION_ROWS));
	return i;
}

/* Where in STRINGS the rule's EDE text stands. */
static inline uint64_t told(const uint8_t *bytes)
{
	return ps_load_le32(record(bytes, PS_SECTION_RULES, RULE_A) + PS_RULE_EDE_TEXT);
}

static inline uint64_t title(const uint8_t *bytes)
{
	return ps_load_le32(record(bytes, PS_SECTION_FEEDS, 0) + PS_FEED_TITLE);
}

static inline uint32_t set_of(const uint8_t *bytes, uint64_t entry)
{
	return ps_load_le32(record(bytes, PS_SECTION_ENTRIES, entry) + PS_ENTRY_SET) &
	    PS_ENTRY_SET_MASK;
}

static inline uint32_t first_row(const uint8_t *bytes, uint64_t set)
{
	return ps_load_le32(record(bytes, PS_SECTION_SETS, set)) & PS_ENTRY_SET_MASK;
}

/* The record of TEXT that belongs to the first entry, behind its name. */
static inline uint8_t *first_provenance(uint8_t *bytes)
{
	struct ps_name_buffer storage;
	struct ps_name name;
	uint8_t *text = record(bytes, PS_SECTION_TEXT, 0);

	ck_assert_int_eq(ps_name_from_wire(&name, &storage,
	                     ps_bytes_of(text, len_of(bytes, PS_SECTION_TEXT)), NULL),
	    PS_OK);
	return text + name.len;
}

/* --- refusals --------------------------------------------------------------- */

static inline uint8_t *copy_image(void)
{
	uint8_t *bytes = malloc(image.len);

	memcpy(bytes, image.ptr, image.len);
	return bytes;
}

static inline enum ps_status open_sealed(
    uint8_t *bytes, size_t len, enum ps_snapshot_part part, struct ps_error *err)
{
	struct ps_snapshot *snapshot = NULL;
	enum ps_status status;

	ps_snapshot_seal(bytes, len);
	ps_error_clear(err);
	status = ps_snapshot_open(&snapshot, ps_bytes_of(bytes, len), part, err);
	if (status == PS_OK)
		(void)sample_exercise(snapshot);
	else
		ck_assert_ptr_null(snapshot);
	ps_snapshot_close(snapshot);
	return status;
}

/* Refused with these words; in the lookup part alone too, unless the fault is the text's.
 * Frees bytes. */
static inline void refused_of_len(uint8_t *bytes, size_t len, bool text_only, const char *says)
{
	struct ps_error err;
	enum ps_status status = open_sealed(bytes, len, PS_SNAPSHOT_WHOLE, &err);

	ck_assert_msg(status == PS_INVALID, "\"%s\" passed", says);
	ck_assert_msg(strstr(err.text, says) != NULL, "\"%s\" does not say \"%s\"", err.text, says);
	ck_assert_uint_le(err.offset, len);
	status = open_sealed(bytes, len, PS_SNAPSHOT_LOOKUP, &err);
	ck_assert_msg(status == (text_only ? PS_OK : PS_INVALID), "\"%s\": %s", says, err.text);
	free(bytes);
}

static inline void refused(uint8_t *bytes, const char *says)
{
	refused_of_len(bytes, image.len, false, says);
}

static inline void refused_text(uint8_t *bytes, const char *says)
{
	refused_of_len(bytes, image.len, true, says);
}

static inline void accepted(uint8_t *bytes)
{
	struct ps_error err;

	ck_assert_msg(open_sealed(bytes, image.len, PS_SNAPSHOT_WHOLE, &err) == PS_OK, "%s",
	    err.text);
	free(bytes);
}

/* One field of one record. */
struct field {
	enum ps_section section;
	uint64_t record;
	uint32_t at;
	int width;
	uint64_t value;
	const char *says;
};

static inline void store(uint8_t *p, int width, uint64_t value)
{
	for (int i = 0; i < width; i++)
		p[i] = (uint8_t)(value >> i * 8);
}

static inline void each_refused(const struct field *fields, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		const struct field *f = &fields[i];
		uint8_t *bytes = copy_image();

		store(record(bytes, f->section, f->record) + f->at, f->width, f->value);
		ck_assert_msg(memcmp(bytes, image.ptr, image.len) != 0, "%zu changes nothing", i);
		refused(bytes, f->says);
	}
}

#define EACH_REFUSED(fields) each_refused(fields, sizeof(fields) / sizeof((fields)[0]))

#endif
