/* An event: what the module decided about one name by one rule for one group of clients, how
 * often within a few seconds, and why. And its record in the spool: FORMAT.md.
 *
 * Of a flood of names there is one event with a count (subtree) instead of one for each.
 *
 * Names, ids and addresses come from outside: what prints them escapes them.
 *
 * Ownership: a plain value; what encodes and decodes uses the caller's storage.
 * Threads: pure functions.
 */
#ifndef PS_EVENT_EVENT_H
#define PS_EVENT_EVENT_H

#include "core/siphash.h"
#include "event/client.h"
#include "event/found.h"
#include "policy/plan.h"

#define PS_EVENT_TEXT_MAX 64 /* of an id; PS_ID_MAX of the policy language */

/* What a rule rests on; `postshield scan` has the same words. Numbers stand in files. */
enum ps_event_kind {
	PS_EVENT_KIND_NONE = 0, /* conditions of no other kind */
	PS_EVENT_KIND_LISTED = 1,
	PS_EVENT_KIND_LOOKALIKE = 2,
	PS_EVENT_KIND_PATTERN = 3,
	PS_EVENT_KIND_COUNT = 4,
};

#define PS_EVENT_NO_ENTRY UINT32_MAX

struct ps_event {
	uint64_t serial; /* in the spool; counts on from 0 */
	uint64_t first;  /* milliseconds since 1970 */
	uint64_t last;
	uint32_t count;  /* decisions, at least 1 */
	uint32_t group;  /* of clients; 0: none */
	/* Names that came too many to be kept one by one: name is what they stand under (the root:
	 * anything), count that of all of them. Type and client are those of one. */
	bool subtree;
	uint16_t type;   /* RR type of the first query */
	enum ps_action action;
	bool trial;      /* the rule is on trial: this is what it would have done */
	enum ps_event_kind kind;
	enum ps_technique technique; /* and score, brand: what the name looks like */
	uint8_t score;
	int32_t ede;     /* PS_EDE_NONE: none */
	uint8_t snapshot[8]; /* the first octets of its digest */
	struct ps_client client; /* of the first query, as far as the policy keeps it */
	bool clients_differ;     /* others asked, too */
	/* What listed the name; entry PS_EVENT_NO_ENTRY: nothing did. With the snapshot of that
	 * digest: ps_snapshot_provenance(entry, row). */
	uint32_t entry;
	uint16_t row;
	uint8_t listed_labels; /* the listed name: so many of the name's last labels */
	bool found_listed;     /* of what was found, and not of the name */
	enum ps_category category;
	uint8_t confidence;
	enum ps_tlp tlp;
	uint8_t name_len; /* in wire form */
	uint8_t name[PS_NAME_WIRE_MAX];
	char rule[PS_EVENT_TEXT_MAX + 1];
	char brand[PS_EVENT_TEXT_MAX + 1];    /* "": none */
	char feed[PS_EVENT_TEXT_MAX + 1];     /* "": none */
	char case_key[PS_EVENT_TEXT_MAX + 1]; /* "": no case yet */
	char group_id[PS_EVENT_TEXT_MAX + 1]; /* "": group 0, or it is not known: version 1 */
	struct ps_found found; /* of the first decision: what it led to; NONE with most rules */
};

/* "none", "listed", "lookalike", "pattern". */
const char *ps_event_kind_name(unsigned kind);

struct ps_name ps_event_name(const struct ps_event *event);

/* What listed it, when something did (entry): a suffix of the name or of what was found. */
struct ps_name ps_event_listed(const struct ps_event *event);

/* How many labels of an event's name, counted from the root, stand for the names that a flood
 * may bring: the listed name's, where that is known, else two. Fewer where it has fewer. */
uint8_t ps_event_zone(const struct ps_event *event);

/* Makes it the event of all names under the last labels of its name: what is true of one alone
 * (what it looks like, what was found, what listed it, unless that is the name that is left)
 * goes. */
void ps_event_widen(struct ps_event *event, uint8_t labels);

/* --- records -------------------------------------------------------------------------- */

