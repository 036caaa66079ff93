/* Arranging: from settled rows to an image whose every octet is decided. */
#include "snapshot/build.h"
#include "snapshot/sink.h"
#include "snapshot/sort.h"

#include <stdlib.h>

static enum ps_status no_memory(struct ps_error *err)
{
	return ps_error_set(err, PS_NO_MEMORY, "out of memory");
}

/* --- which names and prefixes there are ----------------------------------- */

static bool same_name(const struct ps_build_record *a, const struct ps_build_record *b)
{
	size_t len;

	if (a->hash != b->hash)
		return false;
	len = ps_build_name_len(a->name);
	return len == ps_build_name_len(b->name) && memcmp(a->name, b->name, len) == 0;
}

static enum ps_status too_many_rows(const char *what, struct ps_error *err)
{
	return ps_error_set(err, PS_LIMIT, "%.200s has more than %u rows of feeds and rules", what,
	    PS_SET_ROWS_MAX);
}

static enum ps_status list_entries(struct ps_build_image *image, struct ps_error *err)
{
	const struct ps_builder *builder = image->builder;
	struct ps_build_entry *shrunk;
	struct ps_build_entry *entry = NULL;

	image->entries = malloc((builder->record_count + 1) * sizeof(*image->entries));
	if (image->entries == NULL)
		return no_memory(err);
	for (size_t i = 0; i < builder->record_count; i++) {
		const struct ps_build_record *record = &builder->records[i];

		if (entry != NULL && same_name(record, record - 1)) {
			entry->count++;
			continue;
		}
		if (image->entry_count == PS_SNAPSHOT_ENTRIES_MAX)
			return ps_error_set(
			    err, PS_LIMIT, "more than %u names", PS_SNAPSHOT_ENTRIES_MAX);
		entry = &image->entries[image->entry_count++];
		*entry = (struct ps_build_entry){.first = (uint32_t)i, .count = 1};
	}
	for (uint32_t i = 0; i < image->entry_count; i++) {
		char text[PS_NAME_TEXT_MAX];

		if (image->entries[i].count <= PS_SET_ROWS_MAX)
			continue;
		(void)ps_name_to_text(
		    ps_build_name(builder->records[image->entries[i].first].name), text);
		return too_many_rows(text, err);
	}
	shrunk = realloc(image->entries, (image->entry_count + 1) * sizeof(*shrunk));
	if (shrunk != NULL)
		image->entries = shrunk;
	return PS_OK;
}

static bool prefix_covers(const struct ps_build_prefix *a, const struct ps_build_prefix *b)
{
	return a->family == b->family && a->len <= b->len &&
	    ps_image_bits_agree(a->bytes, b->bytes, a->len);
}

/* The prefix that is before it in order and narrowest around it: the one before, or
 * one of those around that. Numbers within the family. */
static uint32_t find_parent(const struct ps_build_image *image, uint32_t index)
{
	const struct ps_build_prefix *prefixes = image->builder->prefixes;
	const struct ps_build_prefix *it = &prefixes[image->ranges[index].first];
	uint32_t base = index < image->ipv4_count ? 0 : image->ipv4_count;
	uint32_t around = index == base ? PS_PREFIX_NONE : index - 1 - base;

	while (around != PS_PREFIX_NONE &&
	    !prefix_covers(&prefixes[image->ranges[base + around].first], it))
		around = image->ranges[base + around].parent;
	return around;
}

static enum ps_status list_ranges(struct ps_build_image *image, struct ps_error *err)
{
	const struct ps_builder *builder = image->builder;
	const struct ps_build_prefix *prefixes = builder->prefixes;
	struct ps_build_range *range = NULL;

	image->ranges = malloc((builder->prefix_count + 1) * sizeof(*image->ranges));
	if (image->ranges == NULL)
		return no_memory(err);
	for (size_t i = 0; i < builder->prefix_count; i++) {
		const struct ps_build_prefix *it = &prefixes[i];

		if (range != NULL && it->family == (it - 1)->family &&
		    it->len == (it - 1)->len &&
		    memcmp(it->bytes, (it - 1)->bytes, sizeof(it->bytes)) == 0) {
			if (++range->count > PS_SET_ROWS_MAX)
				return too_many_rows("an address", err);
			continue;
		}
		if (image->range_count == PS_SNAPSHOT_PREFIXES_MAX)
			return ps_error_set(
			    err, PS_LIMIT, "more than %u addresses", PS_SNAPSHOT_PREFIXES_MAX);
		range = &image->ranges[image->range_count++];
		*range = (struct ps_build_range){.first = (uint32_t)i, .count = 1};
		image->ipv4_count += it->family == 4;
	}
	for (uint32_t i = 0; i < image->range_count; i++)
		image->ranges[i].parent = find_parent(image, i);
	return PS_OK;
}

