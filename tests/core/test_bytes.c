#include "core/bytes.h"

#include <check.h>
#include <stdlib.h>

START_TEST(numbers_are_little_endian_at_any_address)
{
	uint8_t bytes[16] = {0};

	for (size_t at = 0; at < 8; at++) {
		ps_store_le64(bytes + at, UINT64_C(0x1122334455667788));
		ck_assert_uint_eq(bytes[at], 0x88);
		ck_assert_uint_eq(bytes[at + 7], 0x11);
		ck_assert(ps_load_le64(bytes + at) == UINT64_C(0x1122334455667788));
		ck_assert_uint_eq(ps_load_le32(bytes + at), 0x55667788u);
		ck_assert_uint_eq(ps_load_le16(bytes + at), 0x7788u);
		ps_store_le32(bytes + at, 0xa1b2c3d4u);
		ck_assert_uint_eq(ps_load_le32(bytes + at), 0xa1b2c3d4u);
		ps_store_le16(bytes + at, 0xfeed);
		ck_assert_uint_eq(ps_load_le16(bytes + at), 0xfeed);
	}
}
END_TEST

START_TEST(trimming_takes_ascii_blanks_from_both_ends)
{
	ck_assert(ps_bytes_equal_text(ps_bytes_trim(ps_bytes_of_text(" \t a b\r\n")), "a b"));
	ck_assert(ps_bytes_equal_text(ps_bytes_trim(ps_bytes_of_text("\v")), "\v"));
	ck_assert_uint_eq(ps_bytes_trim(ps_bytes_of_text(" \t\r\n ")).len, 0);
	ck_assert_uint_eq(ps_bytes_trim(ps_bytes_of(NULL, 0)).len, 0);
}
END_TEST

START_TEST(lower_case_is_ascii_alone)
{
	for (unsigned c = 0; c < 256; c++) {
		unsigned want = c >= 'A' && c <= 'Z' ? c + 32 : c;

		ck_assert_uint_eq(ps_ascii_lower((uint8_t)c), want);
	}
}
END_TEST

START_TEST(equality_looks_at_length_and_octets)
{
	ck_assert(ps_bytes_equal(ps_bytes_of(NULL, 0), ps_bytes_of("", 0)));
	ck_assert(!ps_bytes_equal(ps_bytes_of("a", 1), ps_bytes_of("ab", 2)));
	ck_assert(!ps_bytes_equal(ps_bytes_of("a\0b", 3), ps_bytes_of("a\0c", 3)));
	ck_assert(!ps_bytes_equal_text(ps_bytes_of("a\0", 2), "a"));
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.bytes");
	TCase *tc = tcase_create("bytes");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60); /* sanitizers on a busy machine */
	tcase_add_test(tc, numbers_are_little_endian_at_any_address);
	tcase_add_test(tc, trimming_takes_ascii_blanks_from_both_ends);
	tcase_add_test(tc, lower_case_is_ascii_alone);
	tcase_add_test(tc, equality_looks_at_length_and_octets);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
