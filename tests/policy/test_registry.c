#include "policy/registry.h"

#include <check.h>

static struct ps_arena arena;
static struct ps_diagnostics *diagnostics;
static struct ps_source source;

static void setup_source(void)
{
	ps_arena_init(&arena, 1 << 20);
	ck_assert_int_eq(ps_diagnostics_create(&diagnostics), PS_OK);
	ck_assert_int_eq(
	    ps_source_init(&source, "x", ps_bytes_of_text("a b c d"), &arena), PS_OK);
}

static void teardown_source(void)
{
	ps_diagnostics_destroy(diagnostics);
	ps_arena_clear(&arena);
}

static struct ps_span at(uint32_t column)
{
	return (struct ps_span){&source, 1, column, 1};
}

START_TEST(ids_are_found_and_said_twice_once_each)
{
	struct ps_registry registry;

	setup_source();
	ck_assert_int_eq(ps_registry_init(&registry, "rule", 4, &arena), PS_OK);
	ps_registry_add(&registry, ps_bytes_of_text("b"), at(1), 0);
	ps_registry_add(&registry, ps_bytes_of_text("a"), at(3), 1);
	ps_registry_add(&registry, ps_bytes_of_text("ab"), at(5), 2);
	ps_registry_add(&registry, ps_bytes_of_text("b"), at(7), 3);
	ps_registry_seal(&registry, diagnostics);
	ck_assert_uint_eq(ps_diagnostics_count(diagnostics), 1);
	ck_assert_str_eq(ps_diagnostics_get(diagnostics, 0)->code, "PS028");
	ck_assert_uint_eq(ps_diagnostics_get(diagnostics, 0)->column, 7);
	ck_assert_uint_eq(ps_diagnostics_get(diagnostics, 0)->other_column, 1);
	ck_assert_uint_eq(ps_registry_find(&registry, ps_bytes_of_text("b"))->index, 0);
	ck_assert_uint_eq(ps_registry_find(&registry, ps_bytes_of_text("a"))->index, 1);
	ck_assert_uint_eq(ps_registry_find(&registry, ps_bytes_of_text("ab"))->index, 2);
	ck_assert_ptr_null(ps_registry_find(&registry, ps_bytes_of_text("c")));
	ck_assert_ptr_null(ps_registry_find(&registry, ps_bytes_of_text("")));
	teardown_source();
}
END_TEST

START_TEST(an_empty_registry_finds_nothing)
{
	struct ps_registry registry;

	setup_source();
	ck_assert_int_eq(ps_registry_init(&registry, "rule", 0, &arena), PS_OK);
	ps_registry_seal(&registry, diagnostics);
	ck_assert_ptr_null(ps_registry_find(&registry, ps_bytes_of_text("a")));
	teardown_source();
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.registry");
	TCase *tcase = tcase_create("registry");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, ids_are_found_and_said_twice_once_each);
	tcase_add_test(tcase, an_empty_registry_finds_nothing);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
