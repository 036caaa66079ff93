/* Writing an arranged image, and putting it in place. */
#include "core/file.h"
#include "snapshot/build.h"
#include "snapshot/sink.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

static void put_le32(struct ps_sink *sink, uint32_t value)
{
	uint8_t p[4];

	ps_store_le32(p, value);
	ps_sink_put(sink, p, sizeof(p));
}

static void put_le64(struct ps_sink *sink, uint64_t value)
{
	uint8_t p[8];

	ps_store_le64(p, value);
	ps_sink_put(sink, p, sizeof(p));
}

static void put_zeros_up_to(struct ps_sink *sink, uint64_t offset)
{
	static const uint8_t zeros[PS_SNAPSHOT_ALIGN];

	while (sink->offset < offset) {
		uint64_t left = offset - sink->offset;

		ps_sink_put(sink, zeros, left < sizeof(zeros) ? (size_t)left : sizeof(zeros));
	}
}

/* --- lookup part ---------------------------------------------------------- */

/* Set i: its row numbers. */
static const uint8_t *set_rows(const struct ps_build_image *image, uint32_t set, uint32_t *count)
{
	struct ps_bytes bytes = ps_intern_get(&image->sets, set);

	*count = (uint32_t)(bytes.len / sizeof(uint32_t));
	return bytes.ptr;
}

static const uint8_t *set_row(
    const struct ps_build_image *image, const uint8_t *rows, uint32_t n)
{
	uint32_t row;

	memcpy(&row, rows + n * sizeof(row), sizeof(row));
	return ps_build_row(image->builder, row);
}

static uint32_t set_flags(const struct ps_build_image *image, uint32_t set)
{
	uint32_t flags = 0, count;
	const uint8_t *rows = set_rows(image, set, &count);

	for (uint32_t n = 0; n < count; n++) {
		uint8_t scope = set_row(image, rows, n)[PS_ROW_SCOPE];

		if (scope != PS_SCOPE_EXACT)
			flags |= PS_ENTRY_HAS_SUBTREE;
		if (scope != PS_SCOPE_BELOW)
			flags |= PS_ENTRY_HAS_EXACT;
	}
	return flags;
}

static void put_rows(const struct ps_build_image *image, struct ps_sink *sink)
{
	for (uint32_t i = 0; i < image->sets.count; i++) {
		uint32_t count;
		const uint8_t *rows = set_rows(image, i, &count);

		for (uint32_t n = 0; n < count; n++)
			ps_sink_put(sink, set_row(image, rows, n), PS_ROW_RECORD);
	}
}

static void put_sets(const struct ps_build_image *image, struct ps_sink *sink)
{
	uint32_t first = 0;

	for (uint32_t i = 0; i < image->sets.count; i++) {
		uint32_t count;

		put_le32(sink, first | set_flags(image, i));
		(void)set_rows(image, i, &count);
		first += count;
	}
	put_le32(sink, first);
}

static void put_buckets(const struct ps_build_image *image, struct ps_sink *sink)
{
	uint32_t at = 0;

	for (uint64_t bucket = 0; bucket < UINT64_C(1) << image->bucket_bits; bucket++) {
		uint32_t filter = 0;

		put_le32(sink, at);
		for (; at < image->entry_count &&
		     ps_format_bucket(image->entries[at].hi, image->bucket_bits) == bucket;
		     at++)
			filter |= UINT32_C(1) << (image->entries[at].lo & 31);
		put_le32(sink, filter);
	}
	put_le32(sink, at);
	put_le32(sink, 0);
}

static void put_entries(const struct ps_build_image *image, struct ps_sink *sink)
{
	for (uint32_t i = 0; i < image->entry_count; i++) {
		const struct ps_build_entry *entry = &image->entries[i];
		uint8_t p[PS_ENTRY_RECORD];

		ps_store_le64(p + PS_ENTRY_HI, entry->hi);
		ps_store_le32(p + PS_ENTRY_LO, entry->lo);
		ps_store_le32(p + PS_ENTRY_SET, entry->set | set_flags(image, entry->set));
		ps_sink_put(sink, p, sizeof(p));
	}
}

static void put_prefixes(const struct ps_build_image *image, struct ps_sink *sink, bool is_ipv6)
{
	uint32_t first = is_ipv6 ? image->ipv4_count : 0;
	uint32_t end = is_ipv6 ? image->range_count : image->ipv4_count;

	for (uint32_t i = first; i < end; i++) {
		const struct ps_build_range *range = &image->ranges[i];
		const struct ps_build_prefix *prefix = &image->builder->prefixes[range->first];
		uint8_t rest[PS_PREFIX_REST] = {0};

		ps_store_le32(rest + PS_PREFIX_SET, range->set);
		ps_store_le32(rest + PS_PREFIX_PARENT, range->parent);
		rest[PS_PREFIX_LEN] = prefix->len;
		ps_sink_put(sink, prefix->bytes, is_ipv6 ? 16 : 4);
		ps_sink_put(sink, rest, sizeof(rest));
	}
}

/* --- text part ------------------------------------------------------------ */

