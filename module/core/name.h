/* Domain names in wire form, checked once and trusted afterwards.
 *
 * A struct ps_name is made only by the checkers below: whoever holds one knows
 * that it is a whole, uncompressed name (RFC 1035 section 3.1: labels of 1 to 63
 * octets, at most 255 octets with the root), in lower case (RFC 4343: the 26
 * ASCII letters, octet by octet, any other octet as it is). So two names are
 * equal when their bytes are.
 *
 * A name borrows its bytes: from the caller's struct ps_name_buffer, or from the
 * file or arena it was found in. Text exists only at the edges.
 *
 * Threads: pure functions on the caller's storage.
 */
#ifndef PS_CORE_NAME_H
#define PS_CORE_NAME_H

#include "core/bytes.h"
#include "core/status.h"

#define PS_NAME_WIRE_MAX 255  /* octets with the root label: RFC 1035 section 2.3.4 */
#define PS_NAME_LABEL_MAX 63  /* octets of one label */
#define PS_NAME_LABELS_MAX 127
/* Presentation form with every octet escaped as \DDD, dots, and a NUL. */
#define PS_NAME_TEXT_MAX 1009

struct ps_name {
	const uint8_t *wire;
	uint8_t len;    /* octets with the root label, 1 to 255 */
	uint8_t labels; /* without the root label, 0 to 127 */
};

struct ps_name_buffer {
	uint8_t wire[PS_NAME_WIRE_MAX];
};

/* Checks a name that starts at wire.ptr, lower-cases it into storage and points
 * *out there. Octets after the root label are not looked at: *consumed (may be
 * NULL) says how many were the name's. Errors: PS_INVALID for a compression
 * pointer or another label type, a name over 255 octets, or one that ends early;
 * *out is then untouched. */
PS_MUST_USE enum ps_status ps_name_from_wire(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes wire, size_t *consumed);

/* Reads presentation form (RFC 1035 section 5.1: \X and \DDD escapes; the final
 * dot may be left out; "." is the root). Any octet is taken literally, so text
 * that is not ASCII gives a name with those octets: feeds and policies go
 * through ps_name_from_user() (core/idn.h) instead. Errors: PS_INVALID with
 * err->offset at the octet that is wrong. */
PS_MUST_USE enum ps_status ps_name_from_text(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes text, struct ps_error *err);

/* Trusts wire to be what a checker made earlier (read from a verified snapshot,
 * say). len and labels must be right. */
static inline struct ps_name ps_name_trusted(const uint8_t *wire, uint8_t len, uint8_t labels)
{
	return (struct ps_name){.wire = wire, .len = len, .labels = labels};
}

/* Presentation form without the final dot ("." for the root), printable ASCII
 * only; returns its length without the NUL. */
size_t ps_name_to_text(struct ps_name name, char out[PS_NAME_TEXT_MAX]);

/* The name without its leftmost label. The root's parent is the root. */
struct ps_name ps_name_parent(struct ps_name name);

/* The name's last `labels` labels (0: the root). labels <= name.labels. */
struct ps_name ps_name_suffix(struct ps_name name, unsigned labels);

/* The leftmost label's octets; empty for the root. */
struct ps_bytes ps_name_first_label(struct ps_name name);

static inline bool ps_name_equal(struct ps_name a, struct ps_name b)
{
	return a.len == b.len && memcmp(a.wire, b.wire, a.len) == 0;
}

/* True when name is ancestor or stands below it. Octet comparison cannot be
 * fooled by label bytes inside labels: the cut is made by counting labels. */
bool ps_name_is_under(struct ps_name name, struct ps_name ancestor);

/* True when every label is letters, digits, hyphen or underscore, and no label
 * starts or ends with a hyphen: what a feed's host may look like (RFC 1123
 * section 2.1, with the underscore of RFC 8552). The root is none. */
bool ps_name_is_hostname(struct ps_name name);

/* Total order by wire bytes after length-first comparison: for sorting and
 * parity tests only (not the canonical order of RFC 4034). */
int ps_name_compare(struct ps_name a, struct ps_name b);

#endif
