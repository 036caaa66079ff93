/* The verifier's checks of what lookups go through: rows, sets, buckets, entries. */
#include "core/pace.h"
#include "snapshot/image.h"

static bool row_from_feed_is_valid(const struct ps_snapshot *s, const uint8_t *p)
{
	return ps_load_le16(p + PS_ROW_SOURCE) < s->feeds &&
	    p[PS_ROW_CATEGORY] < PS_CATEGORY_COUNT &&
	    p[PS_ROW_CONFIDENCE] <= PS_CONFIDENCE_MAX && p[PS_ROW_TLP] < PS_TLP_COUNT &&
	    (p[PS_ROW_ORIGIN] & (PS_ROW_TRIAL - 1)) <= PS_ORIGIN_SERVER;
}

/* A row that a policy made says nothing but whose it is and how far it reaches. */
static bool row_from_policy_is_valid(const struct ps_snapshot *s, const uint8_t *p)
{
	uint32_t source = ps_load_le16(p + PS_ROW_SOURCE);
	bool of_names = p[PS_ROW_KIND] == PS_ROW_NAMES;

	if (p[PS_ROW_CATEGORY] != 0 || p[PS_ROW_CONFIDENCE] != 0 || p[PS_ROW_TLP] != 0 ||
	    p[PS_ROW_ORIGIN] != 0 || ps_load_le32(p + PS_ROW_VALID_FROM) != PS_TIME_NONE ||
	    (p[PS_ROW_KIND] != PS_ROW_EXCEPTION &&
	        ps_load_le32(p + PS_ROW_VALID_UNTIL) != PS_TIME_FOREVER))
		return false;
	if (!of_names && p[PS_ROW_KIND] != PS_ROW_ADDRESSES)
		return source == 0;
	return source < s->conditions &&
	    ps_image_record(s, PS_SECTION_CONDITIONS, source,
	        PS_CONDITION_RECORD)[PS_CONDITION_KIND] ==
	        (of_names ? PS_CONDITION_NAMES : PS_CONDITION_ADDRESSES);
}

static bool row_is_valid(const struct ps_snapshot *s, const uint8_t *p)
{
	if (p[PS_ROW_SCOPE] > PS_SCOPE_BELOW)
		return false;
	if (p[PS_ROW_KIND] == PS_ROW_FEED)
		return row_from_feed_is_valid(s, p);
	return p[PS_ROW_KIND] < PS_ROW_KIND_COUNT && row_from_policy_is_valid(s, p);
}

/* Rows [first, end) of one set: valid, ascending; *flags is what they come to. */
static enum ps_status verify_rows(const struct ps_snapshot *s, uint32_t first, uint32_t end,
    uint32_t *flags, struct ps_error *err)
{
	struct ps_image_row_order before = {0};

	*flags = 0;
	for (uint32_t i = first; i < end; i++) {
		const uint8_t *p = ps_image_record(s, PS_SECTION_ROWS, i, PS_ROW_RECORD);
		struct ps_image_row_order order = ps_image_row_order(p);

		if (!row_is_valid(s, p))
			return ps_image_refuse(s, p, err, "row %u has a wrong value", i);
		if (i > first && ps_image_row_compare(before, order) >= 0)
			return ps_image_refuse(s, p, err, "row %u is out of order", i);
		before = order;
		if (p[PS_ROW_SCOPE] != PS_SCOPE_EXACT)
			*flags |= PS_ENTRY_HAS_SUBTREE;
		if (p[PS_ROW_SCOPE] != PS_SCOPE_BELOW)
			*flags |= PS_ENTRY_HAS_EXACT;
	}
	return PS_OK;
}

static enum ps_status verify_sets(const struct ps_snapshot *s, struct ps_error *err)
{
	const uint8_t *sets = s->section[PS_SECTION_SETS].ptr;
	uint32_t first = ps_image_set(s, 0) & PS_ENTRY_SET_MASK;

	if (first != 0)
		return ps_image_refuse(s, sets, err, "the first set does not begin at row 0");
	for (uint32_t i = 0; i < s->sets; i++) {
		const uint8_t *p = sets + (size_t)i * PS_SET_RECORD;
		uint32_t end = ps_image_set(s, i + 1) & PS_ENTRY_SET_MASK;
		uint32_t flags;

		if (end <= first || end > s->rows)
			return ps_image_refuse(s, p, err, "set %u is empty or ends outside", i);
		if (end - first > PS_SET_ROWS_MAX)
			return ps_image_refuse(s, p, err, "set %u has more than %u rows", i,
			    PS_SET_ROWS_MAX);
		if (verify_rows(s, first, end, &flags, err) != PS_OK)
			return PS_INVALID;
		if ((ps_load_le32(p) & ~PS_ENTRY_SET_MASK) != flags)
			return ps_image_refuse(
			    s, p, err, "the flags of set %u differ from its rows", i);
		first = end;
		ps_pace_each(i);
	}
	if (ps_image_set(s, s->sets) != s->rows)
		return ps_image_refuse(s, sets + (size_t)s->sets * PS_SET_RECORD, err,
		    "the last set does not end with the last row");
	return PS_OK;
}

/* What is known while going through the entries. */
struct walk {
	uint64_t hi;
	uint32_t lo;
	uint32_t sets_seen; /* sets are numbered in the order of their first use */
	uint32_t filter;
};

static enum ps_status verify_entry(const struct ps_snapshot *s, uint64_t bucket, uint32_t index,
    struct walk *walk, struct ps_error *err)
{
	const uint8_t *p = ps_image_record(s, PS_SECTION_ENTRIES, index, PS_ENTRY_RECORD);
	uint64_t hi = ps_load_le64(p + PS_ENTRY_HI);
	uint32_t lo = ps_load_le32(p + PS_ENTRY_LO);
	uint32_t set = ps_load_le32(p + PS_ENTRY_SET);
	uint32_t number = set & PS_ENTRY_SET_MASK;

