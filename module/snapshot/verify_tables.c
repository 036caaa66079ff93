/* The verifier's checks of the small tables: strings, feeds, answers, rules,
 * conditions. Lists that belong to one record stand in the order of their owners,
 * without gaps and unshared, so that one running number checks them. */
#include "snapshot/image.h"

static enum ps_status verify_strings(const struct ps_snapshot *s, struct ps_error *err)
{
	const struct ps_image_section *strings = &s->section[PS_SECTION_STRINGS];
	uint64_t at = 1;

	if (strings->len == 0 || strings->ptr[0] != 0 || strings->ptr[strings->len - 1] != 0)
		return ps_image_refuse(s, strings->ptr, err,
		    "section STRINGS does not begin with an empty string and end in NUL");
	while (at < strings->len) {
		unsigned len = ps_image_utf8_sequence(strings->ptr + at);

		if (len == 0)
			return ps_image_refuse(s, strings->ptr + at, err, "a string is not UTF-8");
		at += len;
	}
	return PS_OK;
}

/* Does the u32 at p say where a string begins? *len: its octets. */
static bool string_is_valid(const struct ps_snapshot *s, const uint8_t *p, size_t *len)
{
	const struct ps_image_section *strings = &s->section[PS_SECTION_STRINGS];
	uint32_t offset = ps_load_le32(p);

	if (offset >= strings->len || (offset > 0 && strings->ptr[offset - 1] != 0))
		return false;
	*len = strlen((const char *)strings->ptr + offset);
	return true;
}

static enum ps_status verify_string(const struct ps_snapshot *s, const uint8_t *p, size_t max,
    const char *what, struct ps_error *err)
{
	size_t len;

	if (!string_is_valid(s, p, &len))
		return ps_image_refuse(s, p, err, "%s does not point to a string", what);
	if (len > max)
		return ps_image_refuse(s, p, err, "%s is over %zu octets", what, max);
	return PS_OK;
}

static enum ps_status verify_zeros(const struct ps_snapshot *s, const uint8_t *record,
    unsigned from, unsigned to, struct ps_error *err)
{
	for (unsigned i = from; i < to; i++)
		if (record[i] != 0)
			return ps_image_refuse(
			    s, record + i, err, "an octet that should be zero is not");
	return PS_OK;
}

/* --- feeds ---------------------------------------------------------------- */

static enum ps_status verify_feed(
    const struct ps_snapshot *s, const uint8_t *p, struct ps_error *err)
{
	if (verify_string(s, p + PS_FEED_ID, SIZE_MAX, "a feed's id", err) != PS_OK ||
	    verify_string(s, p + PS_FEED_TITLE, SIZE_MAX, "a feed's title", err) != PS_OK ||
	    verify_string(s, p + PS_FEED_FILE, SIZE_MAX, "a feed's file", err) != PS_OK)
		return PS_INVALID;
	if (p[PS_FEED_FORMAT] >= PS_FEED_FORMAT_COUNT)
		return ps_image_refuse(s, p + PS_FEED_FORMAT, err, "a feed has no such format");
	if ((p[PS_FEED_FLAGS] & ~(PS_FEED_FLAG_TRIAL | PS_FEED_FLAG_HELD)) != 0)
		return ps_image_refuse(s, p + PS_FEED_FLAGS, err, "a feed has no such flag");
	if (verify_zeros(s, p, PS_FEED_FLAGS + 1, PS_FEED_READ, err) != PS_OK)
		return PS_INVALID;
	return verify_zeros(s, p, PS_FEED_REFUSED + 4, PS_FEED_RECORD, err);
}

/* --- groups of clients ------------------------------------------------------ */

static enum ps_status verify_group(
    const struct ps_snapshot *s, const uint8_t *p, struct ps_error *err)
{
	if (verify_string(s, p + PS_GROUP_ID, SIZE_MAX, "a group's id", err) != PS_OK ||
	    verify_string(s, p + PS_GROUP_FILE, SIZE_MAX, "a group's file", err) != PS_OK)
		return PS_INVALID;
	if (ps_load_le32(p + PS_GROUP_ID) == 0)
		return ps_image_refuse(s, p + PS_GROUP_ID, err, "a group has no id");
	return verify_zeros(s, p, PS_GROUP_LINE + 4, PS_GROUP_RECORD, err);
}

/* --- answers -------------------------------------------------------------- */

