/* The reader: everything here trusts what the verifier has checked. */
#include "core/pace.h"
#include "snapshot/image.h"

#include <stdlib.h>
#include <sys/mman.h>

#define UNMAP_STEP ((size_t)2 << 20)

enum ps_status ps_snapshot_open(struct ps_snapshot **out, struct ps_bytes bytes,
    enum ps_snapshot_part part, struct ps_error *err)
{
	struct ps_snapshot *s = calloc(1, sizeof(*s));
	enum ps_status status;

	if (s == NULL)
		return ps_error_set(err, PS_NO_MEMORY, "out of memory");
	s->bytes = bytes;
	s->part = part;
	status = ps_image_verify(s, err);
	if (status != PS_OK) {
		free(s);
		return status;
	}
	*out = s;
	return PS_OK;
}

/* In pieces: the kernel needs a while for 170 MiB, and who asks for memory waits for it. */
static void unmap(uint8_t *mapping, size_t len)
{
	while (len > 0) {
		size_t piece = len < UNMAP_STEP ? len : UNMAP_STEP;

		(void)munmap(mapping, piece);
		mapping += piece;
		len -= piece;
		ps_pace();
	}
}

void ps_snapshot_close(struct ps_snapshot *snapshot)
{
	if (snapshot == NULL)
		return;
	if (snapshot->mapping != NULL)
		unmap(snapshot->mapping, snapshot->mapping_len);
	free(snapshot);
}

const uint8_t *ps_snapshot_digest(const struct ps_snapshot *snapshot)
{
	return snapshot->bytes.ptr + PS_HEADER_DIGEST;
}

struct ps_events_plan ps_snapshot_events(const struct ps_snapshot *snapshot)
{
	const uint8_t *p = snapshot->bytes.ptr;

	return (struct ps_events_plan){.client = (enum ps_client_form)p[PS_HEADER_EVENT_CLIENT],
	    .keep_mib = ps_load_le16(p + PS_HEADER_EVENT_KEEP)};
}

enum ps_snapshot_part ps_snapshot_part(const struct ps_snapshot *snapshot)
{
	return snapshot->part;
}

bool ps_snapshot_has_depth(const struct ps_snapshot *snapshot, unsigned labels)
{
	return ps_image_has_depth(snapshot, labels);
}

struct ps_snapshot_size ps_snapshot_size(const struct ps_snapshot *snapshot)
{
	return (struct ps_snapshot_size){
	    .file = snapshot->file_len,
	    .lookup = snapshot->lookup_len,
	    .resident = sizeof(*snapshot) +
	        (snapshot->mapping != NULL ? snapshot->mapping_len : snapshot->bytes.len),
	    .names = snapshot->entries,
	    .prefixes4 = snapshot->prefixes4,
	    .prefixes6 = snapshot->prefixes6,
	    .rows = snapshot->rows,
	    .sets = snapshot->sets,
	    .fullest_bucket = snapshot->fullest_bucket,
	};
}

struct ps_section_view ps_snapshot_section(
    const struct ps_snapshot *snapshot, enum ps_section section)
{
	const struct ps_image_section *it = &snapshot->section[section];

	return (struct ps_section_view){
	    .name = ps_image_section_name(section),
	    .offset = it->offset,
	    .octets = it->len,
	    .records = it->len / ps_image_section_record(section),
	};
}

/* --- names ---------------------------------------------------------------- */

struct probe {
	const uint8_t *bucket;
	uint8_t labels;
};

/* Lists the buckets that may hold name or an ancestor, deepest first, and starts
 * to fetch them all: a miss then waits for memory once, not once a label. */
