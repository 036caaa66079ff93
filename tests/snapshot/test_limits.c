/* What only numbers beyond any test's reach would bring about, brought about by what the
 * linker puts in place of a function: hashes that collide, tables that are full, a digest
 * that cannot be made. */
#include "core/arena.h"
#include "core/siphash.h"
#include "snapshot/intern.h"
#include "snapshot/sample.h"

#include <check.h>
#include <openssl/evp.h>
#include <stdlib.h>
#include <sys/random.h>

/* --- in place of the product's ---------------------------------------------- */

struct ps_hash __real_ps_name_hash(struct ps_hash_key key, struct ps_name name);
struct ps_hash __wrap_ps_name_hash(struct ps_hash_key key, struct ps_name name);
enum ps_status __real_ps_intern_add(
    struct ps_intern *intern, struct ps_bytes bytes, uint32_t *number);
enum ps_status __wrap_ps_intern_add(
    struct ps_intern *intern, struct ps_bytes bytes, uint32_t *number);
uint8_t *__real_ps_arena_copy(struct ps_arena *arena, struct ps_bytes bytes);
uint8_t *__wrap_ps_arena_copy(struct ps_arena *arena, struct ps_bytes bytes);
int __real_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t len);
int __wrap_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t len);
int __real_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *out, unsigned *len);
int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *out, unsigned *len);
ssize_t __real_getrandom(void *out, size_t len, unsigned flags);
ssize_t __wrap_getrandom(void *out, size_t len, unsigned flags);

static struct {
	bool sort_collides;    /* the key by which the builder sorts: all hashes are equal */
	unsigned bad_keys;     /* keys of the file that do not serve, ... */
	enum { EQUAL, SAME_HI, ONE_BUCKET } how;
	struct ps_hash_key last_bad;
	unsigned interns;      /* additions to a table until one finds it full; 0: none does */
	unsigned names;        /* names until one does not fit */
	unsigned updates, finals; /* until one fails */
	bool no_randomness;
} put;

static bool due(unsigned *until)
{
	return *until > 0 && --*until == 0;
}

struct ps_hash __wrap_ps_name_hash(struct ps_hash_key key, struct ps_name name)
{
	struct ps_hash hash = __real_ps_name_hash(key, name);

	if (key.k0 == 0 && key.k1 == 0) {
		if (put.sort_collides)
			hash = (struct ps_hash){.hi = 1};
		return hash;
	}
	if (put.bad_keys > 0 && (put.last_bad.k0 != key.k0 || put.last_bad.k1 != key.k1)) {
		put.bad_keys--;
		put.last_bad = key;
	}
	if (put.last_bad.k0 != key.k0 || put.last_bad.k1 != key.k1)
		return hash;
	if (put.how == EQUAL)
		hash = (struct ps_hash){.hi = 7, .lo = 7};
	else if (put.how == SAME_HI)
		hash.hi = 7;
	else
		hash.hi &= UINT32_MAX;
	return hash;
}

enum ps_status __wrap_ps_intern_add(
    struct ps_intern *intern, struct ps_bytes bytes, uint32_t *number)
{
	return due(&put.interns) ? PS_LIMIT : __real_ps_intern_add(intern, bytes, number);
}

uint8_t *__wrap_ps_arena_copy(struct ps_arena *arena, struct ps_bytes bytes)
{
	if (!due(&put.names))
		return __real_ps_arena_copy(arena, bytes);
	arena->full = true;
	return NULL;
}

int __wrap_EVP_DigestUpdate(EVP_MD_CTX *ctx, const void *data, size_t len)
{
	return due(&put.updates) ? 0 : __real_EVP_DigestUpdate(ctx, data, len);
}

int __wrap_EVP_DigestFinal_ex(EVP_MD_CTX *ctx, unsigned char *out, unsigned *len)
{
	return due(&put.finals) ? 0 : __real_EVP_DigestFinal_ex(ctx, out, len);
}

ssize_t __wrap_getrandom(void *out, size_t len, unsigned flags)
{
	return put.no_randomness ? -1 : __real_getrandom(out, len, flags);
}

/* --- the same sample throughout ---------------------------------------------- */

static struct sample *sample;
static struct ps_bytes image;

static void setup(void)
{
	struct sample_shape shape = {
	    .feeds = 3, .answers = 4, .rules = 9, .names = 300, .addresses = 30};

	memset(&put, 0, sizeof(put));
	sample = sample_create(5, shape);
	image = sample_build(sample, 1);
}

static void teardown(void)
{
	free((void *)image.ptr);
	sample_destroy(sample);
}

