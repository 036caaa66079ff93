/* Inside of the builder: what collecting (builder.c), the tables (tables.c), the
 * arrangement (arrange.c) and the writing (writer.c) share. No other room
 * includes this.
 *
 * A build goes: add everything -> settle (sort, drop what is there twice) -> arrange
 * (key, hashes, buckets, sets) -> write. What arranging makes is gone after the
 * write, what was added stays.
 */
#ifndef PS_SNAPSHOT_BUILD_H
#define PS_SNAPSHOT_BUILD_H

#include "core/arena.h"
#include "snapshot/builder.h"
#include "snapshot/image.h"
#include "snapshot/intern.h"

#include <stdio.h>

/* A row for a name. 24 octets, of which 10 million names have 10 million. */
struct ps_build_record {
	uint64_t hash; /* SipHash of the name under a fixed key: brings equal names together */
	const uint8_t *name; /* its wire form; behind it the line as a varint */
	uint32_t row;        /* number in rows */
	uint32_t reference;  /* number in references, + 1; 0: none */
};

struct ps_build_prefix {
	uint8_t family;
	uint8_t len;
	uint8_t bytes[16];
	uint32_t row;
	uint32_t reference;
	uint64_t line;
};

struct ps_build_feed {
	uint32_t read;
	uint32_t kept;
	uint32_t refused;
	bool held;
	struct ps_builder_counts counts;
};

struct ps_builder {
	const struct ps_plan *plan;
	struct ps_arena names;
	struct ps_intern rows;       /* 16 octets each, as they stand in the file */
	struct ps_intern references;
	struct ps_build_record *records;
	size_t record_count;
	size_t record_room;
	struct ps_build_prefix *prefixes;
	size_t prefix_count;
	size_t prefix_room;
	struct ps_build_feed *feeds;
	struct ps_bytes suffixes; /* the public suffix list, borrowed; empty: not given */
	bool settled; /* sorted, and nothing there twice */
};

/* One listed name: records [first, first + count). */
struct ps_build_entry {
	uint64_t hi;
	uint32_t lo;
	uint32_t first;
	uint32_t count;
	uint32_t set;
};

/* One listed prefix. */
struct ps_build_range {
	uint32_t first; /* prefixes [first, first + count) */
	uint32_t count;
	uint32_t set;
	uint32_t parent;
};

/* The small tables as they stand in the file. */
struct ps_build_tables {
	struct ps_buffer section[PS_SECTION_ROWS];
	uint8_t structured[PS_STRUCTURED_SIZE]; /* as it stands in the header */
};

struct ps_build_image {
	const struct ps_builder *builder;
	struct ps_build_tables tables;
	struct ps_build_entry *entries;
	uint32_t entry_count;
	struct ps_build_range *ranges;
	uint32_t range_count; /* IPv4 first, then IPv6 */
	uint32_t ipv4_count;
	struct ps_intern sets;      /* as octets: row numbers in native order */
	uint64_t *reference_places; /* offset in REFERENCES + 1, by number; 0: not used yet */
	uint32_t *reference_order;  /* numbers in the order of their first use */
	uint32_t reference_count;
	uint64_t *text_index;
	uint64_t *prefix_index;
	struct ps_hash_key key;
	uint64_t depths[2];
	uint32_t bucket_bits;
	uint64_t offset[PS_SECTION_COUNT];
	uint64_t len[PS_SECTION_COUNT];
	uint64_t lookup_len;
	uint64_t file_len;
};

/* Octets of a wire name, root label included. */
static inline size_t ps_build_name_len(const uint8_t *wire)
{
	size_t len = 0;

	while (wire[len] != 0)
		len += wire[len] + 1u;
	return len + 1;
}

static inline struct ps_name ps_build_name(const uint8_t *wire)
{
	size_t len = 0;
	uint8_t labels = 0;

	for (; wire[len] != 0; labels++)
		len += wire[len] + 1u;
	return ps_name_trusted(wire, (uint8_t)(len + 1), labels);
}

#define PS_VARINT_MAX 10

/* LEB128; returns its octets. */
static inline size_t ps_build_put_varint(uint8_t out[PS_VARINT_MAX], uint64_t value)
{
	size_t len = 0;

	for (; value >= 0x80; value >>= 7)
		out[len++] = (uint8_t)(value | 0x80);
	out[len++] = (uint8_t)value;
	return len;
}

/* The line that stands behind a record's name. */
static inline uint64_t ps_build_line(const struct ps_build_record *record)
{
	const uint8_t *p = record->name + ps_build_name_len(record->name);
	uint64_t value = 0;
	unsigned shift = 0;

	for (; (*p & 0x80) != 0; p++, shift += 7)
		value |= (uint64_t)(*p & 0x7f) << shift;
	return value | (uint64_t)*p << shift;
}

static inline const uint8_t *ps_build_row(const struct ps_builder *builder, uint32_t row)
{
	return ps_intern_get(&builder->rows, row).ptr;
}

void ps_build_tables_clear(struct ps_build_tables *tables);
/* Writes the sections before ROWS. tables: zeroed. */
PS_MUST_USE enum ps_status ps_build_tables(
    struct ps_build_tables *tables, const struct ps_builder *builder, struct ps_error *err);

void ps_build_image_clear(struct ps_build_image *image);
/* Chooses key and buckets, numbers sets and references, lays out the sections.
 * image: zeroed. */
PS_MUST_USE enum ps_status ps_build_arrange(
    struct ps_build_image *image, struct ps_builder *builder, struct ps_error *err);

#endif
