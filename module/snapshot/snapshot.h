/* A snapshot: the immutable file that holds all that a decision needs, verified
 * whole, then trusted.
 *
 * open verifies every offset, order and value of what it is given; afterwards the
 * lookups below cannot fail, allocate, lock or log, and take a bounded number of
 * steps whatever the name. FORMAT.md is the specification.
 *
 * Ownership: a snapshot opened from bytes borrows them; one that was loaded owns
 * a sealed copy. Values returned point into it and live as long.
 * Threads: immutable once open; any number of readers.
 */
#ifndef PS_SNAPSHOT_SNAPSHOT_H
#define PS_SNAPSHOT_SNAPSHOT_H

#include "core/siphash.h"
#include "policy/plan.h"
#include "snapshot/format.h"

struct ps_snapshot;

enum ps_snapshot_part {
	PS_SNAPSHOT_LOOKUP, /* header and lookup part: what the resolver holds */
	PS_SNAPSHOT_WHOLE,  /* with the text for explanation */
};

#define PS_DIGEST_SIZE 32

/* Verifies bytes, which must stay unchanged as long as the snapshot is open. With
 * PS_SNAPSHOT_LOOKUP, bytes.len must be the lookup part's length or the whole
 * file's. Errors: PS_INVALID (err->offset and text say where and what),
 * PS_UNSUPPORTED (a newer version), PS_NO_MEMORY. *out changes on success alone. */
PS_MUST_USE enum ps_status ps_snapshot_open(struct ps_snapshot **out, struct ps_bytes bytes,
    enum ps_snapshot_part part, struct ps_error *err);

/* Copies the file (or its lookup part) into a sealed memfd (F_SEAL_WRITE | SHRINK |
 * GROW | SEAL), maps that read-only and verifies the copy: nothing that happens to
 * the file afterwards can reach a reader (RELIABILITY M3). The file itself must
 * be whole, also when only its lookup part is wanted. Errors: as
 * ps_snapshot_open(), and PS_NOT_FOUND, PS_IO. */
PS_MUST_USE enum ps_status ps_snapshot_load(struct ps_snapshot **out, const char *path,
    enum ps_snapshot_part part, struct ps_error *err);

/* NULL is allowed. */
void ps_snapshot_close(struct ps_snapshot *snapshot);

/* The SHA-256 over header and parts that names this snapshot: the header's digest. */
const uint8_t *ps_snapshot_digest(const struct ps_snapshot *snapshot);

/* What is kept of events. */
struct ps_events_plan ps_snapshot_events(const struct ps_snapshot *snapshot);

/* What clients that ask for structured errors are told. Its strings are the snapshot's. */
struct ps_structured_plan ps_snapshot_structured(const struct ps_snapshot *snapshot);

struct ps_snapshot_size {
	uint64_t file;          /* octets of the whole file */
	uint64_t lookup;        /* octets of the lookup part */
	uint64_t resident;      /* octets held in memory for this snapshot */
	uint64_t names;         /* entries */
	uint64_t prefixes4;
	uint64_t prefixes6;
	uint64_t rows;
	uint64_t sets;
	uint32_t fullest_bucket;
};
struct ps_snapshot_size ps_snapshot_size(const struct ps_snapshot *snapshot);

/* A section of the file, for people: its name as FORMAT.md has it. */
struct ps_section_view {
	const char *name;
	uint64_t offset;
	uint64_t octets;
	uint64_t records; /* octets, where the section has none */
};
struct ps_section_view ps_snapshot_section(
    const struct ps_snapshot *snapshot, enum ps_section section);

enum ps_snapshot_part ps_snapshot_part(const struct ps_snapshot *snapshot);

/* Does an entry have so many labels? (In a snapshot opened as LOOKUP: the header
 * says so.) labels at most PS_NAME_LABELS_MAX. */
bool ps_snapshot_has_depth(const struct ps_snapshot *snapshot, unsigned labels);

/* --- looking up ----------------------------------------------------------- */

struct ps_row {
	enum ps_row_kind kind;
	enum ps_scope scope;
	uint16_t source;
	enum ps_category category;
	uint8_t confidence;
	enum ps_tlp tlp;
	enum ps_origin origin;
	bool trial;
	uint32_t valid_from;
	uint32_t valid_until;
};