#define PS_RECORD_MAGIC UINT32_C(0x32455350) /* "PSE2" */
#define PS_RECORD_MAGIC_1 UINT32_C(0x31455350) /* "PSE1": of version 1, which is still read */
#define PS_RECORD_ALIGN 8u

/* Fields, as offsets in a record. FORMAT.md is the specification. */
enum {
	PS_RECORD_CHECKSUM = 0, /* u64 */
	PS_RECORD_MAGIC_AT = 8, /* u32 */
	PS_RECORD_LEN = 12,     /* u32 */
	PS_RECORD_SERIAL = 16,  /* u64 */
	PS_RECORD_FIRST = 24,   /* u64 */
	PS_RECORD_LAST = 32,    /* u64 */
	PS_RECORD_COUNT = 40,   /* u32 */
	PS_RECORD_GROUP = 44,   /* u32 */
	PS_RECORD_TYPE = 48,    /* u16 */
	PS_RECORD_ACTION = 50,  /* u8 */
	PS_RECORD_FLAGS = 51,   /* u8 */
	PS_RECORD_KIND = 52,    /* u8 */
	PS_RECORD_TECHNIQUE = 53, /* u8 */
	PS_RECORD_SCORE = 54,   /* u8 */
	PS_RECORD_CATEGORY = 55, /* u8 */
	PS_RECORD_EDE = 56,     /* i32 */
	PS_RECORD_ENTRY = 60,   /* u32 */
	PS_RECORD_ROW = 64,     /* u16 */
	PS_RECORD_LISTED_LABELS = 66, /* u8 */
	PS_RECORD_CONFIDENCE = 67, /* u8 */
	PS_RECORD_TLP = 68,     /* u8 */
	PS_RECORD_CLIENT_FORM = 69, /* u8 */
	PS_RECORD_CLIENT_FAMILY = 70, /* u8 */
	PS_RECORD_CLIENT_LEN = 71, /* u8: of a prefix */
	PS_RECORD_SNAPSHOT = 72, /* 8 octets */
	PS_RECORD_CLIENT = 80,  /* 16 octets */
	PS_RECORD_NAME_LEN = 96, /* u8, and the others' in their order */
	PS_RECORD_RULE_LEN = 97,
	PS_RECORD_BRAND_LEN = 98,
	PS_RECORD_FEED_LEN = 99,
	PS_RECORD_CASE_LEN = 100,
	PS_RECORD_GROUP_LEN = 101, /* in version 1 three zeros, here */
	PS_RECORD_FOUND_LEN = 102,
	PS_RECORD_FOUND_KIND = 103, /* u8 */
	/* Name, rule, brand, feed, case, group, found; zeros up to a multiple of 8. */
	PS_RECORD_TEXTS = 104,
	PS_RECORD_MAX = (PS_RECORD_TEXTS + 2 * PS_NAME_WIRE_MAX + 5 * PS_EVENT_TEXT_MAX + 7) & ~7,
	PS_RECORD_MIN = PS_RECORD_TEXTS + 8,
};
#define PS_RECORD_TRIAL 1u
#define PS_RECORD_CLIENTS_DIFFER 2u
#define PS_RECORD_SUBTREE 4u
#define PS_RECORD_FOUND_LISTED 8u

/* Octets of the event's record. */
size_t ps_event_size(const struct ps_event *event);

/* Writes the record; returns its octets. key: the segment's. */
size_t ps_event_encode(
    const struct ps_event *event, struct ps_hash_key key, uint8_t out[PS_RECORD_MAX]);

/* The octets of the record that bytes begins with, as it says itself; 0: none begins here,
 * or its length cannot be one. Looks at the first 16 octets, and takes nothing on trust but
 * them: ps_event_decode() is what checks. */
size_t ps_event_peek(struct ps_bytes bytes);

/* Reads one record, exactly bytes. PS_INVALID: the checksum or anything in it is wrong; *out
 * is then undefined. */
PS_MUST_USE enum ps_status ps_event_decode(
    struct ps_event *out, struct ps_hash_key key, struct ps_bytes bytes);

#endif
