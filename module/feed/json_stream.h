/* A JSON document (RFC 8259) read piece by piece within limits.
 *
 * The caller walks the containers that may be endless (a bundle's objects, an event's
 * attributes); each value in them is cut out of the input by counting brackets outside
 * strings, at most PS_JSON_VALUE_MAX octets, and then read whole by jansson, which
 * refuses duplicate keys, bad UTF-8 and all else that is no JSON. Names of the walked
 * objects are read the same way. So a document is taken exactly when jansson would take
 * it whole, but for a NUL, which is refused in every place, and for four limits: a longer
 * value is passed over, and said to be (only its brackets and strings are checked);
 * a value nested deeper than PS_JSON_DEPTH_MAX, a walked object of more than
 * PS_JSON_MEMBERS_MAX members, or a name in one over PS_JSON_KEY_MAX octets ends the
 * reading with PS_LIMIT.
 *
 * Memory: one value's text and tree. Ownership: the stream owns what it hands out,
 * until the next call. Threads: one at a time. The first ps_json_open() of a process
 * tells jansson to allocate through a wrapper of malloc (so free() still frees).
 *
 * Walking: enter('{'), then next_member() until *more is false, taking each value by
 * load(), pass() or a further enter(); likewise enter('[') and next_element(). Every
 * function's errors (PS_INVALID, PS_LIMIT, PS_IO, PS_NO_MEMORY) are final and stand in
 * the reading's err.
 */
#ifndef PS_FEED_JSON_STREAM_H
#define PS_FEED_JSON_STREAM_H

#include "feed/reading.h"

#include <jansson.h>

#define PS_JSON_VALUE_MAX (1u << 20)
#define PS_JSON_DEPTH_MAX 128
#define PS_JSON_MEMBERS_MAX 256
#define PS_JSON_KEY_MAX 1024

struct ps_json_stream;

struct ps_json_value {
	uint64_t line;        /* where it begins */
	bool too_long;        /* passed over: json is NULL */
	json_t *json;         /* borrowed; NULL after pass() */
	struct ps_bytes text; /* as it stands in the file, or its beginning */
};

/* Where the document begins, for a second walk. Error: PS_IO (no regular file). */
PS_MUST_USE enum ps_status ps_json_start(const struct ps_reading *reading, int64_t *start);

PS_MUST_USE enum ps_status ps_json_open(
    struct ps_json_stream **out, const struct ps_reading *reading, int64_t start);
void ps_json_close(struct ps_json_stream *stream);

/* The first octet of what comes next, blanks passed over; 0 at the end of the input. */
PS_MUST_USE enum ps_status ps_json_peek(struct ps_json_stream *stream, uint8_t *first);

/* Steps into the object ('{') or array ('[') that comes next; at most 8 deep. what:
 * how to name it if it is none ("the bundle"). */
PS_MUST_USE enum ps_status ps_json_enter(
    struct ps_json_stream *stream, uint8_t opening, const char *what);

/* To the next member's value; its name is borrowed until the next call. *more false:
 * the object has ended. */
PS_MUST_USE enum ps_status ps_json_next_member(
    struct ps_json_stream *stream, struct ps_bytes *name, bool *more);

/* To the next element. *more false: the array has ended. */
PS_MUST_USE enum ps_status ps_json_next_element(struct ps_json_stream *stream, bool *more);

/* Reads the value that comes next. */
PS_MUST_USE enum ps_status ps_json_load(
    struct ps_json_stream *stream, struct ps_json_value *out);

/* Passes over it: for a second walk, where it is known to be JSON. */
PS_MUST_USE enum ps_status ps_json_pass(
    struct ps_json_stream *stream, struct ps_json_value *out);

/* Where in the file the stream is, 1-based. */
uint64_t ps_json_line(const struct ps_json_stream *stream);

/* Nothing but blanks may be left. */
PS_MUST_USE enum ps_status ps_json_finish(struct ps_json_stream *stream);

/* One object or array that stands in memory, without a stream; the caller lets go of it.
 * Errors: PS_INVALID, PS_NO_MEMORY (whatever jansson made of it). Threads: any number. */
PS_MUST_USE enum ps_status ps_json_read(json_t **out, struct ps_bytes text);

/* A string's octets; false for anything else (NULL as well). */
bool ps_json_string(const json_t *json, struct ps_bytes *out);

#endif
