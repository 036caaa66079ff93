/* Every check of the verifier refuses what it is there for, in its own words: a small
 * image whose every record is known, one fault in it, sealed again. test_verify.c has the
 * digests, the lengths, and what a random image shows. */
#include "snapshot/refused.h"

START_TEST(the_image_itself_passes)
{
	ck_assert_uint_eq(count_of(image.ptr, PS_SECTION_ANSWERS), ANSWERS);
	ck_assert_uint_eq(count_of(image.ptr, PS_SECTION_CONDITIONS), CONDITIONS);
	ck_assert_uint_eq(count_of(image.ptr, PS_SECTION_PREFIXES4), 3);
	ck_assert_uint_eq(count_of(image.ptr, PS_SECTION_PREFIXES6), 2);
	accepted(copy_image());
}
END_TEST

START_TEST(answers)
{
	static const struct field fields[] = {
	    {PS_SECTION_ANSWERS, GONE, PS_ANSWER_CNAME, 4, 1, "half a CNAME"},
	    {PS_SECTION_ANSWERS, GONE, PS_ANSWER_CNAME_LABELS, 1, 1, "half a CNAME"},
	    {PS_SECTION_ANSWERS, WALL_TOO, PS_ANSWER_CNAME, 4, 0, "CNAME is out of order"},
	    {PS_SECTION_ANSWERS, WALL, PS_ANSWER_CNAME_LEN, 1, 15, "no lower-case name"},
	    {PS_SECTION_ANSWERS, WALL, PS_ANSWER_CNAME_LABELS, 1, 3, "no lower-case name"},
	    {PS_SECTION_NAMES, 0, 0, 1, 0xc0, "no lower-case name"},
	    {PS_SECTION_NAMES, 0, 1, 1, 'W', "no lower-case name"},
	    {PS_SECTION_ANSWERS, PAGE, PS_ANSWER_A_COUNT, 1, 9, "too many addresses"},
	    {PS_SECTION_ANSWERS, PAGE, PS_ANSWER_AAAA_COUNT, 1, 9, "too many addresses"},
	    {PS_SECTION_ANSWERS, SIX, PS_ANSWER_AAAA_COUNT, 1, 2, "out of order or outside"},
	    {PS_SECTION_ANSWERS, SIX, PS_ANSWER_ADDRESS, 4, 0, "out of order or outside"},
	    {PS_SECTION_ADDRESSES, 0, 4, 1, 1, "should be zero"},
	    {PS_SECTION_ADDRESSES, 1, 15, 1, 1, "should be zero"},
	    {PS_SECTION_ANSWERS, PAGE, PS_ANSWER_ACTION, 1, PS_ACTION_NXDOMAIN, "do not fit"},
	    {PS_SECTION_ANSWERS, SIX, PS_ANSWER_ACTION, 1, PS_ACTION_NODATA, "do not fit"},
	    {PS_SECTION_ANSWERS, WALL, PS_ANSWER_ACTION, 1, PS_ACTION_NXDOMAIN, "do not fit"},
	    {PS_SECTION_ANSWERS, GONE, PS_ANSWER_ACTION, 1, PS_ACTION_SINKHOLE, "do not fit"},
	    {PS_SECTION_ANSWERS, PAGE, PS_ANSWER_CNAME_LEN, 1, 16, "do not fit"},
	    {PS_SECTION_ANSWERS, SIX, PS_ANSWER_A_COUNT, 1, 1, "out of order or outside"},
	};
	uint8_t *bytes;

	EACH_REFUSED(fields);
	/* The last one's target is not used, and nothing else is wrong. */
	bytes = copy_image();
	store(record(bytes, PS_SECTION_ANSWERS, WALL_TOO) + PS_ANSWER_ACTION, 4, 0);
	store(record(bytes, PS_SECTION_ANSWERS, WALL_TOO) + PS_ANSWER_CNAME, 5, 0);
	refused(bytes, "used by no answer");
}
END_TEST

