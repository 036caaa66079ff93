/* Points in time as feeds write them.
 *
 * Threads: pure functions.
 */
#ifndef PS_FEED_TIMESTAMP_H
#define PS_FEED_TIMESTAMP_H

#include "core/bytes.h"
#include "core/status.h"

struct ps_timestamp {
	int64_t seconds;      /* since 1970-01-01T00:00:00Z, without leap seconds */
	uint32_t nanoseconds; /* 0 to 999,999,999; finer fractions are cut off */
};

/* "2026-03-01T12:00:00.5Z" (RFC 3339 section 5.6: any offset; "t", "z" and a blank
 * for "T" too). A leap second is the second after it. */
PS_MUST_USE bool ps_timestamp_from_rfc3339(struct ps_bytes text, struct ps_timestamp *out);

/* RFC 3339, a date alone (its beginning, UTC), or Unix seconds (at most 11 digits). */
PS_MUST_USE bool ps_timestamp_from_text(struct ps_bytes text, struct ps_timestamp *out);

/* Below, at or above 0, as a is before, at or after b. */
int ps_timestamp_compare(struct ps_timestamp a, struct ps_timestamp b);

/* As indicators hold them (feed/indicator.h): the last whole second not after it,
 * and the first whole second not before it; times that 32 bits do not hold become
 * PS_TIME_NONE (0) and PS_TIME_FOREVER. */
uint32_t ps_timestamp_floor(struct ps_timestamp time);
uint32_t ps_timestamp_ceiling(struct ps_timestamp time);

#endif
