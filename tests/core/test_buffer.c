#include "core/buffer.h"

#include <check.h>
#include <stdlib.h>

static void check_holds(const struct ps_buffer *buffer, const char *text)
{
	ck_assert_uint_eq(buffer->len, strlen(text));
	ck_assert(ps_bytes_equal_text(ps_buffer_bytes(buffer), text));
}

START_TEST(appended_octets_stand_in_order)
{
	struct ps_buffer buffer;

	ps_buffer_init(&buffer, 1 << 20);
	ck_assert_int_eq(ps_buffer_append(&buffer, "ab", 2), PS_OK);
	ck_assert_int_eq(ps_buffer_printf(&buffer, "-%d-%s", 42, "x"), PS_OK);
	ck_assert_int_eq(ps_buffer_append(&buffer, NULL, 2), PS_OK);
	ck_assert_uint_eq(buffer.len, 9);
	ck_assert(memcmp(buffer.data, "ab-42-x\0\0", 9) == 0);
	ps_buffer_clear(&buffer);
	ck_assert_uint_eq(buffer.len, 0);
}
END_TEST

START_TEST(growth_keeps_what_was_there)
{
	struct ps_buffer buffer;
	unsigned wrong = 0;

	ps_buffer_init(&buffer, 1 << 20);
	for (unsigned i = 0; i < 100000; i++) {
		uint8_t octet = (uint8_t)(i * 7);

		wrong += ps_buffer_append(&buffer, &octet, 1) != PS_OK;
	}
	ck_assert_uint_eq(buffer.len, 100000);
	for (unsigned i = 0; i < 100000; i++)
		wrong += buffer.data[i] != (uint8_t)(i * 7);
	ck_assert_uint_eq(wrong, 0);
	ps_buffer_clear(&buffer);
}
END_TEST

START_TEST(the_maximum_holds_to_the_octet)
{
	struct ps_buffer buffer;

	ps_buffer_init(&buffer, 5);
	ck_assert_int_eq(ps_buffer_append(&buffer, "abcde", 5), PS_OK);
	ck_assert_ptr_nonnull(ps_buffer_extend(&buffer, 0));
	ck_assert_int_eq(ps_buffer_append(&buffer, "f", 1), PS_LIMIT);
	check_holds(&buffer, "abcde");
	ps_buffer_clear(&buffer);
	ck_assert_int_eq(ps_buffer_printf(&buffer, "%s", "abcde"), PS_OK);
	check_holds(&buffer, "abcde");
	ck_assert_int_eq(ps_buffer_printf(&buffer, "%s", "f"), PS_LIMIT);
	check_holds(&buffer, "abcde");
	ps_buffer_clear(&buffer);
}
END_TEST

START_TEST(an_error_sticks_until_clear)
{
	struct ps_buffer buffer;

	ps_buffer_init(&buffer, 4);
	ck_assert_int_eq(ps_buffer_append(&buffer, "abcde", 5), PS_LIMIT);
	ck_assert_int_eq(ps_buffer_append(&buffer, "a", 1), PS_LIMIT);
	ck_assert_int_eq(ps_buffer_printf(&buffer, "a"), PS_LIMIT);
	ck_assert_ptr_null(ps_buffer_extend(&buffer, 1));
	ck_assert_uint_eq(buffer.len, 0);
	ps_buffer_clear(&buffer);
	ck_assert_int_eq(ps_buffer_append(&buffer, "a", 1), PS_OK);
	ps_buffer_clear(&buffer);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
	struct ps_buffer buffer;

	ps_buffer_init(&buffer, SIZE_MAX);
	ck_assert_int_eq(ps_buffer_printf(&buffer, "ab"), PS_OK);
	ck_assert_ptr_null(ps_buffer_extend(&buffer, SIZE_MAX - 1));
	ck_assert_int_eq(buffer.status, PS_LIMIT);
	ps_buffer_clear(&buffer);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.buffer");
	TCase *tc = tcase_create("buffer");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60); /* sanitizers on a busy machine */
	tcase_add_test(tc, appended_octets_stand_in_order);
	tcase_add_test(tc, growth_keeps_what_was_there);
	tcase_add_test(tc, the_maximum_holds_to_the_octet);
	tcase_add_test(tc, an_error_sticks_until_clear);
	tcase_add_test(tc, sizes_that_overflow_are_refused);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