START_TEST(rules_and_conditions)
{
	static const struct field fields[] = {
	    {PS_SECTION_RULES, RULE_A, PS_RULE_EDE_CODE, 4, UINT32_MAX, "text without a code"},
	    {PS_SECTION_RULES, RULE_E, PS_RULE_CONDITION_COUNT, 2, 0, "used by no rule"},
	    {PS_SECTION_CONDITIONS, LISTED, PS_CONDITION_FEED_COUNT, 4, 9, "out of order or outside"},
	    {PS_SECTION_CONDITIONS, SERVER, PS_CONDITION_FEED_COUNT, 4, 0, "by no condition"},
	    {PS_SECTION_FEED_LISTS, 1, 0, 2, 0, "not ascending or do not exist"},
	    {PS_SECTION_FEED_LISTS, 1, 0, 2, 2, "not ascending or do not exist"},
	    {PS_SECTION_CONDITIONS, LISTED, PS_CONDITION_MIN, 1, 91, "no range"},
	    {PS_SECTION_CONDITIONS, LISTED, PS_CONDITION_MAX, 1, 101, "no range"},
	    {PS_SECTION_CONDITIONS, LISTED, PS_CONDITION_CATEGORIES, 4, UINT32_C(1) << 31,
	        "no such category"},
	    {PS_SECTION_CONDITIONS, NAMES, PS_CONDITION_MIN, 1, 1, "should be zero"},
	    {PS_SECTION_CONDITIONS, PATTERN, PS_CONDITION_CATEGORIES, 1, 1, "should be zero"},
	    {PS_SECTION_CONDITIONS, PATTERN, PS_CONDITION_PATTERN_TEXT, 4, 2, "does not point"},
	    {PS_SECTION_CONDITIONS, PATTERN, PS_CONDITION_PATTERN_TEXT, 4, 0, "does not fit its kind"},
	    {PS_SECTION_CONDITIONS, NAMES, PS_CONDITION_PATTERN_TEXT, 4, 1, "does not fit its kind"},
	};
	uint8_t *bytes;

	EACH_REFUSED(fields);
	bytes = copy_image();
	store(record(bytes, PS_SECTION_RULES, RULE_A) + PS_RULE_EDE_TEXT, 4, title(bytes));
	refused(bytes, "a rule's EDE text is over 96 octets");
	bytes = copy_image();
	*record(bytes, PS_SECTION_STRINGS, told(bytes) + 1) = 0x1f;
	refused(bytes, "control character");
	bytes = copy_image();
	*record(bytes, PS_SECTION_STRINGS, told(bytes) + 3) = 0x7f;
	refused(bytes, "control character");
}
END_TEST

/* Unicode 15, table 3-7, by its edges. */
START_TEST(strings_are_utf8)
{
	static const struct {
		const char *octets;
		bool good;
	} cases[] = {
	    {"\xc2\x80", true}, {"\xdf\xbf", true}, {"\xe0\xa0\x80", true}, {"\xed\x9f\xbf", true},
	    {"\xee\x80\x80", true}, {"\xef\xbf\xbf", true}, {"\xf0\x90\x80\x80", true},
	    {"\xf1\x80\x80\x80", true}, {"\xf4\x8f\xbf\xbf", true},
	    {"\xc1\xbf", false}, {"\xc2\x7f", false}, {"\xc2\xc0", false}, {"\xe0\x9f\xbf", false},
	    {"\xed\xa0\x80", false}, {"\xe1\x80\x7f", false}, {"\xe1\x80\xc0", false},
	    {"\xf0\x8f\xbf\xbf", false}, {"\xf1\x80\x80\x7f", false}, {"\xf4\x90\x80\x80", false},
	    {"\xf5\x80\x80\x80", false}, {"\x80", false}, {"\xff", false},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint8_t *bytes = copy_image();

		memcpy(record(bytes, PS_SECTION_STRINGS, title(bytes)), cases[i].octets,
		    strlen(cases[i].octets));
		if (cases[i].good)
			accepted(bytes);
		else
			refused(bytes, "a string is not UTF-8");
	}
}
END_TEST

