/* Every file of data/bad says exactly what stands beside it in NAME.expected; every
 * file of data/good says nothing and makes the plan in NAME.plan. After a change
 * that is meant, run with POSTSHIELD_GOLDEN=write, and read the difference. */
#include "policy/loaded.h"
#include "policy/plan_text.h"
#include "policy/plan_valid.h"

#include "core/file.h"

#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define BAD_KINDS_MIN 60

static void read_file(const char *path, struct ps_buffer *out)
{
	struct ps_error err;

	ps_error_clear(&err);
	ps_buffer_init(out, (size_t)4 << 20);
	ck_assert_msg(ps_file_read(path, out, &err) == PS_OK, "%s: %s", path, err.text);
}

static void write_file(const char *path, const char *text)
{
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_int_eq(fputs(text, file) >= 0, 1);
	ck_assert_int_eq(fclose(file), 0);
}

static void compare(const char *path, const char *got)
{
	const char *golden = getenv("POSTSHIELD_GOLDEN");
	struct ps_buffer expected;
	size_t same = 0;

	if (golden != NULL && strcmp(golden, "write") == 0) {
		write_file(path, got);
		return;
	}
	read_file(path, &expected);
	ck_assert_int_eq(ps_buffer_append(&expected, "", 1), PS_OK);
	/* From the first line that differs; Check takes no long messages. */
	for (const char *p = (const char *)expected.data; *p != '\0' && *p == got[same]; p++)
		same++;
	while (same > 0 && got[same - 1] != '\n')
		same--;
	ck_assert_msg(strcmp((const char *)expected.data, got) == 0,
	    "%s:\n--- expected\n%.300s\n--- got\n%.300s", path,
	    (const char *)expected.data + same, got + same);
	ps_buffer_clear(&expected);
}

static void check_bad(const char *name)
{
	struct ps_buffer text;
	struct loaded loaded;
	char path[512];
	char *said;

	read_file(name, &text);
	loaded = loaded_text(name, ps_buffer_bytes(&text));
	ck_assert_msg(loaded.status == PS_OK || loaded.status == PS_INVALID, "%s: %d", name,
	    (int)loaded.status);
	ck_assert_msg((loaded.status == PS_INVALID) ==
	                  (ps_diagnostics_errors(loaded.diagnostics) > 0),
	    "%s", name);
	said = loaded_said(&loaded, PS_DIAGNOSTIC_FANCY);
	ck_assert_msg(said[0] != '\0', "%s: nothing is said against it", name);
	(void)snprintf(path, sizeof(path), "%.*s.expected", (int)strlen(name) - 5, name);
	compare(path, said);
	free(said);
	loaded_clear(&loaded);
	ps_buffer_clear(&text);
}

static void check_good(const char *name)
{
	struct ps_buffer text;
	struct ps_buffer plan;
	struct loaded loaded;
	char path[512];
	char *said;

	read_file(name, &text);
	loaded = loaded_text(name, ps_buffer_bytes(&text));
	said = loaded_said(&loaded, PS_DIAGNOSTIC_PLAIN);
	ck_assert_msg(loaded.status == PS_OK && said[0] == '\0', "%s", said);
	free(said);
	ck_assert_pstr_eq(plan_fault(ps_policy_plan(loaded.policy)), NULL);
	ps_buffer_init(&plan, (size_t)4 << 20);
	plan_text(ps_policy_plan(loaded.policy), &plan);
	ck_assert_int_eq(ps_buffer_append(&plan, "", 1), PS_OK);
	(void)snprintf(path, sizeof(path), "%.*s.plan", (int)strlen(name) - 5, name);
	compare(path, (const char *)plan.data);
	ps_buffer_clear(&plan);
	loaded_clear(&loaded);
	ps_buffer_clear(&text);
}

static unsigned for_each(const char *folder, void (*check)(const char *))
{
	unsigned count = 0;
	struct dirent *entry;
	DIR *dir;

	/* Names in messages, and paths in plans, are then the same everywhere. */
	ck_assert_int_eq(chdir(folder), 0);
	dir = opendir(".");
	ck_assert_ptr_nonnull(dir);
	while ((entry = readdir(dir)) != NULL) {
		size_t len = strlen(entry->d_name);

		if (len <= 5 || strcmp(entry->d_name + len - 5, ".yaml") != 0)
			continue;
		check(entry->d_name);
		count++;
	}
	closedir(dir);
	return count;
}

START_TEST(bad_files_say_what_is_expected)
{
	ck_assert_uint_ge(for_each(PS_TEST_DATA "/bad", check_bad), BAD_KINDS_MIN);
}
END_TEST

START_TEST(good_files_make_the_expected_plan)
{
	ck_assert_uint_ge(for_each(PS_TEST_DATA "/good", check_good), 5);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.golden");
	TCase *tcase = tcase_create("golden");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 120);
	tcase_add_test(tcase, bad_files_say_what_is_expected);
	tcase_add_test(tcase, good_files_make_the_expected_plan);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
