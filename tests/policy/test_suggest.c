#include "policy/suggest.h"

#include "core/random.h"

#include <check.h>
#include <limits.h>
#include <stdlib.h>

static struct random numbers = {1};

/* The definition, by recursion. */
static unsigned model(struct ps_bytes a, struct ps_bytes b)
{
	unsigned best;
	unsigned other;
	bool same;

	if (a.len == 0 || b.len == 0)
		return (unsigned)(a.len + b.len);
	same = a.ptr[a.len - 1] == b.ptr[b.len - 1];
	best = model(ps_bytes_of(a.ptr, a.len - 1), ps_bytes_of(b.ptr, b.len - 1)) + !same;
	other = model(ps_bytes_of(a.ptr, a.len - 1), b) + 1;
	best = other < best ? other : best;
	other = model(a, ps_bytes_of(b.ptr, b.len - 1)) + 1;
	best = other < best ? other : best;
	if (a.len > 1 && b.len > 1 && a.ptr[a.len - 1] == b.ptr[b.len - 2] &&
	    a.ptr[a.len - 2] == b.ptr[b.len - 1]) {
		other = model(ps_bytes_of(a.ptr, a.len - 2), ps_bytes_of(b.ptr, b.len - 2)) + 1;
		best = other < best ? other : best;
	}
	return best;
}

START_TEST(the_distance_agrees_with_its_definition)
{
	for (unsigned i = 0; i < 3000; i++) {
		uint8_t text[2][6];
		struct ps_bytes a = ps_bytes_of(text[0], (unsigned)random_below(&numbers, 7));
		struct ps_bytes b = ps_bytes_of(text[1], (unsigned)random_below(&numbers, 7));

		for (size_t j = 0; j < 6; j++) {
			text[0][j] = (uint8_t)('a' + (unsigned)random_below(&numbers, 3));
			text[1][j] = (uint8_t)('a' + (unsigned)random_below(&numbers, 3));
		}
		ck_assert_uint_eq(ps_edit_distance(a, b), model(a, b));
	}
}
END_TEST

START_TEST(case_and_underscores_count_nothing)
{
	ck_assert_uint_eq(
	    ps_edit_distance(ps_bytes_of_text("Valid_From"), ps_bytes_of_text("valid-from")), 0);
}
END_TEST

START_TEST(long_text_has_no_distance)
{
	char text[PS_SUGGEST_MAX + 2];

	memset(text, 'a', sizeof(text));
	ck_assert_uint_eq(ps_edit_distance(ps_bytes_of(text, PS_SUGGEST_MAX + 1),
	                      ps_bytes_of(text, PS_SUGGEST_MAX)),
	    UINT_MAX);
	ck_assert_uint_eq(ps_edit_distance(ps_bytes_of(text, PS_SUGGEST_MAX),
	                      ps_bytes_of(text, PS_SUGGEST_MAX)),
	    0);
}
END_TEST

static void check(const char *written, const char *expected)
{
	static const char *const candidates[] = {
	    "id", "when", "then", "tell", "mode", "confidence", "category", "nxdomain", "nodata"};
	struct ps_suggest suggest;

	ps_suggest_init(&suggest, ps_bytes_of_text(written));
	for (size_t i = 0; i < sizeof(candidates) / sizeof(candidates[0]); i++)
		ps_suggest_try(&suggest, ps_bytes_of_text(candidates[i]));
	ck_assert_msg(ps_bytes_equal_text(suggest.best, expected), "%s: %.*s, not %s", written,
	    (int)suggest.best.len, (const char *)suggest.best.ptr, expected);
}

START_TEST(what_is_near_is_suggested)
{
	check("confidense", "confidence");
	check("conf", "confidence"); /* a beginning */
	check("catgeory", "category");
	check("nxdomian", "nxdomain");
	check("NXDOMAIN", "nxdomain");
	check("whne", "when");
	check("them", "then");
}
END_TEST

START_TEST(what_is_far_is_not)
{
	check("x", "");
	check("zz", "");
	check("note", "");
	check("listed", "");
	check("confetti", "");
	check("", "");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.suggest");
	TCase *tcase = tcase_create("suggest");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, the_distance_agrees_with_its_definition);
	tcase_add_test(tcase, case_and_underscores_count_nothing);
	tcase_add_test(tcase, long_text_has_no_distance);
	tcase_add_test(tcase, what_is_near_is_suggested);
	tcase_add_test(tcase, what_is_far_is_not);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
