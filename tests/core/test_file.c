#include "core/file.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- a file system that fails when told to ----------------------------------- */

/* These stand before the C library's own: the n-th fsync, or every rename, fails. */
static int fsyncs_until_failure = -1;
static bool rename_fails;

int fsync(int fd)
{
	struct stat st;

	if (fsyncs_until_failure == 0) {
		errno = EIO;
		return -1;
	}
	if (fsyncs_until_failure > 0)
		fsyncs_until_failure--;
	return fstat(fd, &st); /* nothing here needs to survive a power cut */
}

int rename(const char *from, const char *to)
{
	if (rename_fails) {
		errno = EACCES;
		return -1;
	}
	return renameat(AT_FDCWD, from, AT_FDCWD, to);
}

/* --- a folder of the test's own ----------------------------------------------- */

static char folder[64];

static void make_folder(void)
{
	strcpy(folder, "file-test-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	fsyncs_until_failure = -1;
	rename_fails = false;
}

static const char *path_of(const char *name)
{
	static char path[512];

	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

static void remove_folder(void)
{
	DIR *dir = opendir(folder);
	struct dirent *entry;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0)
			(void)remove(path_of(entry->d_name));
	}
	if (dir != NULL)
		closedir(dir);
	(void)rmdir(folder);
}

static unsigned count_entries(void)
{
	DIR *dir = opendir(folder);
	unsigned count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		count++;
	closedir(dir);
	return count - 2; /* "." and ".." */
}

static void put(const char *name, const char *text)
{
	FILE *file = fopen(path_of(name), "wb");

	ck_assert_ptr_nonnull(file);
	fputs(text, file);
	fclose(file);
}

static void check_content(const char *name, const char *text)
{
	struct ps_buffer buffer;

	ps_buffer_init(&buffer, 1 << 20);
	ck_assert_int_eq(ps_file_read(path_of(name), &buffer, NULL), PS_OK);
	ck_assert(ps_bytes_equal_text(ps_buffer_bytes(&buffer), text));
	ps_buffer_clear(&buffer);
}

/* --- reading whole -------------------------------------------------------------- */

static enum ps_status read_status(const char *name, size_t max)
{
	struct ps_buffer buffer;
	struct ps_error err;
	enum ps_status status;

	ps_error_clear(&err);
	ps_buffer_init(&buffer, max);
	status = ps_file_read(path_of(name), &buffer, &err);
	ck_assert(status == PS_OK || strstr(err.file, name) != NULL);
	ps_buffer_clear(&buffer);
	return status;
}

START_TEST(a_file_is_read_within_its_limit)
{
	put("a", "12345");
	check_content("a", "12345");
	ck_assert_int_eq(read_status("a", 5), PS_OK);
	ck_assert_int_eq(read_status("a", 4), PS_LIMIT);
	put("empty", "");
	check_content("empty", "");
}
END_TEST

START_TEST(what_is_no_regular_file_is_refused_without_blocking)
{
	ck_assert_int_eq(read_status("missing", 5), PS_NOT_FOUND);
	ck_assert_int_eq(read_status(".", 5), PS_INVALID);
	ck_assert_int_eq(mkfifo(path_of("fifo"), 0600), 0);
	ck_assert_int_eq(read_status("fifo", 5), PS_INVALID);
	ck_assert_int_eq(symlink("loop", path_of("loop")), 0);
	ck_assert_int_eq(read_status("loop", 5), PS_IO);
}
END_TEST

/* --- lines ------------------------------------------------------------------------ */