static void put_varint(struct ps_sink *sink, uint64_t value)
{
	uint8_t p[PS_VARINT_MAX];

	ps_sink_put(sink, p, ps_build_put_varint(p, value));
}

static void put_provenance(const struct ps_build_image *image, struct ps_sink *sink,
    uint64_t line, uint32_t reference)
{
	put_varint(sink, line << 1 | (reference != 0));
	if (reference != 0)
		put_varint(sink, image->reference_places[reference - 1] - 1);
}

static void put_text(const struct ps_build_image *image, struct ps_sink *sink)
{
	for (uint32_t i = 0; i < image->entry_count; i++) {
		const struct ps_build_record *record =
		    &image->builder->records[image->entries[i].first];

		ps_sink_put(sink, record->name, ps_build_name_len(record->name));
		for (uint32_t n = 0; n < image->entries[i].count; n++)
			put_provenance(
			    image, sink, ps_build_line(&record[n]), record[n].reference);
	}
}

static void put_prefix_text(const struct ps_build_image *image, struct ps_sink *sink)
{
	for (uint32_t i = 0; i < image->range_count; i++) {
		const struct ps_build_prefix *prefix =
		    &image->builder->prefixes[image->ranges[i].first];

		for (uint32_t n = 0; n < image->ranges[i].count; n++)
			put_provenance(image, sink, prefix[n].line, prefix[n].reference);
	}
}

static void put_index(struct ps_sink *sink, const uint64_t *index, uint64_t len)
{
	for (uint64_t i = 0; i < len / PS_INDEX_RECORD; i++)
		put_le64(sink, index[i]);
}

static void put_references(const struct ps_build_image *image, struct ps_sink *sink)
{
	for (uint32_t i = 0; i < image->reference_count; i++) {
		struct ps_bytes it =
		    ps_intern_get(&image->builder->references, image->reference_order[i]);

		ps_sink_put(sink, it.ptr, it.len);
		ps_sink_put(sink, "", 1);
	}
}

/* --- the whole ------------------------------------------------------------ */

static void put_section(
    const struct ps_build_image *image, struct ps_sink *sink, enum ps_section section)
{
	switch (section) {
	case PS_SECTION_ROWS:
		put_rows(image, sink);
		return;
	case PS_SECTION_SETS:
		put_sets(image, sink);
		return;
	case PS_SECTION_BUCKETS:
		put_buckets(image, sink);
		return;
	case PS_SECTION_ENTRIES:
		put_entries(image, sink);
		return;
	case PS_SECTION_PREFIXES4:
		put_prefixes(image, sink, false);
		return;
	case PS_SECTION_PREFIXES6:
		put_prefixes(image, sink, true);
		return;
	case PS_SECTION_TEXT_INDEX:
		put_index(sink, image->text_index, image->len[section]);
		return;
	case PS_SECTION_TEXT:
		put_text(image, sink);
		return;
	case PS_SECTION_PREFIX_INDEX:
		put_index(sink, image->prefix_index, image->len[section]);
		return;
	case PS_SECTION_PREFIX_TEXT:
		put_prefix_text(image, sink);
		return;
	case PS_SECTION_REFERENCES:
		put_references(image, sink);
		return;
	default:
		ps_sink_put(sink, image->tables.section[section].data,
		    image->tables.section[section].len);
	}
}

/* The header without its digests. */
static void fill_header(const struct ps_build_image *image, uint8_t header[PS_HEADER_SIZE])
{
	memset(header, 0, PS_HEADER_SIZE);
	memcpy(header + PS_HEADER_MAGIC, PS_SNAPSHOT_MAGIC, 8);
	ps_store_le32(header + PS_HEADER_VERSION, PS_SNAPSHOT_VERSION);
	ps_store_le32(header + PS_HEADER_SECTIONS, PS_SECTION_COUNT);
	ps_store_le64(header + PS_HEADER_LOOKUP_LEN, image->lookup_len);
	ps_store_le64(header + PS_HEADER_FILE_LEN, image->file_len);
	ps_store_le64(header + PS_HEADER_KEY, image->key.k0);
	ps_store_le64(header + PS_HEADER_KEY + 8, image->key.k1);
	ps_store_le32(header + PS_HEADER_BUCKET_BITS, image->bucket_bits);
	header[PS_HEADER_EVENT_CLIENT] = (uint8_t)image->builder->plan->events.client;
	ps_store_le16(header + PS_HEADER_EVENT_KEEP, image->builder->plan->events.keep_mib);
	ps_store_le64(header + PS_HEADER_DEPTHS, image->depths[0]);
	ps_store_le64(header + PS_HEADER_DEPTHS + 8, image->depths[1]);
	memcpy(header + PS_HEADER_STRUCTURED, image->tables.structured, PS_STRUCTURED_SIZE);
	for (size_t i = 0; i < PS_SECTION_COUNT; i++) {
		ps_store_le64(header + PS_HEADER_TABLE + i * 16, image->offset[i]);
		ps_store_le64(header + PS_HEADER_TABLE + i * 16 + 8, image->len[i]);
	}
}

/* Puts everything into the sink with an empty header in front, and fills in the
 * header that belongs there once the digests are known. */
