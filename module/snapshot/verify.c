/* The verifier: digests, header and layout here, the sections' contents in
 * verify_tables.c, verify_index.c and verify_text.c.
 *
 * Order matters: nothing is read before the bounds that make reading it safe have
 * been checked. Each refusal says what is wrong, and at which octet.
 */
#include "core/pace.h"
#include "snapshot/image.h"

#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdarg.h>
#include <stdio.h>

#define DIGEST_STEP 32768u

static const struct {
	const char *name;
	uint32_t record;
	uint64_t records_max;
} sections[PS_SECTION_COUNT] = {
    [PS_SECTION_STRINGS] = {"STRINGS", 1, PS_SNAPSHOT_STRINGS_MAX},
    [PS_SECTION_NAMES] = {"NAMES", 1, PS_ANSWERS_MAX * PS_NAME_WIRE_MAX},
    [PS_SECTION_FEEDS] = {"FEEDS", PS_FEED_RECORD, PS_FEEDS_MAX},
    [PS_SECTION_ANSWERS] = {"ANSWERS", PS_ANSWER_RECORD, PS_ANSWERS_MAX},
    [PS_SECTION_ADDRESSES] = {"ADDRESSES", PS_ADDRESS_RECORD,
        2 * PS_SINKHOLE_ADDRESSES_MAX *PS_ANSWERS_MAX},
    [PS_SECTION_RULES] = {"RULES", PS_RULE_RECORD, PS_RULES_MAX},
    [PS_SECTION_CONDITIONS] = {"CONDITIONS", PS_CONDITION_RECORD, PS_SNAPSHOT_CONDITIONS_MAX},
    [PS_SECTION_FEED_LISTS] = {"FEED_LISTS", 2, PS_SNAPSHOT_CONDITIONS_MAX *PS_FEEDS_MAX},
    [PS_SECTION_BRAND_LISTS] = {"BRAND_LISTS", 2, PS_SNAPSHOT_CONDITIONS_MAX *PS_BRANDS_MAX},
    [PS_SECTION_GROUPS] = {"GROUPS", PS_GROUP_RECORD, PS_CLIENT_GROUPS_MAX},
    [PS_SECTION_CLIENTS4] = {"CLIENTS4", PS_PREFIX4_RECORD, PS_CLIENT_PREFIXES_MAX},
    [PS_SECTION_CLIENTS6] = {"CLIENTS6", PS_PREFIX6_RECORD, PS_CLIENT_PREFIXES_MAX},
    [PS_SECTION_LOOKALIKE] = {"LOOKALIKE", 1, PS_SNAPSHOT_LOOKALIKE_MAX},
    [PS_SECTION_ROWS] = {"ROWS", PS_ROW_RECORD, PS_SNAPSHOT_ROWS_MAX},
    [PS_SECTION_SETS] = {"SETS", PS_SET_RECORD, (uint64_t)PS_SNAPSHOT_ROWS_MAX + 1},
    [PS_SECTION_BUCKETS] = {"BUCKETS", PS_BUCKET_RECORD, (UINT64_C(1) << PS_BUCKET_BITS_MAX) + 1},
    [PS_SECTION_ENTRIES] = {"ENTRIES", PS_ENTRY_RECORD, PS_SNAPSHOT_ENTRIES_MAX},
    [PS_SECTION_PREFIXES4] = {"PREFIXES4", PS_PREFIX4_RECORD, PS_SNAPSHOT_PREFIXES_MAX},
    [PS_SECTION_PREFIXES6] = {"PREFIXES6", PS_PREFIX6_RECORD, PS_SNAPSHOT_PREFIXES_MAX},
    [PS_SECTION_TEXT_INDEX] = {"TEXT_INDEX", PS_INDEX_RECORD, PS_SNAPSHOT_ENTRIES_MAX},
    [PS_SECTION_TEXT] = {"TEXT", 1, PS_SNAPSHOT_FILE_MAX},
    [PS_SECTION_PREFIX_INDEX] = {"PREFIX_INDEX", PS_INDEX_RECORD, PS_SNAPSHOT_PREFIXES_MAX},
    [PS_SECTION_PREFIX_TEXT] = {"PREFIX_TEXT", 1, PS_SNAPSHOT_FILE_MAX},
    [PS_SECTION_REFERENCES] = {"REFERENCES", 1, PS_SNAPSHOT_FILE_MAX},
};

const char *ps_image_section_name(enum ps_section section)
{
	return sections[section].name;
}

uint32_t ps_image_section_record(enum ps_section section)
{
	return sections[section].record;
}

