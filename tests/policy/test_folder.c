#include "policy/loaded.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

DIR *__real_opendir(const char *name);
DIR *__wrap_opendir(const char *name);
struct dirent *__real_readdir(DIR *dir);
struct dirent *__wrap_readdir(DIR *dir);

/* errno of a folder that cannot be opened, or read to its end; 0: all goes well. */
static int opendir_fails, readdir_fails;

DIR *__wrap_opendir(const char *name)
{
	errno = opendir_fails;
	return opendir_fails != 0 ? NULL : __real_opendir(name);
}

struct dirent *__wrap_readdir(DIR *dir)
{
	errno = readdir_fails;
	return readdir_fails != 0 ? NULL : __real_readdir(dir);
}

static char folder[64];

static void make_folder(void)
{
	(void)snprintf(folder, sizeof(folder), "/tmp/postshield-policy-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_folder(void)
{
	char command[256];

	(void)snprintf(command, sizeof(command), "chmod -R u+rwx %s && rm -r %s", folder, folder);
	ck_assert_int_eq(system(command), 0);
}

static const char *path_of(const char *name)
{
	static char path[256];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "wb");

	ck_assert_ptr_nonnull(file);
	(void)fputs(text, file);
	ck_assert_int_eq(fclose(file), 0);
}

#define GOOD "postshield: 1\nrules: [{id: %s, when: {name: {is: a-%s.example}}, then: log}]\n"

static void put_good(const char *name, const char *id)
{
	char text[256];

	(void)snprintf(text, sizeof(text), GOOD, id, id);
	put(name, text);
}

START_TEST(files_are_read_in_the_order_of_their_octets)
{
	struct loaded loaded;

	make_folder();
	put_good("b.postshield.yaml", "three");
	put_good("B.postshield.yaml", "two");
	put_good("10.postshield.yaml", "one");
	put_good("\xc3\xa4.postshield.yaml", "four");
	put("README.txt", "not YAML: [");
	put(".hidden.postshield.yaml", "not YAML: [");
	ck_assert_int_eq(mkdir(path_of("schema"), 0755), 0);
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_OK);
	ck_assert_uint_eq(ps_diagnostics_count(loaded.diagnostics), 0);
	ck_assert_uint_eq(ps_policy_file_count(loaded.policy), 4);
	ck_assert_str_eq(ps_policy_file(loaded.policy, 0), path_of("10.postshield.yaml"));
	ck_assert_str_eq(ps_policy_file(loaded.policy, 3), path_of("\xc3\xa4.postshield.yaml"));
	ck_assert_ptr_null(ps_policy_file(loaded.policy, 4));
	ck_assert_str_eq(ps_policy_plan(loaded.policy)->rules[0].id, "one");
	ck_assert_str_eq(ps_policy_plan(loaded.policy)->rules[1].id, "two");
	ck_assert_str_eq(ps_policy_plan(loaded.policy)->rules[3].id, "four");
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(folders_in_the_folder_are_read_too)
{
	struct loaded loaded;

	make_folder();
	ck_assert_int_eq(mkdir(path_of("brands"), 0755), 0);
	ck_assert_int_eq(mkdir(path_of("brands/deeper"), 0755), 0);
	ck_assert_int_eq(mkdir(path_of(".git"), 0755), 0);
	ck_assert_int_eq(mkdir(path_of("others"), 0755), 0);
	put_good("a.postshield.yaml", "one");
	put_good("brands/pl.postshield.yaml", "three");
	put_good("brands/de.postshield.yaml", "two");
	put_good("c.postshield.yaml", "four");
	put("brands/deeper/x.postshield.yaml", "not YAML: [");
	put("brands/.x.postshield.yaml", "not YAML: [");
	put(".git/x.postshield.yaml", "not YAML: [");
	put("others/compose.yaml", "not YAML: [");
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_OK);
	ck_assert_uint_eq(ps_diagnostics_count(loaded.diagnostics), 0);
	ck_assert_uint_eq(ps_policy_file_count(loaded.policy), 4);
	ck_assert_str_eq(ps_policy_file(loaded.policy, 1), path_of("brands/de.postshield.yaml"));
	ck_assert_str_eq(ps_policy_plan(loaded.policy)->rules[2].id, "three");
	ck_assert_str_eq(ps_policy_plan(loaded.policy)->rules[3].id, "four");
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

/* As at the top: a folder with policy files in it may have one under a wrong name. */
START_TEST(a_wrong_name_is_told_beside_right_ones)
{
	struct loaded loaded;

	make_folder();
	ck_assert_int_eq(mkdir(path_of("brands"), 0755), 0);
	put("brands/pl.yaml", "postshield: 1\n");
	put_good("brands/de.postshield.yaml", "one");
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_OK);
	ck_assert_uint_eq(ps_diagnostics_count(loaded.diagnostics), 1);
	ck_assert_str_eq(loaded_code(&loaded, 0), "PS072");
	ck_assert_str_eq(
	    ps_diagnostics_get(loaded.diagnostics, 0)->file, path_of("brands/pl.yaml"));
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(a_link_to_a_folder_is_followed_once)
{
	struct loaded loaded;

	make_folder();
	ck_assert_int_eq(mkdir(path_of("..data"), 0755), 0);
	put_good("..data/de.postshield.yaml", "one");
	ck_assert_int_eq(symlink("..data", path_of("brands")), 0);
	ck_assert_int_eq(symlink(".", path_of("..data/loop")), 0);
	ck_assert_int_eq(symlink("nowhere", path_of("lost")), 0);
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_OK);
	ck_assert_uint_eq(ps_policy_file_count(loaded.policy), 1);
	ck_assert_str_eq(ps_policy_file(loaded.policy, 0), path_of("brands/de.postshield.yaml"));
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

/* What may hold a part of the policy and cannot be looked into is not passed over. */
START_TEST(a_folder_that_cannot_be_opened_is_named)
{
	struct loaded loaded;

	if (geteuid() == 0)
		return; /* root may open everything */
	make_folder();
	put_good("a.postshield.yaml", "one");
	ck_assert_int_eq(mkdir(path_of("brands"), 0), 0);
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_IO);
	ck_assert_str_eq(loaded.err.file, path_of("brands"));
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(a_file_alone_may_have_any_name)
{
	struct loaded loaded;
	char path[256];

	make_folder();
	put("x.conf", "postshield: 1\nrules: [{id: a, when: {listed: any}, then: log}]\n"
	              "feeds: {f: {format: plain, path: sub/f.txt}}\n");
	loaded = loaded_path(path_of("x.conf"));
	ck_assert_int_eq(loaded.status, PS_OK);
	(void)snprintf(path, sizeof(path), "%s/sub/f.txt", folder);
	ck_assert_str_eq(ps_policy_plan(loaded.policy)->feeds[0].path, path);
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(names_are_unique_over_all_files)
{
	const struct ps_diagnostic *d;
	struct loaded loaded;

	make_folder();
	put_good("a.postshield.yaml", "same");
	put_good("b.postshield.yaml", "same");
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_INVALID);
	ck_assert_ptr_null(loaded.policy);
	ck_assert_str_eq(loaded_code(&loaded, 0), "PS028");
	d = ps_diagnostics_get(loaded.diagnostics, 0);
	ck_assert_str_eq(d->file, path_of("b.postshield.yaml"));
	ck_assert_str_eq(d->other_file, path_of("a.postshield.yaml"));
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

/* A syntax error in one file hides nothing in the others, and what may stand in its
 * missing part is not missed. */
START_TEST(one_broken_file_stops_no_other)
{
	struct loaded loaded;

	make_folder();
	put("a.postshield.yaml", "postshield: 1\nfeeds: {f: {format: plain, path: [\n");
	put("b.postshield.yaml", "postshield: 1\nrules:\n"
	                         "  - {id: x, when: {listed: {feeds: f}}, then: page}\n"
	                         "  - {id: y, wen: everything, then: log}\n");
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_INVALID);
	ck_assert_uint_eq(ps_diagnostics_count(loaded.diagnostics), 2);
	ck_assert_str_eq(loaded_code(&loaded, 0), "PS008");
	ck_assert_str_eq(loaded_code(&loaded, 1), "PS014");
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(what_cannot_be_read_is_named)
{
	struct loaded loaded;
	char *said;

	make_folder();
	put_good("good.postshield.yaml", "good");
	ck_assert_int_eq(mkdir(path_of("folder.postshield.yaml"), 0755), 0);
	ck_assert_int_eq(mkfifo(path_of("pipe.postshield.yaml"), 0644), 0);
	ck_assert_int_eq(symlink("nowhere", path_of("link.postshield.yaml")), 0);
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_INVALID);
	said = loaded_said(&loaded, PS_DIAGNOSTIC_PLAIN);
	ck_assert_uint_eq(ps_diagnostics_count(loaded.diagnostics), 3);
	ck_assert_ptr_nonnull(strstr(said, "folder.postshield.yaml: error[PS001]: the file cannot "
	                                   "be read; is a folder, not a file\n"));
	ck_assert_ptr_nonnull(strstr(said, "link.postshield.yaml: error[PS001]: the file cannot be "
	                                   "read; no such file\n"));
	ck_assert_ptr_nonnull(strstr(said, "pipe.postshield.yaml: error[PS001]: the file cannot be "
	                                   "read; is not a regular file\n"));
	free(said);
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(a_folder_that_cannot_be_read_is_an_error)
{
	struct loaded loaded;

	make_folder();
	put_good("good.postshield.yaml", "good");
	opendir_fails = EACCES;
	loaded = loaded_path(folder);
	opendir_fails = 0;
	ck_assert_int_eq(loaded.status, PS_IO);
	ck_assert_str_eq(loaded.err.text, "cannot open the folder");
	ck_assert_str_eq(loaded.err.file, folder);
	ck_assert_int_eq(loaded.err.sys_errno, EACCES);
	loaded_clear(&loaded);
	opendir_fails = ENOMEM;
	loaded = loaded_path(folder);
	opendir_fails = 0;
	ck_assert_int_eq(loaded.status, PS_NO_MEMORY);
	loaded_clear(&loaded);
	/* Half a folder would be another policy. */
	readdir_fails = EIO;
	loaded = loaded_path(folder);
	readdir_fails = 0;
	ck_assert_int_eq(loaded.status, PS_IO);
	ck_assert_str_eq(loaded.err.text, "cannot read the folder");
	ck_assert_int_eq(loaded.err.sys_errno, EIO);
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(links_that_lead_nowhere_say_why)
{
	struct loaded loaded;
	char *said;

	make_folder();
	put_good("good.postshield.yaml", "good");
	ck_assert_int_eq(symlink("loop.postshield.yaml", path_of("loop.postshield.yaml")), 0);
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_INVALID);
	said = loaded_said(&loaded, PS_DIAGNOSTIC_PLAIN);
	ck_assert_ptr_nonnull(strstr(said, "loop.postshield.yaml: error[PS001]: the file cannot be "
	                                   "read; cannot open: Too many levels of symbolic links\n"));
	free(said);
	loaded_clear(&loaded);
	loaded = loaded_path(path_of("loop.postshield.yaml"));
	ck_assert_int_eq(loaded.status, PS_IO);
	ck_assert_str_eq(loaded.err.text, "cannot be read");
	ck_assert_int_eq(loaded.err.sys_errno, ELOOP);
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(slashes_behind_a_folder_make_no_difference)
{
	struct loaded loaded;
	char path[80];

	make_folder();
	put_good("good.postshield.yaml", "good");
	put("old.yml", "postshield: 1\n");
	(void)snprintf(path, sizeof(path), "%s///", folder);
	loaded = loaded_path(path);
	ck_assert_int_eq(loaded.status, PS_OK);
	ck_assert_str_eq(loaded_code(&loaded, 0), "PS072"); /* *.yml is no policy file */
	ck_assert_str_eq(ps_policy_file(loaded.policy, 0), path_of("good.postshield.yaml"));
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

/* What ships and what an operator adds may overlap; within a file a name stands once. */
START_TEST(names_may_stand_in_several_files)
{
	struct loaded loaded;

	make_folder();
	put_good("a.postshield.yaml", "a");
	put("b.postshield.yaml", "postshield: 1\nnever: [x.example]\nofficial: [y.example]\n");
	put("c.postshield.yaml", "postshield: 1\nnever: [x.example]\nofficial: [y.example]\n");
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_OK);
	ck_assert_uint_eq(ps_diagnostics_count(loaded.diagnostics), 0);
	ck_assert_uint_eq(ps_policy_plan(loaded.policy)->never.count, 2);
	loaded_clear(&loaded);
	put("c.postshield.yaml", "postshield: 1\nnever: [x.example, x.example]\n");
	loaded = loaded_path(folder);
	ck_assert_str_eq(loaded_code(&loaded, 0), "PS069");
	ck_assert_uint_eq(ps_diagnostics_count(loaded.diagnostics), 1);
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

/* The same limit for text that is handed over. */
START_TEST(a_mebibyte_is_the_limit_of_a_text)
{
	size_t size = ((size_t)1 << 20) + 1;
	char *text = malloc(size);
	struct loaded loaded;

	memset(text, '#', size);
	loaded = loaded_text("x.yaml", ps_bytes_of(text, size));
	ck_assert_int_eq(loaded.status, PS_INVALID);
	ck_assert_str_eq(loaded_code(&loaded, 0), "PS003");
	ck_assert_uint_eq(ps_diagnostics_count(loaded.diagnostics), 1);
	loaded_clear(&loaded);
	free(text);
}
END_TEST

START_TEST(an_empty_folder_is_no_policy)
{
	struct loaded loaded;

	make_folder();
	put("rules.yaml", "postshield: 1\n");
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_INVALID);
	ck_assert_str_eq(loaded_code(&loaded, 0), "PS002");
	ck_assert_str_eq(loaded_code(&loaded, 1), "PS072");
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(what_is_not_there_is_not_found)
{
	struct loaded loaded;

	make_folder();
	loaded = loaded_path(path_of("nowhere"));
	ck_assert_int_eq(loaded.status, PS_NOT_FOUND);
	ck_assert_str_eq(loaded.err.file, path_of("nowhere"));
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(too_many_files_are_refused)
{
	struct loaded loaded;

	make_folder();
	for (unsigned i = 0; i <= 1027; i++) {
		char name[64];
		char id[16];

		(void)snprintf(name, sizeof(name), "%u.postshield.yaml", i);
		(void)snprintf(id, sizeof(id), "r%u", i);
		put_good(name, id);
	}
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_INVALID);
	ck_assert_str_eq(loaded_code(&loaded, 0), "PS004");
	loaded_clear(&loaded);
	for (unsigned i = 0; i < 4; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%u.postshield.yaml", 7 * i);
		ck_assert_int_eq(unlink(path_of(name)), 0);
	}
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_OK);
	ck_assert_uint_eq(ps_policy_plan(loaded.policy)->rule_count, 1024);
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

static void put_large(const char *name, size_t size)
{
	static const char head[] =
	    "postshield: 1\nrules: [{id: a, when: everything, then: log}]\n#";
	char *text = malloc(size + 1);

	ck_assert_ptr_nonnull(text);
	memset(text, 'x', size);
	memcpy(text, head, sizeof(head) - 1);
	text[size] = '\0';
	put(name, text);
	free(text);
}

START_TEST(a_mebibyte_is_the_limit_of_a_file)
{
	struct loaded loaded;

	make_folder();
	put_large("a.postshield.yaml", 1 << 20);
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_OK);
	loaded_clear(&loaded);
	put_large("a.postshield.yaml", (1 << 20) + 1);
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_INVALID);
	ck_assert_str_eq(loaded_code(&loaded, 0), "PS003");
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(all_files_together_have_a_limit_too)
{
	struct loaded loaded;

	make_folder();
	for (unsigned i = 0; i < 17; i++) {
		char name[64];

		(void)snprintf(name, sizeof(name), "%u.postshield.yaml", i);
		put_large(name, 1 << 20);
	}
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_INVALID);
	/* The folder's own message stands before those of its files. */
	ck_assert_str_eq(loaded_code(&loaded, 0), "PS004");
	ck_assert_str_eq(ps_diagnostics_get(loaded.diagnostics, 0)->file, folder);
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

START_TEST(limits_hold_over_all_files)
{
	struct loaded loaded;

	make_folder();
	for (unsigned f = 0; f < 2; f++) {
		char name[64];
		FILE *file;

		(void)snprintf(name, sizeof(name), "%u.postshield.yaml", f);
		file = fopen(path_of(name), "wb");
		ck_assert_ptr_nonnull(file);
		(void)fputs("postshield: 1\nrules:\n", file);
		for (unsigned i = 0; i < 2049; i++)
			(void)fprintf(file,
			    " - {id: r%u-%u, when: {name: {is: a%u-%u.example}}, then: log}\n", f,
			    i, f, i);
		ck_assert_int_eq(fclose(file), 0);
	}
	loaded = loaded_path(folder);
	ck_assert_int_eq(loaded.status, PS_INVALID);
	ck_assert_uint_eq(ps_diagnostics_errors(loaded.diagnostics), 1);
	ck_assert_str_eq(loaded_code(&loaded, 0), "PS004");
	loaded_clear(&loaded);
	remove_folder();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.folder");
	TCase *tcase = tcase_create("folder");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, files_are_read_in_the_order_of_their_octets);
	tcase_add_test(tcase, folders_in_the_folder_are_read_too);
	tcase_add_test(tcase, a_wrong_name_is_told_beside_right_ones);
	tcase_add_test(tcase, a_link_to_a_folder_is_followed_once);
	tcase_add_test(tcase, a_folder_that_cannot_be_opened_is_named);
	tcase_add_test(tcase, a_file_alone_may_have_any_name);
	tcase_add_test(tcase, names_are_unique_over_all_files);
	tcase_add_test(tcase, one_broken_file_stops_no_other);
	tcase_add_test(tcase, what_cannot_be_read_is_named);
	tcase_add_test(tcase, a_folder_that_cannot_be_read_is_an_error);
	tcase_add_test(tcase, links_that_lead_nowhere_say_why);
	tcase_add_test(tcase, slashes_behind_a_folder_make_no_difference);
	tcase_add_test(tcase, names_may_stand_in_several_files);
	tcase_add_test(tcase, a_mebibyte_is_the_limit_of_a_text);
	tcase_add_test(tcase, an_empty_folder_is_no_policy);
	tcase_add_test(tcase, what_is_not_there_is_not_found);
	tcase_add_test(tcase, too_many_files_are_refused);
	tcase_add_test(tcase, a_mebibyte_is_the_limit_of_a_file);
	tcase_add_test(tcase, all_files_together_have_a_limit_too);
	tcase_add_test(tcase, limits_hold_over_all_files);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
