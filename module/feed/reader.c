#include "feed/reader.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

static bool read_once(struct ps_reader *reader)
{
	ssize_t got;

	do {
		got = read(reader->fd, reader->data + reader->end, PS_READER_SIZE - reader->end);
	} while (got < 0 && errno == EINTR);
	if (got < 0) {
		reader->status = PS_IO;
		reader->sys_errno = errno;
		return false;
	}
	if (got == 0) {
		reader->at_end = true;
		return false;
	}
	reader->taken += (uint64_t)got;
	if (reader->taken > reader->max_bytes) {
		reader->status = PS_LIMIT;
		return false;
	}
	reader->end += (size_t)got;
	return true;
}

bool ps_reader_fill(struct ps_reader *reader)
{
	bool first = reader->taken == 0;

	if (reader->at_end || reader->status != PS_OK)
		return false;
	reader->pos = 0;
	reader->end = 0;
	if (!read_once(reader))
		return false;
	if (!first)
		return true;
	/* The mark may come in pieces. */
	while (reader->end < 3 && memcmp(reader->data, "\xEF\xBB\xBF", reader->end) == 0) {
		if (!read_once(reader))
			return reader->status == PS_OK;
	}
	if (reader->end >= 3 && memcmp(reader->data, "\xEF\xBB\xBF", 3) == 0)
		reader->pos = 3;
	return reader->pos < reader->end || ps_reader_fill(reader);
}

struct ps_reader *ps_reader_open(int fd, uint64_t max_bytes)
{
	struct ps_reader *reader = malloc(sizeof(*reader));

	if (reader == NULL)
		return NULL;
	/* Not zeroed whole: data is written before it is read. */
	reader->fd = fd;
	reader->status = PS_OK;
	reader->sys_errno = 0;
	reader->at_end = false;
	reader->max_bytes = max_bytes;
	reader->taken = 0;
	reader->line = 1;
	reader->pos = 0;
	reader->end = 0;
	return reader;
}

void ps_reader_close(struct ps_reader *reader)
{
	free(reader);
}
