#include "feed/json_stream.h"

#include "core/buffer.h"
#include "feed/reader.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#define WALK_DEPTH_MAX 8

struct level {
	uint8_t closing;
	bool first;
	unsigned members;
	size_t names; /* length of stream->names before this level */
};

struct ps_json_stream {
	const struct ps_reading *reading;
	struct ps_reader *reader;
	unsigned depth;
	struct level levels[WALK_DEPTH_MAX];
	struct ps_buffer names; /* of all open objects: le16 length, octets */
	struct ps_buffer text;  /* of the value at hand */
	json_t *json;
};

/* --- memory of jansson's ------------------------------------------------------- */

/* jansson 2.14 passes over a failed allocation in the middle of a string, which then
 * lacks an octet ("evil.example" becomes "evil.exaple"). So its allocator remembers. */
static _Thread_local bool allocation_failed;

static void *allocate(size_t size)
{
	void *p = malloc(size);

	allocation_failed = allocation_failed || (p == NULL && size > 0);
	return p;
}

static void set_allocator(void)
{
	json_set_alloc_funcs(allocate, free);
}

static void set_allocator_once(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, set_allocator);
}

enum ps_status ps_json_read(json_t **out, struct ps_bytes text)
{
	json_error_t error;
	json_t *json;

	set_allocator_once();
	allocation_failed = false;
	json = json_loadb((const char *)text.ptr, text.len, 0, &error);
	if (allocation_failed) {
		json_decref(json);
		return PS_NO_MEMORY;
	}
	if (json == NULL)
		return PS_INVALID;
	*out = json;
	return PS_OK;
}

/* --- opening ------------------------------------------------------------------- */

enum ps_status ps_json_start(const struct ps_reading *reading, int64_t *start)
{
	off_t at = lseek(reading->fd, 0, SEEK_CUR);

	if (at < 0)
		return ps_reading_fail(
		    reading, PS_IO, 0, "must be a regular file, because it is read twice");
	*start = at;
	return PS_OK;
}

enum ps_status ps_json_open(
    struct ps_json_stream **out, const struct ps_reading *reading, int64_t start)
{
	struct ps_json_stream *stream = calloc(1, sizeof(*stream));

	set_allocator_once();
	if (stream == NULL)
		return ps_reading_fail(reading, PS_NO_MEMORY, 0, "out of memory");
	stream->reading = reading;
	ps_buffer_init(&stream->text, PS_JSON_VALUE_MAX);
	ps_buffer_init(&stream->names,
	    (size_t)WALK_DEPTH_MAX * PS_JSON_MEMBERS_MAX * (PS_JSON_KEY_MAX + 2));
	stream->reader = ps_reader_open(reading->fd, reading->max_bytes);
	if (stream->reader == NULL) {
		ps_json_close(stream);
		return ps_reading_fail(reading, PS_NO_MEMORY, 0, "out of memory");
	}
	if (lseek(reading->fd, (off_t)start, SEEK_SET) < 0) {
		ps_json_close(stream);
		return ps_reading_fail(reading, PS_IO, 0, "cannot go back to its beginning");
	}
	*out = stream;
	return PS_OK;
}

void ps_json_close(struct ps_json_stream *stream)
{
	if (stream == NULL)
		return;
	json_decref(stream->json);
	ps_buffer_clear(&stream->text);
	ps_buffer_clear(&stream->names);
	ps_reader_close(stream->reader);
	free(stream);
}

/* --- what went wrong ---------------------------------------------------------- */

static enum ps_status invalid(const struct ps_json_stream *stream, const char *what)
{
	return ps_reading_fail(
	    stream->reading, PS_INVALID, stream->reader->line, "is no JSON: %s", what);
}

/* After ps_reader_more() said false. */
static enum ps_status ended(const struct ps_json_stream *stream)
{
	const struct ps_reader *reader = stream->reader;

	if (reader->status == PS_OK)
		return invalid(stream, "it ends too early");
	if (reader->status == PS_LIMIT)
		return ps_reading_fail(stream->reading, PS_LIMIT, reader->line,
		    "is larger than the limit of %llu bytes",
		    (unsigned long long)reader->max_bytes);
	errno = reader->sys_errno;
	return ps_reading_fail(stream->reading, PS_IO, reader->line, "cannot read");
}

/* --- cutting values out -------------------------------------------------------- */

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/* What stands between two octets of a value. */
struct scan {
	bool in_string;
	bool escaped; /* the octet before was a backslash that counts */
	bool mismatch;
	bool nul;
	bool too_deep;
	unsigned depth;
	uint8_t closing[PS_JSON_DEPTH_MAX];
};

static void scan_bracket(struct scan *scan, uint8_t c)
{
	if (c == '{' || c == '[') {
		if (scan->depth == PS_JSON_DEPTH_MAX)
			scan->too_deep = true;
		else
			scan->closing[scan->depth++] = c == '{' ? '}' : ']';
	} else if (scan->depth == 0 || scan->closing[scan->depth - 1] != c) {
		scan->mismatch = true;
	} else {
		scan->depth--;
	}
}

