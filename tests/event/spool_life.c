/* Programs of the kill -9 test: one writes into a spool, one reads from it, until they are killed.
 *
 *   spool_life write FOLDER
 *       puts event after event, each with the next number as its count, in batches; before each
 *       batch it tells the first number of it on standard output, so that whoever kills it knows
 *       what can have been sealed. Goes on from the number in its argument.
 *   spool_life read FOLDER JOURNAL
 *       goes on from the journal's last whole line, and appends a line for each event: the
 *       position behind it, its serial and its count. One write(2) a line: what a transaction is
 *       to a database. Releases what lies behind it as it goes.
 */
#include "event/spool.h"
#include "event/spool_reader.h"

#include "core/file.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

static struct ps_event event_of(uint32_t number, uint64_t now)
{
	struct ps_event event = {.first = now,
	    .last = now,
	    .count = number,
	    .type = 1,
	    .action = PS_ACTION_NXDOMAIN,
	    .ede = PS_EDE_NONE,
	    .entry = PS_EVENT_NO_ENTRY,
	    .rule = "rule"};
	struct ps_name_buffer storage;
	struct ps_name name;
	char text[64];

	(void)snprintf(text, sizeof(text), "n%" PRIu32 ".%s.evil.top", number,
	    &"0123456789012345678901234567890"[number % 31]);
	if (ps_name_from_text(&name, &storage, ps_bytes_of_text(text), NULL) != PS_OK)
		abort();
	event.name_len = name.len;
	memcpy(event.name, name.wire, name.len);
	return event;
}

static int write_on(const char *folder, uint32_t number)
{
	struct ps_spool *spool;

	if (ps_spool_create(&spool, folder) != PS_OK)
		return 1;
	ps_spool_keep(spool, (uint64_t)4 << 30); /* nothing goes unread */
	for (uint64_t batch = 0;; batch++) {
		uint64_t now = 1700000000000 + batch;

		(void)printf("%" PRIu32 "\n", number);
		if (fflush(stdout) != 0)
			return 1;
		for (unsigned i = 0; i < 1 + batch % 40; i++, number++) {
			struct ps_event event = event_of(number, now);

			ps_spool_put(spool, &event, now);
		}
		ps_spool_flush(spool);
		/* The disk is not what is tried here. */
		(void)nanosleep(&(struct timespec){.tv_nsec = 200000}, NULL);
		if (ps_spool_failure(spool) != NULL) {
			(void)fprintf(stderr, "%s\n", ps_spool_failure(spool)->text);
			return 1;
		}
	}
}

/* Behind the last whole line of the journal; a torn one is cut off. */
static bool last_position(const char *path, struct ps_spool_position *out)
{
	struct ps_buffer buffer;
	size_t end, begin;
	bool good = true;

	*out = (struct ps_spool_position){0};
	ps_buffer_init(&buffer, 256 << 20);
	if (ps_file_read(path, &buffer, NULL) != PS_OK) {
		ps_buffer_clear(&buffer);
		return true;
	}
	for (end = buffer.len; end > 0 && buffer.data[end - 1] != '\n'; end--)
		continue;
	if (end < buffer.len)
		good = truncate(path, (off_t)end) == 0;
	if (good && end > 0) {
		const uint8_t *blank;

		for (begin = end - 1; begin > 0 && buffer.data[begin - 1] != '\n'; begin--)
			continue;
		blank = memchr(buffer.data + begin, ' ', end - begin);
		good = blank != NULL &&
		       ps_spool_position_from_text(
		           ps_bytes_of(buffer.data + begin, (size_t)(blank - buffer.data) - begin), out);
	}
	ps_buffer_clear(&buffer);
	return good;
}

static bool append(int fd, const struct ps_spool_reader *reader, const struct ps_event *event)
{
	char text[PS_SPOOL_POSITION_TEXT_MAX], line[160];
	int len;

	ps_spool_position_to_text(ps_spool_reader_position(reader), text);
	len = snprintf(line, sizeof(line), "%s %" PRIu64 " %" PRIu32 "\n", text, event->serial,
	    event->count);
	return write(fd, line, (size_t)len) == len;
}

