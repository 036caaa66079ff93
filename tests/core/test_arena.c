#include "core/arena.h"

#include <check.h>
#include <stdlib.h>

START_TEST(what_is_allocated_is_zero_aligned_and_apart)
{
	struct ps_arena arena;
	uint8_t *pieces[200];
	unsigned dirty = 0;

	ps_arena_init(&arena, 1 << 24);
	for (size_t i = 0; i < 200; i++) {
		pieces[i] = ps_arena_alloc(&arena, 1 + i * 37);
		ck_assert_ptr_nonnull(pieces[i]);
		ck_assert_uint_eq((uintptr_t)pieces[i] % 16, 0);
		for (size_t k = 0; k < 1 + i * 37; k++)
			dirty += pieces[i][k] != 0;
		memset(pieces[i], (int)i, 1 + i * 37);
	}
	ck_assert_uint_eq(dirty, 0);
	for (size_t i = 0; i < 200; i++)
		ck_assert_uint_eq(pieces[i][i * 37], (uint8_t)i);
	ps_arena_clear(&arena);
}
END_TEST

START_TEST(copies_are_packed_and_texts_end_in_nul)
{
	struct ps_arena arena;
	uint8_t *a, *b;
	char *text;

	ps_arena_init(&arena, 1 << 20);
	a = ps_arena_copy(&arena, ps_bytes_of("abc", 3));
	b = ps_arena_copy(&arena, ps_bytes_of("de", 2));
	ck_assert_ptr_eq(b, a + 3);
	ck_assert(memcmp(a, "abcde", 5) == 0);
	text = ps_arena_text(&arena, ps_bytes_of("xyz", 3));
	ck_assert_str_eq(text, "xyz");
	ck_assert_str_eq(ps_arena_text(&arena, ps_bytes_of(NULL, 0)), "");
	ck_assert_ptr_nonnull(ps_arena_alloc(&arena, 0));
	ps_arena_clear(&arena);
}
END_TEST

START_TEST(the_maximum_holds_to_the_octet)
{
	struct ps_arena arena;

	ps_arena_init(&arena, 1000);
	ck_assert_ptr_nonnull(ps_arena_alloc(&arena, 1000));
	ck_assert(!ps_arena_is_full(&arena));
	ck_assert_ptr_null(ps_arena_alloc(&arena, 1));
	ck_assert(ps_arena_is_full(&arena));
	ps_arena_clear(&arena);
	ck_assert(!ps_arena_is_full(&arena));
	ck_assert_ptr_null(ps_arena_alloc(&arena, 1001));
	ck_assert(ps_arena_is_full(&arena));
	ps_arena_clear(&arena);
}
END_TEST

START_TEST(the_last_chunk_may_be_small)
{
	struct ps_arena arena;
	size_t max = 256 * 1024 + 100;

	ps_arena_init(&arena, max);
	ck_assert_ptr_nonnull(ps_arena_alloc(&arena, 256 * 1024));
	ck_assert_ptr_nonnull(ps_arena_alloc(&arena, 100));
	ck_assert_uint_eq(arena.total, max);
	ck_assert_ptr_null(ps_arena_alloc(&arena, 1));
	ps_arena_clear(&arena);
}
END_TEST

START_TEST(sizes_that_overflow_are_refused)
{
	struct ps_arena arena;

	ps_arena_init(&arena, SIZE_MAX);
	ck_assert_ptr_null(ps_arena_array(&arena, SIZE_MAX / 2, 3));
	ck_assert_ptr_null(ps_arena_alloc(&arena, SIZE_MAX));
	ck_assert_ptr_null(ps_arena_alloc(&arena, SIZE_MAX - 8));
	ck_assert_ptr_nonnull(ps_arena_copy(&arena, ps_bytes_of("x", 1)));
	ck_assert_ptr_null(ps_arena_alloc(&arena, SIZE_MAX - 8));
	ck_assert_ptr_null(ps_arena_text(&arena, ps_bytes_of("x", SIZE_MAX)));
	ck_assert_ptr_nonnull(ps_arena_array(&arena, 3, 5));
	ps_arena_clear(&arena);
}
END_TEST

START_TEST(a_large_request_gets_a_chunk_of_its_own)
{
	struct ps_arena arena;
	uint8_t *big;

	ps_arena_init(&arena, (size_t)1 << 26);
	ck_assert_ptr_nonnull(ps_arena_alloc(&arena, 10));
	big = ps_arena_alloc(&arena, (size_t)1 << 22);
	ck_assert_ptr_nonnull(big);
	big[((size_t)1 << 22) - 1] = 1;
	ps_arena_clear(&arena);
	ck_assert_uint_eq(arena.total, 0);
	ps_arena_clear(&arena); /* harmless twice */
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("core.arena");
	TCase *tc = tcase_create("arena");
	SRunner *runner;
	int failed;

	tcase_set_timeout(tc, 60); /* sanitizers on a busy machine */
	tcase_add_test(tc, what_is_allocated_is_zero_aligned_and_apart);
	tcase_add_test(tc, copies_are_packed_and_texts_end_in_nul);
	tcase_add_test(tc, the_maximum_holds_to_the_octet);
	tcase_add_test(tc, the_last_chunk_may_be_small);
	tcase_add_test(tc, sizes_that_overflow_are_refused);
	tcase_add_test(tc, a_large_request_gets_a_chunk_of_its_own);
	suite_add_tcase(suite, tc);
	runner = srunner_create(suite);
	srunner_run_all(runner, CK_NORMAL);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
