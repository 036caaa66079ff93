#include "feed/timestamp.h"

#include "feed/collect.h"

#include <time.h>

static bool rfc3339(const char *text, struct ps_timestamp *out)
{
	return ps_timestamp_from_rfc3339(ps_bytes_of_text(text), out);
}

START_TEST(rfc_3339_is_read)
{
	static const struct {
		const char *text;
		int64_t seconds;
		uint32_t nanoseconds;
	} cases[] = {
	    {"1970-01-01T00:00:00Z", 0, 0},
	    {"2014-09-09T19:58:39.609Z", 1410292719, 609000000},
	    {"2014-09-09T19:58:39.609000Z", 1410292719, 609000000},
	    {"2000-02-29T23:59:59Z", 951868799, 0},
	    {"1990-12-31T15:59:60-08:00", 662688000, 0}, /* a leap second: RFC 3339 5.8 */
	    {"1996-12-19t16:39:57-08:00", 851042397, 0},
	    {"2023-01-01 00:00:00z", 1672531200, 0},
	    {"2023-01-01T05:30:00+05:30", 1672531200, 0},
	    {"1969-12-31T23:59:59.999999999999Z", -1, 999999999},
	    {"0000-01-01T00:00:00Z", INT64_C(-62167219200), 0},
	    {"0001-01-01T00:00:00Z", INT64_C(-62135596800), 0},
	    {"9999-12-31T23:59:59Z", INT64_C(253402300799), 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_timestamp got;

		ck_assert_msg(rfc3339(cases[i].text, &got), "%s", cases[i].text);
		ck_assert_msg(got.seconds == cases[i].seconds, "%s is not %lld", cases[i].text,
		    (long long)got.seconds);
		ck_assert_uint_eq(got.nanoseconds, cases[i].nanoseconds);
	}
}
END_TEST

START_TEST(what_is_no_rfc_3339_is_refused)
{
	static const char *const cases[] = {"", "2023-01-01", "2023-01-01T00:00:00",
	    "2023-13-01T00:00:00Z", "2023-00-01T00:00:00Z", "2023-01-00T00:00:00Z",
	    "2023-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2023-04-31T00:00:00Z",
	    "2023-01-01T24:00:00Z", "2023-01-01T00:60:00Z", "2023-01-01T00:00:61Z",
	    "2023-01-01T00:00:00.Z", "2023-01-01T00:00:00+0100", "2023-01-01T00:00:00+24:00",
	    "2023-01-01T00:00:00Zx", "2023-1-1T00:00:00Z", "x2023-01-01T00:00:00Z",
	    "2023-01-01T00:00Z", "-023-01-01T00:00:00Z", "2023-01-01T00:00:00.1",
	    "2023-01-01T00:00:00.1:", "2023-01-01T00:00:00.1/Z", "2023-01-01T00:00:00+01:60",
	    "2023-01-01T00:00:00+01:x0", "2023-01-01T00:00:00+x1:00", "2023-01-01T00:00:00+01"};
	struct ps_timestamp got = {.seconds = 77};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_msg(!rfc3339(cases[i], &got), "%s", cases[i]);
	ck_assert(!ps_timestamp_from_rfc3339(ps_bytes_of("2023-01-01\0", 11), &got));
	ck_assert(got.seconds == 77);
}
END_TEST

START_TEST(days_agree_with_the_c_library)
{
	for (int64_t seconds = 0; seconds < INT64_C(253402300800); seconds += 86400 * 13 + 4567) {
		time_t now = (time_t)seconds;
		struct ps_timestamp got = {0};
		struct tm parts;
		char text[64];

		ck_assert_ptr_nonnull(gmtime_r(&now, &parts));
		(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &parts);
		if (!rfc3339(text, &got) || got.seconds != seconds)
			ck_abort_msg("%s", text);
	}
}
END_TEST

START_TEST(dates_alone_and_unix_seconds_are_read)
{
	struct ps_timestamp got;

	ck_assert(ps_timestamp_from_text(ps_bytes_of_text("2023-01-01"), &got));
	ck_assert(got.seconds == 1672531200 && got.nanoseconds == 0);
	ck_assert(ps_timestamp_from_text(ps_bytes_of_text("1672531200"), &got));
	ck_assert(got.seconds == 1672531200);
	ck_assert(ps_timestamp_from_text(ps_bytes_of_text("0"), &got));
	ck_assert(got.seconds == 0);
	ck_assert(ps_timestamp_from_text(ps_bytes_of_text("2023-01-01T00:00:00Z"), &got));
	ck_assert(got.seconds == 1672531200);
	ck_assert(!ps_timestamp_from_text(ps_bytes_of_text(""), &got));
	ck_assert(!ps_timestamp_from_text(ps_bytes_of_text("-1"), &got));
	ck_assert(!ps_timestamp_from_text(ps_bytes_of_text("1672531200123"), &got));
	ck_assert(!ps_timestamp_from_text(ps_bytes_of_text("2023-01-01x"), &got));
	ck_assert(!ps_timestamp_from_text(ps_bytes_of_text("yesterday"), &got));
}
END_TEST

START_TEST(fractions_round_to_the_side_that_was_meant)
{
	struct ps_timestamp half = {.seconds = 100, .nanoseconds = 500000000};
	struct ps_timestamp whole = {.seconds = 100};
	struct ps_timestamp before = {.seconds = -5};
	struct ps_timestamp after = {.seconds = INT64_C(253402300799)};

	ck_assert_uint_eq(ps_timestamp_floor(half), 100);
	ck_assert_uint_eq(ps_timestamp_ceiling(half), 101);
	ck_assert_uint_eq(ps_timestamp_ceiling(whole), 100);
	ck_assert_uint_eq(ps_timestamp_floor(before), 0);
	ck_assert_uint_eq(ps_timestamp_ceiling(after), UINT32_MAX);
	ck_assert_int_lt(ps_timestamp_compare(whole, half), 0);
	ck_assert_int_gt(ps_timestamp_compare(half, before), 0);
	ck_assert_int_eq(ps_timestamp_compare(half, half), 0);
}
END_TEST

int main(void)
{
	const TTest *const tests[] = {
	    rfc_3339_is_read,
	    what_is_no_rfc_3339_is_refused,
	    days_agree_with_the_c_library,
	    dates_alone_and_unix_seconds_are_read,
	    fractions_round_to_the_side_that_was_meant,
	};

	return RUN_TESTS("feed.timestamp", tests);
}