/* Goes over octets until the value has ended or they have: returns how many were
 * the value's. Only for values that begin with a quote or a bracket. */
static size_t scan_octets(struct scan *scan, struct ps_bytes octets, uint64_t *line, bool *done)
{
	for (size_t i = 0; i < octets.len; i++) {
		uint8_t c = octets.ptr[i];

		*line += c == '\n';
		scan->nul = scan->nul || c == 0;
		if (scan->in_string) {
			if (scan->escaped)
				scan->escaped = false;
			else if (c == '\\')
				scan->escaped = true;
			else if (c == '"')
				scan->in_string = false;
			if (scan->in_string || scan->depth > 0)
				continue;
		} else if (c == '"') {
			scan->in_string = true;
			continue;
		} else if (c == '{' || c == '[' || c == '}' || c == ']') {
			scan_bracket(scan, c);
			if (scan->depth > 0 && !scan->mismatch && !scan->too_deep)
				continue;
		} else {
			continue;
		}
		*done = true;
		return i + 1;
	}
	return octets.len;
}

static void keep(struct ps_json_stream *stream, struct ps_bytes octets, bool *too_long)
{
	size_t left = stream->text.max - stream->text.len;

	*too_long = *too_long || octets.len > left;
	if (octets.len > left)
		octets.len = left;
	(void)ps_buffer_append(&stream->text, octets.ptr, octets.len);
}

static enum ps_status cut_structure(struct ps_json_stream *stream, bool *too_long)
{
	struct ps_reader *reader = stream->reader;
	struct scan scan = {0};
	bool done = false;

	while (!done && ps_reader_more(reader)) {
		struct ps_bytes octets =
		    ps_bytes_of(reader->data + reader->pos, reader->end - reader->pos);

		octets.len = scan_octets(&scan, octets, &reader->line, &done);
		keep(stream, octets, too_long);
		reader->pos += octets.len;
	}
	if (scan.too_deep)
		return ps_reading_fail(stream->reading, PS_LIMIT, reader->line,
		    "is nested deeper than %d", PS_JSON_DEPTH_MAX);
	if (scan.mismatch)
		return invalid(stream, "a bracket does not match the one it closes");
	if (scan.nul)
		return invalid(stream, "it holds a NUL");
	return done ? PS_OK : ended(stream);
}

/* Numbers and words end where anything else may begin. A NUL behind one is refused here
 * because jansson 2.14 passes over it. */
static enum ps_status cut_scalar(struct ps_json_stream *stream, bool *too_long)
{
	struct ps_reader *reader = stream->reader;

	while (ps_reader_more(reader)) {
		uint8_t c = ps_reader_peek(reader);

		if (is_blank(c) || c == ',' || c == ']' || c == '}' || c == ':')
			break;
		if (c == 0)
			return invalid(stream, "it holds a NUL");
		keep(stream, ps_bytes_of(&c, 1), too_long);
		(void)ps_reader_take(reader);
	}
	return PS_OK;
}

/* The text of the value that comes next into stream->text. */
static enum ps_status cut(struct ps_json_stream *stream, struct ps_json_value *out)
{
	enum ps_status status;
	uint8_t first;

	json_decref(stream->json);
	stream->json = NULL;
	stream->text.len = 0;
	status = ps_json_peek(stream, &first);
	if (status != PS_OK)
		return status;
	*out = (struct ps_json_value){.line = stream->reader->line};
	if (first == '{' || first == '[' || first == '"')
		status = cut_structure(stream, &out->too_long);
	else
		status = cut_scalar(stream, &out->too_long);
	if (status == PS_OK && stream->reader->status != PS_OK)
		status = ended(stream);
	if (status == PS_OK && stream->text.status != PS_OK)
		status = ps_reading_fail(
		    stream->reading, stream->text.status, out->line, "out of memory");
	if (status == PS_OK && stream->text.len == 0)
		status = invalid(stream, "a value is missing");
	out->text = ps_buffer_bytes(&stream->text);
	return status;
}

enum ps_status ps_json_pass(struct ps_json_stream *stream, struct ps_json_value *out)
{
	return cut(stream, out);
}

enum ps_status ps_json_load(struct ps_json_stream *stream, struct ps_json_value *out)
{
	json_error_t error;
	enum ps_status status = cut(stream, out);

	if (status != PS_OK || out->too_long)
		return status;
	allocation_failed = false;
	stream->json = json_loadb((const char *)out->text.ptr, out->text.len,
	    JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &error);
	if (allocation_failed)
		return ps_reading_fail(
		    stream->reading, PS_NO_MEMORY, out->line, "out of memory");
	if (stream->json == NULL)
		return ps_reading_fail(stream->reading, PS_INVALID,
		    out->line + (error.line > 0 ? (uint64_t)error.line - 1 : 0),
		    "is no JSON: %.160s", error.text);
	out->json = stream->json;
	return PS_OK;
}

/* --- walking -------------------------------------------------------------------- */

enum ps_status ps_json_peek(struct ps_json_stream *stream, uint8_t *first)
{
	struct ps_reader *reader = stream->reader;

