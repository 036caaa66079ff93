#include "cli/leaders.h"

#include <check.h>
#include <stdio.h>
#include <string.h>

#include "core/random.h"

#define T0 1763726400u

static struct ps_leaders *leaders;
static struct ps_leader list[64];

static void make(size_t places)
{
	ck_assert_int_eq(ps_leaders_create(&leaders, places), PS_OK);
	ps_leaders_advance(leaders, T0);
}

static uint64_t count_of(const char *key)
{
	size_t count = ps_leaders_list(leaders, list, 64);

	for (size_t i = 0; i < count; i++)
		if (strcmp(list[i].text, key) == 0)
			return list[i].count;
	return 0;
}

START_TEST(the_most_frequent_come_first_and_their_last_note_stays)
{
	make(10);
	ps_leaders_add(leaders, "b", "old", 2, T0);
	ps_leaders_add(leaders, "a", "", 3, T0);
	ps_leaders_add(leaders, "c", "", 5, T0);
	ps_leaders_add(leaders, "b", "new", 1, T0);
	ps_leaders_add(leaders, "none", "", 0, T0);
	ck_assert_uint_eq(ps_leaders_list(leaders, list, 64), 3);
	ck_assert_str_eq(list[0].text, "c");
	ck_assert_str_eq(list[1].text, "a");
	ck_assert_str_eq(list[2].text, "b");
	ck_assert_uint_eq(list[2].count, 3);
	ck_assert_str_eq(list[2].note, "new");
	ck_assert_uint_eq(ps_leaders_total(leaders), 11);
	ck_assert_uint_eq(ps_leaders_list(leaders, list, 1), 1);
	ck_assert_str_eq(list[0].text, "c");
	ck_assert_uint_eq(ps_leaders_list(leaders, list, 0), 0);
	ps_leaders_destroy(leaders);
}
END_TEST

START_TEST(what_is_older_than_the_window_is_forgotten)
{
	make(10);
	ps_leaders_add(leaders, "old", "", 1, T0 - PS_LEADERS_SECONDS);
	ps_leaders_add(leaders, "edge", "", 1, T0 - PS_LEADERS_SECONDS + PS_LEADERS_SPAN_SECONDS);
	ps_leaders_add(leaders, "now", "", 1, T0);
	ps_leaders_add(leaders, "future", "", 1, T0 + 86400); /* counts as of now */
	ck_assert_uint_eq(ps_leaders_total(leaders), 3);
	ps_leaders_advance(leaders, T0 + PS_LEADERS_SPAN_SECONDS);
	ck_assert_uint_eq(count_of("edge"), 0);
	ck_assert_uint_eq(count_of("now"), 1);
	ps_leaders_add(leaders, "now", "", 4, T0 + PS_LEADERS_SPAN_SECONDS);
	ps_leaders_advance(leaders, T0 + PS_LEADERS_SECONDS);
	ck_assert_uint_eq(count_of("now"), 4);
	ck_assert_uint_eq(ps_leaders_total(leaders), 4);
	ps_leaders_advance(leaders, T0 - 86400); /* a clock that was set back */
	ck_assert_uint_eq(ps_leaders_total(leaders), 0);
	ps_leaders_add(leaders, "now", "", 2, T0 - 86400);
	ck_assert_uint_eq(count_of("now"), 2);
	ps_leaders_advance(leaders, T0 + 86400);
	ck_assert_uint_eq(ps_leaders_list(leaders, list, 64), 0);
	ps_leaders_destroy(leaders);
}
END_TEST

START_TEST(a_flood_of_new_keys_hides_no_frequent_one)
{
	char key[32];

	make(8);
	for (unsigned i = 0; i < 10000; i++) {
		(void)snprintf(key, sizeof(key), "flood-%u", i);
		ps_leaders_add(leaders, key, "", 1, T0);
		if (i % 100 == 0)
			ps_leaders_add(leaders, "often", "", 10, T0);
	}
	ck_assert_uint_eq(ps_leaders_list(leaders, list, 64), 8);
	ck_assert_str_eq(list[0].text, "often");
	ck_assert_uint_eq(list[0].count, 1000);
	ck_assert_uint_eq(ps_leaders_total(leaders), 11000);
	ps_leaders_destroy(leaders);
}
END_TEST

/* Against a table of every count of every second. */
START_TEST(counts_are_those_of_a_slow_table)
{
	enum { KEYS = 12, SECONDS = 2000 };
	static uint64_t table[KEYS][SECONDS];
	struct random state = {7};

	make(KEYS);
	for (unsigned now = 0; now < SECONDS; now += 1 + (unsigned)(random_next(&state) % 40)) {
		uint64_t first = (T0 + now) / PS_LEADERS_SPAN_SECONDS - (PS_LEADERS_SPANS - 1);
		uint64_t total = 0;

		ps_leaders_advance(leaders, T0 + now);
		for (unsigned i = 0; i < 20; i++) {
			unsigned key = (unsigned)(random_next(&state) % KEYS);
			unsigned back = (unsigned)(random_next(&state) % 400);
			char text[8];

			(void)snprintf(text, sizeof(text), "k%u", key);
			if (back > now)
				continue;
			ps_leaders_add(leaders, text, "", 1 + i, T0 + now - back);
			if ((T0 + now - back) / PS_LEADERS_SPAN_SECONDS >= first)
				table[key][now - back] += 1 + i;
		}
		for (unsigned key = 0; key < KEYS; key++) {
			uint64_t sum = 0;
			char text[8];

			(void)snprintf(text, sizeof(text), "k%u", key);
			for (unsigned t = 0; t <= now; t++)
				if ((T0 + t) / PS_LEADERS_SPAN_SECONDS >= first)
					sum += table[key][t];
			ck_assert_uint_eq(count_of(text), sum);
			total += sum;
		}
		ck_assert_uint_eq(ps_leaders_total(leaders), total);
	}
	ps_leaders_destroy(leaders);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli.leaders");
	TCase *tcase = tcase_create("leaders");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_add_test(tcase, the_most_frequent_come_first_and_their_last_note_stays);
	tcase_add_test(tcase, what_is_older_than_the_window_is_forgotten);
	tcase_add_test(tcase, a_flood_of_new_keys_hides_no_frequent_one);
	tcase_add_test(tcase, counts_are_those_of_a_slow_table);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
