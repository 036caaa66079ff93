/* Reads a feed out of memory and writes down what its sink hears, one line each:
 *
 *   3 evil.example exact              line, name, scope; then "url" or "url-path"
 *   4 192.0.2.0/24 address
 *   5 !bad-name                       refused
 *   !limit 6: has more entries ...    the feed as a whole, at the end
 *
 * and with full set, behind a row: category confidence tlp from until reference.
 */
#ifndef PS_TESTS_FEED_COLLECT_H
#define PS_TESTS_FEED_COLLECT_H

#include "core/buffer.h"
#include "feed/feed.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define COLLECT_NOW 1700000000u /* 2023-11-14T22:13:20Z */

struct collect {
	struct ps_buffer out;
	bool full;
	unsigned accepted;
	unsigned refused[PS_REFUSAL_COUNT];
	enum ps_status accept_status; /* what the sink answers */
};

static inline void collect_details(struct ps_buffer *out, const struct ps_indicator *row)
{
	(void)ps_buffer_printf(out, " %s %u %s %u", ps_category_name(row->category),
	    row->confidence, ps_tlp_name(row->tlp), row->valid_from);
	if (row->valid_until == PS_TIME_FOREVER)
		(void)ps_buffer_printf(out, " forever");
	else
		(void)ps_buffer_printf(out, " %u", row->valid_until);
	if (row->reference.len > 0)
		(void)ps_buffer_printf(
		    out, " %.*s", (int)row->reference.len, (const char *)row->reference.ptr);
}

/* Every row must be one that the rest of the program can trust. */
static inline void collect_check(const struct ps_indicator *row)
{
	struct ps_name_buffer storage;
	struct ps_name name;

	ck_assert_uint_lt(row->category, PS_CATEGORY_COUNT);
	ck_assert_uint_lt(row->tlp, PS_TLP_COUNT);
	ck_assert_uint_le(row->confidence, PS_CONFIDENCE_MAX);
	ck_assert_uint_le(row->reference.len, PS_REFERENCE_MAX);
	if (row->is_address)
		return;
	ck_assert_int_eq(ps_name_from_wire(&name, &storage,
	                     ps_bytes_of(row->name.wire, row->name.len), NULL),
	    PS_OK);
	ck_assert(ps_name_equal(name, row->name) && name.labels == row->name.labels);
}

static inline enum ps_status collect_accept(
    void *ctx, const struct ps_indicator *row, struct ps_error *err)
{
	static const char *const origins[] = {"", " url", " url-path", "", " server"};
	struct collect *c = ctx;
	char text[PS_NAME_TEXT_MAX];

	c->accepted++;
	if (c->accept_status != PS_OK)
		return ps_error_set(err, c->accept_status, "the sink is full");
	collect_check(row);
	if (row->is_address)
		ps_prefix_to_text(&row->prefix, text);
	else
		(void)ps_name_to_text(row->name, text);
	(void)ps_buffer_printf(&c->out, "%d %s %s%s", (int)row->line, text,
	    row->is_address ? "address" : ps_scope_name(row->scope), origins[row->origin]);
	if (c->full)
		collect_details(&c->out, row);
	(void)ps_buffer_printf(&c->out, "\n");
	return PS_OK;
}

static inline void collect_refuse(
    void *ctx, enum ps_refusal reason, uint64_t line, struct ps_bytes excerpt)
{
	struct collect *c = ctx;

	ck_assert_uint_le(excerpt.len, 80);
	c->refused[reason]++;
	(void)ps_buffer_printf(&c->out, "%d !%s\n", (int)line, ps_refusal_name(reason));
}

/* Reads from fd. The text belongs to c until the next call. */
static inline const char *collect_fd(
    struct collect *c, const struct ps_feed_config *config, int fd)
{
	const struct ps_feed_sink sink = {
	    .ctx = c, .accept = collect_accept, .refuse = collect_refuse};
	struct ps_error err;
	enum ps_status status;

	ps_error_clear(&err);
	ps_buffer_clear(&c->out);
	ps_buffer_init(&c->out, (size_t)1 << 28);
	c->accepted = 0;
	memset(c->refused, 0, sizeof(c->refused));
	status = ps_feed_read(config, fd, COLLECT_NOW, &sink, &err);
	if (status != PS_OK) {
		ck_assert_int_eq(err.status, status);
		ck_assert_str_eq(err.file, config->path);
		(void)ps_buffer_printf(&c->out, "!%s %d: %s\n", ps_status_name(status),
		    (int)err.line, err.text);
	}
	ck_assert_int_eq(ps_buffer_append(&c->out, "", 1), PS_OK);
	return (const char *)c->out.data;
}

static inline int collect_memory(const void *bytes, size_t len)
{
	int fd = memfd_create("feed", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	for (size_t done = 0; done < len;) {
		ssize_t wrote = write(fd, (const char *)bytes + done, len - done);

		ck_assert_int_gt((int)wrote, 0);
		done += (size_t)wrote;
	}
	ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static inline const char *collect(struct collect *c, const struct ps_feed_config *config,
    const void *bytes, size_t len)
{
	int fd = collect_memory(bytes, len);
	const char *got = collect_fd(c, config, fd);

	close(fd);
	return got;
}

/* The feed's text must give exactly these lines. */
static inline void check_feed(
    const struct ps_feed_config *config, const char *text, const char *want)
{
	static struct collect c;

	ck_assert_str_eq(collect(&c, config, text, strlen(text)), want);
}

static inline void check_feed_full(
    const struct ps_feed_config *config, const char *text, const char *want)
{
	static struct collect c = {.full = true};

	ck_assert_str_eq(collect(&c, config, text, strlen(text)), want);
}

/* data/NAME, read with full, must give what stands in data/NAME.expected. */
static inline void check_golden(const struct ps_feed_config *config, const char *name)
{
	static struct collect c = {.full = true};
	static char want[1 << 16];
	char path[512];
	FILE *file;
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s.expected", PS_TEST_DATA, name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s is missing", path);
	want[fread(want, 1, sizeof(want) - 1, file)] = '\0';
	fclose(file);
	(void)snprintf(path, sizeof(path), "%s/%s", PS_TEST_DATA, name);
	file = fopen(path, "rb");
	ck_assert_msg(file != NULL, "%s is missing", path);
	fd = fileno(file);
	ck_assert_str_eq(collect_fd(&c, config, fd), want);
	fclose(file);
}

/* Runs a suite of one case; what main() returns. */
static inline int run_tests(const char *name, const TTest *const *tests, size_t count)
{
	Suite *suite = suite_create(name);
	TCase *tc = tcase_create(name);
	SRunner *runner;
	int failed;

	/* Lines of 100 MB take their time under sanitizers on a busy machine. */
	tcase_set_timeout(tc, 120);
	for (size_t i = 0; i < count; i++)
		tcase_add_test(tc, tests[i]);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

#define RUN_TESTS(name, tests) run_tests((name), (tests), sizeof(tests) / sizeof((tests)[0]))

#endif
