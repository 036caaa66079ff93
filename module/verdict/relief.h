/* Relief: what is let through for a while although the policy blocks it. An operator says so with
 * `postshield disable` and `postshield allow`; it ends by itself.
 *
 * Kept in relief.ps of the state folder: a header and entries of a fixed size, checked whole
 * before any of it counts, so that the resolver parses nothing. The file is replaced by rename.
 * A bad file is no relief: the policy holds.
 *
 *   disable        rules that block are put on trial: counted and shown as events, not answered
 *   disable a rule the same for one rule; those below it are asked
 *   allow a name   it and all below it pass, like one on the never list
 *
 * Layout, little-endian. Header of 32 octets: "PSRELIEF", version u32, entries u32, checksum u64
 * (FNV-1a of the entries), zeros u64. Entry of 640 octets: until u64, made u64 (Unix seconds),
 * kind u8, name length u8, rule length u8, reason length u8, zeros u32; then name[256] in wire
 * form, rule[128], reason[232], each with zeros behind.
 *
 * Ownership: plain values. Threads: pure functions.
 */
#ifndef PS_VERDICT_RELIEF_H
#define PS_VERDICT_RELIEF_H

#include "core/buffer.h"
#include "core/name.h"

#define PS_RELIEF_FILE "relief.ps"
#define PS_RELIEF_MAX 128u
#define PS_RELIEF_HEADER 32u
#define PS_RELIEF_ENTRY 640u
#define PS_RELIEF_FILE_MAX (PS_RELIEF_HEADER + PS_RELIEF_MAX * PS_RELIEF_ENTRY)
#define PS_RELIEF_RULE_MAX 127
#define PS_RELIEF_REASON_MAX 231

enum ps_relief_kind {
	PS_RELIEF_DISABLE = 1,
	PS_RELIEF_DISABLE_RULE = 2,
	PS_RELIEF_ALLOW = 3,
};

struct ps_relief_entry {
	enum ps_relief_kind kind;
	uint64_t until; /* Unix seconds; it holds before */
	uint64_t made;
	uint8_t name_len; /* ALLOW: wire form, lower case */
	uint8_t name[PS_NAME_WIRE_MAX];
	char rule[PS_RELIEF_RULE_MAX + 1];     /* DISABLE_RULE */
	char reason[PS_RELIEF_REASON_MAX + 1]; /* printable ASCII; "": none was given */
};

struct ps_relief {
	size_t count;
	struct ps_relief_entry entry[PS_RELIEF_MAX];
};

/* The name of an ALLOW. */
struct ps_name ps_relief_name(const struct ps_relief_entry *entry);

PS_MUST_USE enum ps_status ps_relief_encode(
    const struct ps_relief *relief, struct ps_buffer *out);

/* PS_INVALID: it is none, with err saying why; *out is then empty. PS_UNSUPPORTED: of another
 * version. */
PS_MUST_USE enum ps_status ps_relief_decode(
    struct ps_relief *out, struct ps_bytes bytes, struct ps_error *err);

/* Removes what has ended; true when something was removed. */
bool ps_relief_expire(struct ps_relief *relief, uint64_t now);

/* Do they let the same through until the same second? The reason does not matter. */
bool ps_relief_entry_equal(const struct ps_relief_entry *a, const struct ps_relief_entry *b);
bool ps_relief_equal(const struct ps_relief *a, const struct ps_relief *b);

/* When the first entry ends; UINT64_MAX when there is none. */
uint64_t ps_relief_next_end(const struct ps_relief *relief);

/* The entry that switches every rule off, or this one (rule NULL: any), at `now`; NULL. The one
 * that ends last. */
const struct ps_relief_entry *ps_relief_of_rule(
    const struct ps_relief *relief, const char *rule, uint64_t now);

/* The entry that lets name pass at `now`; NULL. Of several the one that ends last. */
const struct ps_relief_entry *ps_relief_of_name(
    const struct ps_relief *relief, struct ps_name name, uint64_t now);

#endif
