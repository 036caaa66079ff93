/* The n-th allocation fails, for every n: each format ends in "no memory", hands on no
 * broken row, and frees all it had. The linker puts these allocators before the C
 * library's in our own code, through which jansson allocates too.
 */
#include "feed/collect.h"
#include "feed/guard.h"

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);

enum ps_status __real_ps_name_from_user(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes text, struct ps_error *err);
enum ps_status __wrap_ps_name_from_user(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes text, struct ps_error *err);

static bool names_fail; /* libidn2 has no memory left: its own allocations are not wrapped */
static bool counting;
static bool all_after;   /* not the n-th alone */
static size_t countdown; /* the allocation that fails when it reaches 0 */
static size_t failures;

static bool fails(void)
{
	if (!counting)
		return false;
	if (countdown > 0)
		countdown--;
	if (countdown > 0 || (failures > 0 && !all_after))
		return false;
	failures++;
	return true;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *p, size_t size)
{
	return fails() ? NULL : __real_realloc(p, size);
}

enum ps_status __wrap_ps_name_from_user(struct ps_name *out, struct ps_name_buffer *storage,
    struct ps_bytes text, struct ps_error *err)
{
	return names_fail ? PS_NO_MEMORY : __real_ps_name_from_user(out, storage, text, err);
}

struct rows {
	unsigned accepted;
	unsigned refused;
	unsigned broken;
};

static enum ps_status count_row(
    void *ctx, const struct ps_indicator *row, struct ps_error *err)
{
	struct rows *rows = ctx;

	/* No assertion of Check's here: it allocates, and exits when it cannot. */
	(void)err;
	rows->broken += !row->is_address && !ps_name_is_hostname(row->name);
	rows->accepted++;
	return PS_OK;
}

static void count_refusal(
    void *ctx, enum ps_refusal reason, uint64_t line, struct ps_bytes excerpt)
{
	(void)reason;
	(void)line;
	(void)excerpt;
	((struct rows *)ctx)->refused++;
}

/* The n-th allocation of the reading fails; 0: none. */
static enum ps_status read_once(const struct ps_feed_config *config, int fd, size_t n,
    struct rows *rows, struct ps_error *err)
{
	const struct ps_feed_sink sink = {
	    .ctx = rows, .accept = count_row, .refuse = count_refusal};
	enum ps_status status;

	*rows = (struct rows){0};
	ps_error_clear(err);
	ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
	countdown = n;
	failures = 0;
	counting = n > 0;
	status = ps_feed_read(config, fd, COLLECT_NOW, &sink, err);
	counting = false;
	ck_assert_uint_eq(rows->broken, 0);
	return status;
}

#define UUID "00000000-0000-4000-8000-00000000000"

static const char *const feeds[PS_FEED_FORMAT_COUNT] = {
    [PS_FEED_PLAIN] = "a.example\nb\xc3\xbc" "cher.example\n192.0.2.1\n",
    [PS_FEED_HOSTS] = "0.0.0.0 a.example b.example\n",
    [PS_FEED_CSV] = "domain,x\na.example,\"y\nz\"\nb.example,\n",
    [PS_FEED_RPZ] = "$ORIGIN x.\n@ SOA . . 1 1 1 1 1\n$ORIGIN y\na.example CNAME .\n",
    [PS_FEED_STIX] =
        "{\"type\":\"bundle\",\"id\":\"bundle--" UUID "0\",\"objects\":["
        "{\"type\":\"marking-definition\",\"id\":\"marking-definition--" UUID "9\"},"
        "{\"type\":\"indicator\",\"pattern_type\":\"stix\",\"id\":\"indicator--" UUID "1\","
        "\"modified\":\"2020-01-01T00:00:00Z\",\"valid_from\":\"2020-01-01T00:00:00Z\","
        "\"object_marking_refs\":[\"marking-definition--" UUID "9\"],"
        "\"pattern\":\"[domain-name:value IN ('a.example','b.example')]\"},{\"x\":1}]}",
    [PS_FEED_MISP] =
        "{\"response\":[{\"Event\":{\"Attribute\":["
        "{\"type\":\"domain\",\"to_ids\":true,\"value\":\"a.example\"}],\"Tag\":[]}}]}",
};

