/* Inside of a snapshot: what the reader, the verifier and the loader share. No
 * other room includes this.
 *
 * Ownership: the struct borrows the bytes, and owns the mapping when there is one.
 * Threads: immutable once ps_snapshot_open() has returned.
 */
#ifndef PS_SNAPSHOT_IMAGE_H
#define PS_SNAPSHOT_IMAGE_H

#include "lookalike/tables.h"
#include "snapshot/snapshot.h"

struct ps_image_section {
	const uint8_t *ptr; /* NULL for a text section that is not held */
	uint64_t offset;
	uint64_t len;
};

struct ps_snapshot {
	struct ps_bytes bytes; /* header and lookup part, or the whole file */
	enum ps_snapshot_part part;
	uint64_t lookup_len;
	uint64_t file_len;
	struct ps_image_section section[PS_SECTION_COUNT];

	/* Of the tables, as numbers of records. */
	uint32_t feeds;
	uint32_t answers;
	uint32_t rules;
	uint32_t conditions;
	uint32_t sets;
	uint32_t rows;
	uint32_t entries;
	uint32_t prefixes4;
	uint32_t prefixes6;
	uint32_t groups;
	uint32_t clients4;
	uint32_t clients6;

	/* For looking up. */
	struct ps_hash_key key;
	uint64_t depths[2];
	uint32_t deepest; /* labels */
	uint32_t bucket_bits;
	uint32_t fullest_bucket;

	struct ps_tables tables; /* of LOOKALIKE */

	void *mapping; /* NULL: the bytes are the caller's */
	size_t mapping_len;
};

/* The record of a table. */
static inline const uint8_t *ps_image_record(
    const struct ps_snapshot *s, enum ps_section section, uint64_t index, size_t size)
{
	return s->section[section].ptr + index * size;
}

static inline uint32_t ps_image_set(const struct ps_snapshot *s, uint32_t index)
{
	return ps_load_le32(ps_image_record(s, PS_SECTION_SETS, index, PS_SET_RECORD));
}

static inline bool ps_image_has_depth(const struct ps_snapshot *s, unsigned labels)
{
	return (s->depths[labels >> 6] >> (labels & 63) & 1) != 0;
}

/* A row's fields, in the order in which the rows of a set are sorted, as two numbers. */
struct ps_image_row_order {
	uint64_t major;
	uint64_t minor;
};

static inline struct ps_image_row_order ps_image_row_order(const uint8_t *row)
{
	return (struct ps_image_row_order){
	    .major = (uint64_t)row[PS_ROW_KIND] << 56 |
	        (uint64_t)ps_load_le16(row + PS_ROW_SOURCE) << 40 |
	        (uint64_t)row[PS_ROW_SCOPE] << 32 | (uint64_t)row[PS_ROW_CATEGORY] << 24 |
	        (uint64_t)row[PS_ROW_CONFIDENCE] << 16 | (uint64_t)row[PS_ROW_TLP] << 8 |
	        row[PS_ROW_ORIGIN],
	    .minor = (uint64_t)ps_load_le32(row + PS_ROW_VALID_FROM) << 32 |
	        ps_load_le32(row + PS_ROW_VALID_UNTIL),
	};
}

static inline int ps_image_row_compare(
    struct ps_image_row_order a, struct ps_image_row_order b)
{
	if (a.major != b.major)
		return a.major < b.major ? -1 : 1;
	return a.minor < b.minor ? -1 : a.minor > b.minor;
}

/* One family's prefixes: IPv4 and IPv6 differ in two numbers. */
struct ps_image_prefixes {
	const uint8_t *records;
	uint32_t count;
	uint8_t octets; /* of an address */
	uint8_t record; /* octets of a record */
};

static inline struct ps_image_prefixes ps_image_prefixes(const struct ps_snapshot *s, bool is_ipv6)
{
	return (struct ps_image_prefixes){
	    .records = s->section[is_ipv6 ? PS_SECTION_PREFIXES6 : PS_SECTION_PREFIXES4].ptr,
	    .count = is_ipv6 ? s->prefixes6 : s->prefixes4,
	    .octets = is_ipv6 ? 16 : 4,
	    .record = is_ipv6 ? PS_PREFIX6_RECORD : PS_PREFIX4_RECORD,
	};
}

/* The same of clients, in the same form but for what they point to. */
static inline struct ps_image_prefixes ps_image_clients(const struct ps_snapshot *s, bool is_ipv6)
{
	return (struct ps_image_prefixes){
	    .records = s->section[is_ipv6 ? PS_SECTION_CLIENTS6 : PS_SECTION_CLIENTS4].ptr,
	    .count = is_ipv6 ? s->clients6 : s->clients4,
	    .octets = is_ipv6 ? 16 : 4,
	    .record = is_ipv6 ? PS_PREFIX6_RECORD : PS_PREFIX4_RECORD,
	};
}

/* Do the first len bits of two addresses agree? len at most 8 times their octets. */
static inline bool ps_image_bits_agree(const uint8_t *a, const uint8_t *b, unsigned len)
{
	unsigned whole = len / 8, rest = len % 8;

	return memcmp(a, b, whole) == 0 && (rest == 0 || (a[whole] ^ b[whole]) >> (8 - rest) == 0);
}

/* Checks header, layout and all sections that are held, and fills in *s on the
 * way. s: zeroed but for bytes and part. */
PS_MUST_USE enum ps_status ps_image_verify(struct ps_snapshot *s, struct ps_error *err);

/* Its first step: the header by itself, and the lengths it states against len. Needs no
 * more bytes than the header's. */
PS_MUST_USE enum ps_status ps_image_verify_header(
    struct ps_snapshot *s, uint64_t len, struct ps_error *err);

/* The steps of ps_image_verify() that stand in files of their own. */
PS_MUST_USE enum ps_status ps_image_verify_tables(struct ps_snapshot *s, struct ps_error *err);
PS_MUST_USE enum ps_status ps_image_verify_index(struct ps_snapshot *s, struct ps_error *err);
PS_MUST_USE enum ps_status ps_image_verify_prefixes(
    struct ps_snapshot *s, uint32_t *sets_seen, struct ps_error *err);
PS_MUST_USE enum ps_status ps_image_verify_clients(
    const struct ps_snapshot *s, struct ps_error *err);
PS_MUST_USE enum ps_status ps_image_verify_text(struct ps_snapshot *s, struct ps_error *err);

/* PS_INVALID, at an address inside of the image. */
PS_MUST_USE enum ps_status ps_image_refuse(const struct ps_snapshot *s, const uint8_t *at,
    struct ps_error *err, const char *format, ...) __attribute__((format(printf, 4, 5)));

/* SHA-256 of len octets. Errors: PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_image_digest(
    const uint8_t *ptr, uint64_t len, uint8_t out[PS_DIGEST_SIZE], struct ps_error *err);

/* Octets of the well-formed UTF-8 sequence at p (Unicode 15, table 3-7); 0: none.
 * The text at p ends in NUL. */
unsigned ps_image_utf8_sequence(const uint8_t *p);

/* Name of a section, as FORMAT.md has it, and the octets of one of its records. */
const char *ps_image_section_name(enum ps_section section);
uint32_t ps_image_section_record(enum ps_section section);

#endif