static enum ps_status verify_cname(const struct ps_snapshot *s, const uint8_t *p,
    uint64_t *names_used, struct ps_error *err)
{
	const struct ps_image_section *names = &s->section[PS_SECTION_NAMES];
	struct ps_name_buffer storage;
	struct ps_name name;
	uint8_t len = p[PS_ANSWER_CNAME_LEN];

	if (len == 0) {
		if (ps_load_le32(p + PS_ANSWER_CNAME) != 0 || p[PS_ANSWER_CNAME_LABELS] != 0)
			return ps_image_refuse(
			    s, p + PS_ANSWER_CNAME, err, "an answer has half a CNAME");
		return PS_OK;
	}
	if (ps_load_le32(p + PS_ANSWER_CNAME) != *names_used)
		return ps_image_refuse(
		    s, p + PS_ANSWER_CNAME, err, "an answer's CNAME is out of order");
	if (ps_name_from_wire(&name, &storage,
	        ps_bytes_of(names->ptr + *names_used, names->len - *names_used), NULL) != PS_OK ||
	    name.len != len || name.labels != p[PS_ANSWER_CNAME_LABELS] ||
	    memcmp(name.wire, names->ptr + *names_used, len) != 0)
		return ps_image_refuse(s, p + PS_ANSWER_CNAME, err,
		    "an answer's CNAME is no lower-case name, or of another length");
	*names_used += len;
	return PS_OK;
}

/* An IPv4 address uses 4 of the 16 octets. */
static enum ps_status verify_addresses(const struct ps_snapshot *s, const uint8_t *p,
    uint32_t *addresses_used, struct ps_error *err)
{
	const struct ps_image_section *addresses = &s->section[PS_SECTION_ADDRESSES];
	uint32_t count = (uint32_t)p[PS_ANSWER_A_COUNT] + p[PS_ANSWER_AAAA_COUNT];

	if (p[PS_ANSWER_A_COUNT] > PS_SINKHOLE_ADDRESSES_MAX ||
	    p[PS_ANSWER_AAAA_COUNT] > PS_SINKHOLE_ADDRESSES_MAX)
		return ps_image_refuse(
		    s, p + PS_ANSWER_A_COUNT, err, "an answer has too many addresses");
	if (ps_load_le32(p + PS_ANSWER_ADDRESS) != *addresses_used ||
	    count > addresses->len / PS_ADDRESS_RECORD - *addresses_used)
		return ps_image_refuse(s, p + PS_ANSWER_ADDRESS, err,
		    "an answer's addresses are out of order or outside");
	for (uint32_t i = 0; i < p[PS_ANSWER_A_COUNT]; i++)
		if (verify_zeros(s,
		        addresses->ptr + (size_t)(*addresses_used + i) * PS_ADDRESS_RECORD, 4,
		        PS_ADDRESS_RECORD, err) != PS_OK)
			return PS_INVALID;
	*addresses_used += count;
	return PS_OK;
}

static enum ps_status verify_answer(const struct ps_snapshot *s, const uint8_t *p,
    uint32_t *addresses_used, uint64_t *names_used, struct ps_error *err)
{
	bool has_addresses = p[PS_ANSWER_A_COUNT] > 0 || p[PS_ANSWER_AAAA_COUNT] > 0;
	bool has_cname = p[PS_ANSWER_CNAME_LEN] > 0;

	if (verify_string(s, p + PS_ANSWER_NAME, SIZE_MAX, "an answer's name", err) != PS_OK)
		return PS_INVALID;
	if (p[PS_ANSWER_ACTION] >= PS_ACTION_COUNT)
		return ps_image_refuse(
		    s, p + PS_ANSWER_ACTION, err, "an answer has no such action");
	if (p[PS_ANSWER_ACTION] == PS_ACTION_SINKHOLE ? has_addresses == has_cname
	                                              : has_addresses || has_cname)
		return ps_image_refuse(s, p + PS_ANSWER_ACTION, err,
		    "an answer's addresses and CNAME do not fit its action");
	if (ps_load_le32(p + PS_ANSWER_TTL) > PS_TTL_MAX)
		return ps_image_refuse(s, p + PS_ANSWER_TTL, err, "an answer's TTL is over %u",
		    PS_TTL_MAX);
	if (verify_addresses(s, p, addresses_used, err) != PS_OK ||
	    verify_cname(s, p, names_used, err) != PS_OK)
		return PS_INVALID;
	return verify_zeros(s, p, PS_ANSWER_CNAME_LABELS + 1, PS_ANSWER_RECORD, err);
}