static enum ps_status put_image(const struct ps_build_image *image, struct ps_sink *sink,
    uint8_t header[PS_HEADER_SIZE], struct ps_error *err)
{
	uint8_t ignored[PS_DIGEST_SIZE];
	enum ps_status status;

	fill_header(image, header);
	put_zeros_up_to(sink, PS_HEADER_SIZE);
	ps_sink_digest(sink, ignored);
	for (enum ps_section i = 0; i < PS_SECTION_COUNT; i++) {
		put_zeros_up_to(sink, image->offset[i]);
		put_section(image, sink, i);
		if (i + 1 == PS_SECTION_LOOKUP_COUNT) {
			put_zeros_up_to(sink, image->lookup_len);
			ps_sink_digest(sink, header + PS_HEADER_LOOKUP_DIGEST);
		}
	}
	put_zeros_up_to(sink, image->file_len);
	ps_sink_digest(sink, header + PS_HEADER_TEXT_DIGEST);
	status = ps_sink_status(sink, err);
	if (status != PS_OK)
		return status;
	return ps_image_digest(header, PS_HEADER_DIGEST, header + PS_HEADER_DIGEST, err);
}

static enum ps_status write_image(const struct ps_build_image *image, FILE *stream,
    struct ps_buffer *buffer, uint8_t header[PS_HEADER_SIZE], struct ps_error *err)
{
	struct ps_sink sink;
	enum ps_status status = ps_sink_open(&sink, stream, buffer, err);

	if (status == PS_OK)
		status = put_image(image, &sink, header, err);
	ps_sink_close(&sink);
	return status;
}

enum ps_status ps_builder_write_buffer(
    struct ps_builder *builder, struct ps_buffer *out, struct ps_error *err)
{
	struct ps_build_image image = {0};
	uint8_t header[PS_HEADER_SIZE];
	size_t start = out->len;
	enum ps_status status = ps_build_arrange(&image, builder, err);

	if (status == PS_OK)
		status = write_image(&image, NULL, out, header, err);
	if (status == PS_OK)
		memcpy(out->data + start, header, sizeof(header));
	ps_build_image_clear(&image);
	return status;
}

/* What the resolver would refuse is not published. Reads the file back through a
 * mapping: nobody else knows its name yet, so nobody can truncate it. */
static enum ps_status verify_written(FILE *stream, uint64_t len, struct ps_error *err)
{
	struct ps_snapshot *snapshot = NULL;
	void *map = mmap(NULL, (size_t)len, PROT_READ, MAP_SHARED, fileno(stream), 0);
	enum ps_status status;

	if (map == MAP_FAILED)
		return ps_error_set(err, PS_IO, "cannot read back what was written");
	status = ps_snapshot_open(
	    &snapshot, ps_bytes_of(map, (size_t)len), PS_SNAPSHOT_WHOLE, err);
	ps_snapshot_close(snapshot);
	(void)munmap(map, (size_t)len);
	return status;
}

static enum ps_status write_stream(
    const struct ps_build_image *image, FILE *stream, struct ps_error *err)
{
	uint8_t header[PS_HEADER_SIZE];
	enum ps_status status = write_image(image, stream, NULL, header, err);

	if (status != PS_OK)
		return status;
	if (fseeko(stream, 0, SEEK_SET) != 0 ||
	    fwrite(header, sizeof(header), 1, stream) != 1 || fflush(stream) != 0)
		return ps_error_set(err, PS_IO, "cannot write all of it");
	return PS_OK;
}

enum ps_status ps_builder_write(
    struct ps_builder *builder, const char *path, struct ps_error *err)
{
	struct ps_build_image image = {0};
	struct ps_file_writer writer = {0};
	uint64_t len;
	enum ps_status status = ps_build_arrange(&image, builder, err);

	if (status == PS_OK)
		status = ps_file_writer_open(&writer, path, 0644, err);
	if (status == PS_OK)
		status = write_stream(&image, writer.stream, err);
	len = image.file_len;
	ps_build_image_clear(&image);
	if (status == PS_OK)
		status = verify_written(writer.stream, len, err);
	if (status == PS_OK)
		return ps_file_writer_commit(&writer, err);
	ps_file_writer_abort(&writer);
	return status;
}

static void seal_part(uint8_t *image, uint64_t from, uint64_t to, uint32_t field)
{
	uint8_t digest[PS_DIGEST_SIZE];

	if (ps_image_digest(image + from, to - from, digest, NULL) == PS_OK)
		memcpy(image + field, digest, sizeof(digest));
}

void ps_snapshot_seal(uint8_t *image, size_t len)
{
	uint64_t lookup_len = ps_load_le64(image + PS_HEADER_LOOKUP_LEN);

	if (lookup_len >= PS_HEADER_SIZE && lookup_len <= len) {
		seal_part(image, PS_HEADER_SIZE, lookup_len, PS_HEADER_LOOKUP_DIGEST);
		seal_part(image, lookup_len, len, PS_HEADER_TEXT_DIGEST);
	}
	seal_part(image, 0, PS_HEADER_DIGEST, PS_HEADER_DIGEST);
}