START_TEST(rows_of_a_policy)
{
	static const struct {
		uint32_t at;
		int width;
	} fields[] = {{PS_ROW_SOURCE, 2}, {PS_ROW_CATEGORY, 1}, {PS_ROW_CONFIDENCE, 1},
	    {PS_ROW_TLP, 1}, {PS_ROW_ORIGIN, 1}, {PS_ROW_VALID_FROM, 4}, {PS_ROW_VALID_UNTIL, 4}};
	static const uint16_t sources[] = {LISTED, CONDITIONS, UINT16_MAX};

	for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
		uint8_t *bytes = copy_image();
		uint8_t *row = record(bytes, PS_SECTION_ROWS, row_of(bytes, PS_ROW_NEVER));

		store(row + fields[i].at, fields[i].width, 1);
		refused(bytes, "has a wrong value");
	}
	for (size_t i = 0; i < sizeof(sources) / sizeof(sources[0]); i++) {
		uint8_t *bytes = copy_image();
		uint8_t *row = record(bytes, PS_SECTION_ROWS, row_of(bytes, PS_ROW_NAMES));

		ck_assert_uint_eq(ps_load_le16(row + PS_ROW_SOURCE), NAMES);
		store(row + PS_ROW_SOURCE, 2, sources[i]);
		refused(bytes, "has a wrong value");
	}
}
END_TEST

START_TEST(rows_of_a_set_ascend)
{
	uint8_t *bytes = copy_image();
	uint64_t set = 0;
	uint8_t *row;

	while (first_row(bytes, set + 1) - first_row(bytes, set) != 2)
		set++;
	row = record(bytes, PS_SECTION_ROWS, first_row(bytes, set) + 1);
	ck_assert_uint_eq(ps_load_le16(row + PS_ROW_SOURCE), 1);
	store(row + PS_ROW_SOURCE, 2, 0); /* the same row twice */
	refused(bytes, "is out of order");
}
END_TEST

/* Forty feeds say thirty-two things each of two names; then all but a few rows of the
 * second belong to the first. */
static void fill_crowded(struct ps_builder *builder)
{
	for (uint32_t name = 0; name < 2; name++) {
		struct sample_name storage;

		sample_text_name(name == 0 ? "a.example" : "b.example", &storage);
		for (uint32_t i = 0; i < 40 * PS_BUILDER_FEED_ROWS_MAX; i++) {
			struct ps_indicator indicator = {.name = storage.name,
			    .valid_from = 1 + i / 40,
			    .valid_until = PS_TIME_FOREVER,
			    .confidence = (uint8_t)name};

			ck_assert_int_eq(
			    ps_builder_add(builder, i % 40, &indicator, false, NULL), PS_OK);
		}
	}
}

START_TEST(a_set_has_not_too_many_rows)
{
	struct ps_feed_config many[40];
	struct ps_plan plan = {.feeds = many, .feed_count = 40};
	struct ps_bytes crowded;
	uint8_t *second;

	for (size_t i = 0; i < 40; i++)
		many[i] = (struct ps_feed_config){.id = "f"};
	crowded = known_build(&plan, fill_crowded);
	ck_assert_uint_eq(count_of(crowded.ptr, PS_SECTION_SETS), 3);
	second = record(crowded.ptr, PS_SECTION_SETS, 1);
	ck_assert_uint_eq(ps_load_le32(second) & PS_ENTRY_SET_MASK, 40 * PS_BUILDER_FEED_ROWS_MAX);
	store(second, 2, PS_SET_ROWS_MAX + 1);
	refused_of_len((uint8_t *)crowded.ptr, crowded.len, false, "has more than 2048 rows");
}
END_TEST

/* --- entries and buckets ---------------------------------------------------- */

