/* JSON: any octets in, valid and printable JSON out. */
#include "cli/fact.h"

#include <check.h>
#include <stdlib.h>

static char *printed(json_t *value)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	ck_assert_int_eq(ps_fact_print(stream, value, true), PS_OK);
	(void)fclose(stream);
	return text;
}

START_TEST(stable_form)
{
	json_t *root = json_object();
	static const uint8_t octets[] = {0x00, 0xab, 0xff};
	bool whole = true;
	char *text;

	whole &= ps_fact_text(root, "b", "x");
	whole &= ps_fact_number(root, "a", 12);
	whole &= ps_fact_signed(root, "n", -1);
	whole &= ps_fact_flag(root, "f", true);
	whole &= ps_fact_null(root, "z");
	whole &= ps_fact_real(root, "r", 0.1);
	whole &= ps_fact_moment(root, "m", 1763726400);
	whole &= ps_fact_hex(root, "h", octets, sizeof(octets));
	ck_assert(whole);
	text = printed(root);
	ck_assert_str_eq(text, "{\n  \"a\": 12,\n  \"b\": \"x\",\n  \"f\": true,\n"
	                       "  \"h\": \"00abff\",\n  \"m\": \"2025-11-21T12:00:00Z\",\n"
	                       "  \"n\": -1,\n  \"r\": 0.1,\n  \"z\": null\n}\n");
	free(text);
}
END_TEST

START_TEST(any_octets)
{
	for (unsigned first = 0; first < 256; first++) {
		for (unsigned second = 0; second < 256; second += 5) {
			uint8_t octets[2] = {(uint8_t)first, (uint8_t)second};
			json_t *array = json_array();
			json_t *back;
			char *text;
			bool printable = true;

			ck_assert(ps_fact_add(array, ps_fact_string(ps_bytes_of(octets, 2))));
			text = printed(array);
			for (const char *p = text; *p != '\0'; p++)
				printable = printable && (*p == '\n' || (*p >= ' ' && *p <= '~'));
			ck_assert(printable);
			back = json_loads(text, JSON_ALLOW_NUL, NULL);
			ck_assert_ptr_nonnull(back);
			json_decref(back);
			free(text);
		}
	}
}
END_TEST

START_TEST(what_lacks_something_is_not_printed)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);

	ck_assert_int_eq(ps_fact_print(stream, json_object(), false), PS_NO_MEMORY);
	ck_assert_int_eq(ps_fact_print(stream, NULL, true), PS_NO_MEMORY);
	ck_assert(!ps_fact_put(NULL, "key", NULL));
	ck_assert(!ps_fact_text(NULL, "key", "value"));
	(void)fclose(stream);
	ck_assert_uint_eq(len, 0);
	free(text);
	stream = fopen("/dev/full", "w");
	ck_assert_ptr_nonnull(stream);
	(void)setvbuf(stream, NULL, _IONBF, 0);
	ck_assert_int_eq(ps_fact_print(stream, json_array(), true), PS_IO);
	(void)fclose(stream);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli");
	TCase *tests = tcase_create("fact");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, stable_form);
	tcase_add_test(tests, any_octets);
	tcase_add_test(tests, what_lacks_something_is_not_printed);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
