#include "policy/diagnostics.h"

#include "policy/loaded.h"

#include <check.h>
#include <stdlib.h>

static struct ps_arena arena;

static struct ps_span span_in(struct ps_source *source, const char *name, const char *text,
    uint32_t line, uint32_t column, uint32_t length)
{
	ps_arena_init(&arena, 1 << 20);
	ck_assert_int_eq(
	    ps_source_init(source, name, ps_bytes_of_text(text), &arena), PS_OK);
	return (struct ps_span){source, line, column, length};
}

static char *printed(const struct ps_diagnostics *diagnostics, enum ps_diagnostic_style style)
{
	struct loaded loaded = {.diagnostics = (struct ps_diagnostics *)diagnostics};

	return loaded_said(&loaded, style);
}

static void check_print(const char *text, struct ps_span at, enum ps_diagnostic_style style,
    const char *expected)
{
	struct ps_diagnostics *diagnostics;
	struct ps_source source;
	struct ps_span span = span_in(&source, "us.yaml", text, at.line, at.column, at.length);
	char *got;

	ck_assert_int_eq(ps_diagnostics_create(&diagnostics), PS_OK);
	ps_report(diagnostics, PS_CODE_UNKNOWN_KEY, span, "unknown key");
	ps_report_hint(diagnostics, "really?");
	got = printed(diagnostics, style);
	ck_assert_str_eq(got, expected);
	free(got);
	ps_diagnostics_destroy(diagnostics);
	ps_arena_clear(&arena);
}

/* As USERS.md shows it, letter by letter. */
START_TEST(the_form_is_as_promised)
{
	static const char text[] = "postshield: 1\nfeeds:\n  us:\n    format: plain\n"
	                           "    confidense: 80\n    path: us.txt\n";
	struct loaded loaded = loaded_text("policies/us.yaml", ps_bytes_of_text(text));
	char *said = loaded_said(&loaded, PS_DIAGNOSTIC_FANCY);

	ck_assert_int_eq(loaded.status, PS_INVALID);
	ck_assert_str_eq(said, "error[PS014]: unknown key 'confidense'\n"
	                       "  --> policies/us.yaml:5:5\n"
	                       "   |\n"
	                       " 5 |     confidense: 80\n"
	                       "   |     ^^^^^^^^^^ did you mean 'confidence'?\n");
	free(said);
	said = loaded_said(&loaded, PS_DIAGNOSTIC_PLAIN);
	ck_assert_str_eq(said, "policies/us.yaml:5:5: error[PS014]: unknown key 'confidense'; "
	                       "did you mean 'confidence'?\n");
	free(said);
	loaded_clear(&loaded);
}
END_TEST

#define AT(line, column, length) ((struct ps_span){NULL, line, column, length})

START_TEST(the_caret_stands_under_its_text)
{
	check_print("a b", AT(1, 3, 1), PS_DIAGNOSTIC_FANCY,
	    "error[PS014]: unknown key\n  --> us.yaml:1:3\n   |\n 1 | a b\n   |   ^ really?\n");
	/* A tab is shown as four blanks, a wide letter takes two cells, an accent none. */
	check_print("\tb", AT(1, 2, 1), PS_DIAGNOSTIC_FANCY,
	    "error[PS014]: unknown key\n  --> us.yaml:1:2\n   |\n 1 |     b\n   |     ^ really?\n");
	check_print("\xe9\x83\xb5\xe4\xbe\xbf b", AT(1, 4, 1), PS_DIAGNOSTIC_FANCY,
	    "error[PS014]: unknown key\n  --> us.yaml:1:4\n   |\n"
	    " 1 | \xe9\x83\xb5\xe4\xbe\xbf b\n   |      ^ really?\n");
	check_print("\xe9\x83\xb5\xe4\xbe\xbf b", AT(1, 1, 2), PS_DIAGNOSTIC_FANCY,
	    "error[PS014]: unknown key\n  --> us.yaml:1:1\n   |\n"
	    " 1 | \xe9\x83\xb5\xe4\xbe\xbf b\n   | ^^^^ really?\n");
	check_print("e\xcc\x81 b", AT(1, 4, 1), PS_DIAGNOSTIC_FANCY,
	    "error[PS014]: unknown key\n  --> us.yaml:1:4\n   |\n"
	    " 1 | e\xcc\x81 b\n   |   ^ really?\n");
	/* Behind the end of the line. */
	check_print("ab", AT(1, 3, 1), PS_DIAGNOSTIC_FANCY,
	    "error[PS014]: unknown key\n  --> us.yaml:1:3\n   |\n 1 | ab\n   |   ^ really?\n");
	check_print("", AT(1, 1, 1), PS_DIAGNOSTIC_FANCY,
	    "error[PS014]: unknown key\n  --> us.yaml:1:1\n   |\n 1 |\n   | ^ really?\n");
}
END_TEST

