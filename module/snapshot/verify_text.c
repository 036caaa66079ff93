/* The verifier's checks of the text part: that every name is the one its entry's hash
 * was made from, and that every record ends where the next begins. */
#include "snapshot/image.h"

/* A bounded place in a text section. After a failure at is where it went wrong. */
struct text {
	const struct ps_snapshot *s;
	const uint8_t *at;
	const uint8_t *end;
	uint64_t references_used;
};

/* LEB128, in its shortest form only, so that one number has one spelling. */
static bool take_varint(struct text *text, uint64_t *value)
{
	uint64_t v = 0;

	for (unsigned shift = 0; shift < 64 && text->at < text->end; shift += 7) {
		uint8_t octet = *text->at++;

		if (shift == 63 && octet > 1)
			return false;
		v |= (uint64_t)(octet & 0x7f) << shift;
		if ((octet & 0x80) == 0) {
			*value = v;
			return octet != 0 || shift == 0;
		}
	}
	return false;
}

/* References are numbered by offset in the order of their first use, each ended by
 * NUL and none empty. */
static bool take_reference(struct text *text)
{
	const struct ps_image_section *all = &text->s->section[PS_SECTION_REFERENCES];
	uint64_t offset, room;
	const uint8_t *nul;

	if (!take_varint(text, &offset) || offset > text->references_used || offset >= all->len)
		return false;
	if (offset < text->references_used)
		return offset == 0 || all->ptr[offset - 1] == 0;
	room = all->len - offset;
	if (room > PS_SNAPSHOT_REFERENCE_MAX + 1)
		room = PS_SNAPSHOT_REFERENCE_MAX + 1;
	nul = memchr(all->ptr + offset, 0, (size_t)room);
	if (nul == NULL || nul == all->ptr + offset)
		return false;
	text->references_used = (uint64_t)(nul - all->ptr) + 1;
	return true;
}

static enum ps_status verify_provenances(
    struct text *text, uint32_t set, struct ps_error *err)
{
	uint32_t first = ps_image_set(text->s, set) & PS_ENTRY_SET_MASK;
	uint32_t end = ps_image_set(text->s, set + 1) & PS_ENTRY_SET_MASK;

	for (; first < end; first++) {
		const uint8_t *start = text->at;
		uint64_t line;

		if (!take_varint(text, &line) || line >> 1 >= PS_SNAPSHOT_LINE_MAX)
			return ps_image_refuse(text->s, start, err, "a line number is malformed");
		if ((line & 1) != 0 && !take_reference(text))
			return ps_image_refuse(text->s, start, err,
			    "a reference is outside, out of order or malformed");
	}
	return PS_OK;
}

/* The index record, at every 64th record of text. */
static enum ps_status verify_place(const struct text *text, enum ps_section section,
    enum ps_section index_section, uint32_t index, struct ps_error *err)
{
	const uint8_t *p = ps_image_record(
	    text->s, index_section, index / PS_TEXT_INDEX_STEP, PS_INDEX_RECORD);

	if (index % PS_TEXT_INDEX_STEP == 0 &&
	    ps_load_le64(p) != (uint64_t)(text->at - text->s->section[section].ptr))
		return ps_image_refuse(
		    text->s, p, err, "section %s points to a wrong place for record %u",
		    ps_image_section_name(index_section), index);
	return PS_OK;
}

static enum ps_status verify_name(
    struct text *text, uint32_t index, uint64_t depths[2], struct ps_error *err)
{
	const uint8_t *entry =
	    ps_image_record(text->s, PS_SECTION_ENTRIES, index, PS_ENTRY_RECORD);
	struct ps_name_buffer storage;
	struct ps_name name;
	struct ps_hash hash;

	if (ps_name_from_wire(&name, &storage,
	        ps_bytes_of(text->at, (size_t)(text->end - text->at)), NULL) != PS_OK ||
	    memcmp(name.wire, text->at, name.len) != 0)
		return ps_image_refuse(
		    text->s, text->at, err, "the name of entry %u is malformed", index);
	hash = ps_name_hash(text->s->key, name);
	if (hash.hi != ps_load_le64(entry + PS_ENTRY_HI) ||
	    (uint32_t)hash.lo != ps_load_le32(entry + PS_ENTRY_LO))
		return ps_image_refuse(text->s, text->at, err,
		    "the name of entry %u is not the one that its hash was made from", index);
	depths[name.labels >> 6] |= UINT64_C(1) << (name.labels & 63);
	text->at += name.len;
	return PS_OK;
}