static uint32_t list_buckets(const struct ps_snapshot *s, unsigned deepest,
    const struct ps_hash *hashes, struct probe probes[PS_NAME_LABELS_MAX + 1])
{
	const uint8_t *buckets = s->section[PS_SECTION_BUCKETS].ptr;
	uint32_t count = 0;

	for (unsigned i = deepest + 1; i-- > 0;) {
		const uint8_t *bucket;

		if (!ps_image_has_depth(s, i))
			continue;
		bucket = buckets +
		    ps_format_bucket(hashes[i].hi, s->bucket_bits) * PS_BUCKET_RECORD;
		__builtin_prefetch(bucket);
		probes[count++] = (struct probe){.bucket = bucket, .labels = (uint8_t)i};
	}
	return count;
}

/* Keeps the buckets whose filter has the hash's bit, and fetches their entries. */
static uint32_t keep_probable(const struct ps_snapshot *s, const struct ps_hash *hashes,
    struct probe *probes, uint32_t count)
{
	const uint8_t *entries = s->section[PS_SECTION_ENTRIES].ptr;
	uint32_t kept = 0;

	for (uint32_t i = 0; i < count; i++) {
		uint32_t filter = ps_load_le32(probes[i].bucket + PS_BUCKET_FILTER);

		if ((filter >> (hashes[probes[i].labels].lo & 31) & 1) == 0)
			continue;
		__builtin_prefetch(entries +
		    (size_t)ps_load_le32(probes[i].bucket + PS_BUCKET_FIRST) * PS_ENTRY_RECORD);
		probes[kept++] = probes[i];
	}
	return kept;
}

/* The entry of a bucket with this hash, or NULL. At most PS_BUCKET_ENTRIES_MAX steps. */
static const uint8_t *find_entry(
    const struct ps_snapshot *s, const uint8_t *bucket, struct ps_hash hash)
{
	const uint8_t *entries = s->section[PS_SECTION_ENTRIES].ptr;
	uint32_t first = ps_load_le32(bucket + PS_BUCKET_FIRST);
	uint32_t end = ps_load_le32(bucket + PS_BUCKET_RECORD + PS_BUCKET_FIRST);
	const uint8_t *last = entries + (size_t)end * PS_ENTRY_RECORD;

	for (const uint8_t *e = entries + (size_t)first * PS_ENTRY_RECORD; e < last;
	     e += PS_ENTRY_RECORD) {
		uint64_t hi = ps_load_le64(e + PS_ENTRY_HI);

		if (hi >= hash.hi) {
			if (hi > hash.hi)
				return NULL;
			if (ps_load_le32(e + PS_ENTRY_LO) == (uint32_t)hash.lo)
				return e;
		}
	}
	return NULL;
}

/* The rows of a set. */
static uint32_t set_rows(const struct ps_snapshot *s, uint32_t set, uint32_t *row_count)
{
	uint32_t first = ps_image_set(s, set) & PS_ENTRY_SET_MASK;

	*row_count = (ps_image_set(s, set + 1) & PS_ENTRY_SET_MASK) - first;
	return first;
}

void ps_snapshot_find(
    const struct ps_snapshot *snapshot, struct ps_name name, struct ps_hits *hits)
{
	struct ps_hash hashes[PS_NAME_LABELS_MAX + 1];
	struct probe probes[PS_NAME_LABELS_MAX + 1];
	const uint8_t *entries = snapshot->section[PS_SECTION_ENTRIES].ptr;
	/* Nothing is listed below the deepest entry: a name of 127 labels costs no more
	 * than its last few. */
	struct ps_name listed = ps_name_suffix(name, snapshot->deepest);
	uint32_t count;

	ps_name_hash_suffixes(snapshot->key, listed,
	    (struct ps_depths){{snapshot->depths[0], snapshot->depths[1]}}, hashes);
	count = list_buckets(snapshot, listed.labels, hashes, probes);
	count = keep_probable(snapshot, hashes, probes, count);
	hits->count = 0;
	for (uint32_t i = 0; i < count; i++) {
		unsigned labels = probes[i].labels;
		const uint8_t *e = find_entry(snapshot, probes[i].bucket, hashes[labels]);
		bool itself = labels == name.labels;
		uint32_t set;
		struct ps_hit *hit;

		if (e == NULL)
			continue;
		set = ps_load_le32(e + PS_ENTRY_SET);
		if ((set & (itself ? PS_ENTRY_HAS_EXACT : PS_ENTRY_HAS_SUBTREE)) == 0)
			continue;
		hit = &hits->hit[hits->count++];
		hit->entry = (uint32_t)((size_t)(e - entries) / PS_ENTRY_RECORD);
		hit->first_row = set_rows(snapshot, set & PS_ENTRY_SET_MASK, &hit->row_count);
		hit->labels = (uint8_t)labels;
		hit->itself = itself;
	}
}