static enum ps_status build(struct ps_buffer *buffer, struct ps_error *err)
{
	struct ps_builder *builder = NULL;
	enum ps_status status;

	ps_error_clear(err);
	ps_buffer_init(buffer, 1 << 24);
	status = ps_builder_create(&builder, &sample->plan, err);
	for (uint32_t i = 0; i < sample->row_count && status == PS_OK; i++) {
		struct ps_indicator indicator = sample_indicator(&sample->rows[i]);

		if (sample->rows[i].row.kind == PS_ROW_FEED)
			status = ps_builder_add(builder, sample->rows[i].row.source, &indicator,
			    sample->rows[i].row.trial, err);
	}
	for (uint32_t i = 0; i < sample->plan.feed_count && status == PS_OK; i++)
		ps_builder_set_feed(builder, i, 1000 + i, 100 + i, 10 + i, i % 2 == 1);
	if (status == PS_OK)
		status = ps_builder_write_buffer(builder, buffer, err);
	ps_builder_destroy(builder);
	return status;
}

/* It is built, and answers like the model. */
static void builds(struct ps_buffer *buffer)
{
	struct ps_snapshot *snapshot = NULL;
	struct ps_error err;

	ck_assert_msg(build(buffer, &err) == PS_OK, "%s", err.text);
	ck_assert_int_eq(
	    ps_snapshot_open(&snapshot, ps_buffer_bytes(buffer), PS_SNAPSHOT_WHOLE, NULL), PS_OK);
	ck_assert_pstr_eq(sample_compare(sample, snapshot, 1), NULL);
	ps_snapshot_close(snapshot);
}

/* Names that share the hash by which they are sorted are told apart by their octets. */
START_TEST(sorting_does_not_rely_on_the_hash)
{
	struct ps_buffer buffer;

	put.sort_collides = true;
	builds(&buffer);
	ck_assert_uint_eq(buffer.len, image.len);
	ps_buffer_clear(&buffer);
}
END_TEST

/* A key under which two names are one, or a bucket is too full, is given up for another. */
START_TEST(a_key_that_does_not_serve_is_given_up)
{
	struct ps_buffer buffer;

	put.how = _i == 0 ? EQUAL : _i == 1 ? SAME_HI : ONE_BUCKET;
	put.bad_keys = 3;
	builds(&buffer);
	ck_assert_uint_eq(put.bad_keys, 0);
	ck_assert_mem_ne(buffer.data + PS_HEADER_KEY, image.ptr + PS_HEADER_KEY, 16);
	ps_buffer_clear(&buffer);
}
END_TEST

START_TEST(no_key_serves)
{
	struct ps_buffer buffer;
	struct ps_error err;

	put.bad_keys = 1000;
	ck_assert_int_eq(build(&buffer, &err), PS_LIMIT);
	ck_assert_str_eq(err.text, "no key spreads the names evenly enough");
	ck_assert_uint_eq(put.bad_keys, 1000 - 16);
	ck_assert_uint_eq(buffer.len, 0);
}
END_TEST

/* For every addition to a table: whichever is full, the build ends and says which. */
START_TEST(full_tables)
{
	static const char *const says[] = {"too many different rows", "too many different references",
	    "too many different sets of rows", "the policy's tables are too large"};
	unsigned seen[4] = {0};
	struct ps_buffer buffer;
	struct ps_error err;

	for (unsigned n = 1;; n++) {
		size_t which = 0;

		put.interns = n;
		if (build(&buffer, &err) == PS_OK)
			break;
		ck_assert_int_eq(err.status, PS_LIMIT);
		while (which < 4 && strcmp(err.text, says[which]) != 0)
			which++;
		ck_assert_msg(which < 4, "%s", err.text);
		seen[which]++;
		ck_assert_uint_eq(buffer.len, 0);
	}
	ps_buffer_clear(&buffer);
	for (size_t i = 0; i < 4; i++)
		ck_assert_msg(seen[i] >= 3, "\"%s\": %u", says[i], seen[i]);
}
END_TEST

START_TEST(too_many_names)
{
	struct ps_buffer buffer;
	struct ps_error err;

	put.names = 100;
	ck_assert_int_eq(build(&buffer, &err), PS_LIMIT);
	ck_assert_str_eq(err.text, "the names are too many for one snapshot");
	ck_assert_uint_eq(put.names, 0);
}
END_TEST