/* One entry that covers the name: it or an ancestor of it is listed. */
struct ps_hit {
	uint32_t entry;     /* index, for ps_snapshot_entry_text() */
	uint32_t first_row; /* rows [first_row, first_row + row_count) */
	uint32_t row_count;
	uint8_t labels;     /* of the listed name */
	bool itself;        /* the listed name is the name asked for */
};

struct ps_hits {
	uint32_t count;
	struct ps_hit hit[PS_NAME_LABELS_MAX + 1]; /* closest first: the name, its parent, ... */
};

/* Every entry that could cover name: the one at name itself when it has a row for
 * the name, and those above it that have a row reaching below. Rows of a hit may
 * still not apply (scope, time): ask ps_row_applies(). A wrong hit has a probability
 * below 2^-60 a call (FORMAT.md). Cost without a hit: one walk of the name, and one
 * cache line for each suffix whose depth occurs, all fetched at once. Never more than
 * 128 buckets of 64. */
void ps_snapshot_find(
    const struct ps_snapshot *snapshot, struct ps_name name, struct ps_hits *hits);

struct ps_row ps_snapshot_row(const struct ps_snapshot *snapshot, uint32_t index);
/* That alone, for whoever first asks what kinds there are. */
enum ps_row_kind ps_snapshot_row_kind(const struct ps_snapshot *snapshot, uint32_t index);

/* Does the row cover a name found by this hit at this time? */
static inline bool ps_row_applies(const struct ps_row *row, bool itself, uint32_t now)
{
	bool reaches = itself ? row->scope != PS_SCOPE_BELOW : row->scope != PS_SCOPE_EXACT;

	return reaches && now >= row->valid_from && now < row->valid_until;
}

/* The rows of the longest prefix that covers address; false: none does. An IPv4-mapped
 * address is not taken for the IPv4 one (ps_address_unmap() before). Cost: a
 * binary search and at most 33 (129) steps outwards. */
bool ps_snapshot_find_address(const struct ps_snapshot *snapshot,
    const struct ps_address *address, uint32_t *prefix, uint32_t *first_row,
    uint32_t *row_count);

/* The next shorter prefix that covers *prefix, and its rows; false: none does. So
 * a loop from ps_snapshot_find_address() on sees every prefix that lists an
 * address: a feed that lists a network is not hidden by another that lists one
 * host of it. */
bool ps_snapshot_find_wider(const struct ps_snapshot *snapshot, uint32_t *prefix,
    uint32_t *first_row, uint32_t *row_count);

/* --- tables --------------------------------------------------------------- */

struct ps_feed_view {
	const char *id;
	const char *title;
	const char *file; /* of the policy that defines it */
	uint32_t line;
	enum ps_feed_format format;
	bool trial;
	bool held;       /* the feed was held back: these are its last good entries */
	uint32_t read;   /* what the feed offered */
	uint32_t kept;   /* what stands in this snapshot */
	uint32_t refused;
};
uint32_t ps_snapshot_feed_count(const struct ps_snapshot *snapshot);
struct ps_feed_view ps_snapshot_feed(const struct ps_snapshot *snapshot, uint32_t index);

struct ps_rule_view {
	const char *id;
	const char *file;
	uint32_t line;
	enum ps_mode mode;
	uint16_t answer;
	uint32_t first_condition;
	uint32_t condition_count;
	int32_t ede_code; /* PS_EDE_NONE */
	const char *ede_text;
	uint8_t sub_error; /* PS_SUB_ERROR_* */
};
uint32_t ps_snapshot_rule_count(const struct ps_snapshot *snapshot);
struct ps_rule_view ps_snapshot_rule(const struct ps_snapshot *snapshot, uint32_t index);

struct ps_condition_view {
	enum ps_condition_kind kind;
	uint8_t of;          /* PS_OF_*: what it is asked of */
	uint16_t name_set;   /* NAMES, ADDRESSES: the source of its rows (the condition's index) */
	const char *pattern; /* PATTERN; otherwise "" */
	const uint8_t *feeds; /* LISTED: feed_count little-endian u16, ascending */
	uint32_t feed_count;
	uint32_t categories;
	uint8_t confidence_min;
	uint8_t confidence_max;
	const uint8_t *brands; /* LOOKALIKE: brand_count little-endian u16, ascending */
	uint32_t brand_count;
	uint32_t techniques;
	uint8_t score_min;
	uint8_t score_max;
	uint64_t clients; /* CLIENT: bit n for class n of ps_snapshot_client() */
};
uint32_t ps_snapshot_condition_count(const struct ps_snapshot *snapshot);
struct ps_condition_view ps_snapshot_condition(
    const struct ps_snapshot *snapshot, uint32_t index);