/* Until n is past the last allocation; returns how many there were. */
static size_t torture(const struct ps_feed_config *config, int fd)
{
	struct rows whole, rows;
	struct ps_error err;
	size_t n = 0;

	ck_assert_int_eq(read_once(config, fd, 0, &whole, &err), PS_OK);
	do {
		enum ps_status status = read_once(config, fd, ++n, &rows, &err);

		if (failures == 0) {
			ck_assert_int_eq(status, PS_OK);
			ck_assert_uint_eq(rows.accepted, whole.accepted);
			ck_assert_uint_eq(rows.refused, whole.refused);
			break;
		}
		ck_assert_msg(status == PS_NO_MEMORY,
		    "%s, allocation %zu: %s", ps_feed_format_name(config->format), n, err.text);
		ck_assert_int_eq(err.status, status);
		ck_assert_uint_le(rows.accepted, whole.accepted);
	} while (n < 10000);
	return n - 1;
}

static void torture_format(enum ps_feed_format format)
{
	struct ps_feed_config config = {.id = "x", .path = "x.feed", .format = format};
	int fd = collect_memory(feeds[format], strlen(feeds[format]));

	config.csv.name = "domain";
	for (int after = 0; after < 2; after++) {
		all_after = after == 1;
		ck_assert_uint_ge(torture(&config, fd), 1);
	}
	close(fd);
}

START_TEST(plain_lists_end_in_no_memory)
{
	torture_format(PS_FEED_PLAIN);
}
END_TEST

START_TEST(hosts_files_end_in_no_memory)
{
	torture_format(PS_FEED_HOSTS);
}
END_TEST

START_TEST(csv_ends_in_no_memory)
{
	torture_format(PS_FEED_CSV);
}
END_TEST

START_TEST(zones_end_in_no_memory)
{
	torture_format(PS_FEED_RPZ);
}
END_TEST

START_TEST(bundles_end_in_no_memory)
{
	torture_format(PS_FEED_STIX);
}
END_TEST

START_TEST(events_end_in_no_memory)
{
	torture_format(PS_FEED_MISP);
}
END_TEST

/* A name that could not be looked at is no bad name: the feed ends, and no row is missing
 * without a word. RPZ's names are in wire form. */
START_TEST(names_end_in_no_memory)
{
	for (enum ps_feed_format format = 0; format < PS_FEED_FORMAT_COUNT; format++) {
		struct ps_feed_config config = {.id = "x", .path = "x.feed", .format = format};
		int fd = collect_memory(feeds[format], strlen(feeds[format]));
		struct rows rows;
		struct ps_error err;
		enum ps_status status;

		config.csv.name = "domain";
		names_fail = true;
		status = read_once(&config, fd, 0, &rows, &err);
		names_fail = false;
		close(fd);
		if (format == PS_FEED_RPZ) {
			ck_assert_int_eq(status, PS_OK);
			continue;
		}
		ck_assert_msg(status == PS_NO_MEMORY, "%s", ps_feed_format_name(format));
		ck_assert_int_eq(err.status, status);
		ck_assert_str_eq(err.text, "out of memory");
		ck_assert_str_eq(err.file, "x.feed");
		ck_assert_uint_eq(rows.accepted, 0);
	}
}
END_TEST

START_TEST(the_guard_ends_in_no_memory)
{
	struct ps_name_buffer storage;
	struct ps_name name;
	size_t n = 0;

	ck_assert_int_eq(
	    ps_name_from_text(&name, &storage, ps_bytes_of_text("upu.int"), NULL), PS_OK);
	for (;;) {
		struct ps_guard *guard = NULL;
		enum ps_status status;

		countdown = ++n;
		failures = 0;
		counting = true;
		status = ps_guard_create(&guard, NULL);
		if (status == PS_OK)
			status = ps_guard_add_never(guard, name);
		counting = false;
		ck_assert_int_eq(status, failures > 0 ? PS_NO_MEMORY : PS_OK);
		ps_guard_destroy(guard);
		if (failures == 0)
			break;
	}
	ck_assert_uint_ge(n, 4);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    plain_lists_end_in_no_memory,
	    hosts_files_end_in_no_memory,
	    csv_ends_in_no_memory,
	    zones_end_in_no_memory,
	    bundles_end_in_no_memory,
	    events_end_in_no_memory,
	    names_end_in_no_memory,
	    the_guard_ends_in_no_memory,
	};

	return RUN_TESTS("feed.memory", tests);
}