/* A place that is too small: not a full disk, not lack of memory. */
START_TEST(a_buffer_that_is_too_small)
{
	struct ps_builder *builder = NULL;
	struct ps_error err;

	for (size_t max = 0; max < image.len; max += max < 1000 ? 100 : 7000) {
		struct ps_buffer buffer;

		ps_error_clear(&err);
		ps_buffer_init(&buffer, max);
		ck_assert_int_eq(ps_builder_create(&builder, &sample->plan, NULL), PS_OK);
		sample_feed(sample, builder, 1);
		ck_assert_int_eq(ps_builder_write_buffer(builder, &buffer, &err), PS_LIMIT);
		ck_assert_str_eq(err.text, "the snapshot is larger than its place");
		ps_builder_destroy(builder);
		ps_buffer_clear(&buffer);
	}
}
END_TEST

START_TEST(digests_that_cannot_be_made)
{
	struct ps_buffer buffer;
	struct ps_error err;
	unsigned failed[2] = {0};

	for (unsigned n = 1;; n++) {
		put.updates = n;
		if (build(&buffer, &err) == PS_OK)
			break;
		ck_assert_int_eq(err.status, PS_NO_MEMORY);
		ps_buffer_clear(&buffer);
		failed[0]++;
	}
	ck_assert(ps_bytes_equal(ps_buffer_bytes(&buffer), image));
	ps_buffer_clear(&buffer);
	put.updates = 0;
	for (unsigned n = 1;; n++) {
		put.finals = n;
		if (build(&buffer, &err) == PS_OK)
			break;
		ck_assert_int_eq(err.status, PS_NO_MEMORY);
		ps_buffer_clear(&buffer);
		failed[1]++;
	}
	ck_assert(ps_bytes_equal(ps_buffer_bytes(&buffer), image));
	ps_buffer_clear(&buffer);
	/* Four go through a sink: the content's, the header's place's, both parts'. Two are of
	 * memory: the key's and the header's. */
	ck_assert_uint_ge(failed[0], 6);
	ck_assert_uint_eq(failed[1], 6);
}
END_TEST

START_TEST(without_randomness_the_same_comes_out)
{
	struct ps_buffer buffer;

	put.no_randomness = true;
	builds(&buffer);
	ck_assert(ps_bytes_equal(ps_buffer_bytes(&buffer), image));
	ps_buffer_clear(&buffer);
}
END_TEST

/* --- rows of one place ---------------------------------------------------------- */

static void fill_address(struct ps_builder *builder)
{
	for (uint32_t i = 0; i < 65 * PS_BUILDER_FEED_ROWS_MAX; i++) {
		struct ps_indicator indicator = {.is_address = true,
		    .prefix = {.address = {.family = 4, .bytes = {192, 0, 2, 1}}, .len = 32},
		    .valid_from = 1 + i / 65,
		    .valid_until = PS_TIME_FOREVER,
		    .line = UINT64_MAX};

		ck_assert_int_eq(ps_builder_add(builder, i % 65, &indicator, false, NULL), PS_OK);
	}
}

START_TEST(an_address_has_not_too_many_rows)
{
	struct ps_feed_config many[65];
	struct ps_plan plan = {.feeds = many, .feed_count = 65};
	struct ps_builder *builder = NULL;
	struct ps_buffer buffer;
	struct ps_error err;

	for (size_t i = 0; i < 65; i++)
		many[i] = (struct ps_feed_config){.id = "f"};
	ps_buffer_init(&buffer, 1 << 24);
	ps_error_clear(&err);
	ck_assert_int_eq(ps_builder_create(&builder, &plan, NULL), PS_OK);
	fill_address(builder);
	ck_assert_int_eq(ps_builder_write_buffer(builder, &buffer, &err), PS_LIMIT);
	ck_assert_str_eq(err.text, "an address has more than 2048 rows of feeds and rules");
	ps_builder_drop_feed(builder, 64); /* now it has exactly as many */
	ck_assert_int_eq(ps_builder_write_buffer(builder, &buffer, &err), PS_OK);
	ps_buffer_clear(&buffer);
	ps_builder_destroy(builder);
}
END_TEST

int main(void)
{
	const TTest *const all[] = {sorting_does_not_rely_on_the_hash, no_key_serves, full_tables,
	    too_many_names, a_buffer_that_is_too_small, digests_that_cannot_be_made,
	    without_randomness_the_same_comes_out, an_address_has_not_too_many_rows};
	Suite *suite = suite_create("snapshot");
	TCase *tests = tcase_create("limits");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tests, 300);
	tcase_add_checked_fixture(tests, setup, teardown);
	for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++)
		tcase_add_test(tests, all[i]);
	tcase_add_loop_test(tests, a_key_that_does_not_serve_is_given_up, EQUAL, ONE_BUCKET + 1);
	suite_add_tcase(suite, tests);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