static enum ps_status verify_answers(const struct ps_snapshot *s, struct ps_error *err)
{
	uint32_t addresses_used = 0;
	uint64_t names_used = 0;

	for (uint32_t i = 0; i < s->answers; i++)
		if (verify_answer(s,
		        ps_image_record(s, PS_SECTION_ANSWERS, i, PS_ANSWER_RECORD),
		        &addresses_used, &names_used, err) != PS_OK)
			return PS_INVALID;
	if (addresses_used != s->section[PS_SECTION_ADDRESSES].len / PS_ADDRESS_RECORD ||
	    names_used != s->section[PS_SECTION_NAMES].len)
		return ps_image_refuse(s, s->section[PS_SECTION_ADDRESSES].ptr, err,
		    "addresses or CNAMEs are used by no answer");
	return PS_OK;
}

/* --- rules and conditions ------------------------------------------------- */

static enum ps_status verify_no_controls(const struct ps_snapshot *s, const uint8_t *text,
    const char *what, struct ps_error *err)
{
	for (; *text != '\0'; text++)
		if (*text < 0x20 || *text == 0x7f)
			return ps_image_refuse(s, text, err, "%s has a control character", what);
	return PS_OK;
}

/* The text goes into answers: RFC 8914 section 2 wants UTF-8, and nobody wants
 * control characters. */
static enum ps_status verify_ede(
    const struct ps_snapshot *s, const uint8_t *p, struct ps_error *err)
{
	int32_t code = (int32_t)ps_load_le32(p + PS_RULE_EDE_CODE);
	const uint8_t *text;

	if (code < PS_EDE_NONE || code > UINT16_MAX)
		return ps_image_refuse(s, p + PS_RULE_EDE_CODE, err, "a rule's EDE code is none");
	if (verify_string(s, p + PS_RULE_EDE_TEXT, PS_EDE_TEXT_MAX, "a rule's EDE text", err) !=
	    PS_OK)
		return PS_INVALID;
	text = s->section[PS_SECTION_STRINGS].ptr + ps_load_le32(p + PS_RULE_EDE_TEXT);
	if (code == PS_EDE_NONE && *text != '\0')
		return ps_image_refuse(
		    s, p + PS_RULE_EDE_TEXT, err, "a rule has an EDE text without a code");
	if (code == PS_EDE_NONE && p[PS_RULE_SUB_ERROR] != PS_SUB_ERROR_LISTED)
		return ps_image_refuse(
		    s, p + PS_RULE_SUB_ERROR, err, "a rule has a sub-error without a code");
	return verify_no_controls(s, text, "a rule's EDE text", err);
}

/* What is asked of clients is not asked one by one, and what is asked of one fact of an answer
 * stands together: verdict/pattern.h. */
static enum ps_status verify_rule_order(
    const struct ps_snapshot *s, uint32_t first, uint32_t count, struct ps_error *err)
{
	uint8_t before = PS_OF_QUESTION;

	for (uint32_t i = 0; i < count; i++) {
		const uint8_t *condition =
		    ps_image_record(s, PS_SECTION_CONDITIONS, first + i, PS_CONDITION_RECORD);

		if (condition[PS_CONDITION_KIND] == PS_CONDITION_CLIENT) {
			if (i + 1 < count)
				return ps_image_refuse(s, condition, err,
				    "a rule asks who asks before its last condition");
		} else if (condition[PS_CONDITION_OF] < before) {
			return ps_image_refuse(s, condition + PS_CONDITION_OF, err,
			    "a rule's conditions do not ascend by what they are asked of");
		} else {
			before = condition[PS_CONDITION_OF];
		}
	}
	return PS_OK;
}

static enum ps_status verify_rule(const struct ps_snapshot *s, const uint8_t *p,
    uint32_t *conditions_used, struct ps_error *err)
{
	uint32_t count = ps_load_le16(p + PS_RULE_CONDITION_COUNT);

	if (verify_string(s, p + PS_RULE_ID, SIZE_MAX, "a rule's id", err) != PS_OK ||
	    verify_string(s, p + PS_RULE_FILE, SIZE_MAX, "a rule's file", err) != PS_OK)
		return PS_INVALID;
	if (p[PS_RULE_MODE] >= PS_MODE_COUNT)
		return ps_image_refuse(s, p + PS_RULE_MODE, err, "a rule has no such mode");
	if (ps_load_le16(p + PS_RULE_ANSWER) >= s->answers)
		return ps_image_refuse(s, p + PS_RULE_ANSWER, err, "a rule points to no answer");
	if (ps_load_le32(p + PS_RULE_CONDITION) != *conditions_used ||
	    count > PS_CONDITIONS_MAX || count > s->conditions - *conditions_used)
		return ps_image_refuse(s, p + PS_RULE_CONDITION, err,
		    "a rule's conditions are out of order, outside or too many");
	if (verify_rule_order(s, *conditions_used, count, err) != PS_OK)
		return PS_INVALID;
	*conditions_used += count;
	if (verify_ede(s, p, err) != PS_OK)
		return PS_INVALID;
	return verify_zeros(s, p, PS_RULE_CONDITION_COUNT + 2, PS_RULE_EDE_CODE, err);
}