/* The last octet of a text is NUL, which ends every sequence: reading stops by itself. */
unsigned ps_image_utf8_sequence(const uint8_t *p)
{
	unsigned more;
	uint8_t low = 0x80, high = 0xbf;

	if (p[0] < 0x80)
		return 1;
	if (p[0] < 0xc2 || p[0] > 0xf4)
		return 0;
	more = p[0] < 0xe0 ? 1 : p[0] < 0xf0 ? 2 : 3;
	if (p[0] == 0xe0)
		low = 0xa0;
	else if (p[0] == 0xed)
		high = 0x9f;
	else if (p[0] == 0xf0)
		low = 0x90;
	else if (p[0] == 0xf4)
		high = 0x8f;
	if (p[1] < low || p[1] > high)
		return 0;
	for (unsigned i = 2; i <= more; i++)
		if (p[i] < 0x80 || p[i] > 0xbf)
			return 0;
	return more + 1;
}

enum ps_status ps_image_refuse(const struct ps_snapshot *s, const uint8_t *at,
    struct ps_error *err, const char *format, ...)
{
	char text[PS_ERROR_TEXT_MAX];
	va_list args;

	va_start(args, format);
	(void)vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	ps_error_at(err, NULL, 0, 0, (uint64_t)(at - s->bytes.ptr));
	return ps_error_set(err, PS_INVALID, "%s", text);
}

