/* What all commands share: exit statuses, words for failures without any, the clock, and
 * paths that are too long. */
#include "cli/cli.h"
#include "cli/table.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <time.h>

time_t __real_time(time_t *out);
time_t __wrap_time(time_t *out);

static time_t clock_says = -1;

time_t __wrap_time(time_t *out)
{
	(void)out;
	return clock_says;
}

START_TEST(exit_statuses)
{
	static const struct {
		enum ps_status status;
		enum ps_exit code;
	} cases[] = {{PS_OK, PS_EXIT_DONE}, {PS_INVALID, PS_EXIT_USAGE}, {PS_LIMIT, PS_EXIT_USAGE},
	    {PS_UNSUPPORTED, PS_EXIT_USAGE}, {PS_NOT_FOUND, PS_EXIT_USAGE},
	    {PS_IO, PS_EXIT_SYSTEM}, {PS_NO_MEMORY, PS_EXIT_SYSTEM},
	    {(enum ps_status)99, PS_EXIT_SYSTEM}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		ck_assert_int_eq(ps_exit_of(cases[i].status), cases[i].code);
}
END_TEST

/* What ps_cli_fail() prints of an error: set, cleared, or set without words. */
static void check_words(enum ps_status status, bool set, const char *words, const char *says)
{
	struct ps_cli cli = {.who = "postshield x"};
	struct ps_error err;
	char *text = NULL;
	size_t len = 0;

	ps_error_clear(&err);
	if (set)
		(void)ps_error_set(&err, status, "%s", words);
	cli.err.stream = open_memstream(&text, &len);
	errno = ENOSPC;
	ck_assert_int_eq(ps_cli_fail(&cli, status, &err), ps_exit_of(status));
	(void)fclose(cli.err.stream);
	ck_assert_str_eq(text, says);
	free(text);
}

START_TEST(failures_have_words)
{
	check_words(PS_NO_MEMORY, false, "", "postshield x: error: out of memory\n");
	check_words(PS_IO, false, "",
	    "postshield x: error: input or output failed (No space left on device)\n");
	check_words(PS_INVALID, false, "", "postshield x: error: invalid\n");
	check_words(PS_INVALID, true, "", "postshield x: error: invalid\n");
	check_words(PS_INVALID, true, "is odd", "postshield x: error: is odd\n");
}
END_TEST

START_TEST(the_clock)
{
	struct ps_options options = {0};
	struct ps_cli cli = {.options = &options};
	uint32_t now = 7;

	ck_assert_int_eq(ps_cli_now(&cli, &now, NULL), PS_OK);
	ck_assert_uint_eq(now, 0); /* a clock before 1970 */
	clock_says = 1763726400;
	ck_assert_int_eq(ps_cli_now(&cli, &now, NULL), PS_OK);
	ck_assert_uint_eq(now, 1763726400);
	clock_says = (time_t)UINT32_MAX + 5; /* 2106: "forever" stays out of reach */
	ck_assert_int_eq(ps_cli_now(&cli, &now, NULL), PS_OK);
	ck_assert_uint_eq(now, UINT32_MAX - 1);
}
END_TEST

START_TEST(the_state_folder)
{
	static char folder[PATH_MAX + 10];
	char path[PATH_MAX];
	struct ps_error err;

	ps_error_clear(&err);
	ck_assert_int_eq(setenv("POSTSHIELD_STATE", "", 1), 0);
	ck_assert_int_eq(ps_cli_state_path("x", path, &err), PS_OK);
	ck_assert_str_eq(path, PS_STATE_DIR "/x");
	ck_assert_int_eq(unsetenv("POSTSHIELD_STATE"), 0);
	ck_assert_int_eq(ps_cli_state_path("x", path, &err), PS_OK);
	ck_assert_str_eq(path, PS_STATE_DIR "/x");
	memset(folder, 'f', sizeof(folder) - 1);
	for (size_t len = PATH_MAX + 5; len > PATH_MAX - 5; len--) {
		folder[len] = '\0';
		ck_assert_int_eq(setenv("POSTSHIELD_STATE", folder, 1), 0);
		/* "/x" and the NUL need three octets. */
		if (len + 3 > PATH_MAX) {
			ck_assert_int_eq(ps_cli_state_path("x", path, &err), PS_LIMIT);
			ck_assert_str_eq(err.text, "the state folder's path is too long");
		} else {
			ck_assert_int_eq(ps_cli_state_path("x", path, &err), PS_OK);
			ck_assert_uint_eq(strlen(path), len + 2);
		}
	}
}
END_TEST

/* More columns than there is room for are left out; the others stand. */
START_TEST(a_table_has_not_too_many_columns)
{
	struct ps_table table;
	struct ps_terminal terminal = {0};
	char *text = NULL;
	size_t len = 0;

	ps_table_init(&table);
	for (int i = 0; i < PS_TABLE_COLUMNS_MAX + 1; i++)
		ps_table_column(&table, i < PS_TABLE_COLUMNS_MAX ? "a" : "b", PS_ALIGN_LEFT);
	for (int i = 0; i < PS_TABLE_COLUMNS_MAX; i++)
		ps_table_cell(&table, PS_STYLE_PLAIN, "x");
	terminal.stream = open_memstream(&text, &len);
	ck_assert_int_eq(ps_table_print(&table, &terminal, 0), PS_OK);
	(void)fclose(terminal.stream);
	ps_table_clear(&table);
	ck_assert_ptr_null(strchr(text, 'b'));
	ck_assert_uint_eq(strcspn(text, "\n"), 3 * PS_TABLE_COLUMNS_MAX - 2);
	free(text);
}
END_TEST

START_TEST(widths)
{
	ck_assert_uint_eq(ps_text_width("abc"), 3);
	ck_assert_uint_eq(ps_text_width("\xe9\x83\xb5"), 2);
	ck_assert_uint_eq(ps_text_width("a\xff" "b"), 3); /* no UTF-8: an octet, a place */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("cli");
	TCase *tests = tcase_create("cli");
	SRunner *runner;
	int failed;

	tcase_add_test(tests, exit_statuses);
	tcase_add_test(tests, failures_have_words);
	tcase_add_test(tests, the_clock);
	tcase_add_test(tests, the_state_folder);
	tcase_add_test(tests, a_table_has_not_too_many_columns);
	tcase_add_test(tests, widths);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
