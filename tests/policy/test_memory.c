/* The n-th allocation fails, for every n: PS_NO_MEMORY, and nothing is lost. With a
 * sanitizer, which has an allocator of its own and looks for leaks, the linker's --wrap
 * catches the calls of our archives; without one, an allocator of this program stands
 * before the system's, fails those inside libyaml, PCRE2, libidn2 and libpsl too, and
 * counts what is given back. What is taken from an arena fails by itself as well: a chunk
 * serves so many takers that few of them meet the system's failures. */
#include "policy/loaded.h"
#include "policy/plan_valid.h"

#include "core/arena.h"

#include <check.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define SANITIZED 1
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

enum source { SYSTEM, ARENA };

static bool armed;
static enum source failing;
static unsigned long left; /* allocations until the one that fails */
static unsigned long seen;
static long live; /* allocated and not given back; only without a sanitizer */

static bool fails_now(enum source source)
{
	if (!armed || source != failing)
		return false;
	seen++;
	if (left-- != 0)
		return false;
	errno = ENOMEM;
	return true;
}

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *old, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *old, size_t size);

void *__wrap_malloc(size_t size)
{
	return SANITIZED && fails_now(SYSTEM) ? NULL : __real_malloc(size);
}

void *__wrap_calloc(size_t count, size_t size)
{
	return SANITIZED && fails_now(SYSTEM) ? NULL : __real_calloc(count, size);
}

void *__wrap_realloc(void *old, size_t size)
{
	return SANITIZED && fails_now(SYSTEM) ? NULL : __real_realloc(old, size);
}

void *__real_ps_arena_alloc(struct ps_arena *arena, size_t size);
void *__real_ps_arena_array(struct ps_arena *arena, size_t count, size_t size);
uint8_t *__real_ps_arena_copy(struct ps_arena *arena, struct ps_bytes bytes);
char *__real_ps_arena_text(struct ps_arena *arena, struct ps_bytes bytes);
void *__wrap_ps_arena_alloc(struct ps_arena *arena, size_t size);
void *__wrap_ps_arena_array(struct ps_arena *arena, size_t count, size_t size);
uint8_t *__wrap_ps_arena_copy(struct ps_arena *arena, struct ps_bytes bytes);
char *__wrap_ps_arena_text(struct ps_arena *arena, struct ps_bytes bytes);

void *__wrap_ps_arena_alloc(struct ps_arena *arena, size_t size)
{
	return fails_now(ARENA) ? NULL : __real_ps_arena_alloc(arena, size);
}

void *__wrap_ps_arena_array(struct ps_arena *arena, size_t count, size_t size)
{
	return fails_now(ARENA) ? NULL : __real_ps_arena_array(arena, count, size);
}

uint8_t *__wrap_ps_arena_copy(struct ps_arena *arena, struct ps_bytes bytes)
{
	return fails_now(ARENA) ? NULL : __real_ps_arena_copy(arena, bytes);
}

char *__wrap_ps_arena_text(struct ps_arena *arena, struct ps_bytes bytes)
{
	return fails_now(ARENA) ? NULL : __real_ps_arena_text(arena, bytes);
}

#if !SANITIZED
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *old, size_t size);
void __libc_free(void *old);

__attribute__((visibility("default"))) void *malloc(size_t size)
{
	if (fails_now(SYSTEM))
		return NULL;
	live++;
	return __libc_malloc(size);
}

__attribute__((visibility("default"))) void *calloc(size_t count, size_t size)
{
	if (fails_now(SYSTEM))
		return NULL;
	live++;
	return __libc_calloc(count, size);
}

__attribute__((visibility("default"))) void *realloc(void *old, size_t size)
{
	if (fails_now(SYSTEM))
		return NULL;
	live += old == NULL;
	return __libc_realloc(old, size);
}

__attribute__((visibility("default"))) void free(void *old)
{
	live -= old != NULL;
	__libc_free(old);
}
#endif

static unsigned long unfinished; /* failures that some library did without */