static enum ps_status verify_rules(const struct ps_snapshot *s, struct ps_error *err)
{
	uint32_t conditions_used = 0;

	for (uint32_t i = 0; i < s->rules; i++)
		if (verify_rule(s, ps_image_record(s, PS_SECTION_RULES, i, PS_RULE_RECORD),
		        &conditions_used, err) != PS_OK)
			return PS_INVALID;
	if (conditions_used != s->conditions)
		return ps_image_refuse(s, s->section[PS_SECTION_CONDITIONS].ptr, err,
		    "conditions are used by no rule");
	return PS_OK;
}

static enum ps_status verify_feed_list(const struct ps_snapshot *s, const uint8_t *p,
    uint32_t *feeds_used, struct ps_error *err)
{
	const struct ps_image_section *lists = &s->section[PS_SECTION_FEED_LISTS];
	uint32_t count = ps_load_le32(p + PS_CONDITION_FEED_COUNT);
	const uint8_t *list = lists->ptr + (size_t)*feeds_used * 2;

	if (ps_load_le32(p + PS_CONDITION_FEED) != *feeds_used ||
	    count > lists->len / 2 - *feeds_used)
		return ps_image_refuse(s, p + PS_CONDITION_FEED, err,
		    "a condition's feeds are out of order or outside");
	for (uint32_t i = 0; i < count; i++) {
		uint32_t feed = ps_load_le16(list + (size_t)i * 2);

		if (feed >= s->feeds || (i > 0 && feed <= ps_load_le16(list + (size_t)i * 2 - 2)))
			return ps_image_refuse(s, list + (size_t)i * 2, err,
			    "a condition's feeds are not ascending or do not exist");
	}
	*feeds_used += count;
	return PS_OK;
}

/* The same for the brands of a condition. */
static enum ps_status verify_brand_list(const struct ps_snapshot *s, const uint8_t *p,
    uint32_t *brands_used, struct ps_error *err)
{
	const struct ps_image_section *lists = &s->section[PS_SECTION_BRAND_LISTS];
	bool asks_client = p[PS_CONDITION_KIND] == PS_CONDITION_CLIENT;
	uint32_t count = asks_client ? 0 : ps_load_le32(p + PS_CONDITION_BRAND_COUNT);
	const uint8_t *list = lists->ptr + (size_t)*brands_used * 2;

	if (ps_load_le32(p + PS_CONDITION_BRAND) != *brands_used ||
	    count > lists->len / 2 - *brands_used)
		return ps_image_refuse(s, p + PS_CONDITION_BRAND, err,
		    "a condition's brands are out of order or outside");
	for (uint32_t i = 0; i < count; i++) {
		uint32_t brand = ps_load_le16(list + (size_t)i * 2);

		if (brand >= s->tables.brands ||
		    (i > 0 && brand <= ps_load_le16(list + (size_t)i * 2 - 2)))
			return ps_image_refuse(s, list + (size_t)i * 2, err,
			    "a condition's brands are not ascending or do not exist");
	}
	*brands_used += count;
	return PS_OK;
}

static enum ps_status verify_lookalike(
    const struct ps_snapshot *s, const uint8_t *p, struct ps_error *err)
{
	if (p[PS_CONDITION_MIN] > p[PS_CONDITION_MAX] || p[PS_CONDITION_MAX] > PS_SCORE_MAX)
		return ps_image_refuse(
		    s, p + PS_CONDITION_MIN, err, "a condition's score is no range");
	if (ps_load_le32(p + PS_CONDITION_TECHNIQUES) >> PS_TECHNIQUE_COUNT != 0)
		return ps_image_refuse(
		    s, p + PS_CONDITION_TECHNIQUES, err, "a condition has no such technique");
	return verify_zeros(s, p, PS_CONDITION_FEED_COUNT, PS_CONDITION_CATEGORIES + 4, err);
}

