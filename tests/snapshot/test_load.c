/* Loading from a file: what happens to the file afterwards reaches nobody. */
#include "snapshot/sample.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[64];
static char path[128];
static struct ps_bytes image;
static struct sample *sample;

static void setup(void)
{
	struct sample_shape shape = {
	    .feeds = 2, .answers = 2, .rules = 3, .names = 500, .addresses = 40};

	(void)strcpy(folder, "/tmp/postshield-load-XXXXXX");
	ck_assert_ptr_nonnull(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/snapshot", folder);
	sample = sample_create(11, shape);
	image = sample_build(sample, 1);
}

static void teardown(void)
{
	(void)unlink(path);
	(void)rmdir(folder);
	free((void *)image.ptr);
	sample_destroy(sample);
}

static void write_file(const void *octets, size_t len)
{
	FILE *file = fopen(path, "wb");

	ck_assert_ptr_nonnull(file);
	ck_assert_uint_eq(fwrite(octets, 1, len, file), len);
	ck_assert_int_eq(fclose(file), 0);
}

static struct ps_snapshot *load(enum ps_snapshot_part part)
{
	struct ps_snapshot *snapshot = NULL;
	struct ps_error err;

	ps_error_clear(&err);
	ck_assert_msg(
	    ps_snapshot_load(&snapshot, path, part, &err) == PS_OK, "%s", err.text);
	return snapshot;
}

START_TEST(both_parts)
{
	struct ps_snapshot *snapshot;

	write_file(image.ptr, image.len);
	snapshot = load(PS_SNAPSHOT_WHOLE);
	ck_assert_pstr_eq(sample_compare(sample, snapshot, 1), NULL);
	ck_assert_int_eq(ps_snapshot_part(snapshot), PS_SNAPSHOT_WHOLE);
	ck_assert_uint_ge(ps_snapshot_size(snapshot).resident, image.len);
	ps_snapshot_close(snapshot);
	snapshot = load(PS_SNAPSHOT_LOOKUP);
	ck_assert_pstr_eq(sample_compare(sample, snapshot, 1), NULL);
	ck_assert_uint_lt(ps_snapshot_size(snapshot).resident, image.len);
	ck_assert_mem_eq(
	    ps_snapshot_digest(snapshot), image.ptr + PS_HEADER_DIGEST, PS_DIGEST_SIZE);
	ps_snapshot_close(snapshot);
}
END_TEST

/* RELIABILITY M3 in small: truncated, overwritten, removed after loading. */
START_TEST(file_changes_afterwards)
{
	struct ps_snapshot *whole, *lookup;
	uint8_t *garbage = malloc(image.len);

	write_file(image.ptr, image.len);
	whole = load(PS_SNAPSHOT_WHOLE);
	lookup = load(PS_SNAPSHOT_LOOKUP);
	ck_assert_int_eq(truncate(path, 0), 0);
	ck_assert_pstr_eq(sample_compare(sample, whole, 2), NULL);
	ck_assert_pstr_eq(sample_compare(sample, lookup, 2), NULL);
	memset(garbage, 0xa5, image.len);
	write_file(garbage, image.len);
	ck_assert_pstr_eq(sample_compare(sample, whole, 3), NULL);
	ck_assert_pstr_eq(sample_compare(sample, lookup, 3), NULL);
	ck_assert_int_eq(unlink(path), 0);
	ck_assert_pstr_eq(sample_compare(sample, whole, 4), NULL);
	ps_snapshot_close(whole);
	ps_snapshot_close(lookup);
	free(garbage);
}
END_TEST

/* The copy cannot be written to, not even through /proc by ourselves. */
START_TEST(copy_is_sealed)
{
	struct ps_snapshot *snapshot;
	char line[512];
	void *inside = NULL;
	FILE *maps;

	write_file(image.ptr, image.len);
	snapshot = load(PS_SNAPSHOT_WHOLE);
	maps = fopen("/proc/self/maps", "r");
	ck_assert_ptr_nonnull(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		if (strstr(line, "memfd:postshield-snapshot") != NULL) {
			unsigned long start;
			char rights[8];

			ck_assert_int_eq(sscanf(line, "%lx-%*x %7s", &start, rights), 2);
			ck_assert_str_eq(rights, "r--s");
			inside = (void *)start;
		}
	(void)fclose(maps);
	ck_assert_ptr_nonnull(inside);
	ck_assert_int_ne(mprotect(inside, 4096, PROT_READ | PROT_WRITE), 0);
	ps_snapshot_close(snapshot);
}
END_TEST

static enum ps_status try_load(enum ps_snapshot_part part, struct ps_error *err)
{
	struct ps_snapshot *snapshot = NULL;
	enum ps_status status;

	ps_error_clear(err);
	status = ps_snapshot_load(&snapshot, path, part, err);
	if (status != PS_OK) {
		ck_assert_ptr_null(snapshot);
		ck_assert_str_eq(err->file, path);
		ck_assert_str_ne(err->text, "");
	}
	ps_snapshot_close(snapshot);
	return status;
}

/* RELIABILITY M2 for files: the lookup part's length alone is no whole file either. */
START_TEST(every_length)
{
	struct ps_error err;
	int fd;

	write_file(image.ptr, image.len);
	fd = open(path, O_RDWR);
	for (size_t len = image.len + 130; len > 0; len -= len > 4096 && len < image.len ? 61 : 1) {
		enum ps_status wanted = len == image.len ? PS_OK : PS_INVALID;

		if (len <= image.len)
			ck_assert_int_eq(ftruncate(fd, (off_t)len), 0);
		else
			write_file(image.ptr, image.len);
		if (len > image.len)
			ck_assert_int_eq(ftruncate(fd, (off_t)len), 0);
		ck_assert_int_eq(try_load(PS_SNAPSHOT_WHOLE, &err), wanted);
		ck_assert_int_eq(try_load(PS_SNAPSHOT_LOOKUP, &err), wanted);
	}
	write_file(image.ptr, image.len);
	ck_assert_int_eq(
	    ftruncate(fd, (off_t)ps_load_le64(image.ptr + PS_HEADER_LOOKUP_LEN)), 0);
	ck_assert_int_eq(try_load(PS_SNAPSHOT_LOOKUP, &err), PS_INVALID);
	(void)close(fd);
}
END_TEST

START_TEST(not_files)
{
	struct ps_error err;

	ck_assert_int_eq(try_load(PS_SNAPSHOT_LOOKUP, &err), PS_NOT_FOUND);
	write_file("", 0);
	ck_assert_int_eq(try_load(PS_SNAPSHOT_LOOKUP, &err), PS_INVALID);
	(void)unlink(path);
	ck_assert_int_eq(mkdir(path, 0700), 0);
	ck_assert_int_eq(try_load(PS_SNAPSHOT_LOOKUP, &err), PS_INVALID);
	(void)rmdir(path);
	ck_assert_int_eq(mkfifo(path, 0600), 0);
	ck_assert_int_eq(try_load(PS_SNAPSHOT_LOOKUP, &err), PS_INVALID);
}
END_TEST

/* Nothing stays open or mapped, whether it went well or not. */
START_TEST(no_leaks_of_descriptors)
{
	struct ps_error err;
	int before, after;

	before = dup(0);
	(void)close(before);
	for (int i = 0; i < 50; i++) {
		write_file(image.ptr, image.len - (size_t)(i % 3));
		(void)try_load(i % 2 == 0 ? PS_SNAPSHOT_LOOKUP : PS_SNAPSHOT_WHOLE, &err);
	}
	after = dup(0);
	(void)close(after);
	ck_assert_int_eq(before, after);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("load");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 120);
	tcase_add_checked_fixture(tests, setup, teardown);
	tcase_add_test(tests, both_parts);
	tcase_add_test(tests, file_changes_afterwards);
	tcase_add_test(tests, copy_is_sealed);
	tcase_add_test(tests, every_length);
	tcase_add_test(tests, not_files);
	tcase_add_test(tests, no_leaks_of_descriptors);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
