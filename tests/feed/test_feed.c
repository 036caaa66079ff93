#include "feed/feed.h"

#include "feed/collect.h"

#include <errno.h>
#include <fcntl.h>

static struct ps_feed_config config_of(enum ps_feed_format format)
{
	struct ps_feed_config config = {.id = "x", .path = "x.feed", .format = format};

	config.csv.name = "domain";
	return config;
}

/* Three rows in every format. */
static const char *const three[PS_FEED_FORMAT_COUNT] = {
    [PS_FEED_PLAIN] = "a.example\nb.example\nc.example\n",
    [PS_FEED_HOSTS] = "0.0.0.0 a.example\n0.0.0.0 b.example\n0.0.0.0 c.example\n",
    [PS_FEED_CSV] = "domain\na.example\nb.example\nc.example\n",
    [PS_FEED_RPZ] = "@ SOA . . 1 1 1 1 1\na.example CNAME .\nb.example CNAME .\n"
                    "c.example CNAME .\n",
    [PS_FEED_STIX] =
        "{\"type\":\"bundle\",\"id\":\"bundle--00000000-0000-4000-8000-000000000000\",\n"
        "\"objects\":[{\"type\":\"indicator\",\"pattern_type\":\"stix\",\n"
        "\"id\":\"indicator--00000000-0000-4000-8000-000000000001\",\n"
        "\"modified\":\"2020-01-01T00:00:00Z\",\"valid_from\":\"2020-01-01T00:00:00Z\",\n"
        "\"pattern\":\"[domain-name:value IN ('a.example','b.example','c.example')]\"}]}",
    [PS_FEED_MISP] =
        "{\"Event\":{\"Attribute\":[\n"
        "{\"type\":\"domain\",\"to_ids\":true,\"value\":\"a.example\"},\n"
        "{\"type\":\"domain\",\"to_ids\":true,\"value\":\"b.example\"},\n"
        "{\"type\":\"domain\",\"to_ids\":true,\"value\":\"c.example\"}]}}",
};

START_TEST(every_format_has_a_name_that_reads_back)
{
	for (unsigned i = 0; i < PS_FEED_FORMAT_COUNT; i++) {
		enum ps_feed_format got = PS_FEED_FORMAT_COUNT;

		ck_assert_ptr_nonnull(ps_feed_format_name(i));
		ck_assert(
		    ps_feed_format_from_text(ps_bytes_of_text(ps_feed_format_name(i)), &got));
		ck_assert_uint_eq(got, i);
	}
	ck_assert_ptr_null(ps_feed_format_name(PS_FEED_FORMAT_COUNT));
}
END_TEST

START_TEST(every_refusal_has_a_name_and_a_sentence_of_its_own)
{
	for (unsigned a = 0; a < PS_REFUSAL_COUNT; a++) {
		ck_assert_ptr_nonnull(ps_refusal_name(a));
		ck_assert_uint_gt(strlen(ps_refusal_text(a)), 10);
		for (unsigned b = 0; b < a; b++) {
			ck_assert_str_ne(ps_refusal_name(a), ps_refusal_name(b));
			ck_assert_str_ne(ps_refusal_text(a), ps_refusal_text(b));
		}
	}
	ck_assert_ptr_null(ps_refusal_name(PS_REFUSAL_COUNT));
	ck_assert_ptr_null(ps_refusal_text(PS_REFUSAL_COUNT));
	ck_assert_str_eq(ps_refusal_name(PS_REFUSED_BAD_NAME), "bad-name");
	ck_assert_str_eq(ps_refusal_name(PS_REFUSED_NOT_TO_IDS), "no-to-ids");
}
END_TEST

START_TEST(every_format_is_read)
{
	static struct collect c;

	for (unsigned i = 0; i < PS_FEED_FORMAT_COUNT; i++) {
		struct ps_feed_config config = config_of((enum ps_feed_format)i);

		(void)collect(&c, &config, three[i], strlen(three[i]));
		ck_assert_msg(c.accepted == 3, "%s: %s", ps_feed_format_name(i), c.out.data);
	}
}
END_TEST

START_TEST(the_limit_of_entries_ends_every_format)
{
	static struct collect c;

	for (unsigned i = 0; i < PS_FEED_FORMAT_COUNT; i++) {
		struct ps_feed_config config = config_of((enum ps_feed_format)i);
		const char *got;

		config.max_entries = 3;
		got = collect(&c, &config, three[i], strlen(three[i]));
		ck_assert_msg(strstr(got, "!limit") == NULL, "%s", got);
		config.max_entries = 2;
		got = collect(&c, &config, three[i], strlen(three[i]));
		ck_assert_msg(strstr(got, "has more entries than its limit of 2") != NULL,
		    "%s: %s", ps_feed_format_name(i), got);
		ck_assert_uint_eq(c.accepted, 2);
		ck_assert_msg(strstr(got, "!limit 0") == NULL, "no line: %s", got);
	}
}
END_TEST