static enum ps_status verify_listed(
    const struct ps_snapshot *s, const uint8_t *p, struct ps_error *err)
{
	if (p[PS_CONDITION_MIN] > p[PS_CONDITION_MAX] || p[PS_CONDITION_MAX] > PS_CONFIDENCE_MAX)
		return ps_image_refuse(
		    s, p + PS_CONDITION_MIN, err, "a condition's confidence is no range");
	if (ps_load_le32(p + PS_CONDITION_CATEGORIES) >> PS_CATEGORY_COUNT != 0)
		return ps_image_refuse(
		    s, p + PS_CONDITION_CATEGORIES, err, "a condition has no such category");
	return verify_zeros(s, p, PS_CONDITION_BRAND_COUNT, PS_CONDITION_RECORD, err);
}

/* Bits of groups that there are. The list of brands is empty: its number is half of them. */
static enum ps_status verify_client(
    const struct ps_snapshot *s, const uint8_t *p, struct ps_error *err)
{
	uint64_t clients = ps_load_le64(p + PS_CONDITION_CLIENTS);

	if (clients == 0 || clients >> s->groups >> 1 != 0)
		return ps_image_refuse(s, p + PS_CONDITION_CLIENTS, err,
		    "a condition asks for no clients, or for a group that does not exist");
	if (verify_zeros(s, p, PS_CONDITION_MIN, PS_CONDITION_MAX + 1, err) != PS_OK)
		return PS_INVALID;
	return verify_zeros(s, p, PS_CONDITION_FEED_COUNT, PS_CONDITION_CATEGORIES + 4, err);
}

/* What another kind of condition would use is zero, but for the running number. */
static enum ps_status verify_plain(
    const struct ps_snapshot *s, const uint8_t *p, struct ps_error *err)
{
	if (verify_zeros(s, p, PS_CONDITION_MIN, PS_CONDITION_MAX + 1, err) != PS_OK)
		return PS_INVALID;
	if (verify_zeros(s, p, PS_CONDITION_FEED_COUNT, PS_CONDITION_CATEGORIES + 4, err) != PS_OK)
		return PS_INVALID;
	return verify_zeros(s, p, PS_CONDITION_BRAND_COUNT, PS_CONDITION_RECORD, err);
}

/* What one kind of condition says, and others do not. */
static enum ps_status verify_own_fields(
    const struct ps_snapshot *s, const uint8_t *p, struct ps_error *err)
{
	if (p[PS_CONDITION_KIND] == PS_CONDITION_LISTED)
		return verify_listed(s, p, err);
	if (p[PS_CONDITION_KIND] == PS_CONDITION_LOOKALIKE)
		return verify_lookalike(s, p, err);
	if (p[PS_CONDITION_KIND] == PS_CONDITION_CLIENT)
		return verify_client(s, p, err);
	return verify_plain(s, p, err);
}

/* How many records of the lists were used so far. */
struct lists_used {
	uint32_t feeds;
	uint32_t brands;
};

static enum ps_status verify_condition(const struct ps_snapshot *s, const uint8_t *p,
    struct lists_used *used, struct ps_error *err)
{
	uint8_t kind = p[PS_CONDITION_KIND];
	const uint8_t *pattern = p + PS_CONDITION_PATTERN_TEXT;

	if (kind >= PS_CONDITION_COUNT)
		return ps_image_refuse(s, p, err, "a condition is of no such kind");
	if (!ps_condition_may_be_of(kind, p[PS_CONDITION_OF]))
		return ps_image_refuse(s, p + PS_CONDITION_OF, err,
		    "a condition of this kind cannot be asked of that");
	if (verify_string(s, pattern, PS_PATTERN_TEXT_MAX, "a pattern", err) != PS_OK)
		return PS_INVALID;
	if (kind == PS_CONDITION_PATTERN
	        ? s->section[PS_SECTION_STRINGS].ptr[ps_load_le32(pattern)] == 0
	        : ps_load_le32(pattern) != 0)
		return ps_image_refuse(
		    s, pattern, err, "a condition's pattern does not fit its kind");
	if (verify_own_fields(s, p, err) != PS_OK ||
	    verify_feed_list(s, p, &used->feeds, err) != PS_OK ||
	    verify_brand_list(s, p, &used->brands, err) != PS_OK)
		return PS_INVALID;
	return PS_OK;
}

