/* The system refuses one call while a snapshot is loaded or written: what is said, that
 * nothing stays open, and that the file which stood there stands. */
#include "core/failing_calls.h"
#include "snapshot/sample.h"

#include <check.h>
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static char folder[64];
static char path[128];
static struct sample *sample;
static struct ps_bytes image;
static int descriptors;

static void write_file(struct ps_bytes bytes)
{
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(bytes.ptr, 1, bytes.len, file), bytes.len);
	ck_assert_int_eq(fclose(file), 0);
}

static void setup(void)
{
	struct sample_shape shape = {
	    .feeds = 2, .answers = 2, .rules = 3, .names = 2100, .plain = true};

	(void)strcpy(folder, "/tmp/postshield-calls-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/snapshot", folder);
	sample = sample_create(3, shape);
	image = sample_build(sample, 1);
	ck_assert_uint_gt(image.len, 70000); /* more than one step of copying */
	write_file(image);
	descriptors = count_descriptors();
}

static void teardown(void)
{
	ck_assert_int_eq(count_descriptors(), descriptors);
	(void)unlink(path);
	ck_assert_int_eq(rmdir(folder), 0); /* nothing else is in it */
	free((void *)image.ptr);
	sample_destroy(sample);
}

/* PS_OK: what was loaded answers as it should. */
static enum ps_status load(enum failing_call call, int n, int error, struct ps_error *err)
{
	struct ps_snapshot *snapshot = NULL;
	enum ps_status status;

	ps_error_clear(err);
	call_fails(call, n, error);
	status = ps_snapshot_load(&snapshot, path, PS_SNAPSHOT_WHOLE, err);
	ck_assert_int_eq(call_failures(), 1);
	if (status == PS_OK) {
		ck_assert_pstr_eq(sample_compare(sample, snapshot, 1), NULL);
	} else {
		ck_assert_ptr_null(snapshot);
		ck_assert_str_eq(err->file, path);
		ck_assert_int_eq(err->status, status);
	}
	ps_snapshot_close(snapshot);
	return status;
}

START_TEST(loading_ends_with_a_reason)
{
	static const struct {
		enum failing_call call;
		int n;
		int error;
		enum ps_status status;
		const char *says;
	} cases[] = {
	    {CALL_OPEN, 1, EACCES, PS_IO, "cannot open"},
	    {CALL_FSTAT, 1, EIO, PS_IO, "cannot read its properties"},
	    {CALL_FSTAT, 2, EIO, PS_IO, "cannot read its properties"},
	    {CALL_PREAD, 1, EIO, PS_IO, "cannot read its header"},
	    {CALL_PREAD, 1, CALL_AT_END, PS_INVALID, "is no snapshot"},
	    {CALL_PREAD, 2, EIO, PS_IO, "cannot read"},
	    {CALL_PREAD, 3, EIO, PS_IO, "cannot read"},
	    {CALL_PREAD, 3, CALL_AT_END, PS_INVALID, "became shorter while it was read"},
	    {CALL_MEMFD_CREATE, 1, EMFILE, PS_IO, "cannot make a file in memory (memfd_create)"},
	    {CALL_WRITE, 1, ENOSPC, PS_IO, "cannot copy it into memory"},
	    {CALL_WRITE, 2, ENOSPC, PS_IO, "cannot copy it into memory"},
	    {CALL_FCNTL, 1, EPERM, PS_IO, "cannot seal the copy in memory"},
	    {CALL_MMAP, 1, EAGAIN, PS_IO, "cannot map the copy in memory"},
	    {CALL_MMAP, 1, ENOMEM, PS_NO_MEMORY, "cannot map the copy in memory"},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_error err;

		ck_assert_int_eq(load(cases[i].call, cases[i].n, cases[i].error, &err),
		    cases[i].status);
		ck_assert_msg(strstr(err.text, cases[i].says) != NULL, "%zu: %s", i, err.text);
		ck_assert_int_eq(err.sys_errno, cases[i].status == PS_IO ? cases[i].error : 0);
		ck_assert_int_eq(count_descriptors(), descriptors);
	}
}
END_TEST

/* Interrupted, done by halves, or by a kernel before Linux 6.3: it goes on. */
START_TEST(loading_goes_on)
{
	static const struct {
		enum failing_call call;
		int n;
		int error;
	} cases[] = {{CALL_PREAD, 1, EINTR}, {CALL_PREAD, 2, EINTR}, {CALL_PREAD, 2, CALL_SHORT},
	    {CALL_WRITE, 1, EINTR}, {CALL_WRITE, 1, CALL_SHORT}, {CALL_MEMFD_CREATE, 1, EINVAL}};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct ps_error err;

		ck_assert_msg(
		    load(cases[i].call, cases[i].n, cases[i].error, &err) == PS_OK, "%zu: %s", i,
		    err.text);
	}
}
END_TEST

static int count_files(void)
{
	DIR *dir = opendir(folder);
	int count = 0;

	ck_assert_ptr_nonnull(dir);
	while (readdir(dir) != NULL)
		count++;
	(void)closedir(dir);
	return count - 2; /* "." and ".." */
}

START_TEST(writing_leaves_what_stood_there)
{
	static const struct {
		enum failing_call call;
		int n;
		const char *says;
	} cases[] = {
	    {CALL_MKOSTEMP, 1, "cannot write in its folder"},
	    {CALL_FCHMOD, 1, "cannot write"},
	    {CALL_FDOPEN, 1, "cannot write"},
	    {CALL_FWRITE, 1, "cannot write all of it"},
	    {CALL_FWRITE, 2, "cannot write all of it"},
	    {CALL_FSEEKO, 1, "cannot write all of it"},
	    {CALL_FFLUSH, 1, "cannot write all of it"},
	    {CALL_MMAP, 1, "cannot read back what was written"},
	    {CALL_FFLUSH, 2, "cannot write all of it"},
	    {CALL_FCLOSE, 1, "cannot write all of it"},
	};
	struct ps_builder *builder = NULL;
	struct ps_snapshot *snapshot = NULL;
	struct ps_error err;

	ck_assert_int_eq(ps_builder_create(&builder, &sample->plan, NULL), PS_OK);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		ps_error_clear(&err);
		call_fails(cases[i].call, cases[i].n, EDQUOT);
		ck_assert_int_eq(ps_builder_write(builder, path, &err), PS_IO);
		ck_assert_int_eq(call_failures(), 1);
		ck_assert_str_eq(err.text, cases[i].says);
		ck_assert_int_eq(err.sys_errno, EDQUOT);
		ck_assert_int_eq(count_files(), 1);
		ck_assert_int_eq(count_descriptors(), descriptors);
	}
	ck_assert_int_eq(ps_snapshot_load(&snapshot, path, PS_SNAPSHOT_WHOLE, &err), PS_OK);
	ck_assert_mem_eq(
	    ps_snapshot_digest(snapshot), image.ptr + PS_HEADER_DIGEST, PS_DIGEST_SIZE);
	ps_snapshot_close(snapshot);
	ps_builder_destroy(builder);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("calls");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, loading_ends_with_a_reason);
	tcase_add_test(tests, loading_goes_on);
	tcase_add_test(tests, writing_leaves_what_stood_there);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