	while (ps_reader_more(reader)) {
		*first = ps_reader_peek(reader);
		if (!is_blank(*first))
			/* A NUL would read as the end; it is no JSON in any place. */
			return *first != 0 ? PS_OK : invalid(stream, "it holds a NUL");
		(void)ps_reader_take(reader);
	}
	*first = 0;
	return reader->status == PS_OK ? PS_OK : ended(stream);
}

enum ps_status ps_json_enter(struct ps_json_stream *stream, uint8_t opening, const char *what)
{
	uint8_t first;
	enum ps_status status = ps_json_peek(stream, &first);

	if (status != PS_OK)
		return status;
	if (first != opening)
		return ps_reading_fail(stream->reading, PS_INVALID, stream->reader->line,
		    "has no %s where %s should be", opening == '{' ? "object" : "array", what);
	if (stream->depth == WALK_DEPTH_MAX)
		return ps_reading_fail(stream->reading, PS_LIMIT, stream->reader->line,
		    "is nested deeper than %d", WALK_DEPTH_MAX);
	(void)ps_reader_take(stream->reader);
	stream->levels[stream->depth++] = (struct level){
	    .closing = opening == '{' ? '}' : ']', .first = true, .names = stream->names.len};
	return PS_OK;
}

/* Over the comma, or out of the container. */
static enum ps_status next(struct ps_json_stream *stream, bool *more)
{
	struct level *level = &stream->levels[stream->depth - 1];
	uint8_t c;
	enum ps_status status = ps_json_peek(stream, &c);

	if (status != PS_OK)
		return status;
	if (c == 0)
		return ended(stream);
	if (c == level->closing) {
		(void)ps_reader_take(stream->reader);
		stream->names.len = level->names;
		stream->depth--;
		*more = false;
		return PS_OK;
	}
	if (!level->first) {
		if (c != ',')
			return invalid(stream, "a comma is missing");
		(void)ps_reader_take(stream->reader);
	}
	level->first = false;
	*more = true;
	return PS_OK;
}

enum ps_status ps_json_next_element(struct ps_json_stream *stream, bool *more)
{
	return next(stream, more);
}

/* Keeps name among those of the object at hand, unless it is there already. */
static enum ps_status add_name(struct ps_json_stream *stream, struct ps_bytes name, uint64_t line)
{
	struct level *level = &stream->levels[stream->depth - 1];
	uint8_t len[2];

	if (name.len > PS_JSON_KEY_MAX || level->members == PS_JSON_MEMBERS_MAX)
		return ps_reading_fail(stream->reading, PS_LIMIT, line,
		    "has an object of more than %d members, or a name over %d octets",
		    PS_JSON_MEMBERS_MAX, PS_JSON_KEY_MAX);
	for (size_t at = level->names; at < stream->names.len;) {
		size_t old = ps_load_le16(stream->names.data + at);

		if (ps_bytes_equal(ps_bytes_of(stream->names.data + at + 2, old), name))
			return ps_reading_fail(stream->reading, PS_INVALID, line,
			    "is no JSON that could be trusted: the name '%.60s' stands twice",
			    (const char *)name.ptr);
		at += old + 2;
	}
	level->members++;
	ps_store_le16(len, (uint16_t)name.len);
	(void)ps_buffer_append(&stream->names, len, sizeof(len));
	if (ps_buffer_append(&stream->names, name.ptr, name.len) != PS_OK)
		return ps_reading_fail(stream->reading, PS_NO_MEMORY, line, "out of memory");
	return PS_OK;
}

enum ps_status ps_json_next_member(
    struct ps_json_stream *stream, struct ps_bytes *name, bool *more)
{
	struct ps_json_value value;
	enum ps_status status = next(stream, more);
	uint8_t c;

	if (status != PS_OK || !*more)
		return status;
	status = ps_json_peek(stream, &c);
	if (status != PS_OK)
		return status;
	if (c != '"')
		return invalid(stream, "a member's name is missing");
	status = ps_json_load(stream, &value);
	if (status != PS_OK)
		return status;
	if (value.too_long) {
		*name = ps_bytes_of(NULL, PS_JSON_KEY_MAX + 1);
		return add_name(stream, *name, value.line);
	}
	(void)ps_json_string(value.json, name); /* it began with a quote */
	status = add_name(stream, *name, value.line);
	if (status != PS_OK)
		return status;
	status = ps_json_peek(stream, &c);
	if (status != PS_OK)
		return status;
	if (c != ':')
		return invalid(stream, "a colon is missing");
	(void)ps_reader_take(stream->reader);
	return PS_OK;
}

uint64_t ps_json_line(const struct ps_json_stream *stream)
{
	return stream->reader->line;
}

enum ps_status ps_json_finish(struct ps_json_stream *stream)
{
	uint8_t c;
	enum ps_status status = ps_json_peek(stream, &c);

	if (status == PS_OK && c != 0)
		return invalid(stream, "something follows after its end");
	return status;
}

bool ps_json_string(const json_t *json, struct ps_bytes *out)
{
	if (!json_is_string(json))
		return false;
	*out = ps_bytes_of(json_string_value(json), json_string_length(json));
	return true;
}
