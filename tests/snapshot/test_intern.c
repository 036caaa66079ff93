#include "snapshot/intern.h"
#include "snapshot/sample.h"

#include <check.h>
#include <stdio.h>

START_TEST(equal_strings_get_one_number)
{
	struct ps_intern intern;
	uint32_t number;

	ps_intern_init(&intern);
	for (int round = 0; round < 2; round++)
		for (uint32_t i = 0; i < 5000; i++) {
			char text[32];
			/* Number 0 is the empty string; some end in NULs, some share beginnings. */
			size_t len = i == 0 ? 0 : (size_t)snprintf(text, sizeof(text), "s%u", i);
			struct ps_bytes bytes = ps_bytes_of(text, len + i % 2 * (i > 0));

			ck_assert_int_eq(ps_intern_add(&intern, bytes, &number), PS_OK);
			ck_assert_uint_eq(number, i);
		}
	ck_assert_uint_eq(intern.count, 5000);
	ck_assert_uint_eq(ps_intern_get(&intern, 0).len, 0);
	ck_assert(ps_bytes_equal_text(ps_intern_get(&intern, 4998), "s4998"));
	ps_intern_clear(&intern);
	ck_assert_uint_eq(intern.count, 0);
	ps_intern_clear(&intern);
}
END_TEST

START_TEST(long_and_odd_strings)
{
	static uint8_t octets[3000];
	struct ps_intern intern;
	uint32_t number;

	ps_intern_init(&intern);
	for (uint32_t len = 0; len < sizeof(octets); len++) {
		ck_assert_int_eq(
		    ps_intern_add(&intern, ps_bytes_of(octets, len), &number), PS_OK);
		ck_assert_uint_eq(number, len);
	}
	memset(octets, 0xff, sizeof(octets));
	ck_assert_int_eq(ps_intern_add(&intern, ps_bytes_of(octets, 2999), &number), PS_OK);
	ck_assert_uint_eq(number, 3000);
	ck_assert_uint_eq(ps_intern_get(&intern, 3000).len, 2999);
	ck_assert_uint_eq(ps_intern_get(&intern, 3000).ptr[2998], 0xff);
	ps_intern_clear(&intern);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("intern");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, equal_strings_get_one_number);
	tcase_add_test(tests, long_and_odd_strings);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