/* Two neighbours of one bucket, the low halves of their hashes ascending or not. */
static uint64_t neighbours(const uint8_t *bytes, bool ascending)
{
	for (uint64_t i = 0; i + 1 < count_of(bytes, PS_SECTION_ENTRIES); i++) {
		const uint8_t *p = record(bytes, PS_SECTION_ENTRIES, i);
		const uint8_t *next = p + PS_ENTRY_RECORD;
		uint32_t bits = ps_load_le32(bytes + PS_HEADER_BUCKET_BITS);

		if (ps_format_bucket(ps_load_le64(p), bits) ==
		        ps_format_bucket(ps_load_le64(next), bits) &&
		    (ps_load_le32(p + PS_ENTRY_LO) < ps_load_le32(next + PS_ENTRY_LO)) == ascending)
			return i;
	}
	ck_abort_msg("no such neighbours");
}

START_TEST(entries_ascend_by_both_halves)
{
	uint8_t *bytes = copy_image();
	uint8_t *p = record(bytes, PS_SECTION_ENTRIES, neighbours(bytes, false));

	memcpy(p + PS_ENTRY_RECORD, p, 8);
	refused(bytes, "is out of order");
	bytes = copy_image();
	p = record(bytes, PS_SECTION_ENTRIES, neighbours(bytes, true));
	memcpy(p + PS_ENTRY_RECORD, p, 8);
	refused_text(bytes, "not the one that its hash was made from");
	/* The same filter, the same order, another name. */
	bytes = copy_image();
	p = record(bytes, PS_SECTION_ENTRIES, 0);
	p[PS_ENTRY_LO + 1] ^= 1;
	refused_text(bytes, "not the one that its hash was made from");
}
END_TEST

START_TEST(entries_and_their_sets)
{
	uint8_t *bytes = copy_image();
	uint64_t bucket = 1;
	uint8_t *p = record(bytes, PS_SECTION_ENTRIES, 0);

	p[PS_ENTRY_SET + 3] ^= 0x40;
	refused(bytes, "the flags of entry 0 differ");
	bytes = copy_image();
	ck_assert_uint_eq(set_of(bytes, 0), 0);
	store(record(bytes, PS_SECTION_ENTRIES, 0) + PS_ENTRY_SET, 1, 1);
	refused(bytes, "before its turn");
	bytes = copy_image();
	while (ps_load_le32(record(bytes, PS_SECTION_BUCKETS, bucket)) == 0)
		bucket++;
	store(record(bytes, PS_SECTION_BUCKETS, bucket + 1), 4, 0);
	refused(bytes, "ends before it begins");
	bytes = copy_image();
	store(bytes + PS_HEADER_DEPTHS, 8, 0);
	refused(bytes, "the depths do not fit the number of entries");
	bytes = copy_image();
	store(bytes + PS_HEADER_DEPTHS, 8, UINT64_MAX);
	refused(bytes, "the depths do not fit the number of entries");
}
END_TEST

/* --- prefixes ---------------------------------------------------------------- */

START_TEST(prefixes)
{
	static const struct field fields[] = {
	    {PS_SECTION_PREFIXES4, 0, 3, 1, 1, "prefix 0 has a wrong value"},
	    {PS_SECTION_PREFIXES6, 1, 5, 1, 0x80, "prefix 1 has a wrong value"},
	    {PS_SECTION_PREFIXES4, 2, 4 + PS_PREFIX_LEN, 1, 31, "prefix 2 has a wrong value"},
	    {PS_SECTION_PREFIXES4, 0, 4 + PS_PREFIX_LEN + 1, 1, 1, "prefix 0 has a wrong value"},
	    {PS_SECTION_PREFIXES4, 0, 4 + PS_PREFIX_LEN + 2, 1, 1, "prefix 0 has a wrong value"},
	    {PS_SECTION_PREFIXES4, 0, 4 + PS_PREFIX_LEN + 3, 1, 1, "prefix 0 has a wrong value"},
	    {PS_SECTION_PREFIXES4, 0, 0, 1, 200, "prefix 1 is out of order"},
	    {PS_SECTION_PREFIXES4, 1, 4 + PS_PREFIX_LEN, 1, 8, "prefix 1 is out of order"},
	    {PS_SECTION_PREFIXES4, 0, 4 + PS_PREFIX_LEN, 1, 17, "prefix 1 is out of order"},
	};
	uint32_t sets = (uint32_t)count_of(image.ptr, PS_SECTION_SETS) - 1;
	uint8_t *bytes = copy_image();

	EACH_REFUSED(fields);
	store(record(bytes, PS_SECTION_PREFIXES4, 0) + 4 + PS_PREFIX_SET, 4, sets - 1);
	refused(bytes, "prefix 0 points to no set, or to one before its turn");
	bytes = copy_image();
	store(record(bytes, PS_SECTION_PREFIXES4, 0) + 4 + PS_PREFIX_SET, 4, sets);
	refused(bytes, "prefix 0 points to no set, or to one before its turn");
	/* What the prefix had is now nobody's. */
	bytes = copy_image();
	store(record(bytes, PS_SECTION_PREFIXES6, 1) + 16 + PS_PREFIX_SET, 4, sets - 2);
	refused(bytes, "1 sets are used by nothing");
}
END_TEST

