/* Scores: sums of points, whatever the points are. */
#include "lookalike/signs.h"

#include "core/random.h"

#include <check.h>

START_TEST(a_score_is_the_sum_within_its_bounds)
{
	struct random random = {1};

	for (int i = 0; i < 100000; i++) {
		uint64_t signs = random_next(&random) & ((UINT64_C(1) << PS_SIGN_COUNT) - 1);
		uint16_t ratio = (uint16_t)random_below(&random, 1001);
		int sum = 0;

		for (unsigned s = 0; s < PS_SIGN_COUNT; s++)
			if (signs >> s & 1)
				sum += ps_sign_points((enum ps_sign)s, ratio);
		ck_assert_uint_eq(
		    ps_signs_score(signs, ratio), (unsigned)(sum < 1 ? 1 : sum > 100 ? 100 : sum));
	}
}
END_TEST

/* More abuse speaks for it never less; no abuse not at all. */
START_TEST(an_abused_tld)
{
	int before = 0;

	ck_assert_int_eq(ps_sign_points(PS_SIGN_TLD, 0), 0);
	ck_assert_int_eq(ps_sign_points(PS_SIGN_TLD, 1), 0);
	for (unsigned ratio = 0; ratio <= UINT16_MAX; ratio++) {
		int points = ps_sign_points(PS_SIGN_TLD, (uint16_t)ratio);

		ck_assert_int_ge(points, before);
		before = points;
	}
	ck_assert_int_gt(before, 0);
}
END_TEST

/* Something found scores, whatever speaks against it: 0 says that nothing was. */
START_TEST(never_nothing)
{
	ck_assert_uint_ge(ps_signs_score(0, 0), 1);
	for (unsigned s = 0; s < PS_SIGN_COUNT; s++)
		ck_assert_uint_ge(ps_signs_score(UINT64_C(1) << s, 0), 1);
}
END_TEST

/* What is meant to speak against a name does. */
START_TEST(what_speaks_against)
{
	ck_assert_int_lt(ps_sign_points(PS_SIGN_COVERED, 0), 0);
	ck_assert_int_lt(ps_sign_points(PS_SIGN_TRUSTED, 0), 0);
	ck_assert_int_lt(ps_sign_points(PS_SIGN_RUN_ON, 0), 0);
	ck_assert_int_lt(ps_sign_points(PS_SIGN_TRADE, 0), 0);
	ck_assert_int_lt(ps_sign_points(PS_SIGN_PAPER, 0), 0);
	ck_assert_int_lt(ps_sign_points(PS_SIGN_HOME_TLD, 0), 0);
	ck_assert_int_gt(ps_sign_points(PS_SIGN_EMBEDDED, 0), 0);
	ck_assert_int_gt(ps_sign_points(PS_SIGN_KEYWORD, 0), 0);
}
END_TEST

/* A longer name is seldomer there by chance. */
START_TEST(length_speaks_for_a_name)
{
	ck_assert_int_le(ps_sign_points(PS_SIGN_SHORT, 0), ps_sign_points(PS_SIGN_MEDIUM, 0));
	ck_assert_int_le(ps_sign_points(PS_SIGN_MEDIUM, 0), ps_sign_points(PS_SIGN_LONG, 0));
	ck_assert_int_le(ps_sign_points(PS_SIGN_GENERIC, 0), ps_sign_points(PS_SIGN_WORD, 0));
	ck_assert_int_ge(ps_sign_points(PS_SIGN_SLIGHT, 0), 0);
	ck_assert_int_ge(ps_sign_points(PS_SIGN_SLIGHTEST, 0), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lookalike");
	TCase *tests = tcase_create("signs");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, a_score_is_the_sum_within_its_bounds);
	tcase_add_test(tests, an_abused_tld);
	tcase_add_test(tests, never_nothing);
	tcase_add_test(tests, what_speaks_against);
	tcase_add_test(tests, length_speaks_for_a_name);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
