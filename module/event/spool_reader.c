#include "event/spool_reader.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BUFFER (64u << 10)
_Static_assert(BUFFER >= 2 * PS_RECORD_MAX, "a record fits wherever it begins");

struct ps_spool_reader {
	char path[4096 + 16];
	int folder; /* -1: not open */
	int fd;     /* of the segment; -1: none */
	struct ps_segment segment;
	struct ps_spool_position position;
	bool serial_known;
	struct ps_spool_losses losses;
	uint64_t start; /* of what buffer holds, as an offset in the segment */
	size_t len;
	uint8_t buffer[BUFFER];
};

enum ps_status ps_spool_reader_open(
    struct ps_spool_reader **out, const char *folder, struct ps_spool_position from)
{
	struct ps_spool_reader *reader = calloc(1, sizeof(*reader));
	int len;

	if (reader == NULL)
		return PS_NO_MEMORY;
	len = snprintf(reader->path, sizeof(reader->path), "%s", folder);
	if (len < 0 || (size_t)len >= sizeof(reader->path)) {
		free(reader);
		return PS_LIMIT;
	}
	reader->folder = -1;
	reader->fd = -1;
	reader->position = from;
	reader->serial_known = from.segment != 0;
	*out = reader;
	return PS_OK;
}

static void close_segment(struct ps_spool_reader *reader)
{
	if (reader->fd >= 0)
		(void)close(reader->fd);
	reader->fd = -1;
	reader->len = 0;
}

static void close_folder(struct ps_spool_reader *reader)
{
	if (reader->folder >= 0)
		(void)close(reader->folder);
	reader->folder = -1;
}

void ps_spool_reader_close(struct ps_spool_reader *reader)
{
	if (reader == NULL)
		return;
	close_segment(reader);
	close_folder(reader);
	free(reader);
}

struct ps_spool_position ps_spool_reader_position(const struct ps_spool_reader *reader)
{
	return reader->position;
}

struct ps_spool_losses ps_spool_reader_losses(const struct ps_spool_reader *reader)
{
	return reader->losses;
}

/* --- octets ---------------------------------------------------------------------------------- */

/* Octets [offset, offset + wanted) of the segment, or as many as there are. */
static enum ps_status look_at(struct ps_spool_reader *reader, uint64_t offset, size_t wanted,
    struct ps_bytes *out, struct ps_error *err)
{
	if (offset < reader->start || offset + wanted > reader->start + reader->len) {
		size_t len = 0;

		reader->start = offset;
		reader->len = 0;
		while (len < BUFFER) {
			ssize_t got = pread(reader->fd, reader->buffer + len, BUFFER - len,
			    (off_t)(offset + len));

			if (got < 0 && errno == EINTR)
				continue;
			if (got < 0)
				return ps_error_set(err, PS_IO, "cannot read events");
			if (got == 0)
				break;
			len += (size_t)got;
		}
		reader->len = len;
	}
	*out = ps_bytes_of(reader->buffer + (offset - reader->start),
	    reader->len - (size_t)(offset - reader->start));
	return PS_OK;
}

/* The record at offset; *len 0: there is no good one. *rest: octets that are there. */
static enum ps_status read_at(struct ps_spool_reader *reader, uint64_t offset,
    struct ps_event *event, size_t *len, size_t *rest, struct ps_error *err)
{
	struct ps_bytes bytes;
	enum ps_status status = look_at(reader, offset, PS_RECORD_MAX, &bytes, err);

	*len = 0;
	*rest = 0;
	if (status != PS_OK)
		return status;
	*rest = bytes.len;
	*len = ps_event_peek(bytes);
	if (*len > bytes.len || *len == 0 ||
	    ps_event_decode(event, reader->segment.key, ps_bytes_of(bytes.ptr, *len)) != PS_OK)
		*len = 0;
	return PS_OK;
}

/* Where the next good record begins, from offset on; UINT64_MAX: nowhere. *end: of what was
 * looked at. */
static enum ps_status resync(struct ps_spool_reader *reader, uint64_t offset, uint64_t *found,
    uint64_t *end, struct ps_error *err)
{
	struct ps_event event;
	size_t len, rest;
	enum ps_status status;

	*found = UINT64_MAX;
	do {
		status = read_at(reader, offset, &event, &len, &rest, err);
		if (status != PS_OK)
			return status;
		if (len > 0) {
			*found = offset;
			return PS_OK;
		}
		*end = offset + rest;
		offset += PS_RECORD_ALIGN;
	} while (rest > PS_RECORD_ALIGN);
	return PS_OK;
}