START_TEST(clients)
{
	static const struct field fields[] = {
	    {PS_SECTION_GROUPS, COUNTERS, PS_GROUP_ID, 4, 2, "does not point"},
	    {PS_SECTION_GROUPS, COUNTERS, PS_GROUP_ID, 4, 0, "a group has no id"},
	    {PS_SECTION_GROUPS, ANALYSTS, PS_GROUP_FILE, 4, 2, "does not point"},
	    {PS_SECTION_GROUPS, ANALYSTS, PS_GROUP_LINE + 4, 1, 1, "should be zero"},
	    {PS_SECTION_GROUPS, ANALYSTS, PS_GROUP_RECORD - 1, 1, 1, "should be zero"},
	    {PS_SECTION_CLIENTS4, 0, 3, 1, 1, "prefix 0 has a wrong value"},
	    {PS_SECTION_CLIENTS6, 1, 5, 1, 0x80, "prefix 1 has a wrong value"},
	    {PS_SECTION_CLIENTS4, 2, 4 + PS_PREFIX_LEN, 1, 31, "prefix 2 has a wrong value"},
	    {PS_SECTION_CLIENTS4, 0, 4 + PS_PREFIX_LEN + 1, 1, 1, "prefix 0 has a wrong value"},
	    {PS_SECTION_CLIENTS4, 0, 4 + PS_PREFIX_LEN + 3, 1, 1, "prefix 0 has a wrong value"},
	    {PS_SECTION_CLIENTS4, 0, 0, 1, 200, "prefix 1 is out of order"},
	    {PS_SECTION_CLIENTS4, 1, 4 + PS_PREFIX_LEN, 1, 8, "prefix 1 is out of order"},
	    {PS_SECTION_CLIENTS4, 1, 4 + PS_PREFIX_PARENT, 4, UINT32_MAX, "client prefix 1 points"},
	    {PS_SECTION_CLIENTS4, 2, 4 + PS_PREFIX_PARENT, 4, 0, "client prefix 2 points"},
	    {PS_SECTION_CLIENTS6, 1, 16 + PS_PREFIX_PARENT, 4, 1, "client prefix 1 points"},
	    {PS_SECTION_CLIENTS4, 0, 4 + PS_PREFIX_SET, 4, GROUPS, "points to no group"},
	    {PS_SECTION_CLIENTS6, 1, 16 + PS_PREFIX_SET, 4, UINT32_MAX, "points to no group"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_CLIENTS, 8, 0, "asks for no clients"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_CLIENTS, 8, 1u << (GROUPS + 1),
	        "a group that does not exist"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_CLIENTS, 8, UINT64_C(1) << 63,
	        "a group that does not exist"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_MIN, 1, 1, "should be zero"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_MAX, 1, 1, "should be zero"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_OF, 1, 1, "cannot be asked of that"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_FEED_COUNT, 4, 1, "should be zero"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_CATEGORIES, 4, 1, "should be zero"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_FEED, 4, 0, "out of order or outside"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_BRAND, 4, 1, "out of order or outside"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_PATTERN_TEXT, 4, 1, "not fit its kind"},
	    {PS_SECTION_CONDITIONS, CLIENT, PS_CONDITION_KIND, 1, PS_CONDITION_COUNT, "no such kind"},
	    {PS_SECTION_CONDITIONS, LISTED, PS_CONDITION_KIND, 1, PS_CONDITION_CLIENT,
	        "before its last condition"},
	    /* Without a group nothing may point to one. */
	    {PS_SECTION_CONDITIONS, NAMES, PS_CONDITION_KIND, 1, PS_CONDITION_CLIENT,
	        "asks for no clients"},
	};
	uint8_t *bytes = copy_image();

	EACH_REFUSED(fields);
	/* Who is in no group may be asked for; and all at once. */
	store(record(bytes, PS_SECTION_CONDITIONS, CLIENT) + PS_CONDITION_CLIENTS, 8,
	    (1u << (GROUPS + 1)) - 1);
	accepted(bytes);
}
END_TEST

