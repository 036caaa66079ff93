/* The text part: names and provenance, for explanation. Never used on the query path;
 * it trusts the verifier as the rest of the reader does. */
#include "snapshot/image.h"

static uint64_t take_varint(const uint8_t **p)
{
	uint64_t value = 0;
	unsigned shift = 0;

	for (; (**p & 0x80) != 0; shift += 7)
		value |= (uint64_t)(*(*p)++ & 0x7f) << shift;
	return value | (uint64_t) * (*p)++ << shift;
}

static struct ps_provenance take_provenance(const struct ps_snapshot *s, const uint8_t **p)
{
	uint64_t line = take_varint(p);
	struct ps_provenance out = {.line = line >> 1};

	if ((line & 1) != 0) {
		const uint8_t *reference =
		    s->section[PS_SECTION_REFERENCES].ptr + take_varint(p);

		out.reference = ps_bytes_of(reference, strlen((const char *)reference));
	}
	return out;
}

static struct ps_name take_name(const uint8_t **p)
{
	const uint8_t *start = *p;
	uint8_t labels = 0;

	while (**p != 0) {
		*p += **p + 1u;
		labels++;
	}
	(*p)++;
	return ps_name_trusted(start, (uint8_t)(*p - start), labels);
}

/* The rows of the set that stands at p. */
static uint32_t rows_of(const struct ps_snapshot *s, const uint8_t *p, uint32_t *row_count)
{
	uint32_t set = ps_load_le32(p) & PS_ENTRY_SET_MASK;
	uint32_t first = ps_image_set(s, set) & PS_ENTRY_SET_MASK;

	*row_count = (ps_image_set(s, set + 1) & PS_ENTRY_SET_MASK) - first;
	return first;
}

static struct ps_entry_text take_entry(
    const struct ps_snapshot *s, uint32_t index, const uint8_t **p)
{
	const uint8_t *entry = ps_image_record(s, PS_SECTION_ENTRIES, index, PS_ENTRY_RECORD);
	struct ps_entry_text out = {.name = take_name(p)};

	out.first_row = rows_of(s, entry + PS_ENTRY_SET, &out.row_count);
	return out;
}

/* The entry's record, behind its name: *p is at its first provenance. */
static struct ps_entry_text seek_entry(
    const struct ps_snapshot *s, uint32_t index, const uint8_t **p)
{
	uint32_t at = index - index % PS_TEXT_INDEX_STEP;
	struct ps_entry_text out;

	*p = s->section[PS_SECTION_TEXT].ptr +
	    ps_load_le64(ps_image_record(
	        s, PS_SECTION_TEXT_INDEX, at / PS_TEXT_INDEX_STEP, PS_INDEX_RECORD));
	out = take_entry(s, at, p);
	while (at < index) {
		for (uint32_t n = 0; n < out.row_count; n++)
			(void)take_provenance(s, p);
		out = take_entry(s, ++at, p);
	}
	return out;
}

struct ps_entry_text ps_snapshot_entry_text(const struct ps_snapshot *snapshot, uint32_t index)
{
	const uint8_t *p;

	return seek_entry(snapshot, index, &p);
}

struct ps_provenance ps_snapshot_provenance(
    const struct ps_snapshot *snapshot, uint32_t entry, uint32_t n)
{
	const uint8_t *p;

	(void)seek_entry(snapshot, entry, &p);
	for (; n > 0; n--)
		(void)take_provenance(snapshot, &p);
	return take_provenance(snapshot, &p);
}

struct ps_provenance ps_snapshot_prefix_provenance(
    const struct ps_snapshot *snapshot, uint32_t prefix, uint32_t n)
{
	uint32_t at = prefix - prefix % PS_TEXT_INDEX_STEP;
	const uint8_t *p = snapshot->section[PS_SECTION_PREFIX_TEXT].ptr +
	    ps_load_le64(ps_image_record(
	        snapshot, PS_SECTION_PREFIX_INDEX, at / PS_TEXT_INDEX_STEP, PS_INDEX_RECORD));

	for (; at < prefix; at++) {
		uint32_t first, count;

		(void)ps_snapshot_prefix(snapshot, at, &first, &count);
		for (; count > 0; count--)
			(void)take_provenance(snapshot, &p);
	}
	for (; n > 0; n--)
		(void)take_provenance(snapshot, &p);
	return take_provenance(snapshot, &p);
}

