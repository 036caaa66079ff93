#include "cli/line_diff.h"

#include <check.h>
#include <stdlib.h>
#include <string.h>

static void compare(const char *old, const char *now, const char *expected)
{
	struct ps_buffer out;

	ps_buffer_init(&out, 1 << 20);
	ck_assert_int_eq(
	    ps_line_diff(&out, "f", ps_bytes_of_text(old), ps_bytes_of_text(now), false), PS_OK);
	ck_assert_int_eq(ps_buffer_append(&out, "", 1), PS_OK);
	ck_assert_str_eq((const char *)out.data, expected);
	ps_buffer_clear(&out);
}

START_TEST(differences_are_as_diff_writes_them)
{
	compare("a\nb\n", "a\nb\n", "");
	compare("a\nb\nc\n", "a\nB\nc\n", "--- f\n+++ f\n@@ -1,3 +1,3 @@\n a\n-b\n+B\n c\n");
	compare("a\nb\n", "a\n", "--- f\n+++ f\n@@ -1,2 +1 @@\n a\n-b\n");
	compare("", "a\n", "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n");
	compare("a\n", "", "--- f\n+++ f\n@@ -1 +0,0 @@\n-a\n");
	compare("a", "b\n",
	    "--- f\n+++ f\n@@ -1 +1 @@\n-a\n\\ No newline at end of file\n+b\n");
	compare("1\n2\n3\n4\n5\n6\n7\n8\n9\n", "1\n2\n3\n4\nx\n6\n7\n8\n9\n",
	    "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+x\n 6\n 7\n 8\n");
	/* Six lines between two changes are in one hunk, seven are not. */
	compare("a\n1\n2\n3\n4\n5\n6\nb\n", "A\n1\n2\n3\n4\n5\n6\nB\n",
	    "--- f\n+++ f\n@@ -1,8 +1,8 @@\n-a\n+A\n 1\n 2\n 3\n 4\n 5\n 6\n-b\n+B\n");
	compare("a\n1\n2\n3\n4\n5\n6\n7\nb\n", "A\n1\n2\n3\n4\n5\n6\n7\nB\n",
	    "--- f\n+++ f\n@@ -1,4 +1,4 @@\n-a\n+A\n 1\n 2\n 3\n@@ -6,4 +6,4 @@\n 5\n 6\n 7\n-b\n+B\n");
}
END_TEST

START_TEST(what_a_terminal_would_obey_is_escaped)
{
	struct ps_buffer out;

	ps_buffer_init(&out, 1 << 20);
	ck_assert_int_eq(ps_line_diff(&out, "f", ps_bytes_of_text("\tb\r\n"),
	                     ps_bytes_of_text("\x1b[2J\n"), true),
	    PS_OK);
	ck_assert_int_eq(ps_buffer_append(&out, "", 1), PS_OK);
	ck_assert_str_eq(
	    (const char *)out.data, "--- f\n+++ f\n@@ -1 +1 @@\n-\tb\n+\\x1B[2J\n");
	ps_buffer_clear(&out);
}
END_TEST

static unsigned state = 3;

static unsigned any(unsigned count)
{
	state = state * 1103515245u + 12345u;
	return (state >> 16) % count;
}

/* Applies a difference as patch does: *changes counts its lines. */
static void apply(const char *old, char *diff, char *now, unsigned *changes)
{
	size_t used = 0;
	char *line = diff;

	*changes = 0;
	now[0] = '\0';
	for (line = diff; *line != '\0';) {
		char *end = strchr(line, '\n');
		size_t len = (size_t)(end + 1 - line);

		if (strncmp(line, "@@ -", 4) == 0) {
			size_t first = strtoul(line + 4, &end, 10);
			size_t count = *end == ',' ? strtoul(end + 1, NULL, 10) : 1;

			/* Two octets a line. */
			first = 2 * (count == 0 ? first : first - 1);
			strncat(now, old + used, first - used);
			used = first;
		} else if (strncmp(line, "---", 3) != 0 && strncmp(line, "+++", 3) != 0) {
			if (line[0] != '+') {
				ck_assert_int_eq(strncmp(old + used, line + 1, len - 1), 0);
				used += len - 1;
			}
			if (line[0] != '-')
				strncat(now, line + 1, len - 1);
			*changes += line[0] != ' ';
		}
		line += len;
	}
	strcat(now, old + used);
}

/* The model: the longest common subsequence, by its table. */
static unsigned shortest(const char *old, const char *now)
{
	unsigned table[64][64] = {{0}};
	unsigned rows = (unsigned)strlen(old) / 2, columns = (unsigned)strlen(now) / 2;

	for (unsigned i = 1; i <= rows; i++)
		for (unsigned j = 1; j <= columns; j++) {
			unsigned best = table[i - 1][j] > table[i][j - 1] ? table[i - 1][j]
			                                                  : table[i][j - 1];

			table[i][j] = old[2 * i - 2] == now[2 * j - 2] ? table[i - 1][j - 1] + 1
			                                               : best;
		}
	return rows + columns - 2 * table[rows][columns];
}

START_TEST(any_difference_leads_from_one_to_the_other_and_is_the_shortest)
{
	for (unsigned round = 0; round < 20000; round++) {
		char texts[2][128], got[256];
		struct ps_buffer out;
		unsigned changes;

		for (unsigned t = 0; t < 2; t++) {
			unsigned lines = any(40);

			for (unsigned i = 0; i < lines; i++) {
				texts[t][2 * i] = (char)('a' + any(1 + round % 20));
				texts[t][2 * i + 1] = '\n';
			}
			texts[t][2 * lines] = '\0';
		}
		ps_buffer_init(&out, 1 << 20);
		ck_assert_int_eq(ps_line_diff(&out, "f", ps_bytes_of_text(texts[0]),
		                     ps_bytes_of_text(texts[1]), false),
		    PS_OK);
		ck_assert_int_eq(ps_buffer_append(&out, "", 1), PS_OK);
		apply(texts[0], (char *)out.data, got, &changes);
		ck_assert_str_eq(got, texts[1]);
		ck_assert_uint_eq(changes, shortest(texts[0], texts[1]));
		ps_buffer_clear(&out);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli.line_diff");
	TCase *tcase = tcase_create("line_diff");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, differences_are_as_diff_writes_them);
	tcase_add_test(tcase, what_a_terminal_would_obey_is_escaped);
	tcase_add_test(
	    tcase, any_difference_leads_from_one_to_the_other_and_is_the_shortest);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