static uint32_t set_with(const uint8_t *bytes, uint32_t flags, enum ps_row_kind kind)
{
	for (uint64_t i = 0; i < count_of(bytes, PS_SECTION_ENTRIES); i++) {
		uint32_t set = ps_load_le32(record(bytes, PS_SECTION_ENTRIES, i) + PS_ENTRY_SET);
		uint8_t last = record(bytes, PS_SECTION_ROWS,
		    first_row(bytes, (set & PS_ENTRY_SET_MASK) + 1) - 1)[PS_ROW_KIND];

		if ((set & ~PS_ENTRY_SET_MASK) == flags && last == kind)
			return set & PS_ENTRY_SET_MASK;
	}
	ck_abort_msg("no such set");
}

START_TEST(prefixes_have_no_rows_for_names)
{
	uint8_t *bytes = copy_image();
	uint32_t below = set_with(
	    bytes, PS_ENTRY_HAS_SUBTREE | PS_ENTRY_HAS_EXACT, PS_ROW_FEED);
	uint32_t never = set_with(bytes, PS_ENTRY_HAS_EXACT, PS_ROW_NEVER);

	store(record(bytes, PS_SECTION_PREFIXES4, 0) + 4 + PS_PREFIX_SET, 4, below);
	refused(bytes, "prefix 0 has rows for names");
	bytes = copy_image();
	store(record(bytes, PS_SECTION_PREFIXES4, 0) + 4 + PS_PREFIX_SET, 4, never);
	refused(bytes, "prefix 0 has rows for names");
}
END_TEST

/* --- the text part ------------------------------------------------------------ */

/* A line of nine continued octets and this one, in place of what stood there. */
static uint8_t *long_line(uint8_t last)
{
	uint8_t *bytes = copy_image();
	uint8_t *p = first_provenance(bytes);

	memset(p, 0xff, 9);
	p[9] = last;
	return bytes;
}

START_TEST(line_numbers)
{
	uint8_t *bytes;

	refused_text(long_line(0x02), "a line number is malformed"); /* over 64 bits */
	refused_text(long_line(0x81), "a line number is malformed"); /* an eleventh octet */
	refused_text(long_line(0x01), "a line number is malformed"); /* 2^63 and more */
	bytes = copy_image();
	store(first_provenance(bytes), 2, 0x0080); /* zero in two octets */
	refused_text(bytes, "a line number is malformed");
	bytes = copy_image();
	*(record(bytes, PS_SECTION_PREFIX_TEXT, len_of(bytes, PS_SECTION_PREFIX_TEXT)) - 1) = 0x80;
	refused_text(bytes, "a line number is malformed"); /* no octet more */
}
END_TEST