static int read_on(const char *folder, const char *journal, bool once)
{
	struct ps_spool_reader *reader;
	struct ps_spool_position position;
	struct ps_spool_losses losses;
	struct ps_event event;
	uint64_t segment = 0;
	bool got = true;
	int fd;

	if (!last_position(journal, &position))
		return 1;
	fd = open(journal, O_WRONLY | O_CREAT | O_APPEND, 0600);
	if (fd < 0 || ps_spool_reader_open(&reader, folder, position) != PS_OK)
		return 1;
	while (got || !once) {
		if (ps_spool_reader_next(reader, &event, &got, NULL) != PS_OK)
			return 1;
		if (got && !append(fd, reader, &event))
			return 1;
		position = ps_spool_reader_position(reader);
		if (got && position.segment != segment) {
			segment = position.segment;
			if (ps_spool_release(folder, position, NULL, NULL) != PS_OK)
				return 1;
		}
	}
	losses = ps_spool_reader_losses(reader);
	(void)printf("missing %" PRIu64 " refused %" PRIu64 "\n", losses.missing, losses.refused);
	ps_spool_reader_close(reader);
	return close(fd) == 0 ? 0 : 1;
}

/* What tests/cli/test_events.py shows: a listed name in a storm, a name that would command a
 * terminal, many names of a rule on trial, a lookalike that an answer led to; the first by the
 * snapshot of that digest. */
static int write_sample(const char *folder, const char *digest)
{
	static const uint8_t hostile[] = "\x07\x1b[31mx\t\x03top";
	static const uint8_t lookalike[] = "\x04u\x1bps\x03top";
	struct ps_address address = {.family = 4, .bytes = {192, 0, 2, 7}};
	uint64_t now = 1763726400250; /* 2025-11-21T12:00:00.250Z */
	struct ps_event e[4] = {event_of(1, now), event_of(1, now), event_of(1, now), event_of(1, now)};
	struct ps_spool *spool;

	if (ps_spool_create(&spool, folder) != PS_OK)
		return 1;
	e[0].count = 12045;
	e[0].last += 4000;
	e[0].ede = 15;
	e[0].kind = PS_EVENT_KIND_LISTED;
	e[0].entry = (uint32_t)strtoul(digest + 17, NULL, 10);
	e[0].listed_labels = 2;
	e[0].category = PS_CATEGORY_PHISHING;
	e[0].confidence = 90;
	e[0].client = ps_client_reduce(PS_CLIENT_PREFIX, &address, (struct ps_hash_key){0, 0});
	e[0].clients_differ = true;
	(void)snprintf(e[0].feed, sizeof(e[0].feed), "main");
	for (size_t i = 0; i < sizeof(e[0].snapshot); i++)
		(void)sscanf(digest + 2 * i, "%2hhx", &e[0].snapshot[i]);
	e[1].name_len = sizeof(hostile);
	memcpy(e[1].name, hostile, sizeof(hostile));
	e[1].action = PS_ACTION_LOG;
	e[2].trial = true;
	e[2].subtree = true;
	e[2].kind = PS_EVENT_KIND_PATTERN;
	e[3].kind = PS_EVENT_KIND_LOOKALIKE;
	e[3].technique = PS_TECHNIQUE_LEET;
	e[3].score = 93;
	e[3].group = 4;
	(void)snprintf(e[3].group_id, sizeof(e[3].group_id), "counters");
	e[3].found = ps_found_of(PS_FOUND_TARGET, ps_bytes_of(lookalike, sizeof(lookalike)));
	e[3].first = e[3].last = now + 60000;
	(void)snprintf(e[3].brand, sizeof(e[3].brand), "usps");
	(void)snprintf(e[3].case_key, sizeof(e[3].case_key), "PS-2025-7");
	for (size_t i = 0; i < 4; i++)
		ps_spool_put(spool, &e[i], now);
	ps_spool_destroy(spool);
	return 0;
}

int main(int argc, char **argv)
{
	/* Both go on for ever, but not without the test that would end them. */
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (argc == 4 && strcmp(argv[1], "write") == 0)
		return write_on(argv[2], (uint32_t)strtoul(argv[3], NULL, 10));
	if (argc == 4 && strcmp(argv[1], "read") == 0)
		return read_on(argv[2], argv[3], false);
	if (argc == 4 && strcmp(argv[1], "end") == 0)
		return read_on(argv[2], argv[3], true);
	if (argc == 4 && strcmp(argv[1], "sample") == 0)
		return write_sample(argv[2], argv[3]);
	(void)fputs("usage: spool_life write FOLDER NUMBER | read FOLDER JOURNAL | end FOLDER JOURNAL\n", stderr);
	return 2;
}