START_TEST(no_file_commands_a_terminal)
{
	check_print("a\x1b[2Jb", AT(1, 6, 1), PS_DIAGNOSTIC_FANCY,
	    "error[PS014]: unknown key\n  --> us.yaml:1:6\n   |\n"
	    " 1 | a\\x1B[2Jb\n   |         ^ really?\n");
	check_print("a\xe2\x80\xae\xff" "b", AT(1, 2, 2), PS_DIAGNOSTIC_FANCY,
	    "error[PS014]: unknown key\n  --> us.yaml:1:2\n   |\n"
	    " 1 | a\\u{202E}\\xFFb\n   |  ^^^^^^^^^^^^ really?\n");
}
END_TEST

START_TEST(user_text_in_messages_is_escaped_and_bounded)
{
	struct ps_diagnostics *diagnostics;
	struct ps_source source;
	struct ps_span span = span_in(&source, "u\x1bs.yaml", "x", 1, 1, 1);
	char text[200];

	memset(text, 'a', sizeof(text));
	text[0] = '\x1b';
	ck_assert_int_eq(ps_diagnostics_create(&diagnostics), PS_OK);
	ps_report(diagnostics, PS_CODE_NAME, span, "'%.*s' is none",
	    PS_QUOTED(ps_bytes_of(text, sizeof(text))));
	ck_assert_uint_eq(strlen(ps_diagnostics_get(diagnostics, 0)->text), 60 + 3 + 10);
	ck_assert(strncmp(ps_diagnostics_get(diagnostics, 0)->text, "'\\x1Baaa", 8) == 0);
	ck_assert_str_eq(ps_diagnostics_get(diagnostics, 0)->file, "u\\x1Bs.yaml");
	ps_diagnostics_destroy(diagnostics);
	ps_arena_clear(&arena);
}
END_TEST

START_TEST(long_lines_are_cut_around_the_mark)
{
	struct ps_diagnostics *diagnostics;
	struct ps_source source;
	static char text[100001];
	struct ps_span span;
	const struct ps_diagnostic *d;

	memset(text, 'a', sizeof(text) - 1);
	text[50000] = 'X';
	span = span_in(&source, "us.yaml", text, 1, 50001, 1);
	ck_assert_int_eq(ps_diagnostics_create(&diagnostics), PS_OK);
	ps_report(diagnostics, PS_CODE_NAME, span, "here");
	d = ps_diagnostics_get(diagnostics, 0);
	ck_assert_uint_lt(strlen(d->source), 130);
	ck_assert_int_eq(d->source[d->mark_start], 'X');
	ck_assert_uint_eq(d->mark_width, 1);
	ps_diagnostics_destroy(diagnostics);
	ps_arena_clear(&arena);
}
END_TEST

START_TEST(colours_say_nothing_else)
{
	struct loaded loaded = loaded_text("x", ps_bytes_of_text("postshield: 1\nx: y\n"));
	char *fancy = loaded_said(&loaded, PS_DIAGNOSTIC_FANCY);
	char *color = loaded_said(&loaded, PS_DIAGNOSTIC_COLOR);
	char *to = color;

	ck_assert_str_ne(fancy, color);
	for (const char *from = color; *from != '\0'; from++) {
		if (*from == '\033')
			from += strcspn(from, "m");
		else
			*to++ = *from;
	}
	*to = '\0';
	ck_assert_str_eq(fancy, color);
	free(fancy);
	free(color);
	loaded_clear(&loaded);
}
END_TEST

START_TEST(places_are_sorted_and_what_has_none_stands_last)
{
	struct ps_diagnostics *diagnostics;
	struct ps_source source;
	struct ps_span span = span_in(&source, "b", "x\nyz", 2, 2, 1);

	ck_assert_int_eq(ps_diagnostics_create(&diagnostics), PS_OK);
	ps_report(diagnostics, PS_CODE_NAME, (struct ps_span){.source = NULL}, "1");
	ps_report(diagnostics, PS_CODE_NAME, span, "2");
	span.column = 1;
	ps_report(diagnostics, PS_CODE_NAME, span, "3");
	ps_report(diagnostics, PS_CODE_NO_RULES, span, "4");
	ps_report_file(diagnostics, PS_CODE_UNREADABLE, "c", "5");
	ps_report_file(diagnostics, PS_CODE_UNREADABLE, "a", "6");
	ps_diagnostics_sort(diagnostics);
	for (size_t i = 0; i < 6; i++)
		ck_assert_int_eq(ps_diagnostics_get(diagnostics, i)->text[0], "634251"[i]);
	ck_assert_uint_eq(ps_diagnostics_errors(diagnostics), 5);
	ck_assert_ptr_null(ps_diagnostics_get(diagnostics, 6));
	ps_diagnostics_destroy(diagnostics);
	ps_arena_clear(&arena);
}
END_TEST