/* The first entry whose only row has a line below 64 and a reference used before. */
static uint8_t *second_reference(uint8_t *bytes)
{
	struct ps_name_buffer storage;
	struct ps_name name;
	uint8_t *p = record(bytes, PS_SECTION_TEXT, 0);
	uint8_t *end = p + len_of(bytes, PS_SECTION_TEXT);

	for (uint64_t i = 0; p < end; i++) {
		uint32_t rows = first_row(bytes, set_of(bytes, i) + 1) -
		    first_row(bytes, set_of(bytes, i));

		ck_assert_int_eq(
		    ps_name_from_wire(&name, &storage, ps_bytes_of(p, (size_t)(end - p)), NULL), PS_OK);
		for (p += name.len; rows > 0; rows--) {
			bool referred = (*p & 1) != 0;

			for (; (*p & 0x80) != 0; p++) {
			}
			p++;
			if (!referred)
				continue;
			if (*p == 0 && i > 3)
				return p;
			for (; (*p & 0x80) != 0; p++) {
			}
			p++;
		}
	}
	ck_abort_msg("no such reference");
}

START_TEST(references)
{
	static const char says[] = "a reference is outside, out of order or malformed";
	uint64_t len = len_of(image.ptr, PS_SECTION_REFERENCES);
	uint8_t *bytes = copy_image();

	ck_assert_uint_eq(len, PS_SNAPSHOT_REFERENCE_MAX + 1 + sizeof("case-6") + sizeof("case-7"));
	*second_reference(bytes) = 1; /* inside of what another one has */
	refused_text(bytes, says);
	bytes = copy_image();
	*second_reference(bytes) = 0x7f; /* inside, further on */
	refused_text(bytes, says);
	bytes = copy_image();
	*record(bytes, PS_SECTION_REFERENCES, 0) = 0; /* empty */
	refused_text(bytes, says);
	bytes = copy_image();
	*record(bytes, PS_SECTION_PREFIX_TEXT, len_of(bytes, PS_SECTION_PREFIX_TEXT) - 2) |= 1;
	refused_text(bytes, says); /* no octet more */
	/* The longest one does not end in time. */
	bytes = copy_image();
	for (uint64_t i = 0; i < len; i++) {
		uint8_t *p = record(bytes, PS_SECTION_REFERENCES, i);

		if (*p == 0)
			*p = 'x';
	}
	refused_text(bytes, says);
}
END_TEST

/* --- sections longer or shorter ------------------------------------------------- */

/* The image with `more` octets of zeros behind a section's end (less when negative), the
 * layout made to fit. */
static struct ps_bytes resized(enum ps_section section, int64_t more)
{
	uint8_t *bytes = calloc(1, image.len + (more > 0 ? (uint64_t)more : 0) + 64);
	uint64_t end = PS_HEADER_SIZE;

	memcpy(bytes, image.ptr, PS_HEADER_SIZE);
	for (enum ps_section i = 0; i < PS_SECTION_COUNT; i++) {
		uint8_t *p = bytes + PS_HEADER_TABLE + (size_t)i * 16;
		uint64_t len = len_of(image.ptr, i);
		uint64_t new_len = i == section ? (uint64_t)((int64_t)len + more) : len;

		end = ps_format_align(end);
		memcpy(bytes + end, image.ptr + offset_of(image.ptr, i), len < new_len ? len : new_len);
		ps_store_le64(p, end);
		ps_store_le64(p + 8, new_len);
		end += new_len;
		if (i + 1 == PS_SECTION_LOOKUP_COUNT)
			ps_store_le64(bytes + PS_HEADER_LOOKUP_LEN, ps_format_align(end));
	}
	end = ps_format_align(end);
	ps_store_le64(bytes + PS_HEADER_FILE_LEN, end);
	return ps_bytes_of(bytes, end);
}