/* Returns false when no allocation was left to fail. */
static bool try_with(const char *path, unsigned long n, enum ps_status otherwise)
{
	struct ps_diagnostics *diagnostics;
	struct ps_policy *policy = NULL;
	struct ps_error err;
	enum ps_status status;
	bool failed;

	ps_error_clear(&err);
	ck_assert_int_eq(ps_diagnostics_create(&diagnostics), PS_OK);
	left = n;
	seen = 0;
	armed = true;
	status = ps_policy_load(&policy, path, diagnostics, &err);
	armed = false;
	failed = seen > n;
	/* Some libraries can do without (qsort, say); ours never goes on. */
	if (status == PS_NO_MEMORY) {
		ck_assert(failed);
		ck_assert_ptr_null(policy);
		ck_assert_int_eq(err.status, PS_NO_MEMORY);
	} else {
		ck_assert_msg(
		    (!failed || (failing == SYSTEM && !SANITIZED)) && status == otherwise,
		    "%s: allocation %lu: %s (%s)", path, n, ps_status_name(status), err.text);
	}
	if (status == PS_OK)
		ck_assert_pstr_eq(plan_fault(ps_policy_plan(policy)), NULL);
	unfinished += status != PS_NO_MEMORY && failed;
	for (size_t i = 0; i < ps_diagnostics_count(diagnostics); i++) {
		struct ps_buffer out;

		ps_buffer_init(&out, 1 << 20);
		ps_diagnostic_print(
		    ps_diagnostics_get(diagnostics, i), PS_DIAGNOSTIC_FANCY, &out);
		ps_buffer_clear(&out);
	}
	ps_policy_destroy(policy);
	ps_diagnostics_destroy(diagnostics);
	return failed;
}

static void check_all(
    enum source source, const char *path, enum ps_status otherwise, unsigned long at_least)
{
	unsigned long n = 0;
	long before;

	failing = source;
	/* Once for what libraries keep for good. */
	ck_assert(!try_with(path, 1000000, otherwise));
	before = live;
	unfinished = 0;
	while (try_with(path, n, otherwise)) {
		ck_assert_msg(
		    live == before, "%s: allocation %lu: %ld lost", path, n, live - before);
		n++;
	}
	ck_assert_uint_ge(n, SANITIZED && source == SYSTEM ? 5 : at_least);
	ck_assert_uint_le(unfinished, n / 4);
}

START_TEST(every_allocation_may_fail_in_a_good_policy)
{
	check_all(SYSTEM, PS_TEST_DATA "/good/conditions.yaml", PS_OK, 60);
	check_all(SYSTEM, PS_TEST_DATA "/good/popular-file.yaml", PS_OK, 60);
	check_all(SYSTEM, PS_TEST_DATA "/good/brands.yaml", PS_OK, 60);
	check_all(SYSTEM, PS_TEST_DATA "/good/common-words-file.yaml", PS_OK, 60);
	check_all(SYSTEM, PS_TEST_DATA "/good/tests.yaml", PS_OK, 60);
}
END_TEST

START_TEST(every_allocation_may_fail_in_a_bad_policy)
{
	check_all(SYSTEM, PS_TEST_DATA "/bad/all-at-once.yaml", PS_INVALID, 60);
	check_all(SYSTEM, PS_TEST_DATA "/bad/whole-suffix.yaml", PS_INVALID, 60);
	check_all(SYSTEM, PS_TEST_DATA "/bad/long-line.yaml", PS_INVALID, 60);
	check_all(SYSTEM, PS_TEST_DATA "/bad/abused-tlds.yaml", PS_INVALID, 60);
	check_all(SYSTEM, PS_TEST_DATA "/bad/weak-names.yaml", PS_OK, 60);
	check_all(SYSTEM, PS_TEST_DATA "/bad/known-good.yaml", PS_OK, 60);
	check_all(SYSTEM, PS_TEST_DATA "/bad/tab-deep.yaml", PS_INVALID, 60);
}
END_TEST

START_TEST(every_allocation_may_fail_in_a_folder)
{
	check_all(SYSTEM, PS_TEST_DATA "/folder", PS_OK, 60);
}
END_TEST

START_TEST(every_taking_from_an_arena_may_fail)
{
	static const struct {
		const char *path;
		enum ps_status otherwise;
	} policies[] = {
	    {PS_TEST_DATA "/good/everything.yaml", PS_OK},
	    {PS_TEST_DATA "/good/conditions.yaml", PS_OK},
	    {PS_TEST_DATA "/good/popular-file.yaml", PS_OK},
	    {PS_TEST_DATA "/folder", PS_OK},
	    {PS_TEST_DATA "/bad/all-at-once.yaml", PS_INVALID},
	    {PS_TEST_DATA "/bad/alias.yaml", PS_INVALID},
	    {PS_TEST_DATA "/bad/everything.yaml", PS_OK},
	    {PS_TEST_DATA "/bad/known-good.yaml", PS_OK},
	    {PS_TEST_DATA "/bad/excluding.yaml", PS_OK},
	    {PS_TEST_DATA "/bad/contrary.yaml", PS_OK},
	    {PS_TEST_DATA "/bad/tab-deep.yaml", PS_INVALID},
	};

	check_all(ARENA, policies[_i].path, policies[_i].otherwise, 20);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.memory");
	TCase *tcase = tcase_create("memory");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, every_allocation_may_fail_in_a_good_policy);
	tcase_add_test(tcase, every_allocation_may_fail_in_a_bad_policy);
	tcase_add_test(tcase, every_allocation_may_fail_in_a_folder);
	tcase_add_loop_test(tcase, every_taking_from_an_arena_may_fail, 0, 11);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