static enum ps_status verify_conditions(const struct ps_snapshot *s, struct ps_error *err)
{
	struct lists_used used = {0};

	for (uint32_t i = 0; i < s->conditions; i++)
		if (verify_condition(s,
		        ps_image_record(s, PS_SECTION_CONDITIONS, i, PS_CONDITION_RECORD),
		        &used, err) != PS_OK)
			return PS_INVALID;
	if (used.brands != s->section[PS_SECTION_BRAND_LISTS].len / 2)
		return ps_image_refuse(s, s->section[PS_SECTION_BRAND_LISTS].ptr, err,
		    "brand lists are used by no condition");
	if (used.feeds != s->section[PS_SECTION_FEED_LISTS].len / 2)
		return ps_image_refuse(s, s->section[PS_SECTION_FEED_LISTS].ptr, err,
		    "feed lists are used by no condition");
	return PS_OK;
}

static enum ps_status verify_lookalike_tables(struct ps_snapshot *s, struct ps_error *err)
{
	const struct ps_image_section *it = &s->section[PS_SECTION_LOOKALIKE];
	struct ps_error own;

	ps_error_clear(&own);
	if (ps_tables_open(&s->tables, ps_bytes_of(it->ptr, it->len), &own) == PS_OK)
		return PS_OK;
	return ps_image_refuse(s, it->ptr + own.offset, err, "%s", own.text);
}

/* --- structured errors ------------------------------------------------------ */

/* They go into answers. */
static enum ps_status verify_told(const struct ps_snapshot *s, const uint8_t *p, size_t min,
    size_t max, const char *what, struct ps_error *err)
{
	const uint8_t *text;

	if (verify_string(s, p, max, what, err) != PS_OK)
		return PS_INVALID;
	text = s->section[PS_SECTION_STRINGS].ptr + ps_load_le32(p);
	if (strlen((const char *)text) < min)
		return ps_image_refuse(s, p, err, "%s is too short", what);
	return verify_no_controls(s, text, what, err);
}

static enum ps_status verify_structured(const struct ps_snapshot *s, struct ps_error *err)
{
	const uint8_t *p = s->bytes.ptr + PS_HEADER_STRUCTURED;
	unsigned count = p[PS_STRUCTURED_CONTACTS];

	if (count == 0)
		return verify_zeros(s, p, 0, PS_STRUCTURED_SIZE, err);
	if (count > PS_STRUCTURED_CONTACTS_MAX)
		return ps_image_refuse(
		    s, p + PS_STRUCTURED_CONTACTS, err, "the header has too many contacts");
	for (unsigned i = 0; i < count; i++)
		if (verify_told(s, p + PS_STRUCTURED_CONTACT + i * 4u, 1, PS_CONTACT_MAX,
		        "a contact", err) != PS_OK)
			return PS_INVALID;
	if (verify_zeros(s, p, PS_STRUCTURED_RESERVED, PS_STRUCTURED_CONTACT, err) != PS_OK ||
	    verify_zeros(s, p, PS_STRUCTURED_CONTACT + count * 4u, PS_STRUCTURED_ORGANIZATION,
	        err) != PS_OK ||
	    verify_told(s, p + PS_STRUCTURED_ORGANIZATION, 0, PS_ORGANIZATION_MAX,
	        "the organization", err) != PS_OK)
		return PS_INVALID;
	return verify_told(s, p + PS_STRUCTURED_LANGUAGE, 2, PS_STRUCTURED_LANGUAGE_MAX,
	    "the language", err);
}

enum ps_status ps_image_verify_tables(struct ps_snapshot *s, struct ps_error *err)
{
	if (verify_strings(s, err) != PS_OK)
		return PS_INVALID;
	for (uint32_t i = 0; i < s->feeds; i++)
		if (verify_feed(s, ps_image_record(s, PS_SECTION_FEEDS, i, PS_FEED_RECORD), err) !=
		    PS_OK)
			return PS_INVALID;
	for (uint32_t i = 0; i < s->groups; i++)
		if (verify_group(
		        s, ps_image_record(s, PS_SECTION_GROUPS, i, PS_GROUP_RECORD), err) != PS_OK)
			return PS_INVALID;
	if (verify_structured(s, err) != PS_OK || verify_answers(s, err) != PS_OK ||
	    verify_rules(s, err) != PS_OK || verify_lookalike_tables(s, err) != PS_OK)
		return PS_INVALID;
	return verify_conditions(s, err);
}