	if (index > 0 && (hi < walk->hi || (hi == walk->hi && lo <= walk->lo)))
		return ps_image_refuse(s, p, err, "entry %u is out of order", index);
	if (ps_format_bucket(hi, s->bucket_bits) != bucket)
		return ps_image_refuse(s, p, err, "entry %u is in a wrong bucket", index);
#ifndef PS_CONTROL_M1 /* negative control of RELIABILITY M1: this check left out */
	if (number >= s->sets || number > walk->sets_seen)
		return ps_image_refuse(s, p + PS_ENTRY_SET, err,
		    "entry %u points to no set, or to one before its turn", index);
#endif
	if (((set ^ ps_image_set(s, number)) & ~PS_ENTRY_SET_MASK) != 0)
		return ps_image_refuse(
		    s, p + PS_ENTRY_SET, err, "the flags of entry %u differ from its set's", index);
	/* Rows are sorted by kind, and no later kind is there. */
	if (ps_image_record(s, PS_SECTION_ROWS,
	        (ps_image_set(s, number + 1) & PS_ENTRY_SET_MASK) - 1,
	        PS_ROW_RECORD)[PS_ROW_KIND] == PS_ROW_ADDRESSES)
		return ps_image_refuse(
		    s, p + PS_ENTRY_SET, err, "entry %u has rows for prefixes", index);
	walk->sets_seen += number == walk->sets_seen;
	walk->hi = hi;
	walk->lo = lo;
	walk->filter |= UINT32_C(1) << (lo & 31);
	return PS_OK;
}

static enum ps_status verify_bucket(
    struct ps_snapshot *s, uint64_t bucket, struct walk *walk, struct ps_error *err)
{
	const uint8_t *p = ps_image_record(s, PS_SECTION_BUCKETS, bucket, PS_BUCKET_RECORD);
	uint32_t first = ps_load_le32(p + PS_BUCKET_FIRST);
	uint32_t end = ps_load_le32(p + PS_BUCKET_RECORD + PS_BUCKET_FIRST);

#ifndef PS_CONTROL_M1 /* as above */
	if (end < first || end > s->entries)
		return ps_image_refuse(s, p + PS_BUCKET_RECORD, err,
		    "bucket %llu ends before it begins, or outside", (unsigned long long)bucket);
	if (end - first > PS_BUCKET_ENTRIES_MAX)
		return ps_image_refuse(s, p, err, "bucket %llu holds more than %u entries",
		    (unsigned long long)bucket, PS_BUCKET_ENTRIES_MAX);
#endif
	walk->filter = 0;
	for (uint32_t i = first; i < end; i++)
		if (verify_entry(s, bucket, i, walk, err) != PS_OK)
			return PS_INVALID;
	if (ps_load_le32(p + PS_BUCKET_FILTER) != walk->filter)
		return ps_image_refuse(s, p + PS_BUCKET_FILTER, err,
		    "the filter of bucket %llu differs from its entries",
		    (unsigned long long)bucket);
	if (end - first > s->fullest_bucket)
		s->fullest_bucket = end - first;
	return PS_OK;
}

static enum ps_status verify_entries(
    struct ps_snapshot *s, uint32_t *sets_seen, struct ps_error *err)
{
	uint64_t count = UINT64_C(1) << s->bucket_bits;
	const uint8_t *buckets = s->section[PS_SECTION_BUCKETS].ptr;
	const uint8_t *last = buckets + count * PS_BUCKET_RECORD;
	struct walk walk = {0};

	if (ps_load_le32(buckets + PS_BUCKET_FIRST) != 0)
		return ps_image_refuse(s, buckets, err, "the first bucket begins inside");
	if (ps_load_le32(last + PS_BUCKET_FIRST) != s->entries ||
	    ps_load_le32(last + PS_BUCKET_FILTER) != 0)
		return ps_image_refuse(s, last, err, "the buckets' end has a wrong value");
	for (uint64_t i = 0; i < count; i++) {
		if (verify_bucket(s, i, &walk, err) != PS_OK)
			return PS_INVALID;
		ps_pace_each(i);
	}
	*sets_seen = walk.sets_seen;
	return PS_OK;
}

/* Which depths occur can be told from the names alone, which are text: here only
 * that there are no more of them than entries. A lie costs hits, not safety. */
static enum ps_status verify_depths(const struct ps_snapshot *s, struct ps_error *err)
{
	uint32_t depths = (uint32_t)__builtin_popcountll(s->depths[0]) +
	    (uint32_t)__builtin_popcountll(s->depths[1]);

	if (depths > s->entries || (depths == 0 && s->entries > 0))
		return ps_image_refuse(s, s->bytes.ptr + PS_HEADER_DEPTHS, err,
		    "the depths do not fit the number of entries");
	return PS_OK;
}

enum ps_status ps_image_verify_index(struct ps_snapshot *s, struct ps_error *err)
{
	uint32_t sets_seen = 0;
	enum ps_status status = verify_depths(s, err);

	if (status == PS_OK)
		status = verify_sets(s, err);
	if (status == PS_OK)
		status = verify_entries(s, &sets_seen, err);
	if (status == PS_OK)
		status = ps_image_verify_prefixes(s, &sets_seen, err);
	if (status == PS_OK && sets_seen != s->sets)
		return ps_image_refuse(s, s->section[PS_SECTION_SETS].ptr, err,
		    "%u sets are used by nothing", s->sets - sets_seen);
	return status;
}