/* --- segments ----------------------------------------------------------------------------------- */

static enum ps_status list(struct ps_spool_reader *reader, uint64_t from,
    struct ps_segment_span *span, struct ps_error *err)
{
	*span = (struct ps_segment_span){0};
	/* By its name every time: it may have been moved away and made anew. */
	close_folder(reader);
	reader->folder = open(reader->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (reader->folder < 0)
		return errno == ENOENT
		    ? PS_OK /* no event yet */
		    : ps_error_set(err, PS_IO, "cannot open the folder %.120s", reader->path);
	return ps_segment_list(reader->folder, from, span, err);
}

/* The writer was restarted in an emptied folder when the serials begin anew. */
static void expect(struct ps_spool_reader *reader, uint64_t serial)
{
	if (reader->serial_known && serial > reader->position.serial)
		reader->losses.missing += serial - reader->position.serial;
	reader->position.serial = serial;
	reader->serial_known = true;
}

/* Opens the position's segment, or the next one that is good. fd stays -1: none. */
static enum ps_status find_segment(struct ps_spool_reader *reader, struct ps_error *err)
{
	struct ps_segment_span span;
	enum ps_status status = list(reader, reader->position.segment, &span, err);

	while (status == PS_OK && span.next != 0) {
		uint64_t number = span.next;

		status = ps_segment_open(reader->folder, number, &reader->fd, &reader->segment, err);
		if (status == PS_OK) {
			if (number != reader->position.segment)
				reader->position.offset = 0;
			if (reader->position.offset < PS_SEGMENT_HEADER) {
				reader->position.offset = PS_SEGMENT_HEADER;
				expect(reader, reader->segment.first_serial);
			}
			reader->position.segment = number;
			reader->len = 0;
			return PS_OK;
		}
		if (status != PS_INVALID && status != PS_NOT_FOUND)
			return status;
		/* The newest may be about to get its header. */
		if (status == PS_INVALID && number == span.highest)
			return PS_OK;
		if (status == PS_INVALID)
			reader->losses.refused++;
		reader->position.segment = number + 1;
		reader->position.offset = 0;
		status = list(reader, number + 1, &span, err);
	}
	return status;
}

/* Is there a newer one? Then this one is complete: its writer begins the next only when it
 * writes no more into this. */
static enum ps_status has_next(struct ps_spool_reader *reader, bool *out, struct ps_error *err)
{
	struct ps_segment_span span;
	enum ps_status status = list(reader, reader->position.segment + 1, &span, err);

	*out = status == PS_OK && span.next != 0;
	return status;
}

static void skip_to(struct ps_spool_reader *reader, uint64_t offset)
{
	if (offset <= reader->position.offset)
		return;
	reader->losses.damaged++;
	reader->losses.octets += offset - reader->position.offset;
	reader->position.offset = offset;
}

/* No good record stands at the position. Goes to the next good one, or to the next segment;
 * *wait: there is neither, for now. */
static enum ps_status go_on(struct ps_spool_reader *reader, bool *wait, struct ps_error *err)
{
	uint64_t found, end = reader->position.offset;
	struct ps_event event;
	size_t len, rest;
	bool complete;
	enum ps_status status = has_next(reader, &complete, err);

	/* Read anew, now that it is known whether more can come. */
	reader->len = 0;
	if (status == PS_OK)
		status = resync(reader, reader->position.offset, &found, &end, err);
	if (status != PS_OK)
		return status;
	if (found != UINT64_MAX) {
		/* A write may have gone on between the looks: what was torn at the position is
		 * whole by now, since a later one is. Only what is still bad is damaged. */
		reader->len = 0;
		status = read_at(reader, reader->position.offset, &event, &len, &rest, err);
		if (status == PS_OK && len == 0)
			skip_to(reader, found);
	} else if (complete) {
		skip_to(reader, end);
		close_segment(reader);
		reader->position.segment++;
		reader->position.offset = 0;
	} else {
		reader->len = 0; /* what is there may yet be written over */
		*wait = true;
	}
	return status;
}

enum ps_status ps_spool_reader_next(
    struct ps_spool_reader *reader, struct ps_event *out, bool *got, struct ps_error *err)
{
	bool wait = false;
	enum ps_status status = PS_OK;