/* --- clients -------------------------------------------------------------- */

struct ps_group_view {
	const char *id;
	const char *file; /* of the policy that defines it */
	uint32_t line;
};
uint32_t ps_snapshot_group_count(const struct ps_snapshot *snapshot);
struct ps_group_view ps_snapshot_group(const struct ps_snapshot *snapshot, uint32_t index);

/* The class of a client: 1 + the group whose prefix covers its address, that of the longest
 * one; 0: none does. prefix: the prefix's index for ps_snapshot_client_prefix(), if one does;
 * may be NULL. IPv4-mapped addresses are IPv4 ones. Steps: a binary search and at most 129
 * prefixes; one comparison where there are no clients at all. */
unsigned ps_snapshot_client(
    const struct ps_snapshot *snapshot, const struct ps_address *address, uint32_t *prefix);

uint32_t ps_snapshot_client_prefix_count(const struct ps_snapshot *snapshot);
/* IPv4 first, then IPv6. *group: an index. */
struct ps_prefix ps_snapshot_client_prefix(
    const struct ps_snapshot *snapshot, uint32_t index, uint32_t *group);

/* What names are judged by: lookalike/tables.h. Without brands: no terms. */
struct ps_tables;
const struct ps_tables *ps_snapshot_tables(const struct ps_snapshot *snapshot);

struct ps_answer_view {
	const char *name;
	enum ps_action action;
	uint32_t ttl;
	const uint8_t *a;    /* a_count times 16 octets, of which 4 are used */
	const uint8_t *aaaa; /* aaaa_count times 16 octets */
	uint32_t a_count;
	uint32_t aaaa_count;
	struct ps_name cname; /* wire NULL: none */
};
uint32_t ps_snapshot_answer_count(const struct ps_snapshot *snapshot);
struct ps_answer_view ps_snapshot_answer(const struct ps_snapshot *snapshot, uint32_t index);

/* --- prefixes ------------------------------------------------------------- */

/* index < prefixes4 + prefixes6: IPv4 first, then IPv6. */
struct ps_prefix ps_snapshot_prefix(const struct ps_snapshot *snapshot, uint32_t index,
    uint32_t *first_row, uint32_t *row_count);

/* --- text: only for snapshots opened whole ------------------------------------- */

struct ps_entry_text {
	struct ps_name name;
	uint32_t first_row;
	uint32_t row_count;
};
/* The listed name of an entry. index < names. */
struct ps_entry_text ps_snapshot_entry_text(const struct ps_snapshot *snapshot, uint32_t index);

struct ps_provenance {
	uint64_t line;             /* in the feed; 0 unknown */
	struct ps_bytes reference; /* the feed's own id; may be empty */
};
/* Where the n-th row of an entry came from. n < row_count. */
struct ps_provenance ps_snapshot_provenance(
    const struct ps_snapshot *snapshot, uint32_t entry, uint32_t n);

struct ps_provenance ps_snapshot_prefix_provenance(
    const struct ps_snapshot *snapshot, uint32_t prefix, uint32_t n);

/* Goes through all entries in order: one step an entry, where
 * ps_snapshot_entry_text() takes up to 64. Start with {.snapshot = it}. */
struct ps_entry_cursor {
	const struct ps_snapshot *snapshot;
	uint32_t next;   /* the entry that comes next */
	uint64_t offset; /* of its record in TEXT */
};
bool ps_entry_cursor_next(struct ps_entry_cursor *cursor, struct ps_entry_text *out);

/* Hears of one row of a feed as the indicator that it was made from (origin, scope,
 * line and reference as they were). Anything but PS_OK ends the visit with it. */
struct ps_indicator_visitor {
	void *ctx;
	enum ps_status (*accept)(void *ctx, const struct ps_indicator *indicator, bool trial,
	    struct ps_error *err);
};

/* Hands on every row of a feed, names first: so that a feed's last good entries can
 * go through guards and builder again (RELIABILITY F4). */
PS_MUST_USE enum ps_status ps_snapshot_visit_feed(const struct ps_snapshot *snapshot,
    uint32_t feed, const struct ps_indicator_visitor *visitor, struct ps_error *err);

#endif
