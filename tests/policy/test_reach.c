#include "policy/reach.h"

#include "core/random.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

static struct random numbers = {1};

#define ENTRIES 12

static struct ps_name_buffer buffers[ENTRIES + 1];
static struct ps_name names[ENTRIES + 1];
static enum ps_scope scopes[ENTRIES + 1];

/* One to four labels of two letters: names meet often. */
static void random_name(size_t i)
{
	char text[64] = "";
	unsigned labels = 1 + (unsigned)random_below(&numbers, 4);

	for (unsigned l = 0; l < labels; l++)
		(void)sprintf(text + strlen(text), "%s%c", l > 0 ? "." : "",
		    'a' + (int)random_below(&numbers, 2));
	ck_assert_int_eq(
	    ps_name_from_text(&names[i], &buffers[i], ps_bytes_of_text(text), NULL), PS_OK);
	scopes[i] = (enum ps_scope)(unsigned)random_below(&numbers, 3);
}

static bool reaches(struct ps_name entry, enum ps_scope scope, struct ps_name name)
{
	bool same = ps_name_equal(entry, name);

	if (scope == PS_SCOPE_EXACT)
		return same;
	return ps_name_is_under(name, entry) && (scope == PS_SCOPE_SUBTREE || !same);
}

/* Covering, by what it means: of a name's reach, look at every name down to six labels of
 * two letters. */
static bool covers(size_t entry, size_t asked)
{
	for (unsigned bits = 0; bits < 1u << 6; bits++)
		for (unsigned labels = 1; labels <= 6; labels++) {
			struct ps_name_buffer storage;
			struct ps_name name;
			char text[64] = "";

			for (unsigned l = 0; l < labels; l++)
				(void)sprintf(text + strlen(text), "%s%c", l > 0 ? "." : "",
				    'a' + (int)(bits >> l & 1));
			ck_assert_int_eq(
			    ps_name_from_text(&name, &storage, ps_bytes_of_text(text), NULL),
			    PS_OK);
			if (reaches(names[asked], scopes[asked], name) &&
			    !reaches(names[entry], scopes[entry], name))
				return false;
		}
	return true;
}

static uint32_t model(void)
{
	for (uint32_t i = 0; i < ENTRIES; i++)
		if (covers(i, ENTRIES))
			return i;
	return PS_REACH_NONE;
}

static uint32_t model_at(void)
{
	for (uint32_t i = 0; i < ENTRIES; i++)
		if (scopes[i] == scopes[ENTRIES] && ps_name_equal(names[i], names[ENTRIES]))
			return i;
	return PS_REACH_NONE;
}

START_TEST(finding_agrees_with_the_model)
{
	unsigned found = 0, there = 0;

	for (unsigned round = 0; round < 300; round++) {
		struct ps_arena arena;
		struct ps_reach reach;
		uint32_t got;

		ps_arena_init(&arena, 1 << 20);
		ck_assert_int_eq(ps_reach_init(&reach, ENTRIES, &arena), PS_OK);
		for (size_t i = 0; i <= ENTRIES; i++)
			random_name(i);
		for (uint32_t i = 0; i < ENTRIES; i++)
			ps_reach_add(&reach, names[i], scopes[i], i);
		ps_reach_seal(&reach);
		got = ps_reach_find(&reach, names[ENTRIES], scopes[ENTRIES]);
		ck_assert_uint_eq(got, model());
		found += got != PS_REACH_NONE;
		got = ps_reach_at(&reach, names[ENTRIES], scopes[ENTRIES]);
		ck_assert_uint_eq(got, model_at());
		there += got != PS_REACH_NONE;
		ps_arena_clear(&arena);
	}
	ck_assert_uint_gt(found, 50);
	ck_assert_uint_gt(there, 20);
	ck_assert_uint_lt(found, 295);
}
END_TEST

START_TEST(an_empty_reach_covers_nothing)
{
	struct ps_reach reach;
	struct ps_arena arena;

	ps_arena_init(&arena, 1 << 20);
	ck_assert_int_eq(ps_reach_init(&reach, 0, &arena), PS_OK);
	ps_reach_seal(&reach);
	random_name(0);
	ck_assert_uint_eq(ps_reach_find(&reach, names[0], PS_SCOPE_EXACT), PS_REACH_NONE);
	ps_arena_clear(&arena);
}
END_TEST

int main(void)
{
	Suite *suite = suite_create("policy.reach");
	TCase *tcase = tcase_create("reach");
	SRunner *runner = srunner_create(suite);
	int failed;

	tcase_set_timeout(tcase, 300);
	tcase_add_test(tcase, finding_agrees_with_the_model);
	tcase_add_test(tcase, an_empty_reach_covers_nothing);
	suite_add_tcase(suite, tcase);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	srunner_free(runner);
	return failed == 0 ? 0 : 1;
}