	*got = false;
	while (status == PS_OK && !wait) {
		size_t len, rest;

		if (reader->fd < 0) {
			status = find_segment(reader, err);
			if (reader->fd < 0)
				return status;
		}
		status = read_at(reader, reader->position.offset, out, &len, &rest, err);
		if (status == PS_OK && len > 0) {
			expect(reader, out->serial);
			reader->position.serial++;
			reader->position.offset += len;
			*got = true;
			return PS_OK;
		}
		if (status == PS_OK)
			status = go_on(reader, &wait, err);
	}
	return status;
}

/* --- beside reading ---------------------------------------------------------------------------- */

enum ps_status ps_spool_release(const char *folder, struct ps_spool_position position,
    uint64_t *removed, struct ps_error *err)
{
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct ps_segment_span span = {0};
	uint64_t count = 0;
	enum ps_status status;

	if (fd < 0)
		return ps_error_set(err, PS_IO, "cannot open the folder %.120s", folder);
	status = ps_segment_list(fd, 1, &span, err);
	while (status == PS_OK && span.count > 1 && span.lowest < position.segment) {
		char name[PS_SEGMENT_NAME_MAX];

		ps_segment_name(span.lowest, name);
		if (unlinkat(fd, name, 0) == 0)
			count++;
		else if (errno != ENOENT)
			status = ps_error_set(err, PS_IO, "cannot remove %s", name);
		if (status == PS_OK)
			status = ps_segment_list(fd, 1, &span, err);
	}
	(void)close(fd);
	if (removed != NULL)
		*removed = count;
	return status;
}

enum ps_status ps_spool_end(
    const char *folder, struct ps_spool_position *out, struct ps_error *err)
{
	struct ps_spool_reader *reader = NULL;
	struct ps_spool_position from = {0};
	struct ps_segment_span span = {0};
	struct ps_event event;
	bool got = true;
	enum ps_status status = ps_spool_reader_open(&reader, folder, from);

	if (status != PS_OK)
		return ps_error_set(err, status, "out of memory");
	status = list(reader, 1, &span, err);
	/* From the newest whose header is good: it may be the last but one. */
	for (uint64_t number = span.highest; status == PS_OK && number != 0;
	     number = span.before) {
		int fd = -1;

		status = ps_segment_open(reader->folder, number, &fd, &reader->segment, err);
		if (status == PS_OK) {
			(void)close(fd);
			reader->position.segment = number;
			break;
		}
		if (status != PS_INVALID && status != PS_NOT_FOUND)
			break;
		status = ps_segment_list(reader->folder, number, &span, err);
	}
	while (status == PS_OK && got)
		status = ps_spool_reader_next(reader, &event, &got, err);
	*out = reader->position;
	ps_spool_reader_close(reader);
	return status;
}

void ps_spool_position_to_text(
    struct ps_spool_position position, char out[PS_SPOOL_POSITION_TEXT_MAX])
{
	(void)snprintf(out, PS_SPOOL_POSITION_TEXT_MAX, "1-%" PRIx64 "-%" PRIx64 "-%" PRIx64,
	    position.segment, position.offset, position.serial);
}

static bool take_number(struct ps_bytes *text, uint64_t *out)
{
	size_t digits = 0;

	*out = 0;
	if (text->len == 0 || text->ptr[0] != '-')
		return false;
	for (size_t i = 1; i < text->len && text->ptr[i] != '-'; i++, digits++) {
		uint8_t c = text->ptr[i];

		if (digits == 16 || !((c >= '0' && c <= '9') || (c >= 'a' && c <= 'f')))
			return false;
		*out = *out << 4 | (uint64_t)(c <= '9' ? c - '0' : c - 'a' + 10);
	}
	text->ptr += digits + 1;
	text->len -= digits + 1;
	return digits > 0;
}

bool ps_spool_position_from_text(struct ps_bytes text, struct ps_spool_position *out)
{
	struct ps_spool_position read;

	if (text.len == 0 || text.ptr[0] != '1')
		return false;
	text.ptr++;
	text.len--;
	if (!take_number(&text, &read.segment) || !take_number(&text, &read.offset) ||
	    !take_number(&text, &read.serial) || text.len != 0)
		return false;
	*out = read;
	return true;
}