struct ps_row ps_snapshot_row(const struct ps_snapshot *snapshot, uint32_t index)
{
	const uint8_t *p = ps_image_record(snapshot, PS_SECTION_ROWS, index, PS_ROW_RECORD);

	return (struct ps_row){
	    .kind = p[PS_ROW_KIND],
	    .scope = p[PS_ROW_SCOPE],
	    .source = ps_load_le16(p + PS_ROW_SOURCE),
	    .category = p[PS_ROW_CATEGORY],
	    .confidence = p[PS_ROW_CONFIDENCE],
	    .tlp = p[PS_ROW_TLP],
	    .origin = p[PS_ROW_ORIGIN] & (PS_ROW_TRIAL - 1),
	    .trial = (p[PS_ROW_ORIGIN] & PS_ROW_TRIAL) != 0,
	    .valid_from = ps_load_le32(p + PS_ROW_VALID_FROM),
	    .valid_until = ps_load_le32(p + PS_ROW_VALID_UNTIL),
	};
}

enum ps_row_kind ps_snapshot_row_kind(const struct ps_snapshot *snapshot, uint32_t index)
{
	return ps_image_record(snapshot, PS_SECTION_ROWS, index, PS_ROW_RECORD)[PS_ROW_KIND];
}

/* --- addresses ------------------------------------------------------------ */

static const uint8_t *prefix_record(const struct ps_image_prefixes *prefixes, uint32_t index)
{
	return prefixes->records + (size_t)index * prefixes->record;
}