START_TEST(the_limit_of_bytes_ends_every_format)
{
	static struct collect c;

	for (unsigned i = 0; i < PS_FEED_FORMAT_COUNT; i++) {
		struct ps_feed_config config = config_of((enum ps_feed_format)i);
		const char *got;

		config.max_bytes = strlen(three[i]);
		got = collect(&c, &config, three[i], strlen(three[i]));
		ck_assert_msg(strstr(got, "!limit") == NULL, "%s", got);
		config.max_bytes--;
		got = collect(&c, &config, three[i], strlen(three[i]));
		ck_assert_msg(strstr(got, "is larger than the limit of") != NULL, "%s: %s",
		    ps_feed_format_name(i), got);
	}
}
END_TEST

START_TEST(what_the_sink_says_ends_every_format)
{
	static const enum ps_status answers[] = {PS_NO_MEMORY, PS_LIMIT, PS_INVALID};

	for (unsigned i = 0; i < PS_FEED_FORMAT_COUNT; i++) {
		struct ps_feed_config config = config_of((enum ps_feed_format)i);

		for (int k = 0; k < 3; k++) {
			static struct collect c;
			const char *got;

			c.accept_status = answers[k];
			got = collect(&c, &config, three[i], strlen(three[i]));
			ck_assert_msg(strstr(got, "the sink is full") != NULL, "%s: %s",
			    ps_feed_format_name(i), got);
			ck_assert(strncmp(got + 1, ps_status_name(answers[k]),
			              strlen(ps_status_name(answers[k]))) == 0);
			ck_assert_uint_eq(c.accepted, 1);
		}
	}
}
END_TEST

START_TEST(a_read_error_ends_every_format)
{
	static struct collect c;

	for (unsigned i = 0; i < PS_FEED_FORMAT_COUNT; i++) {
		struct ps_feed_config config = config_of((enum ps_feed_format)i);
		int fd = open(".", O_RDONLY | O_DIRECTORY);
		const char *got = collect_fd(&c, &config, fd);

		ck_assert_msg(strncmp(got, "!io", 3) == 0, "%s: %s", ps_feed_format_name(i), got);
		close(fd);
	}
}
END_TEST

START_TEST(formats_that_are_read_twice_refuse_a_pipe)
{
	static struct collect c;

	for (unsigned i = PS_FEED_STIX; i <= PS_FEED_MISP; i++) {
		struct ps_feed_config config = config_of((enum ps_feed_format)i);
		int ends[2];

		ck_assert_int_eq(pipe(ends), 0);
		ck_assert_str_eq(collect_fd(&c, &config, ends[0]),
		    "!io 0: must be a regular file, because it is read twice\n");
		close(ends[0]);
		close(ends[1]);
	}
}
END_TEST

START_TEST(an_empty_feed_is_one_only_where_its_format_allows_it)
{
	for (unsigned i = 0; i < PS_FEED_FORMAT_COUNT; i++) {
		static struct collect c;
		struct ps_feed_config config = config_of((enum ps_feed_format)i);
		const char *got = collect(&c, &config, "", 0);

		if (i == PS_FEED_PLAIN || i == PS_FEED_HOSTS)
			ck_assert_str_eq(got, "");
		else
			ck_assert_msg(strncmp(got, "!invalid", 8) == 0, "%s", got);
	}
}
END_TEST

/* Every beginning of a feed: no crash, and no row that the whole feed has not. */
START_TEST(a_feed_that_is_cut_off_gives_nothing_new)
{
	for (unsigned i = 0; i < PS_FEED_FORMAT_COUNT; i++) {
		struct ps_feed_config config = config_of((enum ps_feed_format)i);
		size_t len = strlen(three[i]);

		for (size_t cut = 0; cut < len; cut++) {
			static struct collect c;

			(void)collect(&c, &config, three[i], cut);
			ck_assert_uint_le(c.accepted, 3);
			/* Broken anywhere, JSON is refused before its first row. */
			if (i >= PS_FEED_STIX)
				ck_assert_uint_eq(c.accepted, 0);
		}
	}
}
END_TEST

START_TEST(a_format_that_is_not_known_is_refused)
{
	struct ps_feed_config config = config_of(PS_FEED_FORMAT_COUNT);

	check_feed(&config, "x", "!unsupported 0: has a format that is not known\n");
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    every_format_has_a_name_that_reads_back,
	    every_refusal_has_a_name_and_a_sentence_of_its_own,
	    every_format_is_read,
	    the_limit_of_entries_ends_every_format,
	    the_limit_of_bytes_ends_every_format,
	    what_the_sink_says_ends_every_format,
	    a_read_error_ends_every_format,
	    formats_that_are_read_twice_refuse_a_pipe,
	    an_empty_feed_is_one_only_where_its_format_allows_it,
	    a_feed_that_is_cut_off_gives_nothing_new,
	    a_format_that_is_not_known_is_refused,
	};

	return RUN_TESTS("feed.feed", tests);
}
