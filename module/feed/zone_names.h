/* The owner names of a zone file, in their order: for whom only the names matter.
 *
 * A name is given once where several records of it stand together. Of a record, owner, TTL,
 * class and type are read (RFC 1035 section 5.1, by ldns), its data is not looked at, so
 * that a type with data that ldns does not know has a name all the same; $ORIGIN is followed, $TTL passed over, $INCLUDE and $GENERATE are not followed and said to be bad.
 *
 * Ownership: open/close; fd stays the caller's. Threads: one at a time.
 */
#ifndef PS_FEED_ZONE_NAMES_H
#define PS_FEED_ZONE_NAMES_H

#include "core/name.h"

struct ps_zone_names;

enum ps_zone_names_kind {
	PS_ZONE_NAMES_NAME,
	PS_ZONE_NAMES_BAD, /* a record or a directive that is not understood */
	PS_ZONE_NAMES_END,
};

struct ps_zone_name {
	enum ps_zone_names_kind kind;
	uint64_t line;
	struct ps_name name; /* borrowed until the next call */
	const char *why;     /* of BAD */
};

/* path: for errors; it must outlive the zone. */
PS_MUST_USE enum ps_status ps_zone_names_open(
    struct ps_zone_names **out, const char *path, int fd, struct ps_error *err);
void ps_zone_names_close(struct ps_zone_names *zone);

/* Errors, final: PS_INVALID (parentheses that do not match), PS_IO, PS_NO_MEMORY. */
PS_MUST_USE enum ps_status ps_zone_names_next(
    struct ps_zone_names *zone, struct ps_zone_name *out, struct ps_error *err);

#endif
