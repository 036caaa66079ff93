/* A segment of any octets, between two good ones: the reader ends, hands on nothing but events
 * that encode to records again, and none of the good ones is lost or seen twice.
 *
 * The first octet says what is done with the rest: 0 the records' own checksums, and the
 * header's, are made right before (a checksum hides what this should find); 1 taken as it is; 2 the rest is
 * one record. */
#include "event/segment.h"
#include "event/spool_reader.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const struct ps_hash_key key = {1, 2};

static char folder[64];

static void leave(void)
{
	for (uint64_t number = 1; number <= 3; number++) {
		char path[128], name[PS_SEGMENT_NAME_MAX];

		ps_segment_name(number, name);
		(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
		(void)unlink(path);
	}
	(void)rmdir(folder);
}

static void write_segment(uint64_t number, const uint8_t *bytes, size_t len)
{
	char path[128], name[PS_SEGMENT_NAME_MAX];
	int fd;

	ps_segment_name(number, name);
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd) != 0)
		abort();
}

static size_t good_segment(uint64_t number, uint8_t out[PS_SEGMENT_HEADER + PS_RECORD_MAX])
{
	struct ps_segment segment = {.number = number, .first_serial = number * 1000, .key = key};
	struct ps_event event = {.serial = number * 1000,
	    .count = (uint32_t)number,
	    .ede = PS_EDE_NONE,
	    .entry = PS_EVENT_NO_ENTRY,
	    .name_len = 1,
	    .rule = "good"};

	ps_segment_encode(&segment, out);
	return PS_SEGMENT_HEADER + ps_event_encode(&event, key, out + PS_SEGMENT_HEADER);
}

static void begin(void)
{
	uint8_t bytes[PS_SEGMENT_HEADER + PS_RECORD_MAX];

	if (folder[0] != '\0')
		return;
	(void)snprintf(folder, sizeof(folder), "/tmp/postshield-fuzz.XXXXXX");
	if (mkdtemp(folder) == NULL)
		abort();
	(void)atexit(leave);
	write_segment(1, bytes, good_segment(1, bytes));
	write_segment(3, bytes, good_segment(3, bytes));
}

/* Whatever is handed on is an event that we could have written. */
static void check(const struct ps_event *event)
{
	uint8_t record[PS_RECORD_MAX];
	struct ps_event again;
	size_t len = ps_event_encode(event, key, record);

	if (ps_event_decode(&again, key, ps_bytes_of(record, len)) != PS_OK ||
	    again.serial != event->serial || again.count != event->count ||
	    again.name_len != event->name_len ||
	    memcmp(again.name, event->name, event->name_len) != 0 ||
	    strcmp(again.rule, event->rule) != 0 || strcmp(again.feed, event->feed) != 0)
		abort();
}

/* Every place that says it is a record gets the checksum that it would have. */
static void seal(uint8_t *bytes, size_t len)
{
	for (size_t at = 0; at + PS_RECORD_MIN <= len; at += PS_RECORD_ALIGN) {
		size_t size = ps_event_peek(ps_bytes_of(bytes + at, len - at));

		if (size > 0 && size <= len - at)
			ps_store_le64(bytes + at, ps_words_hash(key,
			    ps_bytes_of(bytes + at + PS_RECORD_MAGIC_AT, size - PS_RECORD_MAGIC_AT)).lo);
	}
}

static void read_all(void)
{
	struct ps_spool_reader *reader;
	struct ps_event event;
	unsigned first = 0, last = 0;
	bool got = true, known = true;

	if (ps_spool_reader_open(&reader, folder, (struct ps_spool_position){0}) != PS_OK)
		abort();
	while (got) {
		/* Where it is of another version the reader stops, and says so. */
		known = ps_spool_reader_next(reader, &event, &got, NULL) == PS_OK;
		if (!known || !got)
			break;
		check(&event);
		first += event.serial == 1000 && strcmp(event.rule, "good") == 0;
		last += event.serial == 3000 && strcmp(event.rule, "good") == 0;
	}
	if (first < 1 || (known && last < 1))
		abort();
	ps_spool_reader_close(reader);
}

static void read_one(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size > 0 ? size : 1);
	struct ps_event event;

	if (copy == NULL)
		return;
	memcpy(copy, data, size);
	seal(copy, size);
	if (ps_event_decode(&event, key, ps_bytes_of(copy, size)) == PS_OK)
		check(&event);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ps_segment header = {.number = 2, .first_serial = 2000, .key = key};
	uint8_t *bytes;

	begin();
	if (size < 1 || size > (1 << 17))
		return 0;
	if (data[0] % 3 == 2) {
		read_one(data + 1, size - 1);
		return 0;
	}
	bytes = malloc(PS_SEGMENT_HEADER + size);
	if (bytes == NULL)
		return 0;
	if (data[0] % 3 == 1) {
		write_segment(2, data + 1, size - 1);
	} else {
		ps_segment_encode(&header, bytes);
		memcpy(bytes + PS_SEGMENT_HEADER, data + 1, size - 1);
		seal(bytes + PS_SEGMENT_HEADER, size - 1);
		write_segment(2, bytes, PS_SEGMENT_HEADER + size - 1);
	}
	free(bytes);
	read_all();
	return 0;
}