START_TEST(after_a_thousand_the_rest_is_counted)
{
	struct ps_diagnostics *diagnostics;

	ck_assert_int_eq(ps_diagnostics_create(&diagnostics), PS_OK);
	for (unsigned i = 0; i < 5000; i++) {
		ps_report_file(diagnostics, PS_CODE_NAME, "x", "%u", i);
		ps_report_hint(diagnostics, "hint %u", i);
	}
	ck_assert_uint_eq(ps_diagnostics_count(diagnostics), PS_DIAGNOSTICS_MAX + 1);
	ck_assert_uint_eq(ps_diagnostics_errors(diagnostics), 5000);
	ck_assert_str_eq(ps_diagnostics_get(diagnostics, PS_DIAGNOSTICS_MAX)->code, "PS051");
	ck_assert_str_eq(ps_diagnostics_get(diagnostics, 999)->hint, "hint 999");
	ck_assert_ptr_null(ps_diagnostics_get(diagnostics, 1000)->hint);
	ps_diagnostics_destroy(diagnostics);
}
END_TEST

/* A correction of a mistake that is not shown is none; nor are there more than a thousand. */
START_TEST(corrections_are_bounded_as_what_is_said_is)
{
	struct ps_diagnostics *diagnostics;
	struct ps_source source;
	struct ps_span span = span_in(&source, "x", "rulez: []", 1, 1, 0);
	const struct ps_fix *fix;

	ck_assert_int_eq(ps_diagnostics_create(&diagnostics), PS_OK);
	ck_assert_ptr_null(ps_diagnostics_fix(diagnostics, 0));
	ps_report(diagnostics, PS_CODE_NAME, span, "here");
	ck_assert_uint_eq(ps_diagnostics_get(diagnostics, 0)->length, 1); /* of none: one */
	for (size_t i = 0; i < PS_DIAGNOSTICS_MAX + 10; i++)
		ps_report_fix(diagnostics, true, &source, 0, 5, ps_bytes_of_text("rules"), "spelling");
	ck_assert_uint_eq(ps_diagnostics_fix_count(diagnostics), PS_DIAGNOSTICS_MAX);
	fix = ps_diagnostics_fix(diagnostics, PS_DIAGNOSTICS_MAX - 1);
	ck_assert(ps_bytes_equal_text(fix->old, "rulez"));
	ck_assert(ps_bytes_equal_text(fix->text, "rules"));
	ck_assert_ptr_null(ps_diagnostics_fix(diagnostics, PS_DIAGNOSTICS_MAX));
	ps_diagnostics_destroy(diagnostics);
	ck_assert_int_eq(ps_diagnostics_create(&diagnostics), PS_OK);
	for (size_t i = 0; i < PS_DIAGNOSTICS_MAX + 1; i++)
		ps_report(diagnostics, PS_CODE_NAME, span, "here");
	ps_report_fix(diagnostics, true, &source, 0, 5, ps_bytes_of_text("rules"), "spelling");
	ck_assert_uint_eq(ps_diagnostics_fix_count(diagnostics), 0);
	ps_report_fix(diagnostics, false, &source, 0, 5, ps_bytes_of_text("rules"), "form");
	ck_assert_uint_eq(ps_diagnostics_fix_count(diagnostics), 1);
	ps_diagnostics_destroy(diagnostics);
	ps_arena_clear(&arena);
}
END_TEST

/* A name of any length, and another place that is none. */
START_TEST(names_of_files_are_bounded)
{
	struct ps_diagnostics *diagnostics;
	struct ps_source source;
	static char name[5000];
	struct ps_span span;

	memset(name, 'a', sizeof(name) - 1);
	span = span_in(&source, name, "x", 1, 1, 1);
	ck_assert_int_eq(ps_diagnostics_create(&diagnostics), PS_OK);
	ps_report(diagnostics, PS_CODE_NAME, span, "here");
	ps_report_other(diagnostics, (struct ps_span){.source = NULL}, "nowhere");
	span.line = 0;
	ps_report_other(diagnostics, span, "nowhere");
	ck_assert_ptr_null(ps_diagnostics_get(diagnostics, 0)->other_text);
	ck_assert_uint_gt(strlen(ps_diagnostics_get(diagnostics, 0)->file), 100);
	ck_assert_uint_lt(strlen(ps_diagnostics_get(diagnostics, 0)->file), sizeof(name) - 1);
	ps_diagnostics_destroy(diagnostics);
	ps_arena_clear(&arena);
}
END_TEST

START_TEST(nothing_is_destroyed_without_harm)
{
	ps_diagnostics_destroy(NULL);
	ps_policy_destroy(NULL);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.diagnostics");
	TCase *tcase = tcase_create("diagnostics");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, the_form_is_as_promised);
	tcase_add_test(tcase, the_caret_stands_under_its_text);
	tcase_add_test(tcase, no_file_commands_a_terminal);
	tcase_add_test(tcase, user_text_in_messages_is_escaped_and_bounded);
	tcase_add_test(tcase, long_lines_are_cut_around_the_mark);
	tcase_add_test(tcase, colours_say_nothing_else);
	tcase_add_test(tcase, places_are_sorted_and_what_has_none_stands_last);
	tcase_add_test(tcase, after_a_thousand_the_rest_is_counted);
	tcase_add_test(tcase, corrections_are_bounded_as_what_is_said_is);
	tcase_add_test(tcase, names_of_files_are_bounded);
	tcase_add_test(tcase, nothing_is_destroyed_without_harm);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
