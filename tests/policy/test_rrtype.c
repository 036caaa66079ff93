#include "policy/rrtype.h"

#include <check.h>
#include <stdlib.h>

START_TEST(types_are_read)
{
	static const struct {
		const char *text;
		uint16_t type; /* 0: none */
	} cases[] = {{"A", 1}, {"a", 1}, {"aaaa", 28}, {"Https", 65}, {"TYPE65", 65}, {"type1", 1},
	    {"257", 257}, {"65535", 65535}, {"TYPE65535", 65535}, {"", 0}, {"0", 0}, {"TYPE", 0},
	    {"TYPE0", 0}, {"TYPE65536", 0}, {"4294967297", 0}, {"AA", 0}, {"AAAAA", 0}, {"TYPE-1", 0},
	    {"1 ", 0}, {"+1", 0}, {"TYPE 1", 0}, {"TYPETYPE1", 0}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		uint16_t type = 0;
		bool good = ps_rrtype_from_text(ps_bytes_of_text(cases[i].text), &type);

		ck_assert_msg(good == (cases[i].type != 0), "'%s'", cases[i].text);
		ck_assert_uint_eq(type, cases[i].type);
	}
}
END_TEST

START_TEST(what_is_written_is_read_again)
{
	for (unsigned type = 1; type <= UINT16_MAX; type++) {
		char text[PS_RRTYPE_TEXT_MAX];
		uint16_t again = 0;

		ck_assert(ps_rrtype_from_text(
		    ps_bytes_of_text(ps_rrtype_to_text((uint16_t)type, text)), &again));
		ck_assert_uint_eq(again, type);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.rrtype");
	TCase *tcase = tcase_create("rrtype");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, types_are_read);
	tcase_add_test(tcase, what_is_written_is_read_again);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
