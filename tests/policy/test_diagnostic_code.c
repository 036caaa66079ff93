#include "policy/diagnostic_code.h"

#include <check.h>
#include <ctype.h>
#include <stdio.h>
#include <string.h>

START_TEST(every_code_is_explained_and_found_again)
{
	unsigned count = 0;

	for (unsigned i = 0; i < PS_CODE_COUNT; i++) {
		struct ps_code_info info = ps_code_info(i);
		char code[16];

		if (info.code == NULL)
			continue;
		count++;
		(void)snprintf(code, sizeof(code), "PS%03u", i);
		ck_assert_str_eq(info.code, code);
		ck_assert_str_eq(ps_code_find(code).title, info.title);
		ck_assert_uint_gt(strlen(info.title), 8);
		ck_assert_uint_gt(strlen(info.explanation), 40);
		ck_assert_int_eq(info.explanation[strlen(info.explanation) - 1], '.');
		ck_assert(islower((unsigned char)info.title[0]));
	}
	ck_assert_uint_ge(count, 60);
}
END_TEST

START_TEST(other_codes_are_none)
{
	ck_assert_ptr_null(ps_code_info(0).code);
	ck_assert_ptr_null(ps_code_info(PS_CODE_COUNT).code);
	ck_assert_ptr_null(ps_code_info(1000000).code);
	ck_assert_ptr_null(ps_code_find("PS000").code);
	ck_assert_ptr_null(ps_code_find("").code);
	ck_assert_str_eq(ps_code_find("ps014").code, "PS014");
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.diagnostic_code");
	TCase *tcase = tcase_create("diagnostic_code");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, every_code_is_explained_and_found_again);
	tcase_add_test(tcase, other_codes_are_none);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