/* --- key, hashes and buckets ---------------------------------------------- */

/* SHA-256 over all that the lookup part will say: tables, names with their rows,
 * prefixes with theirs. From it comes the key, so that who lists names cannot know it
 * before the last name of all lists stands. */
static enum ps_status digest_content(
    const struct ps_build_image *image, uint8_t digest[PS_DIGEST_SIZE], struct ps_error *err)
{
	const struct ps_builder *builder = image->builder;
	struct ps_sink sink;
	enum ps_status status = ps_sink_open(&sink, NULL, NULL, err);

	if (status != PS_OK) {
		ps_sink_close(&sink);
		return status;
	}
	for (enum ps_section i = 0; i < PS_SECTION_ROWS; i++) {
		const struct ps_buffer *section = &image->tables.section[i];
		uint8_t len[8];

		ps_store_le64(len, section->len);
		ps_sink_put(&sink, len, sizeof(len));
		ps_sink_put(&sink, section->data, section->len);
	}
	for (size_t i = 0; i < builder->record_count; i++) {
		const uint8_t *name = builder->records[i].name;

		ps_sink_put(&sink, name, ps_build_name_len(name));
		ps_sink_put(
		    &sink, ps_build_row(builder, builder->records[i].row), PS_ROW_RECORD);
	}
	for (size_t i = 0; i < builder->prefix_count; i++) {
		const struct ps_build_prefix *prefix = &builder->prefixes[i];

		ps_sink_put(&sink, &prefix->family, 1);
		ps_sink_put(&sink, &prefix->len, 1);
		ps_sink_put(&sink, prefix->bytes, sizeof(prefix->bytes));
		ps_sink_put(&sink, ps_build_row(builder, prefix->row), PS_ROW_RECORD);
	}
	ps_sink_digest(&sink, digest);
	status = ps_sink_status(&sink, err);
	ps_sink_close(&sink);
	return status;
}

static enum ps_status make_key(const uint8_t content[PS_DIGEST_SIZE], uint32_t attempt,
    struct ps_hash_key *key, struct ps_error *err)
{
	uint8_t input[PS_DIGEST_SIZE + 4], digest[PS_DIGEST_SIZE];
	enum ps_status status;

	memcpy(input, content, PS_DIGEST_SIZE);
	ps_store_le32(input + PS_DIGEST_SIZE, attempt);
	status = ps_image_digest(input, sizeof(input), digest, err);
	if (status != PS_OK)
		return status;
	key->k0 = ps_load_le64(digest);
	key->k1 = ps_load_le64(digest + 8);
	return PS_OK;
}

static int compare_entries(const void *left, const void *right, void *ctx)
{
	const struct ps_build_entry *a = left, *b = right;

	(void)ctx;
	if (a->hi != b->hi)
		return a->hi < b->hi ? -1 : 1;
	if (a->lo != b->lo)
		return a->lo < b->lo ? -1 : 1;
	/* Only for a key that is about to be given up. */
	return a->first < b->first ? -1 : a->first > b->first;
}

static void hash_entries(struct ps_build_image *image, void *scratch)
{
	image->depths[0] = 0;
	image->depths[1] = 0;
	for (uint32_t i = 0; i < image->entry_count; i++) {
		struct ps_build_entry *entry = &image->entries[i];
		struct ps_name name =
		    ps_build_name(image->builder->records[entry->first].name);
		struct ps_hash hash = ps_name_hash(image->key, name);

		entry->hi = hash.hi;
		entry->lo = (uint32_t)hash.lo;
		image->depths[name.labels >> 6] |= UINT64_C(1) << (name.labels & 63);
	}
	if (image->entry_count > 0)
		ps_sort_keyed(image->entries, image->entry_count, sizeof(*image->entries), scratch,
		    compare_entries, NULL);
}

/* No two names with the same 96 bits, and no bucket over the limit? */
static bool key_serves(const struct ps_build_image *image)
{
	uint32_t in_bucket = 1;

	for (uint32_t i = 1; i < image->entry_count; i++) {
		const struct ps_build_entry *a = &image->entries[i - 1], *b = a + 1;

		if (a->hi == b->hi && a->lo == b->lo)
			return false;
		if (ps_format_bucket(a->hi, image->bucket_bits) ==
		    ps_format_bucket(b->hi, image->bucket_bits))
			in_bucket++;
		else
			in_bucket = 1;
		if (in_bucket > PS_BUCKET_ENTRIES_MAX)
			return false;
	}
	return true;
}

