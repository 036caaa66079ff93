/* What the end of a name says. */
#include "lookalike/suffix.h"

#include "core/name.h"

#include <check.h>
#include <stdlib.h>

/* A label in wire form. */
static const uint8_t *label(const char *text, uint8_t out[PS_NAME_LABEL_MAX + 1])
{
	out[0] = (uint8_t)strlen(text);
	memcpy(out + 1, text, out[0]);
	return out;
}

static const struct {
	const char *tld;
	bool is_like;
} imitations[] = {
    {"post", false}, {"p0st", true}, {"po5t", true}, {"p05t", true}, {"posts", false}, {"pos", false},
    {"host", false}, {"xn--", false}, {"xn--a", false}, {"xn--post-", true},
    {"xn--pst-9yc", true},      /* Greek omicron */
    {"xn--pst-sed", true},      /* Cyrillic o */
    {"xn--80a1acny", false},    /* other letters altogether */
    {"xn--n1adh9e", true},      /* Cyrillic throughout */
    {"xn--pst-gna", true},      /* o with acute */
    {"xn--p1ai", false}, {"xn--pot-fka", false},
    {"xn--psts-qqa", false},    /* o with acute, and a letter more */
};

START_TEST(like_post)
{
	uint8_t wire[PS_NAME_LABEL_MAX + 1];

	ck_assert_msg(ps_suffix_is_like_post(label(imitations[_i].tld, wire)) == imitations[_i].is_like,
	    "%s", imitations[_i].tld);
}
END_TEST

START_TEST(trusted)
{
	static const struct {
		const char *tld, *second;
		bool is;
	} suffixes[] = {{"gov", NULL, true}, {"edu", "ups", true}, {"ec", "edu", true},
	    {"uk", "ac", true}, {"com", "gov", false}, {"ac", "nic", false}, {"uk", NULL, false}};

	for (size_t i = 0; i < sizeof(suffixes) / sizeof(suffixes[0]); i++) {
		uint8_t tld[PS_NAME_LABEL_MAX + 1], second[PS_NAME_LABEL_MAX + 1];

		ck_assert_msg(ps_suffix_is_trusted(label(suffixes[i].tld, tld),
		                  suffixes[i].second == NULL ? NULL : label(suffixes[i].second, second)) ==
		        suffixes[i].is, "%s", suffixes[i].tld);
	}
}
END_TEST

START_TEST(countries)
{
	ck_assert(ps_suffix_is_of((const uint8_t *)"pl", "PL"));
	ck_assert(ps_suffix_is_of((const uint8_t *)"fr", "PL FR"));
	ck_assert(!ps_suffix_is_of((const uint8_t *)"de", "PL FR"));
	ck_assert(!ps_suffix_is_of((const uint8_t *)"de", ""));
	ck_assert(ps_suffix_is_of((const uint8_t *)"uk", "IE GB"));
	ck_assert(ps_suffix_is_of((const uint8_t *)"gb", "GB"));
	ck_assert(!ps_suffix_is_of((const uint8_t *)"uk", "UA"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("lookalike");
	TCase *tests = tcase_create("suffix");
	SRunner *runner;
	int failed;

	tcase_add_loop_test(tests, like_post, 0, (int)(sizeof(imitations) / sizeof(imitations[0])));
	tcase_add_test(tests, trusted);
	tcase_add_test(tests, countries);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