static int fd_of(const void *bytes, size_t len)
{
	int fd = memfd_create("lines", MFD_CLOEXEC);

	ck_assert_int_ge(fd, 0);
	ck_assert_int_eq((int)write(fd, bytes, len), (int)len);
	ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

/* Each line as "number@offset:text|", too long ones as "number@offset!|". */
static void check_lines(const void *bytes, size_t len, const char *want)
{
	int fd = fd_of(bytes, len);
	struct ps_lines *lines;
	struct ps_line line;
	struct ps_buffer got;

	ps_buffer_init(&got, 1 << 20);
	ck_assert_int_eq(ps_lines_create(&lines, fd, 1 << 24, NULL), PS_OK);
	for (;;) {
		ck_assert_int_eq(ps_lines_next(lines, &line, NULL), PS_OK);
		if (line.kind == PS_LINE_END)
			break;
		(void)ps_buffer_printf(&got, "%d@%d", (int)line.number, (int)line.offset);
		if (line.kind == PS_LINE_TOO_LONG) {
			(void)ps_buffer_printf(&got, "!|");
			continue;
		}
		(void)ps_buffer_printf(&got, ":");
		(void)ps_buffer_append(&got, line.bytes.ptr, line.bytes.len);
		(void)ps_buffer_printf(&got, "|");
	}
	/* The end stays the end. */
	ck_assert_int_eq(ps_lines_next(lines, &line, NULL), PS_OK);
	ck_assert_int_eq(line.kind, PS_LINE_END);
	ck_assert_int_eq(ps_buffer_append(&got, "", 1), PS_OK);
	ck_assert_str_eq((const char *)got.data, want);
	ps_lines_destroy(lines);
	ps_buffer_clear(&got);
	close(fd);
}

START_TEST(lines_end_in_lf_or_cr_lf_or_the_file)
{
	check_lines("", 0, "");
	check_lines("a\nbc\r\n\nd", 8, "1@0:a|2@2:bc|3@6:|4@7:d|");
	check_lines("a\r\rb\n", 5, "1@0:a\r\rb|");
	check_lines("\n", 1, "1@0:|");
	check_lines("a\r", 2, "1@0:a|");
}
END_TEST

START_TEST(a_byte_order_mark_is_dropped_at_the_beginning_alone)
{
	check_lines("\xef\xbb\xbf" "a\n\xef\xbb\xbf" "b", 9, "1@3:a|2@5:\xef\xbb\xbf" "b|");
	check_lines("\xef\xbb\xbf", 3, "");
	check_lines("\xef\xbb", 2, "1@0:\xef\xbb|");
}
END_TEST

START_TEST(nuls_are_octets_like_others)
{
	int fd = fd_of("a\0b\nc", 5);
	struct ps_lines *lines;
	struct ps_line line;

	ck_assert_int_eq(ps_lines_create(&lines, fd, 100, NULL), PS_OK);
	ck_assert_int_eq(ps_lines_next(lines, &line, NULL), PS_OK);
	ck_assert(ps_bytes_equal(line.bytes, ps_bytes_of("a\0b", 3)));
	ps_lines_destroy(lines);
	close(fd);
}
END_TEST

/* len octets, then ending, then "z\n". */
static void check_length(size_t len, const char *ending, bool fits)
{
	static char bytes[400000];
	struct ps_lines *lines;
	struct ps_line line;
	int fd;

	memset(bytes, 'x', len);
	(void)snprintf(bytes + len, 10, "%sz\n", ending);
	fd = fd_of(bytes, strlen(bytes));
	ck_assert_int_eq(ps_lines_create(&lines, fd, 1 << 24, NULL), PS_OK);
	ck_assert_int_eq(ps_lines_next(lines, &line, NULL), PS_OK);
	ck_assert_msg(line.kind == (fits ? PS_LINE : PS_LINE_TOO_LONG), "%zu", len);
	ck_assert(!fits || line.bytes.len == len);
	ck_assert(line.bytes.len > 0 && line.bytes.ptr[0] == 'x');
	ck_assert_int_eq(ps_lines_next(lines, &line, NULL), PS_OK);
	ck_assert_uint_eq(line.number, 2);
	ck_assert_uint_eq(line.offset, len + strlen(ending));
	ck_assert(ps_bytes_equal_text(line.bytes, "z"));
	ps_lines_destroy(lines);
	close(fd);
}

START_TEST(a_line_has_8192_octets_at_most_and_the_next_is_found)
{
	check_length(PS_LINE_MAX, "\n", true);
	check_length(PS_LINE_MAX, "\r\n", true);
	check_length(PS_LINE_MAX + 1, "\n", false);
	check_length(PS_LINE_MAX + 1, "\r\n", false);
	for (size_t len = 65530; len < 65545; len++)
		check_length(len, "\n", false);
	check_length(300000, "\r\n", false);
}
END_TEST

START_TEST(a_last_line_may_be_too_long_as_well)
{
	static char bytes[20000];

	memset(bytes, 'x', sizeof(bytes));
	check_lines(bytes, sizeof(bytes), "1@0!|");
}
END_TEST

START_TEST(lines_that_straddle_reads_are_whole)
{
	static char bytes[200000];
	struct ps_lines *lines;
	struct ps_line line;
	size_t used = 0;
	unsigned count = 0;
	int fd;

	while (used < sizeof(bytes) - 200) {
		used += (size_t)snprintf(
		    bytes + used, 200, "%u.%0*u\n", count, (int)(count % 100) + 1, count);
		count++;
	}
	fd = fd_of(bytes, used);
	ck_assert_int_eq(ps_lines_create(&lines, fd, sizeof(bytes), NULL), PS_OK);
	for (unsigned i = 0; i < count; i++) {
		char want[200];

		(void)snprintf(want, sizeof(want), "%u.%0*u", i, (int)(i % 100) + 1, i);
		ck_assert_int_eq(ps_lines_next(lines, &line, NULL), PS_OK);
		ck_assert(ps_bytes_equal_text(line.bytes, want));
		ck_assert_uint_eq(line.number, i + 1);
	}
	ps_lines_destroy(lines);
	close(fd);
}
END_TEST

START_TEST(a_pipe_gives_the_same_lines_octet_by_octet)
{
	static const char text[] = "\xef\xbb\xbf" "ab\r\ncd\n";
	struct ps_lines *lines;
	struct ps_line line;
	int ends[2];

	ck_assert_int_eq(pipe(ends), 0);
	ck_assert_int_eq(ps_lines_create(&lines, ends[0], 100, NULL), PS_OK);
	if (fork() == 0) {
		for (size_t i = 0; i < sizeof(text) - 1; i++) {
			if (write(ends[1], text + i, 1) != 1)
				_exit(1);
			sched_yield();
		}
		_exit(0);
	}
	close(ends[1]);
	ck_assert_int_eq(ps_lines_next(lines, &line, NULL), PS_OK);
	ck_assert(ps_bytes_equal_text(line.bytes, "ab"));
	ck_assert_int_eq(ps_lines_next(lines, &line, NULL), PS_OK);
	ck_assert(ps_bytes_equal_text(line.bytes, "cd"));
	ck_assert_int_eq(ps_lines_next(lines, &line, NULL), PS_OK);
	ck_assert_int_eq(line.kind, PS_LINE_END);
	ps_lines_destroy(lines);
	close(ends[0]);
}
END_TEST

START_TEST(the_limit_in_octets_ends_the_reading)
{
	struct ps_lines *lines;
	struct ps_line line;
	struct ps_error err;
	int fd = fd_of("a\nb\n", 4);

	ps_error_clear(&err);
	ck_assert_int_eq(ps_lines_create(&lines, fd, 3, &err), PS_OK);
	ck_assert_int_eq(ps_lines_next(lines, &line, &err), PS_LIMIT);
	ck_assert_uint_eq(err.line, 1);
	ps_lines_destroy(lines);
	ck_assert_int_eq((int)lseek(fd, 0, SEEK_SET), 0);
	ck_assert_int_eq(ps_lines_create(&lines, fd, 4, &err), PS_OK);
	ck_assert_int_eq(ps_lines_next(lines, &line, &err), PS_OK);
	ps_lines_destroy(lines);
	close(fd);
}
END_TEST

START_TEST(a_read_error_is_reported)
{
	struct ps_lines *lines;
	struct ps_line line;
	struct ps_error err;
	int fd = open(folder, O_RDONLY | O_DIRECTORY);

	ps_error_clear(&err);
	ck_assert_int_eq(ps_lines_create(&lines, fd, 3, &err), PS_OK);
	ck_assert_int_eq(ps_lines_next(lines, &line, &err), PS_IO);
	ck_assert_int_eq(err.sys_errno, EISDIR);
	ps_lines_destroy(lines);
	close(fd);
	ps_lines_destroy(NULL);
}
END_TEST

/* --- whole replacement ----------------------------------------------------------------- */

START_TEST(commit_replaces_the_file_whole)
{
	struct ps_file_writer writer;
	struct stat st;

	put("target", "old");
	ck_assert_int_eq(ps_file_writer_open(&writer, path_of("target"), 0640, NULL), PS_OK);
	fputs("new", writer.stream);
	fflush(writer.stream);
	check_content("target", "old");
	ck_assert_int_eq(ps_file_writer_commit(&writer, NULL), PS_OK);
	check_content("target", "new");
	ck_assert_int_eq(stat(path_of("target"), &st), 0);
	ck_assert_uint_eq(st.st_mode & 0777u, 0640);
	ck_assert_uint_eq(count_entries(), 1);
	ps_file_writer_abort(&writer); /* harmless after commit */
	check_content("target", "new");
}
END_TEST

START_TEST(abort_leaves_the_old_file_and_nothing_else)
{
	struct ps_file_writer writer = {0};

	ps_file_writer_abort(&writer); /* harmless on a zeroed one */
	put("target", "old");
	ck_assert_int_eq(ps_file_writer_open(&writer, path_of("target"), 0600, NULL), PS_OK);
	fputs("new", writer.stream);
	ck_assert_uint_eq(count_entries(), 2);
	ps_file_writer_abort(&writer);
	check_content("target", "old");
	ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

START_TEST(a_failing_fsync_leaves_the_old_file_and_nothing_else)
{
	struct ps_file_writer writer;
	struct ps_error err;

	ps_error_clear(&err);
	put("target", "old");
	ck_assert_int_eq(ps_file_writer_open(&writer, path_of("target"), 0600, NULL), PS_OK);
	fputs("new", writer.stream);
	fsyncs_until_failure = 0;
	ck_assert_int_eq(ps_file_writer_commit(&writer, &err), PS_IO);
	ck_assert_int_eq(err.sys_errno, EIO);
	check_content("target", "old");
	ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

START_TEST(a_failing_fsync_of_the_folder_is_reported)
{
	struct ps_file_writer writer;

	ck_assert_int_eq(ps_file_writer_open(&writer, path_of("target"), 0600, NULL), PS_OK);
	fputs("new", writer.stream);
	fsyncs_until_failure = 1;
	ck_assert_int_eq(ps_file_writer_commit(&writer, NULL), PS_IO);
	check_content("target", "new"); /* whole, though it may not survive a power cut */
	ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

START_TEST(a_failing_rename_leaves_the_old_file_and_nothing_else)
{
	struct ps_file_writer writer;

	put("target", "old");
	ck_assert_int_eq(ps_file_writer_open(&writer, path_of("target"), 0600, NULL), PS_OK);
	rename_fails = true;
	ck_assert_int_eq(ps_file_writer_commit(&writer, NULL), PS_IO);
	check_content("target", "old");
	ck_assert_uint_eq(count_entries(), 1);
}
END_TEST

START_TEST(a_full_disk_is_seen_at_commit)
{
	struct ps_file_writer writer;
	int full = open("/dev/full", O_WRONLY);

	ck_assert_int_ge(full, 0);
	put("target", "old");
	ck_assert_int_eq(ps_file_writer_open(&writer, path_of("target"), 0600, NULL), PS_OK);
	ck_assert_int_ge(dup2(full, fileno(writer.stream)), 0);
	fputs("new", writer.stream);
	ck_assert_int_eq(ps_file_writer_commit(&writer, NULL), PS_IO);
	check_content("target", "old");
	ck_assert_uint_eq(count_entries(), 1);
	close(full);
}
END_TEST

START_TEST(a_writer_in_a_missing_folder_is_refused)
{
	struct ps_file_writer writer;

	ck_assert_int_eq(
	    ps_file_writer_open(&writer, path_of("missing/target"), 0600, NULL), PS_IO);
	ps_file_writer_abort(&writer);
	ck_assert_uint_eq(count_entries(), 0);
}
END_TEST

START_TEST(a_writer_without_a_folder_writes_here)
{
	struct ps_file_writer writer;

	ck_assert_int_eq(chdir(folder), 0);
	ck_assert_int_eq(ps_file_writer_open(&writer, "here", 0600, NULL), PS_OK);
	fputs("x", writer.stream);
	ck_assert_int_eq(ps_file_writer_commit(&writer, NULL), PS_OK);
	ck_assert_int_eq(access("here", R_OK), 0);
	ck_assert_int_eq(chdir(".."), 0);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.file");
	TCase *tc = tcase_create("file");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60); /* sanitizers on a busy machine */
	tcase_add_checked_fixture(tc, make_folder, remove_folder);
	tcase_add_test(tc, a_file_is_read_within_its_limit);
	tcase_add_test(tc, what_is_no_regular_file_is_refused_without_blocking);
	tcase_add_test(tc, lines_end_in_lf_or_cr_lf_or_the_file);
	tcase_add_test(tc, a_byte_order_mark_is_dropped_at_the_beginning_alone);
	tcase_add_test(tc, nuls_are_octets_like_others);
	tcase_add_test(tc, a_line_has_8192_octets_at_most_and_the_next_is_found);
	tcase_add_test(tc, a_last_line_may_be_too_long_as_well);
	tcase_add_test(tc, lines_that_straddle_reads_are_whole);
	tcase_add_test(tc, a_pipe_gives_the_same_lines_octet_by_octet);
	tcase_add_test(tc, the_limit_in_octets_ends_the_reading);
	tcase_add_test(tc, a_read_error_is_reported);
	tcase_add_test(tc, commit_replaces_the_file_whole);
	tcase_add_test(tc, abort_leaves_the_old_file_and_nothing_else);
	tcase_add_test(tc, a_failing_fsync_leaves_the_old_file_and_nothing_else);
	tcase_add_test(tc, a_failing_fsync_of_the_folder_is_reported);
	tcase_add_test(tc, a_failing_rename_leaves_the_old_file_and_nothing_else);
	tcase_add_test(tc, a_full_disk_is_seen_at_commit);
	tcase_add_test(tc, a_writer_in_a_missing_folder_is_refused);
	tcase_add_test(tc, a_writer_without_a_folder_writes_here);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