START_TEST(section_lengths)
{
	static const struct {
		enum ps_section section;
		int64_t more;
		bool text_only;
		const char *says;
	} cases[] = {
	    {PS_SECTION_NAMES, 1, false, "used by no answer"},
	    {PS_SECTION_ADDRESSES, PS_ADDRESS_RECORD, false, "used by no answer"},
	    {PS_SECTION_CONDITIONS, PS_CONDITION_RECORD, false, "used by no rule"},
	    {PS_SECTION_FEED_LISTS, 2, false, "used by no condition"},
	    {PS_SECTION_FEEDS, PS_FEEDS_MAX * PS_FEED_RECORD, false, "FEEDS holds too many records"},
	    {PS_SECTION_ROWS, PS_ROW_RECORD, false, "does not end with the last row"},
	    {PS_SECTION_BUCKETS, PS_BUCKET_RECORD, false, "BUCKETS does not hold as many"},
	    {PS_SECTION_TEXT_INDEX, PS_INDEX_RECORD, true, "TEXT_INDEX has a wrong length"},
	    {PS_SECTION_TEXT, 1, true, "TEXT has something behind it"},
	    {PS_SECTION_PREFIX_INDEX, PS_INDEX_RECORD, true, "PREFIX_INDEX has a wrong length"},
	    {PS_SECTION_PREFIX_TEXT, 1, true, "PREFIX_TEXT has something behind it"},
	    {PS_SECTION_REFERENCES, 2, true, "REFERENCES has something that nothing refers to"},
	    {PS_SECTION_REFERENCES, -1, true, "a reference is outside"},
	    {PS_SECTION_STRINGS, -1, false, "STRINGS does not begin"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_bytes other = resized(cases[i].section, cases[i].more);

		refused_of_len((uint8_t *)other.ptr, other.len, cases[i].text_only, cases[i].says);
	}
}
END_TEST

START_TEST(sections_that_are_missing)
{
	static const struct {
		enum ps_section section;
		const char *says;
	} cases[] = {
	    {PS_SECTION_STRINGS, "STRINGS does not begin"},
	    {PS_SECTION_SETS, "SETS lacks its end"},
	    {PS_SECTION_REFERENCES, NULL},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_bytes other = resized(
		    cases[i].section, -(int64_t)len_of(image.ptr, cases[i].section));

		refused_of_len((uint8_t *)other.ptr, other.len, cases[i].says == NULL,
		    cases[i].says == NULL ? "a reference is outside" : cases[i].says);
	}
}
END_TEST

/* A part is as long as its sections, not longer. */
START_TEST(parts_end_with_their_sections)
{
	uint64_t lookup_len = ps_load_le64(image.ptr + PS_HEADER_LOOKUP_LEN);
	uint8_t *bytes = calloc(1, image.len + PS_SNAPSHOT_ALIGN);

	memcpy(bytes, image.ptr, lookup_len);
	memcpy(bytes + lookup_len + PS_SNAPSHOT_ALIGN, image.ptr + lookup_len,
	    image.len - lookup_len);
	ps_store_le64(bytes + PS_HEADER_LOOKUP_LEN, lookup_len + PS_SNAPSHOT_ALIGN);
	ps_store_le64(bytes + PS_HEADER_FILE_LEN, image.len + PS_SNAPSHOT_ALIGN);
	refused_of_len(bytes, image.len + PS_SNAPSHOT_ALIGN, false,
	    "the lookup part does not end behind its last section");
	bytes = calloc(1, image.len + PS_SNAPSHOT_ALIGN);
	memcpy(bytes, image.ptr, image.len);
	ps_store_le64(bytes + PS_HEADER_FILE_LEN, image.len + PS_SNAPSHOT_ALIGN);
	refused_of_len(bytes, image.len + PS_SNAPSHOT_ALIGN, false,
	    "the file does not end behind its last section");
}
END_TEST

int main(void)
{
	const TTest *const all[] = {the_image_itself_passes, answers, rules_and_conditions,
	    strings_are_utf8, rows_of_a_policy, rows_of_a_set_ascend, a_set_has_not_too_many_rows,
	    entries_ascend_by_both_halves, entries_and_their_sets, prefixes, clients,
	    prefixes_have_no_rows_for_names, line_numbers, references, section_lengths,
	    sections_that_are_missing, parts_end_with_their_sections};
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("refusals");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		tcase_add_test(tests, all[i]);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
