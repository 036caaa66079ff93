/* The spool's files: a folder of segments, each a header and records (FORMAT.md).
 *
 * Threads: pure functions.
 */
#ifndef PS_EVENT_SEGMENT_H
#define PS_EVENT_SEGMENT_H

#include "core/siphash.h"
#include "core/status.h"

#define PS_SEGMENT_MAGIC "PSEVNT\r\n" /* 8 octets; the CR LF shows a text-mode transfer */
#define PS_SEGMENT_VERSION 2u /* that is written; 1 is read as well */

enum {
	PS_SEGMENT_MAGIC_AT = 0,  /* 8 octets */
	PS_SEGMENT_VERSION_AT = 8, /* u32 */
	PS_SEGMENT_ZERO = 12,     /* u32: 0 */
	PS_SEGMENT_NUMBER = 16,   /* u64: as in its name */
	PS_SEGMENT_SERIAL = 24,   /* u64: of its first record */
	PS_SEGMENT_KEY = 32,      /* 16 octets: of its records' checksums */
	PS_SEGMENT_CREATED = 48,  /* u64: milliseconds since 1970 */
	PS_SEGMENT_CHECKSUM = 56, /* u64: of the octets before it, under the key 0 */
	PS_SEGMENT_HEADER = 64,
};

struct ps_segment {
	uint64_t number;
	uint64_t first_serial;
	struct ps_hash_key key;
	uint64_t created;
};

void ps_segment_encode(const struct ps_segment *segment, uint8_t out[PS_SEGMENT_HEADER]);

/* PS_INVALID: it is none. PS_UNSUPPORTED: of a version that this program does not know. */
PS_MUST_USE enum ps_status ps_segment_decode(
    struct ps_segment *out, const uint8_t in[PS_SEGMENT_HEADER]);

/* "events-00000000674a1b2c.pse": sorts as its number does. */
#define PS_SEGMENT_NAME_MAX 32
void ps_segment_name(uint64_t number, char out[PS_SEGMENT_NAME_MAX]);
PS_MUST_USE bool ps_segment_number(const char *name, uint64_t *out);

/* The segments of a folder. */
struct ps_segment_span {
	uint64_t count;
	uint64_t octets;
	uint64_t lowest;  /* 0 when there are none */
	uint64_t highest;
	uint64_t next;    /* the lowest of at least `from`; 0: none */
	uint64_t before;  /* the highest below `from`; 0: none */
};

/* folder: a descriptor of it. Errors: PS_IO. */
PS_MUST_USE enum ps_status ps_segment_list(
    int folder, uint64_t from, struct ps_segment_span *out, struct ps_error *err);

/* Reads a segment's header. Errors: PS_NOT_FOUND, PS_IO, PS_INVALID (also: too short),
 * PS_UNSUPPORTED. *fd is the caller's to close, on success alone. */
PS_MUST_USE enum ps_status ps_segment_open(int folder, uint64_t number, int *fd,
    struct ps_segment *out, struct ps_error *err);

#endif
