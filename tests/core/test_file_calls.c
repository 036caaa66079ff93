/* The system refuses one call: what is said, and that nothing is left open or behind. */
#include "core/failing_calls.h"
#include "core/file.h"

#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[128];
static int descriptors;

static void setup(void)
{
	(void)strcpy(folder, "/tmp/postshield-calls-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/file", folder);
	descriptors = count_descriptors();
}

static void teardown(void)
{
	ck_assert_int_eq(count_descriptors(), descriptors);
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0); /* nothing else is in it */
}

static void put(const char *text, size_t len)
{
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(text, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

/* Reads the file whole while a call fails; what was read must be text where it went well. */
static enum ps_status read_it(enum failing_call call, int n, int error, const char *says)
{
	struct ps_buffer buffer;
	struct ps_error err;
	enum ps_status status;

	ps_error_clear(&err);
	ps_buffer_init(&buffer, 100);
	call_fails(call, n, error);
	status = ps_file_read(path, &buffer, &err);
	ck_assert_int_eq(call_failures(), 1);
	if (status == PS_OK) {
		ck_assert(ps_bytes_equal_text(ps_buffer_bytes(&buffer), "text"));
	} else {
		ck_assert_str_eq(err.text, says);
		ck_assert_str_eq(err.file, path);
		ck_assert_int_eq(err.status, status);
		ck_assert_int_eq(err.sys_errno, status == PS_IO ? error : 0);
	}
	ps_buffer_clear(&buffer);
	return status;
}

START_TEST(reading_whole)
{
	put("text", 4);
	ck_assert_int_eq(read_it(CALL_OPEN, 1, EACCES, "cannot open"), PS_IO);
	ck_assert_int_eq(read_it(CALL_OPEN, 1, ENOENT, "no such file"), PS_NOT_FOUND);
	ck_assert_int_eq(read_it(CALL_FSTAT, 1, EIO, "cannot read its properties"), PS_IO);
	ck_assert_int_eq(read_it(CALL_READ, 1, EIO, "cannot read"), PS_IO);
	ck_assert_int_eq(read_it(CALL_READ, 2, EIO, "cannot read"), PS_IO);
	ck_assert_int_eq(read_it(CALL_READ, 1, EINTR, ""), PS_OK);
	ck_assert_int_eq(read_it(CALL_READ, 2, EINTR, ""), PS_OK);
}
END_TEST

/* The n-th reading fails: of a line that is passed over, and of one that is not. */
START_TEST(reading_lines)
{
	static char text[300000];
	struct ps_lines *lines;
	struct ps_line line;
	struct ps_error err;
	int fd;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\n';
	put(text, sizeof(text));
	for (int n = 1; n <= 3; n++) {
		ps_error_clear(&err);
		ck_assert_int_eq(ps_file_open(path, &fd, &err), PS_OK);
		ck_assert_int_eq(ps_lines_create(&lines, fd, 1 << 20, &err), PS_OK);
		call_fails(CALL_READ, n, EIO);
		ck_assert_int_eq(ps_lines_next(lines, &line, &err), PS_IO);
		ck_assert_int_eq(call_failures(), 1);
		ck_assert_str_eq(err.text, "cannot read");
		ck_assert_int_eq(err.sys_errno, EIO);
		ps_lines_destroy(lines);
		(void)close(fd);
	}
	ck_assert_int_eq(ps_file_open(path, &fd, &err), PS_OK);
	ck_assert_int_eq(ps_lines_create(&lines, fd, 1 << 20, &err), PS_OK);
	call_fails(CALL_READ, 2, EINTR);
	ck_assert_int_eq(ps_lines_next(lines, &line, &err), PS_OK);
	ck_assert_int_eq(call_failures(), 1);
	ck_assert_int_eq(line.kind, PS_LINE_TOO_LONG);
	ck_assert_int_eq(ps_lines_next(lines, &line, &err), PS_OK);
	ck_assert_int_eq(line.kind, PS_LINE_END);
	ck_assert_uint_eq(line.offset, sizeof(text));
	ps_lines_destroy(lines);
	(void)close(fd);
}
END_TEST

static void check_content(const char *text)
{
	struct ps_buffer buffer;

	ps_buffer_init(&buffer, 100);
	ck_assert_int_eq(ps_file_read(path, &buffer, NULL), PS_OK);
	ck_assert(ps_bytes_equal_text(ps_buffer_bytes(&buffer), text));
	ps_buffer_clear(&buffer);
}

START_TEST(opening_a_replacement)
{
	static const struct {
		enum failing_call call;
		const char *says;
	} cases[] = {{CALL_MKOSTEMP, "cannot write in its folder"}, {CALL_FCHMOD, "cannot write"},
	    {CALL_FDOPEN, "cannot write"}};

	put("old", 3);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_file_writer writer;
		struct ps_error err;

		ps_error_clear(&err);
		call_fails(cases[i].call, 1, EACCES);
		ck_assert_int_eq(ps_file_writer_open(&writer, path, 0600, &err), PS_IO);
		ck_assert_int_eq(call_failures(), 1);
		ck_assert_str_eq(err.text, cases[i].says);
		ck_assert_str_eq(err.file, path);
		ck_assert_int_eq(err.sys_errno, EACCES);
		ck_assert_ptr_null(writer.stream);
		ps_file_writer_abort(&writer); /* harmless */
	}
	check_content("old");
}
END_TEST

/* In the root folder, whose name is a slash; and in the folder that the program is in. */
START_TEST(folders_without_a_name)
{
	struct ps_file_writer writer;
	struct ps_error err;

	ps_error_clear(&err);
	call_fails(CALL_MKOSTEMP, 1, EROFS);
	ck_assert_int_eq(ps_file_writer_open(&writer, "/postshield", 0600, &err), PS_IO);
	ck_assert_int_eq(call_failures(), 1);
	ck_assert_int_eq(err.sys_errno, EROFS);
	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(ps_file_writer_open(&writer, "file", 0600, &err), PS_OK);
	ck_assert_int_ge(fputs("new", writer.stream), 0);
	ck_assert_int_eq(ps_file_writer_commit(&writer, &err), PS_OK);
	check_content("new");
}
END_TEST

START_TEST(putting_a_replacement_in_place)
{
	static const struct {
		enum failing_call call;
		const char *says;
		const char *stands;
	} cases[] = {{CALL_FFLUSH, "cannot write all of it", "old"},
	    {CALL_FCLOSE, "cannot write all of it", "old"},
	    /* The new file is in its place by then, but may not survive a power cut. */
	    {CALL_OPEN, "cannot open its folder to sync it", "new"}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_file_writer writer;
		struct ps_error err;

		put("old", 3);
		ps_error_clear(&err);
		ck_assert_int_eq(ps_file_writer_open(&writer, path, 0600, &err), PS_OK);
		ck_assert_int_ge(fputs("new", writer.stream), 0);
		call_fails(cases[i].call, 1, EDQUOT);
		ck_assert_int_eq(ps_file_writer_commit(&writer, &err), PS_IO);
		ck_assert_int_eq(call_failures(), 1);
		ck_assert_str_eq(err.text, cases[i].says);
		ck_assert_int_eq(err.sys_errno, EDQUOT);
		check_content(cases[i].stands);
	}
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.file_calls");
	TCase *tests = tcase_create("calls");
	SRunner *runner = srunner_create(suite);
	int failed;

	suite_add_tcase(suite, tests);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, reading_whole);
	tcase_add_test(tests, reading_lines);
	tcase_add_test(tests, opening_a_replacement);
	tcase_add_test(tests, folders_without_a_name);
	tcase_add_test(tests, putting_a_replacement_in_place);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
