/* The records of a master file (RFC 1035 section 5.1) as text, one at a time.
 *
 * Comments are cut off, parentheses and the line breaks in them become blanks, quotes
 * and backslashes are respected; what the record says is for others (feed/rpz.h).
 * Memory: one record. Ownership: open/close; the text belongs to the object until the
 * next call. Threads: one at a time.
 */
#ifndef PS_FEED_ZONE_TEXT_H
#define PS_FEED_ZONE_TEXT_H

#include "feed/reading.h"

#define PS_ZONE_RECORD_MAX 65536

enum ps_zone_kind {
	PS_ZONE_RECORD,    /* a resource record */
	PS_ZONE_DIRECTIVE, /* "$ORIGIN ..." and the like */
	PS_ZONE_TOO_LONG,  /* a line over PS_LINE_MAX, or a record over PS_ZONE_RECORD_MAX */
	PS_ZONE_BAD,       /* a quote that its line does not close */
	PS_ZONE_NOT_UTF8,  /* a NUL, or bytes that are no UTF-8 */
	PS_ZONE_END,
};

struct ps_zone_record {
	enum ps_zone_kind kind;
	uint64_t line;     /* where it begins */
	bool has_owner;    /* it does not begin with a blank */
	const char *text;  /* NUL behind it; its beginning when it is not whole */
	size_t len;
};

struct ps_zone_text;

PS_MUST_USE enum ps_status ps_zone_text_open(
    struct ps_zone_text **out, const struct ps_reading *reading);
void ps_zone_text_close(struct ps_zone_text *zone);

/* Errors, final: PS_INVALID (a parenthesis that is not closed, or closed without being
 * open; a line in parentheses that is too long to be read), PS_IO, PS_LIMIT. */
PS_MUST_USE enum ps_status ps_zone_text_next(
    struct ps_zone_text *zone, struct ps_zone_record *out);

#endif