static bool digest(const uint8_t *ptr, uint64_t len, uint8_t out[PS_DIGEST_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool done = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;

	while (done && len > 0) {
		size_t step = len < DIGEST_STEP ? (size_t)len : DIGEST_STEP;

		done = EVP_DigestUpdate(context, ptr, step) == 1;
		ptr += step;
		len -= step;
		ps_pace();
	}
	done = done && EVP_DigestFinal_ex(context, out, NULL) == 1;
	EVP_MD_CTX_free(context);
	return done;
}

enum ps_status ps_image_digest(
    const uint8_t *ptr, uint64_t len, uint8_t out[PS_DIGEST_SIZE], struct ps_error *err)
{
	bool done;

	/* What libcrypto puts in this thread's error queue is no business of whoever
	 * speaks TLS on it next. */
	(void)ERR_set_mark();
	done = digest(ptr, len, out);
	(void)ERR_pop_to_mark();
	if (!done)
		return ps_error_set(err, PS_NO_MEMORY, "cannot compute a SHA-256 digest");
	return PS_OK;
}

/* Compares the digest of [from, to) with what the header says at field. */
static enum ps_status verify_digest(const struct ps_snapshot *s, uint64_t from, uint64_t to,
    uint32_t field, const char *what, struct ps_error *err)
{
	uint8_t digest[PS_DIGEST_SIZE];
	enum ps_status status = ps_image_digest(s->bytes.ptr + from, to - from, digest, err);

	if (status != PS_OK)
		return status;
	if (memcmp(digest, s->bytes.ptr + field, sizeof(digest)) != 0)
		return ps_image_refuse(s, s->bytes.ptr + field, err,
		    "%s was changed or damaged: its SHA-256 differs from the header's", what);
	return PS_OK;
}

/* Whether this is a snapshot at all, and one that this program reads. */
static enum ps_status verify_kind(const struct ps_snapshot *s, struct ps_error *err)
{
	const uint8_t *p = s->bytes.ptr;
	uint32_t version;

	if (s->bytes.len < PS_HEADER_SIZE) {
		ps_error_at(err, NULL, 0, 0, s->bytes.len);
		return ps_error_set(err, PS_INVALID,
		    "is no snapshot: %zu bytes are fewer than a header has", s->bytes.len);
	}
	if (memcmp(p + PS_HEADER_MAGIC, PS_SNAPSHOT_MAGIC, 8) != 0)
		return ps_image_refuse(s, p, err, "is no snapshot: it begins with other bytes%s",
		    memcmp(p, PS_SNAPSHOT_MAGIC, 6) == 0 ? " (copied as text?)" : "");
	version = ps_load_le32(p + PS_HEADER_VERSION);
	if (version > PS_SNAPSHOT_VERSION) {
		ps_error_at(err, NULL, 0, 0, PS_HEADER_VERSION);
		return ps_error_set(err, PS_UNSUPPORTED,
		    "has format version %u, and this program reads up to %u: update this "
		    "program, or make the snapshot with its own `postshield build`",
		    version, PS_SNAPSHOT_VERSION);
	}
	if (version != PS_SNAPSHOT_VERSION)
		return ps_image_refuse(s, p + PS_HEADER_VERSION, err,
		    "has format version %u, and this program reads %u alone: make it anew with "
		    "`postshield build`",
		    version, PS_SNAPSHOT_VERSION);
	return verify_digest(s, 0, PS_HEADER_DIGEST, PS_HEADER_DIGEST, "the header", err);
}

/* The lengths that the header states, against the bytes that are here. */
static enum ps_status verify_length(struct ps_snapshot *s, uint64_t len, struct ps_error *err)
{
	const uint8_t *p = s->bytes.ptr;

	s->lookup_len = ps_load_le64(p + PS_HEADER_LOOKUP_LEN);
	s->file_len = ps_load_le64(p + PS_HEADER_FILE_LEN);
	if (s->lookup_len < PS_HEADER_SIZE || s->lookup_len % PS_SNAPSHOT_ALIGN != 0)
		return ps_image_refuse(
		    s, p + PS_HEADER_LOOKUP_LEN, err, "the lookup part's length cannot be right");
	if (s->file_len < s->lookup_len || s->file_len > PS_SNAPSHOT_FILE_MAX)
		return ps_image_refuse(
		    s, p + PS_HEADER_FILE_LEN, err, "the file's length cannot be right");
#ifndef PS_CONTROL_M2 /* negative control of RELIABILITY M2: this check left out */
	if (len != s->file_len && (s->part == PS_SNAPSHOT_WHOLE || len != s->lookup_len)) {
		ps_error_at(err, NULL, 0, 0, len < s->file_len ? len : s->file_len);
		return ps_error_set(err, PS_INVALID,
		    "is %llu bytes long, and its header says %llu: it was cut short, or "
		    "something was added",
		    (unsigned long long)len, (unsigned long long)s->file_len);
	}
#else
	(void)len;
#endif
	return PS_OK;
}

static enum ps_status verify_zeros(
    const struct ps_snapshot *s, uint64_t from, uint64_t to, struct ps_error *err)
{
	for (; from < to; from++)
		if (s->bytes.ptr[from] != 0)
			return ps_image_refuse(
			    s, s->bytes.ptr + from, err, "an octet that should be zero is not");
	return PS_OK;
}

/* Each section begins where the one before it ends, aligned up. So there is one
 * layout for given lengths, and overlapping ones cannot be said. */
static enum ps_status verify_section(struct ps_snapshot *s, enum ps_section section,
    uint64_t *end, struct ps_error *err)
{
	const uint8_t *p = s->bytes.ptr + PS_HEADER_TABLE + (size_t)section * 16;
	struct ps_image_section *it = &s->section[section];
	const char *name = sections[section].name;
	bool held = section < PS_SECTION_LOOKUP_COUNT || s->part == PS_SNAPSHOT_WHOLE;
	uint64_t limit = section < PS_SECTION_LOOKUP_COUNT ? s->lookup_len : s->file_len;

	it->offset = ps_load_le64(p);
	it->len = ps_load_le64(p + 8);
	if (it->offset != ps_format_align(*end))
		return ps_image_refuse(s, p, err,
		    "section %s does not begin where the one before it ends", name);
	if (it->offset > limit || it->len > limit - it->offset)
		return ps_image_refuse(s, p + 8, err, "section %s ends outside of its part", name);
	if (it->len % sections[section].record != 0)
		return ps_image_refuse(
		    s, p + 8, err, "section %s does not hold whole records", name);
	if (it->len / sections[section].record > sections[section].records_max)
		return ps_image_refuse(s, p + 8, err, "section %s holds too many records", name);
	if (held) {
		it->ptr = s->bytes.ptr + it->offset;
		if (verify_zeros(s, *end, it->offset, err) != PS_OK)
			return PS_INVALID;
	}
	*end = it->offset + it->len;
	return PS_OK;
}

static enum ps_status verify_layout(struct ps_snapshot *s, struct ps_error *err)
{
	const uint8_t *p = s->bytes.ptr;
	uint64_t end = PS_HEADER_SIZE;

	if (ps_load_le32(p + PS_HEADER_SECTIONS) != PS_SECTION_COUNT)
		return ps_image_refuse(
		    s, p + PS_HEADER_SECTIONS, err, "the header has another number of sections");
	for (enum ps_section i = 0; i < PS_SECTION_COUNT; i++) {
		if (verify_section(s, i, &end, err) != PS_OK)
			return PS_INVALID;
		if (i + 1 != PS_SECTION_LOOKUP_COUNT)
			continue;
		if (ps_format_align(end) != s->lookup_len)
			return ps_image_refuse(s, p + PS_HEADER_LOOKUP_LEN, err,
			    "the lookup part does not end behind its last section");
		if (verify_zeros(s, end, s->lookup_len, err) != PS_OK)
			return PS_INVALID;
	}
	if (ps_format_align(end) != s->file_len)
		return ps_image_refuse(s, p + PS_HEADER_FILE_LEN, err,
		    "the file does not end behind its last section");
	if (s->part == PS_SNAPSHOT_WHOLE && verify_zeros(s, end, s->file_len, err) != PS_OK)
		return PS_INVALID;
	if (p[PS_HEADER_EVENT_CLIENT] >= PS_CLIENT_FORM_COUNT)
		return ps_image_refuse(s, p + PS_HEADER_EVENT_CLIENT, err,
		    "what events keep of clients is not known");
	if (p[PS_HEADER_RESERVED] != 0)
		return ps_image_refuse(
		    s, p + PS_HEADER_RESERVED, err, "an octet that should be zero is not");
	return PS_OK;
}

static uint32_t records(const struct ps_snapshot *s, enum ps_section section)
{
	return (uint32_t)(s->section[section].len / sections[section].record);
}

/* Takes over what the layout and the header's other fields say. The sections'
 * limits make every count fit. */
static enum ps_status read_header(struct ps_snapshot *s, struct ps_error *err)
{
	const uint8_t *p = s->bytes.ptr;

	s->feeds = records(s, PS_SECTION_FEEDS);
	s->answers = records(s, PS_SECTION_ANSWERS);
	s->rules = records(s, PS_SECTION_RULES);
	s->conditions = records(s, PS_SECTION_CONDITIONS);
	s->rows = records(s, PS_SECTION_ROWS);
	s->entries = records(s, PS_SECTION_ENTRIES);
	s->prefixes4 = records(s, PS_SECTION_PREFIXES4);
	s->prefixes6 = records(s, PS_SECTION_PREFIXES6);
	s->groups = records(s, PS_SECTION_GROUPS);
	s->clients4 = records(s, PS_SECTION_CLIENTS4);
	s->clients6 = records(s, PS_SECTION_CLIENTS6);
	if (records(s, PS_SECTION_SETS) == 0)
		return ps_image_refuse(s, s->section[PS_SECTION_SETS].ptr, err,
		    "section SETS lacks its end");
	s->sets = records(s, PS_SECTION_SETS) - 1;
	s->bucket_bits = ps_load_le32(p + PS_HEADER_BUCKET_BITS);
	if (s->bucket_bits != ps_format_bucket_bits(s->entries))
		return ps_image_refuse(s, p + PS_HEADER_BUCKET_BITS, err,
		    "the number of bucket bits does not fit the number of entries");
	if (records(s, PS_SECTION_BUCKETS) != (UINT32_C(1) << s->bucket_bits) + 1)
		return ps_image_refuse(s, s->section[PS_SECTION_BUCKETS].ptr, err,
		    "section BUCKETS does not hold as many as the header says");
	s->key.k0 = ps_load_le64(p + PS_HEADER_KEY);
	s->key.k1 = ps_load_le64(p + PS_HEADER_KEY + 8);
	s->depths[0] = ps_load_le64(p + PS_HEADER_DEPTHS);
	s->depths[1] = ps_load_le64(p + PS_HEADER_DEPTHS + 8);
	for (unsigned i = 0; i <= PS_NAME_LABELS_MAX; i++)
		if (ps_image_has_depth(s, i))
			s->deepest = i;
	return PS_OK;
}

enum ps_status ps_image_verify_header(
    struct ps_snapshot *s, uint64_t len, struct ps_error *err)
{
	enum ps_status status = verify_kind(s, err);

	return status == PS_OK ? verify_length(s, len, err) : status;
}

enum ps_status ps_image_verify(struct ps_snapshot *s, struct ps_error *err)
{
	enum ps_status status = ps_image_verify_header(s, s->bytes.len, err);

	if (status == PS_OK)
		status = verify_digest(s, PS_HEADER_SIZE, s->lookup_len, PS_HEADER_LOOKUP_DIGEST,
		    "the lookup part", err);
	if (status == PS_OK && s->part == PS_SNAPSHOT_WHOLE)
		status = verify_digest(s, s->lookup_len, s->file_len, PS_HEADER_TEXT_DIGEST,
		    "the text part", err);
	if (status == PS_OK)
		status = verify_layout(s, err);
	if (status == PS_OK)
		status = read_header(s, err);
	if (status == PS_OK)
		status = ps_image_verify_tables(s, err);
	if (status == PS_OK)
		status = ps_image_verify_clients(s, err);
	if (status == PS_OK)
		status = ps_image_verify_index(s, err);
	if (status == PS_OK && s->part == PS_SNAPSHOT_WHOLE)
		status = ps_image_verify_text(s, err);
	return status;
}