/* How many prefixes begin at address or before it. */
static uint32_t count_up_to(const struct ps_image_prefixes *prefixes, const uint8_t *address)
{
	uint32_t low = 0, high = prefixes->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (memcmp(prefix_record(prefixes, middle), address, prefixes->octets) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The longest prefix that covers the address, or PS_PREFIX_NONE. Prefixes nest or are apart,
 * and a wider one sorts before what it holds. So the last one that begins up to here is the
 * longest match, or what is lies around it: every prefix between the two lies within the
 * match. */
static uint32_t find_longest(const struct ps_image_prefixes *prefixes, const uint8_t *address)
{
	uint32_t index = count_up_to(prefixes, address);

	index = index > 0 ? index - 1 : PS_PREFIX_NONE;
	while (index != PS_PREFIX_NONE) {
		const uint8_t *p = prefix_record(prefixes, index);
		const uint8_t *rest = p + prefixes->octets;

		if (ps_image_bits_agree(p, address, rest[PS_PREFIX_LEN]))
			break;
		index = ps_load_le32(rest + PS_PREFIX_PARENT);
	}
	return index;
}

bool ps_snapshot_find_address(const struct ps_snapshot *snapshot,
    const struct ps_address *address, uint32_t *prefix, uint32_t *first_row, uint32_t *row_count)
{
	bool is_ipv6 = address->family == 6;
	struct ps_image_prefixes prefixes = ps_image_prefixes(snapshot, is_ipv6);
	uint32_t index = find_longest(&prefixes, address->bytes);
	const uint8_t *rest;

	if (index == PS_PREFIX_NONE)
		return false;
	rest = prefix_record(&prefixes, index) + prefixes.octets;
	*prefix = is_ipv6 ? snapshot->prefixes4 + index : index;
	*first_row = set_rows(snapshot, ps_load_le32(rest + PS_PREFIX_SET), row_count);
	return true;
}

bool ps_snapshot_find_wider(const struct ps_snapshot *snapshot, uint32_t *prefix,
    uint32_t *first_row, uint32_t *row_count)
{
	bool is_ipv6 = *prefix >= snapshot->prefixes4;
	uint32_t base = is_ipv6 ? snapshot->prefixes4 : 0;
	struct ps_image_prefixes prefixes = ps_image_prefixes(snapshot, is_ipv6);
	const uint8_t *rest = prefix_record(&prefixes, *prefix - base) + prefixes.octets;
	uint32_t parent = ps_load_le32(rest + PS_PREFIX_PARENT);

	if (parent == PS_PREFIX_NONE)
		return false;
	rest = prefix_record(&prefixes, parent) + prefixes.octets;
	*prefix = base + parent;
	*first_row = set_rows(snapshot, ps_load_le32(rest + PS_PREFIX_SET), row_count);
	return true;
}

struct ps_prefix ps_snapshot_prefix(const struct ps_snapshot *snapshot, uint32_t index,
    uint32_t *first_row, uint32_t *row_count)
{
	bool is_ipv6 = index >= snapshot->prefixes4;
	struct ps_image_prefixes prefixes = ps_image_prefixes(snapshot, is_ipv6);
	const uint8_t *p = prefix_record(&prefixes, is_ipv6 ? index - snapshot->prefixes4 : index);
	const uint8_t *rest = p + prefixes.octets;
	struct ps_prefix out = {
	    .address.family = is_ipv6 ? 6 : 4,
	    .len = rest[PS_PREFIX_LEN],
	};

	memcpy(out.address.bytes, p, prefixes.octets);
	*first_row = set_rows(snapshot, ps_load_le32(rest + PS_PREFIX_SET), row_count);
	return out;
}

static const char *string_at(const struct ps_snapshot *s, const uint8_t *offset)
{
	return (const char *)s->section[PS_SECTION_STRINGS].ptr + ps_load_le32(offset);
}

/* --- clients -------------------------------------------------------------- */

uint32_t ps_snapshot_group_count(const struct ps_snapshot *snapshot)
{
	return snapshot->groups;
}

struct ps_group_view ps_snapshot_group(const struct ps_snapshot *snapshot, uint32_t index)
{
	const uint8_t *p = ps_image_record(snapshot, PS_SECTION_GROUPS, index, PS_GROUP_RECORD);

	return (struct ps_group_view){
	    .id = string_at(snapshot, p + PS_GROUP_ID),
	    .file = string_at(snapshot, p + PS_GROUP_FILE),
	    .line = ps_load_le32(p + PS_GROUP_LINE),
	};
}

unsigned ps_snapshot_client(
    const struct ps_snapshot *snapshot, const struct ps_address *address, uint32_t *prefix)
{
	struct ps_address plain;
	struct ps_image_prefixes prefixes;
	uint32_t index;

	if (snapshot->groups == 0 || address->family == 0)
		return 0;
	plain = *address;
	(void)ps_address_unmap(&plain);
	prefixes = ps_image_clients(snapshot, plain.family == 6);
	index = find_longest(&prefixes, plain.bytes);
	if (index == PS_PREFIX_NONE)
		return 0;
	if (prefix != NULL)
		*prefix = plain.family == 6 ? snapshot->clients4 + index : index;
	return 1 +
	       ps_load_le32(prefix_record(&prefixes, index) + prefixes.octets + PS_PREFIX_SET);
}

uint32_t ps_snapshot_client_prefix_count(const struct ps_snapshot *snapshot)
{
	return snapshot->clients4 + snapshot->clients6;
}

struct ps_prefix ps_snapshot_client_prefix(
    const struct ps_snapshot *snapshot, uint32_t index, uint32_t *group)
{
	bool is_ipv6 = index >= snapshot->clients4;
	struct ps_image_prefixes prefixes = ps_image_clients(snapshot, is_ipv6);
	const uint8_t *p = prefix_record(&prefixes, is_ipv6 ? index - snapshot->clients4 : index);
	struct ps_prefix out = {
	    .address.family = is_ipv6 ? 6 : 4,
	    .len = p[prefixes.octets + PS_PREFIX_LEN],
	};

	memcpy(out.address.bytes, p, prefixes.octets);
	*group = ps_load_le32(p + prefixes.octets + PS_PREFIX_SET);
	return out;
}

/* --- tables --------------------------------------------------------------- */

uint32_t ps_snapshot_feed_count(const struct ps_snapshot *snapshot)
{
	return snapshot->feeds;
}

struct ps_feed_view ps_snapshot_feed(const struct ps_snapshot *snapshot, uint32_t index)
{
	const uint8_t *p = ps_image_record(snapshot, PS_SECTION_FEEDS, index, PS_FEED_RECORD);

	return (struct ps_feed_view){
	    .id = string_at(snapshot, p + PS_FEED_ID),
	    .title = string_at(snapshot, p + PS_FEED_TITLE),
	    .file = string_at(snapshot, p + PS_FEED_FILE),
	    .line = ps_load_le32(p + PS_FEED_LINE),
	    .format = p[PS_FEED_FORMAT],
	    .trial = (p[PS_FEED_FLAGS] & PS_FEED_FLAG_TRIAL) != 0,
	    .held = (p[PS_FEED_FLAGS] & PS_FEED_FLAG_HELD) != 0,
	    .read = ps_load_le32(p + PS_FEED_READ),
	    .kept = ps_load_le32(p + PS_FEED_KEPT),
	    .refused = ps_load_le32(p + PS_FEED_REFUSED),
	};
}

struct ps_structured_plan ps_snapshot_structured(const struct ps_snapshot *snapshot)
{
	const uint8_t *p = snapshot->bytes.ptr + PS_HEADER_STRUCTURED;
	struct ps_structured_plan plan = {.contact_count = p[PS_STRUCTURED_CONTACTS]};

	if (plan.contact_count == 0)
		return plan;
	plan.on = true;
	plan.option = ps_load_le16(p + PS_STRUCTURED_OPTION);
	for (uint32_t i = 0; i < plan.contact_count; i++)
		plan.contacts[i] = string_at(snapshot, p + PS_STRUCTURED_CONTACT + i * 4u);
	plan.organization = string_at(snapshot, p + PS_STRUCTURED_ORGANIZATION);
	plan.language = string_at(snapshot, p + PS_STRUCTURED_LANGUAGE);
	return plan;
}

uint32_t ps_snapshot_rule_count(const struct ps_snapshot *snapshot)
{
	return snapshot->rules;
}

struct ps_rule_view ps_snapshot_rule(const struct ps_snapshot *snapshot, uint32_t index)
{
	const uint8_t *p = ps_image_record(snapshot, PS_SECTION_RULES, index, PS_RULE_RECORD);

	return (struct ps_rule_view){
	    .id = string_at(snapshot, p + PS_RULE_ID),
	    .file = string_at(snapshot, p + PS_RULE_FILE),
	    .line = ps_load_le32(p + PS_RULE_LINE),
	    .mode = p[PS_RULE_MODE],
	    .answer = ps_load_le16(p + PS_RULE_ANSWER),
	    .first_condition = ps_load_le32(p + PS_RULE_CONDITION),
	    .condition_count = ps_load_le16(p + PS_RULE_CONDITION_COUNT),
	    .ede_code = (int32_t)ps_load_le32(p + PS_RULE_EDE_CODE),
	    .ede_text = string_at(snapshot, p + PS_RULE_EDE_TEXT),
	    .sub_error = p[PS_RULE_SUB_ERROR],
	};
}

uint32_t ps_snapshot_condition_count(const struct ps_snapshot *snapshot)
{
	return snapshot->conditions;
}

struct ps_condition_view ps_snapshot_condition(
    const struct ps_snapshot *snapshot, uint32_t index)
{
	const uint8_t *p =
	    ps_image_record(snapshot, PS_SECTION_CONDITIONS, index, PS_CONDITION_RECORD);

	bool is_lookalike = p[PS_CONDITION_KIND] == PS_CONDITION_LOOKALIKE;
	bool is_client = p[PS_CONDITION_KIND] == PS_CONDITION_CLIENT;

	return (struct ps_condition_view){
	    .kind = p[PS_CONDITION_KIND],
	    .of = p[PS_CONDITION_OF],
	    .name_set = (uint16_t)index,
	    .pattern = string_at(snapshot, p + PS_CONDITION_PATTERN_TEXT),
	    .feeds = snapshot->section[PS_SECTION_FEED_LISTS].ptr +
	        (size_t)ps_load_le32(p + PS_CONDITION_FEED) * 2,
	    .feed_count = ps_load_le32(p + PS_CONDITION_FEED_COUNT),
	    .categories = ps_load_le32(p + PS_CONDITION_CATEGORIES),
	    .confidence_min = is_lookalike ? 0 : p[PS_CONDITION_MIN],
	    .confidence_max = is_lookalike ? 0 : p[PS_CONDITION_MAX],
	    .brands = snapshot->section[PS_SECTION_BRAND_LISTS].ptr +
	        (size_t)ps_load_le32(p + PS_CONDITION_BRAND) * 2,
	    .brand_count = is_client ? 0 : ps_load_le32(p + PS_CONDITION_BRAND_COUNT),
	    .techniques = is_client ? 0 : ps_load_le32(p + PS_CONDITION_TECHNIQUES),
	    .score_min = is_lookalike ? p[PS_CONDITION_MIN] : 0,
	    .score_max = is_lookalike ? p[PS_CONDITION_MAX] : 0,
	    .clients = is_client ? ps_load_le64(p + PS_CONDITION_CLIENTS) : 0,
	};
}

const struct ps_tables *ps_snapshot_tables(const struct ps_snapshot *snapshot)
{
	return &snapshot->tables;
}

uint32_t ps_snapshot_answer_count(const struct ps_snapshot *snapshot)
{
	return snapshot->answers;
}

struct ps_answer_view ps_snapshot_answer(const struct ps_snapshot *snapshot, uint32_t index)
{
	const uint8_t *p = ps_image_record(snapshot, PS_SECTION_ANSWERS, index, PS_ANSWER_RECORD);
	const uint8_t *addresses = ps_image_record(snapshot, PS_SECTION_ADDRESSES,
	    ps_load_le32(p + PS_ANSWER_ADDRESS), PS_ADDRESS_RECORD);
	struct ps_answer_view out = {
	    .name = string_at(snapshot, p + PS_ANSWER_NAME),
	    .action = p[PS_ANSWER_ACTION],
	    .ttl = ps_load_le32(p + PS_ANSWER_TTL),
	    .a = addresses,
	    .aaaa = addresses + (size_t)p[PS_ANSWER_A_COUNT] * PS_ADDRESS_RECORD,
	    .a_count = p[PS_ANSWER_A_COUNT],
	    .aaaa_count = p[PS_ANSWER_AAAA_COUNT],
	};

	if (p[PS_ANSWER_CNAME_LEN] > 0)
		out.cname = ps_name_trusted(
		    snapshot->section[PS_SECTION_NAMES].ptr + ps_load_le32(p + PS_ANSWER_CNAME),
		    p[PS_ANSWER_CNAME_LEN], p[PS_ANSWER_CNAME_LABELS]);
	return out;
}
