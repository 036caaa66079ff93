#include "core/status.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

START_TEST(every_status_has_a_word_of_its_own)
{
	for (int a = PS_OK; a <= PS_NO_MEMORY; a++) {
		for (int b = PS_OK; b < a; b++)
			ck_assert_str_ne(ps_status_name((enum ps_status)a),
			    ps_status_name((enum ps_status)b));
		ck_assert_str_ne(ps_status_name((enum ps_status)a), "unknown");
	}
}
END_TEST

START_TEST(an_error_says_file_line_column_and_why)
{
	struct ps_error err;
	char text[256];

	ps_error_clear(&err);
	ps_error_at(&err, "a.yaml", 3, 7, UINT64_MAX);
	ck_assert_int_eq(ps_error_set(&err, PS_INVALID, "no %s", "good"), PS_INVALID);
	ps_error_format(&err, text, sizeof(text));
	ck_assert_str_eq(text, "a.yaml:3:7: no good");
	ps_error_at(&err, NULL, 4, 0, UINT64_MAX);
	ps_error_format(&err, text, sizeof(text));
	ck_assert_str_eq(text, "a.yaml:4: no good");
	ps_error_at(&err, NULL, 0, 0, 17);
	ps_error_format(&err, text, sizeof(text));
	ck_assert_str_eq(text, "a.yaml: at byte 17: no good");
	ps_error_clear(&err);
	(void)ps_error_set(&err, PS_LIMIT, "alone");
	ps_error_format(&err, text, sizeof(text));
	ck_assert_str_eq(text, "alone");
}
END_TEST

START_TEST(errno_is_taken_up_for_io_alone_and_kept)
{
	struct ps_error err;
	char text[256];

	ps_error_clear(&err);
	errno = ENOSPC;
	(void)ps_error_set(&err, PS_IO, "cannot write");
	ck_assert_int_eq(err.sys_errno, ENOSPC);
	ck_assert_int_eq(errno, ENOSPC);
	ps_error_format(&err, text, sizeof(text));
	ck_assert_str_eq(text, "cannot write (No space left on device)");
	errno = ENOSPC;
	(void)ps_error_set(&err, PS_INVALID, "bad");
	ck_assert_int_eq(err.sys_errno, 0);
}
END_TEST

START_TEST(null_errors_are_allowed)
{
	ps_error_clear(NULL);
	ps_error_at(NULL, "f", 1, 1, 1);
	ck_assert_int_eq(ps_error_set(NULL, PS_LIMIT, "x"), PS_LIMIT);
}
END_TEST

START_TEST(formatted_errors_are_printable_and_fit)
{
	struct ps_error err;
	char text[PS_ERROR_TEXT_MAX + PS_ERROR_FILE_MAX];
	char long_text[1000];

	ps_error_clear(&err);
	ps_error_at(&err, "f\x1b[31m", 1, 0, UINT64_MAX);
	(void)ps_error_set(&err, PS_INVALID, "%s", "a\nb\x7f\xc3");
	ps_error_format(&err, text, sizeof(text));
	ck_assert_str_eq(text, "f\\x1B[31m:1: a\\x0Ab\\x7F\\xC3");
	memset(long_text, 'x', sizeof(long_text) - 1);
	long_text[sizeof(long_text) - 1] = '\0';
	(void)ps_error_set(&err, PS_INVALID, "%s", long_text);
	for (unsigned long size = 0; size < 64; size++) {
		memset(text, '#', sizeof(text));
		ps_error_format(&err, text, size);
		ck_assert(size == 0 || strlen(text) < size);
		ck_assert(text[size] == '#');
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.status");
	TCase *tc = tcase_create("status");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60); /* sanitizers on a busy machine */
	tcase_add_test(tc, every_status_has_a_word_of_its_own);
	tcase_add_test(tc, an_error_says_file_line_column_and_why);
	tcase_add_test(tc, errno_is_taken_up_for_io_alone_and_kept);
	tcase_add_test(tc, null_errors_are_allowed);
	tcase_add_test(tc, formatted_errors_are_printable_and_fit);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