/* A key fails with a probability below 2^-90, whatever the names (FORMAT.md). */
#define KEYS_MAX 16u

static enum ps_status choose_key(struct ps_build_image *image, struct ps_error *err)
{
	uint8_t content[PS_DIGEST_SIZE];
	bool serves = false;
	void *scratch;
	enum ps_status status = digest_content(image, content, err);

	if (status != PS_OK)
		return status;
	scratch = malloc((image->entry_count + 1) * sizeof(*image->entries));
	if (scratch == NULL)
		return no_memory(err);
	image->bucket_bits = ps_format_bucket_bits(image->entry_count);
	for (uint32_t attempt = 0; attempt < KEYS_MAX && !serves; attempt++) {
		status = make_key(content, attempt, &image->key, err);
		if (status != PS_OK)
			break;
		hash_entries(image, scratch);
		serves = key_serves(image);
	}
	free(scratch);
	if (status == PS_OK && !serves)
		return ps_error_set(err, PS_LIMIT, "no key spreads the names evenly enough");
	return status;
}

/* --- sets of rows --------------------------------------------------------- */

static enum ps_status add_set(struct ps_build_image *image, const uint32_t *rows, uint32_t count,
    uint32_t *set, struct ps_error *err)
{
	enum ps_status status =
	    ps_intern_add(&image->sets, ps_bytes_of(rows, count * sizeof(*rows)), set);

	if (status != PS_OK)
		return ps_error_set(err, status,
		    status == PS_LIMIT ? "too many different sets of rows" : "out of memory");
	return PS_OK;
}

/* Numbers the sets in the order of their first use. */
static enum ps_status number_sets(struct ps_build_image *image, struct ps_error *err)
{
	const struct ps_builder *builder = image->builder;
	uint32_t rows[PS_SET_ROWS_MAX];
	enum ps_status status = PS_OK;

	ps_intern_init(&image->sets);
	for (uint32_t i = 0; i < image->entry_count && status == PS_OK; i++) {
		struct ps_build_entry *entry = &image->entries[i];

		for (uint32_t n = 0; n < entry->count; n++)
			rows[n] = builder->records[entry->first + n].row;
		status = add_set(image, rows, entry->count, &entry->set, err);
	}
	for (uint32_t i = 0; i < image->range_count && status == PS_OK; i++) {
		struct ps_build_range *range = &image->ranges[i];

		for (uint32_t n = 0; n < range->count; n++)
			rows[n] = builder->prefixes[range->first + n].row;
		status = add_set(image, rows, range->count, &range->set, err);
	}
	if (status == PS_OK && image->sets.count > 0 &&
	    image->sets.ends[image->sets.count - 1] / sizeof(uint32_t) > PS_SNAPSHOT_ROWS_MAX)
		return ps_error_set(err, PS_LIMIT, "too many rows in different sets");
	return status;
}

/* --- lengths of the text part --------------------------------------------- */

static size_t varint_len(uint64_t value)
{
	uint8_t out[PS_VARINT_MAX];

	return ps_build_put_varint(out, value);
}

/* Gives the reference a place at its first use. Returns the octets of a provenance. */
static size_t place_provenance(
    struct ps_build_image *image, uint64_t line, uint32_t reference, uint64_t *references_len)
{
	size_t len = varint_len(line << 1 | (reference != 0));
	uint64_t *place;

	if (reference == 0)
		return len;
	place = &image->reference_places[reference - 1];
	if (*place == 0) {
		*place = *references_len + 1;
		image->reference_order[image->reference_count++] = reference - 1;
		*references_len +=
		    ps_intern_get(&image->builder->references, reference - 1).len + 1;
	}
	return len + varint_len(*place - 1);
}

static uint64_t index_count(uint32_t records)
{
	return ((uint64_t)records + PS_TEXT_INDEX_STEP - 1) / PS_TEXT_INDEX_STEP;
}

static enum ps_status make_room_for_text(struct ps_build_image *image, struct ps_error *err)
{
	uint32_t references = image->builder->references.count;

	image->reference_places = calloc((size_t)references + 1, sizeof(uint64_t));
	image->reference_order = malloc(((size_t)references + 1) * sizeof(uint32_t));
	image->text_index = malloc((index_count(image->entry_count) + 1) * sizeof(uint64_t));
	image->prefix_index = malloc((index_count(image->range_count) + 1) * sizeof(uint64_t));
	if (image->reference_places == NULL || image->reference_order == NULL ||
	    image->text_index == NULL || image->prefix_index == NULL)
		return no_memory(err);
	return PS_OK;
}