/* --- going through all of it ---------------------------------------------- */

/* Like ps_entry_cursor_next(), and *p is at the entry's first provenance. */
static bool cursor_step(
    struct ps_entry_cursor *cursor, struct ps_entry_text *out, const uint8_t **p)
{
	const struct ps_snapshot *s = cursor->snapshot;
	const uint8_t *text = s->section[PS_SECTION_TEXT].ptr;
	const uint8_t *end;

	if (cursor->next == s->entries)
		return false;
	*p = text + cursor->offset;
	*out = take_entry(s, cursor->next, p);
	end = *p;
	for (uint32_t n = 0; n < out->row_count; n++)
		(void)take_provenance(s, &end);
	cursor->next++;
	cursor->offset = (uint64_t)(end - text);
	return true;
}

bool ps_entry_cursor_next(struct ps_entry_cursor *cursor, struct ps_entry_text *out)
{
	const uint8_t *p;

	return cursor_step(cursor, out, &p);
}

static struct ps_indicator indicator_of(const struct ps_row *row, struct ps_provenance provenance)
{
	return (struct ps_indicator){
	    .scope = row->scope,
	    .origin = row->origin,
	    .category = row->category,
	    .confidence = row->confidence,
	    .tlp = row->tlp,
	    .valid_from = row->valid_from,
	    .valid_until = row->valid_until,
	    .line = provenance.line,
	    .reference = provenance.reference,
	};
}

/* A set of rows in their order, with the provenances that stand at *p. */
static enum ps_status visit_rows(const struct ps_snapshot *s, uint32_t feed,
    const struct ps_indicator_visitor *visitor, struct ps_indicator what, uint32_t first_row,
    uint32_t row_count, const uint8_t **p, struct ps_error *err)
{
	for (uint32_t n = 0; n < row_count; n++) {
		struct ps_provenance provenance = take_provenance(s, p);
		struct ps_row row = ps_snapshot_row(s, first_row + n);
		struct ps_indicator indicator;
		enum ps_status status;

		if (row.kind != PS_ROW_FEED || row.source != feed)
			continue;
		indicator = indicator_of(&row, provenance);
		indicator.is_address = what.is_address;
		indicator.name = what.name;
		indicator.prefix = what.prefix;
		status = visitor->accept(visitor->ctx, &indicator, row.trial, err);
		if (status != PS_OK)
			return status;
	}
	return PS_OK;
}

enum ps_status ps_snapshot_visit_feed(const struct ps_snapshot *snapshot, uint32_t feed,
    const struct ps_indicator_visitor *visitor, struct ps_error *err)
{
	struct ps_entry_cursor cursor = {.snapshot = snapshot};
	struct ps_entry_text entry;
	const uint8_t *p;
	enum ps_status status;

	while (cursor_step(&cursor, &entry, &p)) {
		struct ps_indicator what = {.name = entry.name};

		status = visit_rows(snapshot, feed, visitor, what, entry.first_row,
		    entry.row_count, &p, err);
		if (status != PS_OK)
			return status;
	}
	p = snapshot->section[PS_SECTION_PREFIX_TEXT].ptr;
	for (uint32_t i = 0; i < snapshot->prefixes4 + snapshot->prefixes6; i++) {
		uint32_t first, count;
		struct ps_indicator what = {.is_address = true};

		what.prefix = ps_snapshot_prefix(snapshot, i, &first, &count);
		status = visit_rows(snapshot, feed, visitor, what, first, count, &p, err);
		if (status != PS_OK)
			return status;
	}
	return PS_OK;
}
