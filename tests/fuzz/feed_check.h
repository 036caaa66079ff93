/* What the fuzz targets of the feed room have in common: the input as a file, and a sink
 * that aborts on any row that the rest of the program could not trust.
 */
#ifndef PS_TESTS_FUZZ_FEED_CHECK_H
#define PS_TESTS_FUZZ_FEED_CHECK_H

#include "core/buffer.h"
#include "feed/feed.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define FUZZ_NOW 1700000000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Says what did not hold, and stops where the fuzzer sees it. */
#define REQUIRE(condition) require((condition), #condition, __LINE__)

static inline void require(bool holds, const char *what, int line)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s (line %d)\n", what, line);
	abort();
}

struct fuzz_feed {
	size_t accepted;
	size_t refused[PS_REFUSAL_COUNT];
	size_t refusals;       /* all of them */
	uint64_t lines;        /* that the input has */
	enum ps_scope scope;   /* of the configuration */
	struct ps_buffer text; /* the accepted rows as a plain list, one a line */
};

/* One file for all inputs. */
static inline int fuzz_file(const uint8_t *data, size_t size)
{
	static int fd = -1;

	if (fd < 0)
		fd = memfd_create("feed", MFD_CLOEXEC);
	REQUIRE(fd >= 0 && ftruncate(fd, (off_t)size) == 0);
	REQUIRE(size == 0 || pwrite(fd, data, size, 0) == (ssize_t)size);
	REQUIRE(lseek(fd, 0, SEEK_SET) == 0);
	return fd;
}

static inline void fuzz_check_prefix(const struct ps_prefix *prefix, char *text)
{
	struct ps_prefix again;

	ps_prefix_to_text(prefix, text);
	REQUIRE(ps_prefix_from_text(&again, ps_bytes_of_text(text), NULL) == PS_OK);
	REQUIRE(again.len == prefix->len && again.address.family == prefix->address.family);
	REQUIRE(memcmp(again.address.bytes, prefix->address.bytes, 16) == 0);
}

static inline void fuzz_check_name(const struct ps_indicator *row, char *text)
{
	static const char *const before[] = {"", ".", "*."};
	struct ps_name_buffer storage;
	struct ps_name name;
	size_t consumed;

	REQUIRE(ps_name_from_wire(&name, &storage,
	            ps_bytes_of(row->name.wire, row->name.len), &consumed) == PS_OK);
	REQUIRE(consumed == row->name.len && ps_name_equal(name, row->name));
	REQUIRE(name.labels == row->name.labels && name.labels > 0);
	REQUIRE(ps_name_is_hostname(name));
	REQUIRE(row->scope <= PS_SCOPE_BELOW);
	strcpy(text, before[row->scope]);
	(void)ps_name_to_text(name, text + strlen(text));
}

static inline enum ps_status fuzz_accept(
    void *ctx, const struct ps_indicator *row, struct ps_error *err)
{
	struct fuzz_feed *feed = ctx;
	char text[PS_NAME_TEXT_MAX + 2];

	(void)err;
	feed->accepted++;
	REQUIRE(row->line >= 1 && row->line <= feed->lines);
	REQUIRE(row->category < PS_CATEGORY_COUNT && row->tlp < PS_TLP_COUNT);
	REQUIRE(row->confidence <= PS_CONFIDENCE_MAX);
	REQUIRE(row->reference.len <= PS_REFERENCE_MAX);
	REQUIRE(row->valid_until > FUZZ_NOW);
	REQUIRE(row->origin <= PS_ORIGIN_SERVER);
	REQUIRE(row->is_address || row->origin != PS_ORIGIN_ADDRESS);
	if (row->is_address)
		fuzz_check_prefix(&row->prefix, text);
	else
		fuzz_check_name(row, text);
	REQUIRE(ps_buffer_printf(&feed->text, "%s\n", text) == PS_OK);
	return PS_OK;
}

static inline void fuzz_refuse(
    void *ctx, enum ps_refusal reason, uint64_t line, struct ps_bytes excerpt)
{
	struct fuzz_feed *feed = ctx;
	volatile uint8_t sum = 0;

	REQUIRE((unsigned)reason < PS_REFUSAL_COUNT && excerpt.len <= 80);
	REQUIRE(line >= 1 && line <= feed->lines);
	for (size_t i = 0; i < excerpt.len; i++)
		sum = (uint8_t)(sum + excerpt.ptr[i]); /* it can all be read */
	feed->refused[reason]++;
	feed->refusals++;
}

static inline enum ps_status fuzz_read(struct fuzz_feed *feed,
    const struct ps_feed_config *config, const uint8_t *data, size_t size)
{
	const struct ps_feed_sink sink = {
	    .ctx = feed, .accept = fuzz_accept, .refuse = fuzz_refuse};
	struct ps_error err;
	enum ps_status status;

	memset(feed, 0, sizeof(*feed));
	ps_buffer_init(&feed->text, (size_t)1 << 30);
	feed->lines = 1;
	for (size_t i = 0; i < size; i++)
		feed->lines += data[i] == '\n';
	ps_error_clear(&err);
	status = ps_feed_read(config, fuzz_file(data, size), FUZZ_NOW, &sink, &err);
	REQUIRE(status == PS_OK || (err.status == status && err.text[0] != '\0'));
	REQUIRE(status == PS_OK || status == PS_INVALID || status == PS_LIMIT);
	return status;
}

/* The accepted rows, read as a plain list, must be the same rows. */
static inline void fuzz_check_again(const struct fuzz_feed *feed)
{
	const struct ps_feed_config plain = {.id = "again", .path = "again"};
	struct fuzz_feed again;

	if (feed->accepted == 0)
		return;
	REQUIRE(fuzz_read(&again, &plain, feed->text.data, feed->text.len) == PS_OK);
	REQUIRE(again.accepted == feed->accepted && again.refusals == 0);
	REQUIRE(ps_bytes_equal(ps_buffer_bytes(&again.text), ps_buffer_bytes(&feed->text)));
	ps_buffer_clear(&again.text);
}

#endif
