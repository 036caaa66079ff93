/* Numbers, times, escaping and tables as people see them. */
#include "cli/table.h"
#include "cli/terminal.h"

#include <check.h>
#include <stdlib.h>

START_TEST(numbers)
{
	char out[PS_NUMBER_TEXT_MAX], count[PS_COUNT_TEXT_MAX];

	ck_assert_str_eq(ps_terminal_number(0, out), "0");
	ck_assert_str_eq(ps_terminal_number(999, out), "999");
	ck_assert_str_eq(ps_terminal_number(1000, out), "1,000");
	ck_assert_str_eq(ps_terminal_number(1234567, out), "1,234,567");
	ck_assert_str_eq(ps_terminal_number(UINT64_MAX, out), "18,446,744,073,709,551,615");
	ck_assert_str_eq(ps_terminal_count(1, "entry", "entries", count), "1 entry");
	ck_assert_str_eq(ps_terminal_count(0, "entry", "entries", count), "0 entries");
}
END_TEST

START_TEST(times)
{
	char out[PS_MOMENT_TEXT_MAX];

	ck_assert_str_eq(ps_terminal_moment(0, out), "1970-01-01T00:00:00Z");
	ck_assert_str_eq(ps_terminal_moment(1763726400, out), "2025-11-21T12:00:00Z");
	ck_assert_str_eq(ps_terminal_moment(UINT64_MAX / 2, out), "@9223372036854775807");
	ck_assert_str_eq(ps_terminal_age(0, out), "0 s");
	ck_assert_str_eq(ps_terminal_age(119, out), "119 s");
	ck_assert_str_eq(ps_terminal_age(120, out), "2 min");
	ck_assert_str_eq(ps_terminal_age(7200, out), "2 h");
	ck_assert_str_eq(ps_terminal_age(200000, out), "2 days");
	ck_assert_str_eq(ps_terminal_age(UINT64_MAX, out), "213503982334601 days");
}
END_TEST

/* What a style prints around "x" in colours; without them, nothing. */
START_TEST(styles_and_trees)
{
	static const struct {
		enum ps_style style;
		const char *wanted;
	} styles[] = {{PS_STYLE_PLAIN, "x"}, {PS_STYLE_GOOD, "\033[32mx\033[0m"},
	    {PS_STYLE_BAD, "\033[1;31mx\033[0m"}, {PS_STYLE_WARN, "\033[33mx\033[0m"},
	    {PS_STYLE_FAINT, "\033[2mx\033[0m"}, {PS_STYLE_STRONG, "\033[1mx\033[0m"}};
	static const char *const trees[2][4] = {
	    {"|- ", "`- ", "|  ", "   "}, {"├ ", "└ ", "│  ", "   "}};

	for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++)
		for (int color = 0; color < 2; color++) {
			char *text = NULL;
			size_t len = 0;
			struct ps_terminal terminal = {
			    .stream = open_memstream(&text, &len), .color = color == 1};

			ps_terminal_styled(&terminal, styles[i].style, "%s", "x");
			(void)fclose(terminal.stream);
			ck_assert_str_eq(text, color == 1 ? styles[i].wanted : "x");
			free(text);
		}
	for (int lines = 0; lines < 2; lines++) {
		struct ps_terminal terminal = {.lines = lines == 1};

		ck_assert_str_eq(ps_terminal_tree(&terminal, PS_TREE_BRANCH), trees[lines][0]);
		ck_assert_str_eq(ps_terminal_tree(&terminal, PS_TREE_LAST), trees[lines][1]);
		ck_assert_str_eq(ps_terminal_tree(&terminal, PS_TREE_DOWN), trees[lines][2]);
		ck_assert_str_eq(ps_terminal_tree(&terminal, PS_TREE_BLANK), trees[lines][3]);
	}
}
END_TEST