static uint64_t index_len(uint64_t records)
{
	return (records + PS_TEXT_INDEX_STEP - 1) / PS_TEXT_INDEX_STEP * PS_INDEX_RECORD;
}

static enum ps_status verify_entries(struct text *text, struct ps_error *err)
{
	const struct ps_snapshot *s = text->s;
	uint64_t depths[2] = {0};

	if (s->section[PS_SECTION_TEXT_INDEX].len != index_len(s->entries))
		return ps_image_refuse(s, s->section[PS_SECTION_TEXT_INDEX].ptr, err,
		    "section TEXT_INDEX has a wrong length");
	text->at = s->section[PS_SECTION_TEXT].ptr;
	text->end = text->at + s->section[PS_SECTION_TEXT].len;
	for (uint32_t i = 0; i < s->entries; i++) {
		uint32_t set = ps_load_le32(
		    ps_image_record(s, PS_SECTION_ENTRIES, i, PS_ENTRY_RECORD) + PS_ENTRY_SET);

		if (verify_place(text, PS_SECTION_TEXT, PS_SECTION_TEXT_INDEX, i, err) != PS_OK ||
		    verify_name(text, i, depths, err) != PS_OK ||
		    verify_provenances(text, set & PS_ENTRY_SET_MASK, err) != PS_OK)
			return PS_INVALID;
	}
	if (text->at != text->end)
		return ps_image_refuse(s, text->at, err, "section TEXT has something behind it");
	if (depths[0] != s->depths[0] || depths[1] != s->depths[1])
		return ps_image_refuse(s, s->bytes.ptr + PS_HEADER_DEPTHS, err,
		    "the header's depths differ from the names'");
	return PS_OK;
}

static enum ps_status verify_prefix_texts(struct text *text, struct ps_error *err)
{
	const struct ps_snapshot *s = text->s;
	uint32_t count = s->prefixes4 + s->prefixes6;

	if (s->section[PS_SECTION_PREFIX_INDEX].len != index_len(count))
		return ps_image_refuse(s, s->section[PS_SECTION_PREFIX_INDEX].ptr, err,
		    "section PREFIX_INDEX has a wrong length");
	text->at = s->section[PS_SECTION_PREFIX_TEXT].ptr;
	text->end = text->at + s->section[PS_SECTION_PREFIX_TEXT].len;
	for (uint32_t i = 0; i < count; i++) {
		bool is_ipv6 = i >= s->prefixes4;
		struct ps_image_prefixes prefixes = ps_image_prefixes(s, is_ipv6);
		const uint8_t *p = prefixes.records +
		    (size_t)(is_ipv6 ? i - s->prefixes4 : i) * prefixes.record;

		if (verify_place(
		        text, PS_SECTION_PREFIX_TEXT, PS_SECTION_PREFIX_INDEX, i, err) != PS_OK ||
		    verify_provenances(text,
		        ps_load_le32(p + prefixes.octets + PS_PREFIX_SET), err) != PS_OK)
			return PS_INVALID;
	}
	if (text->at != text->end)
		return ps_image_refuse(
		    s, text->at, err, "section PREFIX_TEXT has something behind it");
	return PS_OK;
}

enum ps_status ps_image_verify_text(struct ps_snapshot *s, struct ps_error *err)
{
	struct text text = {.s = s};
	const struct ps_image_section *references = &s->section[PS_SECTION_REFERENCES];

	if (verify_entries(&text, err) != PS_OK || verify_prefix_texts(&text, err) != PS_OK)
		return PS_INVALID;
	if (text.references_used != references->len)
		return ps_image_refuse(s, references->ptr + text.references_used, err,
		    "section REFERENCES has something that nothing refers to");
	return PS_OK;
}
