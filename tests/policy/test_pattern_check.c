#include "policy/pattern_check.h"

#include "policy/loaded.h"

#include <check.h>
#include <stdio.h>

/* The pattern in a rule, between single quotes; its first code, "" for none. */
static void check(const char *pattern, const char *expected)
{
	struct loaded loaded;
	char text[4096];
	size_t used = (size_t)snprintf(text, sizeof(text),
	    "postshield: 1\nrules:\n- {id: a, then: log, when: {name: {pattern: '");

	for (const char *p = pattern; *p != '\0'; p++)
		used += (size_t)snprintf(
		    text + used, sizeof(text) - used, *p == '\'' ? "''" : "%c", *p);
	used += (size_t)snprintf(text + used, sizeof(text) - used, "'}}}\n");
	loaded = loaded_text("x", ps_bytes_of(text, used));
	ck_assert_msg(strcmp(loaded_code(&loaded, 0), expected) == 0, "%s: %s, not %s", pattern,
	    loaded_code(&loaded, 0), expected);
	loaded_clear(&loaded);
}

START_TEST(sound_patterns_pass)
{
	static const char *const patterns[] = {"^parcel-[0-9]{6}\\.", "usps|dhl|ups", "^xn--",
	    "(a|b)\\1$", "(?i)USPS", "(?<name>a)\\k<name>", "[(*]\\(\\*", "\\Q(*\\E.(?:a)",
	    "[^.]+\\.top$", "\\.(top|xyz)$", "^[a-z]{20,}\\.", "(?=a)b", "(?>a+)b", "[]a]",
	    "^[^]a]", "a[[:alpha:]]", "it's", "(?-i)a", "usps", "us-ps", "\\d{6}", "(?<Name>a)"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		check(patterns[i], "");
}
END_TEST

START_TEST(what_can_run_away_is_refused)
{
	static const char *const patterns[] = {"(*UTF)a", "(*LIMIT_MATCH=1)a", "a(*ACCEPT)",
	    "(*atomic:a)", "(?R)a", "(?0)a", "(a)(?1)", "(a)(?-1)", "(?+1)(a)", "(?C)a", "(?C42)a",
	    "(?<n>a)(?&n)", "(?P<n>a)(?P>n)", "(a)\\g<1>", "(a)\\g'1'", "(?(DEFINE)(a))b",
	    "m\xc3\xbcnchen"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		check(patterns[i], "PS043");
}
END_TEST

START_TEST(what_does_not_compile_is_refused)
{
	static const char *const patterns[] = {
	    "(", ")", "[", "a**b(", "a{2,1}", "\\", "(?<=a*)b", "\\C", "(?z)", "\\p{Foo}"};

	for (size_t i = 0; i < sizeof(patterns) / sizeof(patterns[0]); i++)
		check(patterns[i], "PS042");
}
END_TEST

START_TEST(slips_are_warned_of)
{
	check("usps.com", "PS061");
	check("^usps.com", "PS062");
	check("a\\.b.c", "PS062");
	check("^Usps", "PS063");
	check("[A-Z]", "PS063");
	check("", "PS044");
	check(".", "PS064");
	check("a?", "PS064");
	check("^", "PS064");
	check("\\.?", "PS064");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.pattern_check");
	TCase *tcase = tcase_create("pattern_check");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, sound_patterns_pass);
	tcase_add_test(tcase, what_can_run_away_is_refused);
	tcase_add_test(tcase, what_does_not_compile_is_refused);
	tcase_add_test(tcase, slips_are_warned_of);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
