/* The n-th allocation fails, for every n, while a snapshot is built, opened or loaded:
 * PS_NO_MEMORY, nothing leaked, and the next try goes well (RELIABILITY M7; the idea is
 * curl's torture tests).
 *
 * malloc and its kin are wrapped by the linker in our own code, and libcrypto is given
 * the same ones. The Release build counts what is left; under ASan its leak check sees
 * the same more exactly. */
#include "snapshot/sample.h"

#include <check.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *p, size_t size);
char *__real_strdup(const char *text);
char *__real_strndup(const char *text, size_t len);
void __real_free(void *p);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *p, size_t size);
char *__wrap_strdup(const char *text);
char *__wrap_strndup(const char *text, size_t len);
void __wrap_free(void *p);

static long countdown = -1; /* allocations until one fails; below 0: none does */
static bool failed_one;
static long live; /* allocations not yet freed */

static bool fails(void)
{
	if (countdown < 0 || countdown-- > 0)
		return false;
	failed_one = true;
	return true;
}

static void *counted(void *p)
{
	live += p != NULL;
	return p;
}

void *__wrap_malloc(size_t size)
{
	return fails() ? NULL : counted(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
	return fails() ? NULL : counted(__real_calloc(count, size));
}

void *__wrap_realloc(void *p, size_t size)
{
	if (fails())
		return NULL;
	return p == NULL ? counted(__real_malloc(size)) : __real_realloc(p, size);
}

char *__wrap_strdup(const char *text)
{
	return fails() ? NULL : counted(__real_strdup(text));
}

char *__wrap_strndup(const char *text, size_t len)
{
	return fails() ? NULL : counted(__real_strndup(text, len));
}

void __wrap_free(void *p)
{
	live -= p != NULL;
	__real_free(p);
}

static void *crypto_malloc(size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return size == 0 ? NULL : __wrap_malloc(size);
}

static void *crypto_realloc(void *p, size_t size, const char *file, int line)
{
	(void)file;
	(void)line;
	return __wrap_realloc(p, size);
}

static void crypto_free(void *p, const char *file, int line)
{
	(void)file;
	(void)line;
	__wrap_free(p);
}

static struct sample *sample;
static struct ps_bytes image;
static char path[64];

static enum ps_status do_open(void)
{
	struct ps_snapshot *snapshot = NULL;
	enum ps_status status = ps_snapshot_open(&snapshot, image, PS_SNAPSHOT_WHOLE, NULL);

	ps_snapshot_close(snapshot);
	return status;
}

static enum ps_status do_load(void)
{
	struct ps_snapshot *snapshot = NULL;
	enum ps_status status = ps_snapshot_load(&snapshot, path, PS_SNAPSHOT_LOOKUP, NULL);

	ps_snapshot_close(snapshot);
	return status;
}

static enum ps_status add_all(struct ps_builder *builder)
{
	enum ps_status status = PS_OK;

	for (uint32_t i = 0; i < sample->row_count && status == PS_OK; i++) {
		struct ps_indicator indicator = sample_indicator(&sample->rows[i]);

		if (sample->rows[i].row.kind == PS_ROW_FEED)
			status = ps_builder_add(
			    builder, sample->rows[i].row.source, &indicator, false, NULL);
	}
	return status;
}

static enum ps_status do_build(bool to_file)
{
	struct ps_builder *builder = NULL;
	struct ps_buffer buffer;
	enum ps_status status = ps_builder_create(&builder, &sample->plan, NULL);

	ps_buffer_init(&buffer, 1 << 24);
	if (status == PS_OK)
		status = add_all(builder);
	if (status == PS_OK)
		status = to_file ? ps_builder_write(builder, path, NULL)
		                 : ps_builder_write_buffer(builder, &buffer, NULL);
	ps_buffer_clear(&buffer);
	ps_builder_destroy(builder);
	return status;
}

static enum ps_status do_build_buffer(void)
{
	return do_build(false);
}

static enum ps_status do_build_file(void)
{
	return do_build(true);
}

/* How many allocations there were to fail. */
static long torture(enum ps_status (*what)(void), const char *name)
{
	long n;

	ck_assert_int_eq(what(), PS_OK); /* whatever libraries keep, they keep from here on */
	for (n = 0;; n++) {
		long before = live;
		enum ps_status status;

		failed_one = false;
		countdown = n;
		status = what();
		countdown = -1;
		ck_assert_msg(live == before, "%s: %ld blocks left after allocation %ld failed",
		    name, live - before, n);
		if (!failed_one)
			break;
		/* A shrinking realloc may fail without harm. */
		ck_assert_msg(status == PS_NO_MEMORY || status == PS_OK,
		    "%s: %s after allocation %ld failed", name, ps_status_name(status), n);
	}
	ck_assert_int_eq(what(), PS_OK);
	return n;
}

START_TEST(every_allocation)
{
	struct sample_shape shape = {
	    .feeds = 3, .answers = 5, .rules = 6, .names = 700, .addresses = 300,
	    .brands = 6};
	struct ps_bytes again;

	sample = sample_create(6, shape);
	image = sample_build(sample, 0);
	(void)strcpy(path, "/tmp/postshield-memory-XXXXXX");
	(void)close(mkstemp(path));
	ck_assert_int_eq(do_build_file(), PS_OK);
	ck_assert_int_ge(torture(do_open, "open"), 1);
	ck_assert_int_ge(torture(do_load, "load"), 1);
	ck_assert_int_ge(torture(do_build_buffer, "build"), 40);
	ck_assert_int_ge(torture(do_build_file, "build to a file"), 40);
	again = sample_build(sample, 0);
	ck_assert(ps_bytes_equal(image, again));
	free((void *)again.ptr);
	free((void *)image.ptr);
	sample_destroy(sample);
	(void)unlink(path);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("memory");
	SRunner *runner;
	uint8_t digest[32];
	int failed;

	if (CRYPTO_set_mem_functions(crypto_malloc, crypto_realloc, crypto_free) != 1 ||
	    EVP_Digest("", 0, digest, NULL, EVP_sha256(), NULL) != 1) {
		(void)fprintf(stderr, "libcrypto does not take our malloc\n");
		return 1;
	}
	ERR_clear_error(); /* makes this thread's queue, which it then keeps */
	tcase_set_timeout(tests, 120);
	tcase_add_test(tests, every_allocation);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
