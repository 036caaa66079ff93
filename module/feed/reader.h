/* Octets of a file, one at a time or in runs, within a limit, with their line.
 *
 * For formats that lines do not divide (JSON, CSV with quotes). Errors are sticky:
 * ps_reader_more() says false at the end and after an error alike, and status tells
 * them apart, so that inner loops have one thing to ask.
 * Ownership: open/close own the reader, not its fd.
 * Threads: one at a time.
 */
#ifndef PS_FEED_READER_H
#define PS_FEED_READER_H

#include "core/bytes.h"
#include "core/status.h"

#define PS_READER_SIZE 65536

struct ps_reader {
	int fd;
	enum ps_status status; /* PS_OK, PS_IO or PS_LIMIT */
	int sys_errno;         /* with PS_IO */
	bool at_end;
	uint64_t max_bytes;
	uint64_t taken; /* octets read from fd */
	uint64_t line;  /* of the next octet, 1-based */
	size_t pos;     /* data[pos] to data[end - 1] are still to be handed out */
	size_t end;
	uint8_t data[PS_READER_SIZE];
};

/* A UTF-8 byte order mark at the beginning is dropped. NULL: no memory. */
PS_MUST_USE struct ps_reader *ps_reader_open(int fd, uint64_t max_bytes);
void ps_reader_close(struct ps_reader *reader);

/* Reads once more. Only when pos == end. */
bool ps_reader_fill(struct ps_reader *reader);

/* True when there is a next octet, at data[pos]. */
static inline bool ps_reader_more(struct ps_reader *reader)
{
	return reader->pos < reader->end || ps_reader_fill(reader);
}

/* The next octet, which stays. Only after ps_reader_more() said true. */
static inline uint8_t ps_reader_peek(const struct ps_reader *reader)
{
	return reader->data[reader->pos];
}

/* Takes the next octet. Only after ps_reader_more() said true. */
static inline uint8_t ps_reader_take(struct ps_reader *reader)
{
	uint8_t c = reader->data[reader->pos++];

	reader->line += c == '\n';
	return c;
}

#endif