static enum ps_status measure_text(struct ps_build_image *image, struct ps_error *err)
{
	const struct ps_builder *builder = image->builder;
	uint64_t at = 0, references_len = 0;
	enum ps_status status = make_room_for_text(image, err);

	if (status != PS_OK)
		return status;
	for (uint32_t i = 0; i < image->entry_count; i++) {
		const struct ps_build_record *record = &builder->records[image->entries[i].first];

		if (i % PS_TEXT_INDEX_STEP == 0)
			image->text_index[i / PS_TEXT_INDEX_STEP] = at;
		at += ps_build_name_len(record->name);
		for (uint32_t n = 0; n < image->entries[i].count; n++)
			at += place_provenance(image, ps_build_line(&record[n]),
			    record[n].reference, &references_len);
	}
	image->len[PS_SECTION_TEXT] = at;
	at = 0;
	for (uint32_t i = 0; i < image->range_count; i++) {
		const struct ps_build_prefix *prefix = &builder->prefixes[image->ranges[i].first];

		if (i % PS_TEXT_INDEX_STEP == 0)
			image->prefix_index[i / PS_TEXT_INDEX_STEP] = at;
		for (uint32_t n = 0; n < image->ranges[i].count; n++)
			at += place_provenance(
			    image, prefix[n].line, prefix[n].reference, &references_len);
	}
	image->len[PS_SECTION_PREFIX_TEXT] = at;
	image->len[PS_SECTION_REFERENCES] = references_len;
	return PS_OK;
}

/* --- the layout ----------------------------------------------------------- */

static enum ps_status lay_out(struct ps_build_image *image, struct ps_error *err)
{
	uint64_t *len = image->len;
	uint64_t end = PS_HEADER_SIZE;
	uint32_t sets = image->sets.count;

	for (enum ps_section i = 0; i < PS_SECTION_ROWS; i++)
		len[i] = image->tables.section[i].len;
	len[PS_SECTION_ROWS] = sets == 0
	    ? 0
	    : image->sets.ends[sets - 1] / sizeof(uint32_t) * PS_ROW_RECORD;
	len[PS_SECTION_SETS] = ((uint64_t)sets + 1) * PS_SET_RECORD;
	len[PS_SECTION_BUCKETS] =
	    ((UINT64_C(1) << image->bucket_bits) + 1) * PS_BUCKET_RECORD;
	len[PS_SECTION_ENTRIES] = (uint64_t)image->entry_count * PS_ENTRY_RECORD;
	len[PS_SECTION_PREFIXES4] = (uint64_t)image->ipv4_count * PS_PREFIX4_RECORD;
	len[PS_SECTION_PREFIXES6] =
	    (uint64_t)(image->range_count - image->ipv4_count) * PS_PREFIX6_RECORD;
	len[PS_SECTION_TEXT_INDEX] = index_count(image->entry_count) * PS_INDEX_RECORD;
	len[PS_SECTION_PREFIX_INDEX] = index_count(image->range_count) * PS_INDEX_RECORD;
	for (enum ps_section i = 0; i < PS_SECTION_COUNT; i++) {
		image->offset[i] = ps_format_align(end);
		end = image->offset[i] + len[i];
		if (i + 1 == PS_SECTION_LOOKUP_COUNT)
			image->lookup_len = ps_format_align(end);
	}
	image->file_len = ps_format_align(end);
	if (image->file_len > PS_SNAPSHOT_FILE_MAX)
		return ps_error_set(err, PS_LIMIT, "the snapshot would be over 64 GiB");
	return PS_OK;
}

enum ps_status ps_build_arrange(
    struct ps_build_image *image, struct ps_builder *builder, struct ps_error *err)
{
	enum ps_status status = ps_builder_settle(builder, err);

	image->builder = builder;
	if (status == PS_OK)
		status = ps_build_tables(&image->tables, builder, err);
	if (status == PS_OK)
		status = list_entries(image, err);
	if (status == PS_OK)
		status = list_ranges(image, err);
	if (status == PS_OK)
		status = choose_key(image, err);
	if (status == PS_OK)
		status = number_sets(image, err);
	if (status == PS_OK)
		status = measure_text(image, err);
	if (status == PS_OK)
		status = lay_out(image, err);
	return status;
}

void ps_build_image_clear(struct ps_build_image *image)
{
	ps_build_tables_clear(&image->tables);
	free(image->entries);
	free(image->ranges);
	ps_intern_clear(&image->sets);
	free(image->reference_places);
	free(image->reference_order);
	free(image->text_index);
	free(image->prefix_index);
	*image = (struct ps_build_image){0};
}