/* All 256 octets become printable ASCII (RELIABILITY R11). */
START_TEST(every_octet_is_escaped)
{
	uint8_t all[256];
	char out[4 * 256 + 1], *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	struct ps_terminal terminal = {.stream = stream};

	for (unsigned i = 0; i < 256; i++)
		all[i] = (uint8_t)i;
	ck_assert_uint_eq(
	    ps_terminal_escape(ps_bytes_of(all, 256), out, sizeof(out)), 95 + 4 * 161);
	ps_terminal_text(&terminal, ps_bytes_of(all, 256));
	(void)fclose(stream);
	ck_assert_str_eq(text, out);
	for (size_t i = 0; i < len; i++)
		ck_assert(text[i] >= ' ' && text[i] <= '~');
	free(text);
}
END_TEST

/* Whatever the room: terminated, within it, and no escape cut in two. */
START_TEST(escaping_is_cut_at_whole_characters)
{
	static const char input[] = "ab\x01\x02xyz\xff"
	                            "end";

	for (size_t size = 4; size < 40; size++) {
		char whole[40], out[40];
		size_t all = ps_terminal_escape(ps_bytes_of_text(input), whole, sizeof(whole));
		size_t len = ps_terminal_escape(ps_bytes_of_text(input), out, size);
		size_t kept;

		ck_assert_uint_lt(len, size);
		ck_assert_uint_eq(len, strlen(out));
		if (all < size) {
			ck_assert_str_eq(out, whole);
			continue;
		}
		ck_assert_uint_ge(len, 3);
		kept = len - 3;
		ck_assert_str_eq(out + kept, "...");
		ck_assert_int_eq(strncmp(out, whole, kept), 0);
		/* A backslash stands before three more of its own. */
		for (size_t i = 0; i < kept; i++)
			ck_assert(out[i] != '\\' || i + 4 <= kept);
	}
}
END_TEST

static char *printed(const struct ps_table *table, bool color)
{
	char *text = NULL;
	size_t len = 0;
	FILE *stream = open_memstream(&text, &len);
	struct ps_terminal terminal = {.stream = stream, .color = color};

	ck_assert_int_eq(ps_table_print(table, &terminal, 1), PS_OK);
	(void)fclose(stream);
	return text;
}

START_TEST(tables)
{
	struct ps_table table;
	char *text;

	ps_table_init(&table);
	ps_table_column(&table, "feed", PS_ALIGN_LEFT);
	ps_table_column(&table, "kept", PS_ALIGN_RIGHT);
	ps_table_column(&table, "", PS_ALIGN_LEFT);
	ps_table_text(&table, PS_STYLE_STRONG, "a");
	ps_table_number(&table, PS_STYLE_PLAIN, 1234567);
	ps_table_cell(&table, PS_STYLE_PLAIN, "%s", "");
	ps_table_text(&table, PS_STYLE_PLAIN, "long\x1b[m");
	ps_table_number(&table, PS_STYLE_PLAIN, 0);
	ps_table_cell(&table, PS_STYLE_BAD, "held");
	text = printed(&table, false);
	ck_assert_str_eq(text, " feed             kept\n"
	                       " a           1,234,567\n"
	                       " long\\x1B[m          0  held\n");
	free(text);
	text = printed(&table, true);
	ck_assert_ptr_nonnull(strstr(text, "0\033[0m  \033[1;31mheld\033[0m\n"));
	free(text);
	ps_table_clear(&table);
}
END_TEST

START_TEST(widths)
{
	ck_assert_uint_eq(ps_text_width(""), 0);
	ck_assert_uint_eq(ps_text_width("abc"), 3);
	ck_assert_uint_eq(ps_text_width("\xe2\x94\x9c "), 2);            /* a branch */
	ck_assert_uint_eq(ps_text_width("\xe9\x83\xb5\xe4\xbe\xbf"), 4); /* two wide letters */
	ck_assert_uint_eq(ps_text_width("e\xcc\x81"), 1);                /* a combining accent */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli");
	TCase *tests = tcase_create("terminal");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, numbers);
	tcase_add_test(tests, times);
	tcase_add_test(tests, styles_and_trees);
	tcase_add_test(tests, every_octet_is_escaped);
	tcase_add_test(tests, escaping_is_cut_at_whole_characters);
	tcase_add_test(tests, tables);
	tcase_add_test(tests, widths);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
