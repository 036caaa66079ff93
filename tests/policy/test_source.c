#include "policy/source.h"

#include "core/utf8.h"

#include <check.h>

static struct ps_arena arena;

static struct ps_source source_of(const char *text)
{
	struct ps_source source;

	ps_arena_init(&arena, 1 << 20);
	ck_assert_int_eq(
	    ps_source_init(&source, "x.yaml", ps_bytes_of_text(text), &arena), PS_OK);
	return source;
}

START_TEST(lines_end_in_all_three_ways)
{
	struct ps_source source = source_of("one\ntwo\r\nthree\r\rfive");
	static const char *const lines[] = {"one", "two", "three", "", "five"};

	ck_assert_uint_eq(source.line_count, 5);
	for (uint32_t i = 0; i < 5; i++)
		ck_assert(ps_bytes_equal_text(ps_source_line(&source, i + 1), lines[i]));
	ck_assert_uint_eq(ps_source_line(&source, 0).len, 0);
	ck_assert_uint_eq(ps_source_line(&source, 6).len, 0);
	ps_arena_clear(&arena);
}
END_TEST

START_TEST(an_empty_file_has_one_line)
{
	struct ps_source source = source_of("");

	ck_assert_uint_eq(source.line_count, 1);
	ck_assert_uint_eq(ps_source_at(&source, 0).line, 1);
	ps_arena_clear(&arena);
}
END_TEST

/* Every octet's place, against counting from the beginning. */
START_TEST(places_agree_with_counting)
{
	static const char text[] = "a\xc3\xa4\tb\r\n\n\xe9\x83\xb5x\rlast";
	struct ps_source source = source_of(text);
	uint32_t line = 1;
	uint32_t column = 1;
	size_t pos = 0;

	while (pos < strlen(text)) {
		struct ps_span span = ps_source_at(&source, pos);
		uint32_t character;

		ck_assert_uint_eq(span.line, line);
		ck_assert_uint_eq(span.column, column);
		(void)ps_utf8_next(ps_bytes_of_text(text), &pos, &character);
		column++;
		if (character == '\n' || (character == '\r' && text[pos] != '\n')) {
			line++;
			column = 1;
		}
	}
	ps_arena_clear(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.source");
	TCase *tcase = tcase_create("source");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, lines_end_in_all_three_ways);
	tcase_add_test(tcase, an_empty_file_has_one_line);
	tcase_add_test(tcase, places_agree_with_counting);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
